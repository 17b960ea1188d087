//! The same job, distributed: coordinator, three workers and an ingester as processes, Redis, and a store behind an S3
//! API make what one process makes.

use std::collections::BTreeMap;

use edgraph_client::v1;
use edgraph_shared::storage::ObjectKey;
use edgraph_tests::corpus::{Mirror, fixture_edgar};
use edgraph_tests::fleet::process::Signal;
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::s3::S3Server;
use serde_json::json;
use tonic::transport::Channel;

use super::api::Api;
use super::filings::{add_filing_workers, embedded, graph_checksum, reader, request, stored_files};
use super::{PATIENCE, calm};
use crate::grpcurl::{Grpcurl, Version};

/// The numbers of a status that only rise within a round, as Redis names them.
const RISING: [&str; 6] = [
    "expected_tasks",
    "completed_tasks",
    "failed_tasks",
    "skipped",
    "progress_percent",
    "discovery_complete",
];

/// A status as Get shows it, as Redis writes it.
fn shown(status: &v1::Pipeline) -> [u64; 6] {
    [
        status.expected_tasks,
        status.completed_tasks,
        status.failed_tasks,
        status.skipped,
        status.progress_percent.into(),
        status.discovery_complete.into(),
    ]
}

/// The same of the hash in Redis; zeros before there is one.
fn kept(hash: &BTreeMap<String, String>) -> [u64; 6] {
    RISING.map(|name| match hash.get(name).map(String::as_str) {
        None | Some("false") => 0,
        Some("true") => 1,
        Some(number) => number.parse().unwrap_or_else(|_| panic!("{name} is {number}")),
    })
}

fn none_falls(earlier: &[u64; 6], later: &[u64; 6]) -> bool {
    earlier.iter().zip(later).all(|(earlier, later)| earlier <= later)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_an_ingester_redis_and_s3_make_what_one_process_makes() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(6).unwrap();
    let server = S3Server::start().unwrap();
    let settings = Settings { store: Some(server.address("run")), environment: server.env(), ..calm() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let graph = add_filing_workers(&mut fleet, &mirror, &["one", "two", "three"]);
    let api = Api::new(&fleet.endpoints());
    // As grpcurl does: what there is to call is asked of the coordinator.
    let channel = Channel::from_shared(fleet.endpoints().remove(0)).unwrap().connect().await.unwrap();
    let all = json!({"universe": "UNIVERSE_ALL", "filings": {"amendments": true}});
    let start = json!({"pipelineId": "story", "secXbrl": all});
    let grpcurl = Grpcurl::new(channel, Version::V1).await;
    grpcurl.call("edgraph.v1.PipelineService/StartPipeline", start).await.unwrap();

    let (mut seen, mut states, mut samples) = ([0; 6], Vec::new(), 0);
    let status = loop {
        let status = api.get("story").await;
        // Redis has a commit a little before the coordinator hears of it, and never after it tells of it.
        let after = kept(&fleet.redis.hgetall("edgraph:{story}:status").await.unwrap());
        let now = shown(&status);
        assert!(none_falls(&seen, &now), "{RISING:?} fell from {seen:?} to {now:?}");
        assert!(none_falls(&now, &after), "{now:?}, {after:?}");
        if states.last() != Some(&status.state()) {
            states.push(status.state());
        }
        samples += usize::from(now != seen);
        seen = now;
        if status.end_time.is_some() {
            break status;
        }
    };
    use v1::PipelineState::{Completed, Ingesting, Running};
    assert_eq!(states, [Running, Ingesting, Completed], "{status:?}");
    assert!(samples >= 5, "too few changes were seen to say that they agree: {samples}");
    assert_eq!((status.progress_percent, status.failed_tasks), (100, 0));

    let expected = embedded(&mirror);
    assert_eq!(graph_checksum(&graph), expected.graph);
    let store = reader(&fleet, Some(&server)).await;
    let files = stored_files(&*store).await;
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&files), names(&expected.files));
    for ((name, bytes), (_, expected)) in files.iter().zip(&expected.files) {
        assert!(bytes == expected, "{name} differs");
    }

    // Every file is said to be where it is, and nothing else is there.
    let root = fleet.store().split('?').next().unwrap().to_owned() + "/";
    let mut located = Vec::new();
    for item in api.items("story").await.iter().filter(|item| item.kind == "process_filing") {
        let item = api.item("story", &item.key).await;
        assert!(!item.locations.is_empty(), "{item:?}");
        for location in item.locations {
            let name =
                location.uri.strip_prefix(&root).unwrap_or_else(|| panic!("{location:?} is not in {root}"));
            let key: ObjectKey = name.parse().unwrap();
            let object =
                store.head(&key).await.unwrap().unwrap_or_else(|| panic!("{location:?} is not there"));
            assert_eq!(object.bytes, location.bytes, "{location:?}");
            located.push(name.to_owned());
        }
    }
    located.sort();
    assert_eq!(located, names(&files));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ingester_killed_during_the_ingest_leaves_the_graph_whole_and_the_next_one_completes() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let expected = embedded(&mirror);
    for stage in ["copy", "commit"] {
        let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
        let graph = add_filing_workers(&mut fleet, &mirror, &["one"]);
        fleet.worker("ingester").at_line(&format!("stage=\"{stage}\""), 0, Signal::KILL);
        let api = Api::new(&fleet.endpoints());
        api.start(&request("ingest")).await.unwrap();
        assert_eq!(fleet.worker("ingester").exited(PATIENCE).await, None, "killed in {stage}");
        assert_eq!(fleet.worker("ingester").fired().len(), 1);
        assert!(api.get("ingest").await.end_time.is_none(), "the ingest had ended before {stage}");

        fleet.add_ingester("ingester", &graph, &[]).unwrap();
        let status = api.ended("ingest").await;
        assert_eq!(status.state(), v1::PipelineState::Completed, "{status:?}");
        assert_eq!(api.item("ingest", "ingest/1").await.lost_leases, 1);
        assert_eq!(graph_checksum(&graph), expected.graph, "killed in {stage}");
    }
}
