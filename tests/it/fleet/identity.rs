//! Processes that belong elsewhere are refused by name: workers before any lease, coordinators before they lead.

use edgraph_client::v1;
use edgraph_tests::fleet::Fleet;
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, calm};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_of_another_store_or_namespace_ends_at_once_and_says_why() {
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let edgar = ["--edgar", "http://127.0.0.1:1", "--offline"];
    fleet.add_worker("at-home", 1, &edgar).unwrap();
    fleet.worker("at-home").line("connected to", PATIENCE).await.unwrap();

    fleet.add_worker("staging", 1, &[&edgar[..], &["--namespace", "staging"]].concat()).unwrap();
    let told = fleet.worker("staging").line("refuses this worker", PATIENCE).await.unwrap();
    assert!(told.contains("`staging`") && told.contains("--namespace"), "{told}");
    assert_eq!(fleet.worker("staging").exited(PATIENCE).await, Some(2));

    let other = fleet.directory().join("other").display().to_string();
    fleet.settings().store = Some(other);
    fleet.add_worker("elsewhere", 1, &edgar).unwrap();
    let told = fleet.worker("elsewhere").line("refuses this worker", PATIENCE).await.unwrap();
    assert!(told.contains("`elsewhere`") && told.contains("--store"), "{told}");
    assert_eq!(fleet.worker("elsewhere").exited(PATIENCE).await, Some(2));
    fleet.coordinators[0].process().line("worker refused", PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_of_another_store_is_refused_at_its_start_and_lives_in_a_namespace_of_its_own() {
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let other = fleet.directory().join("other").display().to_string();
    fleet.settings().store = Some(other);
    let staging = fleet.add_coordinator().await.unwrap();
    let process = fleet.coordinators[staging].process();
    let told = process.line("error: --redis", PATIENCE).await.unwrap();
    assert!(told.contains("--store") && told.contains("--namespace"), "{told}");
    assert_eq!(process.exited(PATIENCE).await, Some(2));

    fleet.settings().coordinator_args = vec!["--namespace".to_owned(), "staging".to_owned()];
    let staging = fleet.add_coordinator().await.unwrap();
    fleet.coordinators[staging].process().line("lead won", PATIENCE).await.unwrap();
    let apis = [0, staging].map(|number| Api::new(&[fleet.coordinators[number].url()]));
    for (api, items) in apis.iter().zip([1, 2]) {
        // One name, two pipelines.
        api.start(&Scripted::working("same", vec![json!({}); items]).request()).await.unwrap();
    }
    for (api, items) in apis.iter().zip([1, 2]) {
        let status = api.get("same").await;
        assert_eq!((status.state(), status.expected_tasks), (v1::PipelineState::Running, items));
    }
    for prefix in ["edgraph", "edgraph-staging"] {
        let kept = fleet.redis.hgetall(&format!("{prefix}:{{same}}:status")).await.unwrap();
        assert!(!kept.is_empty(), "nothing is kept under {prefix}");
    }
}
