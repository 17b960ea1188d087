//! Two graphs: whoever leads and whoever comes first after a restart, rounds go to the one that they went to before.

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, fixture_edgar};
use edgraph_tests::fleet::Fleet;

use super::api::Api;
use super::filings::{add_filing_workers, embedded, graph_checksum, request};
use super::{PATIENCE, calm};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ingester_with_another_graph_is_given_no_round_and_everybody_says_so() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let graph = add_filing_workers(&mut fleet, &mirror, &["worker"]);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("first")).await.unwrap();
    assert_eq!(api.ended("first").await.state(), v1::PipelineState::Completed);

    // The leader's machine is gone with its ingester; the next one has a graph of its own.
    fleet.kill_worker("ingester");
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    let other = fleet.directory().join("elsewhere");
    fleet.add_ingester("other", &other, &[]).unwrap();
    fleet.worker("other").line("all rounds go to another graph", PATIENCE).await.unwrap();
    fleet.coordinators[0].process().line("an ingester has another graph", PATIENCE).await.unwrap();
    api.start(&request("second")).await.unwrap();
    let id = std::fs::read_to_string(graph.join("graph.id")).unwrap();
    let waits = |status: &v1::Pipeline| status.waiting_for.contains(id.trim());
    let status = api.until("second", "waiting for the graph", PATIENCE, waits).await;
    assert!(status.waiting_for.contains("`other` has another one"), "{}", status.waiting_for);
    assert!(!other.join("graph").exists());

    fleet.add_ingester("back", &graph, &[]).unwrap();
    let status = api.ended("second").await;
    assert_eq!((status.state(), status.waiting_for.as_str()), (v1::PipelineState::Completed, ""));
    assert_eq!(graph_checksum(&graph), embedded(&mirror).graph);
}
