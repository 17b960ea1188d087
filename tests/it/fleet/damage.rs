//! Output that is damaged between its processing and the end of the round: it costs its filing, and a retry makes it
//! again.

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, fixture_edgar};
use edgraph_tests::fleet::Fleet;

use super::api::Api;
use super::filings::{add_filing_worker, embedded, graph_checksum, request};
use super::{PATIENCE, calm};
use crate::program::parquet_files_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_whose_output_is_damaged_is_refused_by_name_and_made_again_by_a_retry() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let expected = embedded(&mirror);
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let store = std::path::PathBuf::from(fleet.store());
    let api = Api::new(&fleet.endpoints());
    add_filing_worker(&mut fleet, &mirror, "worker");
    api.start(&request("damaged")).await.unwrap();
    // Published, and not loaded: there is no ingester yet.
    let is_published = |status: &v1::Pipeline| {
        status.phases.iter().any(|phase| phase.kind == "publish" && phase.completed == 1)
    };
    api.until("damaged", "published", PATIENCE, is_published).await;
    let files = parquet_files_in(&store);
    let of = |table: &str, place: usize| {
        let mut names = files.iter().filter(|(name, _)| name.starts_with(&format!("graph/nodes/{table}/")));
        names.nth(place).unwrap().0.clone()
    };
    let (cut, emptied) = (of("Fact", 0), of("Report", 1));
    let bytes = std::fs::read(store.join(&cut)).unwrap();
    std::fs::write(store.join(&cut), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(store.join(&emptied), "").unwrap();

    let graph = fleet.directory().join("graph");
    fleet.add_ingester("ingester", &graph, &[]).unwrap();
    let status = api.ended("damaged").await;
    assert_eq!((status.state(), status.failed_tasks), (v1::PipelineState::CompletedWithFailures, 2));
    for name in [&cut, &emptied] {
        let names_it = |failure: &v1::ItemFailure| failure.reason.contains(name.as_str());
        assert!(status.failures.iter().any(names_it), "{name}: {:?}", status.failures);
    }

    assert_eq!(api.retry_failed("damaged").await, 2);
    let status = api.ended("damaged").await;
    assert_eq!((status.state(), status.completed_tasks, status.round), (v1::PipelineState::Completed, 6, 2));
    assert_eq!(graph_checksum(&graph), expected.graph);
    assert_eq!(parquet_files_in(&store).len(), expected.files.len());
}
