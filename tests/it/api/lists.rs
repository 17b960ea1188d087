//! Lists: pages that fit a message, filters, the files of items, the workers.

use std::time::Duration;

use edgraph_client::json;
use edgraph_client::v1::pipeline_service_client::PipelineServiceClient;
use edgraph_client::v1::work_request::Message as Said;
use edgraph_client::v1::work_response::Message as Heard;
use edgraph_client::v1::worker_service_client::WorkerServiceClient;
use edgraph_client::v1::{self, StartPipelineRequest};
use edgraph_tests::eventually::eventually;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::coordinator::{RunningEngine, Services};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn roots(kind: &str, count: usize, payload: &Value) -> StartPipelineRequest {
    let root = |number| v1::NewItem {
        kind: kind.into(),
        key: format!("{kind}/{number}"),
        payload: Some(json::to_value(payload.clone())),
        ..Default::default()
    };
    let spec = v1::PipelineSpec {
        roots: (1..=count).map(root).collect(),
        counted_kind: kind.into(),
        ..Default::default()
    };
    StartPipelineRequest {
        pipeline_id: "p".into(),
        kind: "test".into(),
        spec: Some(spec),
        ..Default::default()
    }
}

/// A worker's stream, message by message.
pub(super) struct Work {
    requests: mpsc::Sender<v1::WorkRequest>,
    responses: Streaming<v1::WorkResponse>,
}

impl Work {
    pub(super) async fn open(services: &Services, worker: &str, kind: &str, free_slots: u32) -> Self {
        let (requests, stream) = mpsc::channel(16);
        let kinds = vec![v1::KindLimit { kind: kind.into(), max_leases: free_slots }];
        let hello = v1::Hello {
            worker_id: worker.into(),
            incarnation: "1".into(),
            version: "0.0.1".into(),
            free_slots,
            kinds,
            ..Default::default()
        };
        let mut work = {
            let mut client = WorkerServiceClient::new(services.channel().await);
            requests.send(v1::WorkRequest { message: Some(Said::Hello(hello)) }).await.unwrap();
            let responses = client.work(ReceiverStream::new(stream)).await.unwrap().into_inner();
            Self { requests, responses }
        };
        work.until(|heard| matches!(heard, Heard::Welcome(_)).then_some(())).await;
        work
    }

    async fn say(&self, message: Said) {
        self.requests.send(v1::WorkRequest { message: Some(message) }).await.unwrap();
    }

    async fn until<T>(&mut self, wanted: impl Fn(Heard) -> Option<T>) -> T {
        loop {
            let heard = self.responses.message().await.unwrap().expect("the stream is open");
            if let Some(found) = heard.message.and_then(&wanted) {
                return found;
            }
        }
    }

    pub(super) async fn grant(&mut self) -> v1::Lease {
        let grant = |heard| match heard {
            Heard::Grant(grant) => grant.leases.into_iter().next(),
            _ => None,
        };
        self.until(grant).await
    }

    /// So many leases, in however many messages.
    pub(super) async fn grants(&mut self, count: usize) -> Vec<v1::Lease> {
        let mut leases = Vec::new();
        while leases.len() < count {
            let grant = |heard| match heard {
                Heard::Grant(grant) => Some(grant.leases),
                _ => None,
            };
            leases.extend(self.until(grant).await);
        }
        leases
    }

    pub(super) async fn complete(&mut self, lease: v1::Lease, result: String) {
        let completion = v1::Completion { lease: lease.r#ref, result, ..Default::default() };
        self.say(Said::Complete(v1::Complete { completions: vec![completion] })).await;
        self.until(|heard| matches!(heard, Heard::Settled(_)).then_some(())).await;
    }

    pub(super) async fn fail(&mut self, lease: v1::Lease, class: v1::FailureClass, message: &str) {
        let failure = v1::Failure { class: class.into(), message: message.into(), ..Default::default() };
        let failed = v1::FailedLease { lease: lease.r#ref, failure: Some(failure) };
        self.say(Said::Fail(v1::Fail { failures: vec![failed] })).await;
        self.until(|heard| matches!(heard, Heard::Settled(_)).then_some(())).await;
    }
}

#[tokio::test]
async fn a_page_of_long_items_is_cut_so_that_any_client_can_read_it() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    // 12 MiB of payloads in one request; a client reads 4 MiB in one response unless it asks for more.
    client.start(roots("a", 200, &"x".repeat(60_000).into())).await.unwrap();
    let mut plain = PipelineServiceClient::new(services.channel().await);
    let (mut keys, mut page_token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let pipeline_id = "p".to_owned();
        let request =
            v1::ListItemsRequest { pipeline_id, page_size: 1_000, page_token, ..Default::default() };
        let page = plain.list_items(request).await.unwrap().into_inner();
        keys.extend(page.items.into_iter().map(|item| item.key));
        (page_token, pages) = (page.next_page_token, pages + 1);
        if page_token.is_empty() {
            break;
        }
    }
    let expected: Vec<String> = (1..=200).map(|number| format!("a/{number}")).collect();
    assert_eq!(keys, expected);
    assert!(pages > 3, "{pages} pages");
    let all = client.items("p", v1::ListItemsRequest::default()).all().await.unwrap();
    assert_eq!(all.len(), 200);
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn the_files_of_a_filing_are_listed_with_their_addresses() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    let accession = "0000000001-24-000001";
    let mut start = roots("process_filing", 1, &json!({}));
    start.spec.as_mut().unwrap().roots[0].key = format!("process_filing/{accession}");
    client.start(start).await.unwrap();
    let mut work = Work::open(&services, "w", "process_filing", 1).await;
    let lease = work.grant().await;
    let result = json!({
        "skipped": false, "input_key": "0123456789abcdef",
        "manifest_uri": format!("s3://bucket/manifests/{accession}/0123456789abcdef.json"),
        "manifest_sha256": "", "degraded": false, "occurrences": 1, "facts": 1, "rows": 1, "bytes": 1,
        "filing_date": "2024-02-03", "tables": {"Fact": [7, 900], "Report": [1, 400]},
    });
    work.complete(lease, result.to_string()).await;

    let uri = |table: &str| {
        format!("s3://bucket/graph/nodes/{table}/year=2024/month=2/{accession}-0123456789ab.parquet")
    };
    let location =
        |table: &str, rows, bytes| v1::Location { table: table.into(), uri: uri(table), rows, bytes };
    let expected = [location("Fact", 7, 900), location("Report", 1, 400)];
    let item = client.item("p", &format!("process_filing/{accession}")).await.unwrap();
    assert_eq!((item.state(), item.locations.as_slice()), (v1::ItemState::Succeeded, &expected[..]));
    for (with_locations, expected) in [(true, &expected[..]), (false, &[])] {
        let filter = v1::ListItemsRequest { with_locations, ..Default::default() };
        let listed = client.items("p", filter).all().await.unwrap();
        assert_eq!(listed[0].locations, expected);
    }
    drop(work);
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn workers_are_listed_counted_and_drained() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    client.start(roots("a", 3, &json!({}))).await.unwrap();
    let mut first = Work::open(&services, "w-1", "a", 2).await;
    first.grant().await;
    let second = Work::open(&services, "w-2", "b", 4).await;

    let listed = client.list_workers().all().await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|worker| worker.worker_id.as_str()).collect();
    assert_eq!(ids, ["w-1", "w-2"]);
    assert_eq!((listed[0].state(), listed[0].version.as_str()), (v1::WorkerState::Active, "0.0.1"));
    assert_eq!((listed[1].leases, listed[1].free_slots, listed[1].kinds["b"]), (0, 4, 4));
    let signal = client.scaling_signal().await.unwrap();
    assert_eq!((signal.ready_items + signal.leased_items, signal.active_workers, signal.slots), (3, 2, 6));
    assert!(signal.backlog.unwrap().seconds >= 3, "a second for each item of a kind nobody knows yet");

    let drained = client.drain_worker("w-1").await.unwrap();
    assert_eq!((drained.state(), drained.drain_reason.as_str()), (v1::WorkerState::Draining, ""));
    first.until(|heard| matches!(heard, Heard::StopWorker(_)).then_some(())).await;
    assert_eq!(client.scaling_signal().await.unwrap().active_workers, 1);

    let deadline = Duration::from_secs(120).try_into().ok();
    second.say(Said::Draining(v1::Draining { reason: "the machine goes".into(), deadline })).await;
    let said = eventually("the worker to drain", PATIENCE, async || {
        let second = client.list_workers().all().await.unwrap().pop().unwrap();
        (second.state() == v1::WorkerState::Draining).then_some(second)
    })
    .await;
    assert_eq!(said.drain_reason, "the machine goes");
    let left = said.drain_deadline_time.unwrap().seconds - said.last_seen_time.unwrap().seconds;
    assert!((119..=121).contains(&left), "{said:?}");
    // The engine ends Work streams, and it outlives the services here.
    drop((first, second));
    services.stop().await;
    engine.stop().await;
}
