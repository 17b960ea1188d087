//! What repeated and malformed requests lead to, said by a client without any worker runtime.

use edgraph_proto::json;
use edgraph_proto::v1::start_pipeline_request::Input;
use edgraph_proto::v1::worker_service_client::WorkerServiceClient;
use edgraph_shared::ids::{Incarnation, LeaseId};
use edgraph_shared::model::{
    ChildrenAnswer, Completion, CoordinatorMessage, FailedLease, Grant, Hello, KindLimit, LeaseRef,
    ReleaseReason, SettleAnswer, WorkerMessage,
};
use edgraph_shared::wire::stream::{coordinator_message_from, worker_message_to};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use super::*;

struct Stream {
    requests: mpsc::Sender<v1::WorkRequest>,
    responses: Streaming<v1::WorkResponse>,
}

impl Stream {
    async fn open(coordinator: &Coordinator, held: Vec<LeaseRef>, free_slots: u32) -> Self {
        let (requests, stream) = mpsc::channel(64);
        let kinds = ["find", "work", "load"].map(|kind| KindLimit { kind: kind.into(), max_leases: 1 });
        let hello = Hello {
            worker: "raw".parse().unwrap(),
            incarnation: "one".parse::<Incarnation>().unwrap(),
            held,
            free_slots,
            kinds: kinds.into(),
            version: String::new(),
            home: Default::default(),
        };
        requests.send(worker_message_to(WorkerMessage::Hello(hello))).await.unwrap();
        let mut client = WorkerServiceClient::new(coordinator.channel().await);
        let responses = client.work(ReceiverStream::new(stream)).await.unwrap().into_inner();
        Self { requests, responses }
    }

    async fn say(&self, message: WorkerMessage) {
        self.requests.send(worker_message_to(message)).await.unwrap();
    }

    async fn hear(&mut self) -> CoordinatorMessage {
        let response =
            tokio::time::timeout(PATIENCE, self.responses.message()).await.expect("an answer in time");
        coordinator_message_from(response.unwrap().expect("the stream is open")).unwrap().unwrap()
    }

    async fn grant(&mut self) -> Grant {
        match self.hear().await {
            CoordinatorMessage::Grant(mut grants) => grants.remove(0),
            other => panic!("no grant but {other:?}"),
        }
    }

    async fn settled(&mut self, message: WorkerMessage) -> SettleAnswer {
        self.say(message).await;
        match self.hear().await {
            CoordinatorMessage::Settled(settlements) => settlements[0].answer,
            other => panic!("no answer but {other:?}"),
        }
    }
}

fn completed(lease: &LeaseRef, children: u32) -> WorkerMessage {
    let (lease, result) = (lease.clone(), "{}".to_owned());
    WorkerMessage::Complete(vec![Completion { lease, result, skipped: false, children, refused: Vec::new() }])
}

#[tokio::test]
async fn every_message_said_twice_counts_once() {
    let coordinator = Coordinator::start().await;
    let id = coordinator.run(spec()).await;
    let mut stream = Stream::open(&coordinator, Vec::new(), 2).await;
    assert!(matches!(stream.hear().await, CoordinatorMessage::Welcome(_)));

    let root = stream.grant().await.lease;
    for request_id in [1, 2] {
        let items = vec![item("work", "work/1")];
        stream.say(WorkerMessage::AddChildren { request_id, lease: root.clone(), chunk: 0, items }).await;
    }
    let (mut answers, mut granted) = (Vec::new(), Vec::new());
    while answers.len() < 2 || granted.is_empty() {
        match stream.hear().await {
            CoordinatorMessage::ChildrenAdded { request_id, answer } => answers.push((request_id, answer)),
            CoordinatorMessage::Grant(grants) => granted.extend(grants),
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(answers, [(1, ChildrenAnswer::Accepted), (2, ChildrenAnswer::Accepted)]);
    for _ in 0..2 {
        assert_eq!(stream.settled(completed(&root, 1)).await, SettleAnswer::Accepted);
    }

    // One credit at a time, so that the next grant is asked for.
    let first = granted.remove(0).lease;
    let failure = Failure::transient("again");
    for _ in 0..2 {
        let fail = WorkerMessage::Fail(vec![FailedLease { lease: first.clone(), failure: failure.clone() }]);
        assert_eq!(stream.settled(fail).await, SettleAnswer::Accepted);
    }
    stream.say(WorkerMessage::Credits { free_slots: 1, kinds: Vec::new() }).await;
    let second = stream.grant().await.lease;
    for _ in 0..2 {
        let release =
            WorkerMessage::Release { leases: vec![second.clone()], reason: ReleaseReason::Preempted };
        assert_eq!(stream.settled(release).await, SettleAnswer::Accepted);
    }
    stream.say(WorkerMessage::Credits { free_slots: 1, kinds: Vec::new() }).await;
    let third = stream.grant().await.lease;

    // The same Hello again: the newer stream replaces the older, and the named lease stays.
    let mut stream = Stream::open(&coordinator, vec![third.clone()], 1).await;
    let CoordinatorMessage::Welcome(welcome) = stream.hear().await else { panic!("Welcome comes first") };
    assert_eq!(welcome.lost, []);
    for sequence in [7, 7] {
        let held = vec![third.clone(), LeaseRef { lease_id: LeaseId(0), ..third.clone() }];
        stream.say(WorkerMessage::Heartbeat { sequence, held: held.clone(), progress: Vec::new() }).await;
        let expected =
            CoordinatorMessage::HeartbeatAck { sequence, lost: vec![held[1].clone()], cancelled: Vec::new() };
        assert_eq!(stream.hear().await, expected);
    }
    stream.say(completed(&third, 0)).await;
    stream.say(completed(&third, 0)).await;
    let mut settled = 0;
    while settled < 2 {
        match stream.hear().await {
            CoordinatorMessage::Settled(answers) => {
                assert_eq!(answers[0].answer, SettleAnswer::Accepted);
                settled += 1;
            }
            CoordinatorMessage::Grant(grants) => assert_eq!(grants[0].item.kind, "load"),
            other => panic!("unexpected {other:?}"),
        }
    }

    let snapshot = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!((snapshot.failures, snapshot.preemptions, snapshot.token.0), (1, 1, 3));
    let status = coordinator.engine.status(&id).await.unwrap();
    assert_eq!((status.tasks.expected(), status.tasks.succeeded), (1, 1));
    assert_eq!(coordinator.lists.0.lock().unwrap().len(), 1, "the gate fired once");
    drop(stream);
    coordinator.stop().await;
}

#[tokio::test]
async fn a_lease_that_hello_does_not_name_goes_back_uncounted() {
    let coordinator = Coordinator::start().await;
    let id = coordinator.run(spec()).await;
    let mut stream = Stream::open(&coordinator, Vec::new(), 1).await;
    stream.hear().await;
    let lost = stream.grant().await.lease;
    let mut stream = Stream::open(&coordinator, Vec::new(), 1).await;
    assert!(matches!(stream.hear().await, CoordinatorMessage::Welcome(_)));
    let again = stream.grant().await.lease;
    assert_eq!((again.key.clone(), again.token), (lost.key, lost.token.next()));
    let snapshot = coordinator.engine.item(&id, &again.key).await.unwrap();
    assert_eq!((snapshot.failures, snapshot.lost_leases, snapshot.preemptions), (0, 0, 0));
    drop(stream);
    coordinator.stop().await;
}

#[tokio::test]
async fn starts_are_idempotent_and_errors_say_what_is_wrong() {
    let coordinator = Coordinator::start().await;
    let mut client = coordinator.client().await;
    let start = |id: &str, params: serde_json::Value| v1::StartPipelineRequest {
        pipeline_id: id.into(),
        kind: "sec_xbrl".into(),
        input: Some(Input::Params(params.as_object().cloned().map(json::to_struct).unwrap())),
        ..Default::default()
    };
    let all = || json!({"universe": "all"});
    let typed = v1::SecXbrlParameters { universe: v1::Universe::All.into(), ..Default::default() };
    let typed = v1::StartPipelineRequest { input: Some(Input::SecXbrl(typed)), ..start("a", all()) };
    let spelt = start("a", json!({"skip_unknown": false, "universe": "all"}));
    for (request, created) in
        [(start("a", all()), true), (start("a", all()), false), (spelt, false), (typed, false)]
    {
        let response = client.start_pipeline(request).await.unwrap().into_inner();
        let started = response.pipeline.unwrap();
        assert_eq!((started.pipeline_id.as_str(), started.phases.len()), ("a", 1));
        let params = started.params.map(json::from_struct).map(serde_json::Value::from);
        assert_eq!((response.created, params), (created, Some(all())));
        assert_eq!(started.waiting_for, "no worker takes `discover_companies`");
    }
    let unnamed = v1::StartPipelineRequest { request_id: "r".into(), ..start("", all()) };
    let first = client.start_pipeline(unnamed.clone()).await.unwrap().into_inner().pipeline.unwrap();
    let second = client.start_pipeline(unnamed).await.unwrap().into_inner().pipeline.unwrap();
    assert_eq!(first.pipeline_id, second.pipeline_id);

    let listed = client.list_pipelines(v1::ListPipelinesRequest { page_size: 1, ..Default::default() }).await;
    let page = listed.unwrap().into_inner();
    let next = v1::ListPipelinesRequest { page_size: 5, page_token: page.next_page_token };
    let rest = client.list_pipelines(next).await.unwrap().into_inner();
    assert_eq!((page.pipelines.len(), rest.pipelines.len(), rest.next_page_token.as_str()), (1, 1, ""));

    let wrong = v1::SecXbrlParameters { tickers: vec!["A".into(), String::new()], ..Default::default() };
    #[expect(deprecated, reason = "what older clients say")]
    let old = v1::StartPipelineRequest { params_text: "{}".into(), ..start("b", all()) };
    for (request, code, part) in [
        (start("a", json!({"universe": "sp500"})), Code::AlreadyExists, "exists with other contents"),
        (start("A", all()), Code::InvalidArgument, "`pipeline_id`"),
        (start("b", json!({"universe": "all", "x": 1})), Code::InvalidArgument, "`params.x` is no parameter"),
        (start("b", json!({})), Code::InvalidArgument, "`params.universe` is missing"),
        (
            v1::StartPipelineRequest { input: None, ..start("b", all()) },
            Code::InvalidArgument,
            "`input`: is missing; give sec_xbrl",
        ),
        (
            v1::StartPipelineRequest { input: Some(Input::SecXbrl(wrong)), ..start("b", all()) },
            Code::InvalidArgument,
            "`sec_xbrl.tickers[1]` is \"\"",
        ),
        (old, Code::InvalidArgument, "`params_text`: JSON in a text"),
        (
            v1::StartPipelineRequest { kind: "other".into(), ..Default::default() },
            Code::InvalidArgument,
            "no root item",
        ),
    ] {
        let status = client.start_pipeline(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{status:?}");
        assert!(status.message().contains(part), "{}", status.message());
    }
    let missing = v1::GetPipelineRequest { pipeline_id: "none".into() };
    assert_eq!(client.get_pipeline(missing).await.unwrap_err().code(), Code::NotFound);

    let cancel = v1::CancelPipelineRequest { pipeline_id: "a".into() };
    client.cancel_pipeline(cancel).await.unwrap();
    let pause = v1::PausePipelineRequest { pipeline_id: "a".into() };
    let refused = client.pause_pipeline(pause).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(refused.message(), "cannot pause: the pipeline is cancelled");
    let id = "a".parse().unwrap();
    assert_eq!(pipeline(&mut client, &id).await.state(), v1::PipelineState::Cancelled);
    let watch = v1::WatchPipelineRequest { pipeline_id: "a".into(), ..Default::default() };
    let mut watched = client.watch_pipeline(watch).await.unwrap().into_inner();
    assert_eq!(
        watched.message().await.unwrap().unwrap().pipeline.unwrap().state(),
        v1::PipelineState::Cancelled
    );
    assert!(watched.message().await.unwrap().is_none(), "the watch ends with the pipeline");
    coordinator.stop().await;
}
