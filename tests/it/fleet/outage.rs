//! A store that is down, and filings that were missing: neither costs a filing.

use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, filing_folder, fixture_edgar};
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::s3::S3Server;

use super::api::Api;
use super::filings::{add_filing_workers, embedded, graph_checksum, request};
use super::{PATIENCE, calm, is_full};

/// Filings that cannot be had at first.
const MISSING: usize = 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_down_in_the_middle_of_a_run_is_waited_for() {
    let down_for = Duration::from_secs(if is_full() { 300 } else { 15 });
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(12).unwrap();
    let server = S3Server::start().unwrap();
    let settings = Settings { store: Some(server.address("run")), environment: server.env(), ..calm() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let graph = add_filing_workers(&mut fleet, &mirror, &["one", "two"]);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("down")).await.unwrap();
    api.until("down", "under way", PATIENCE, |status| status.completed_tasks > 0).await;
    server.down();
    let said = |status: &v1::Pipeline| !status.unavailable.is_empty() || status.end_time.is_some();
    let during = api.until("down", "said to wait for the store", PATIENCE, said).await;
    assert!(during.end_time.is_none(), "the pipeline had ended before the store was down");
    assert!(during.unavailable.contains_key("process_filing"), "{during:?}");
    // The point of the test is that time passes.
    tokio::time::sleep(down_for).await;
    let during = api.get("down").await;
    assert_eq!((during.failed_tasks, during.end_time), (0, None), "{during:?}");
    server.up();

    let status = api.ended("down").await;
    assert_eq!((status.state(), status.failed_tasks), (v1::PipelineState::Completed, 0), "{status:?}");
    for item in api.items("down").await {
        assert_eq!((item.failures, item.lost_leases), (0, 0), "{item:?}");
    }
    assert_eq!(graph_checksum(&graph), embedded(&mirror).graph);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_filings_of_a_finished_pipeline_are_retried_in_one_more_round() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(6).unwrap();
    let expected = embedded(&mirror);
    let hidden = tempfile::tempdir_in(mirror.path()).unwrap();

    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let api = Api::new(&fleet.endpoints());
    // Which filings there are, the files of the run in one process say.
    let accessions: Vec<String> = expected
        .files
        .iter()
        .filter_map(|(name, _)| {
            let name = name.strip_prefix("graph/nodes/Report/")?.rsplit('/').next()?;
            Some(name[..20].to_owned())
        })
        .take(MISSING)
        .collect();
    assert_eq!(accessions.len(), MISSING);
    let folders: Vec<_> =
        accessions.iter().map(|accession| filing_folder(mirror.path(), accession).unwrap()).collect();
    for folder in &folders {
        std::fs::rename(folder, hidden.path().join(folder.file_name().unwrap())).unwrap();
    }

    let graph = add_filing_workers(&mut fleet, &mirror, &["one", "two"]);
    api.start(&request("seven")).await.unwrap();
    let status = api.ended("seven").await;
    let missing = MISSING as u64;
    assert_eq!(
        (status.state(), status.round, status.failed_tasks),
        (v1::PipelineState::CompletedWithFailures, 1, missing),
        "{status:?}"
    );
    let done = status.completed_tasks;

    for folder in &folders {
        std::fs::rename(hidden.path().join(folder.file_name().unwrap()), folder).unwrap();
    }
    assert_eq!(api.retry_failed("seven").await, missing);
    let status = api.until("seven", "through its second round", PATIENCE, |status| {
        status.round == 2 && status.end_time.is_some()
    });
    let status = status.await;
    assert_eq!(
        (status.state(), status.failed_tasks, status.completed_tasks),
        (v1::PipelineState::Completed, 0, done + missing),
        "{status:?}"
    );
    let mut ingests: Vec<v1::Item> = api.items("seven").await;
    ingests.retain(|item| item.kind == "ingest");
    let keys: Vec<(&str, u64)> = ingests.iter().map(|item| (&*item.key, item.fencing_token)).collect();
    assert_eq!(keys, [("ingest/1", 1), ("ingest/2", 1)]);
    assert_eq!(graph_checksum(&graph), expected.graph);
}
