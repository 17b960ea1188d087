//! Processes under one name: the first one works, and whoever comes after it is told.

use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::fleet::process::Signal;
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, fleet_of, short_ttl, with_ttl};

/// Items, each of which takes this long, so that there is work for as long as others try to get in.
const WORK: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_under_a_living_workers_name_end_with_an_error_and_cost_no_item_anything() {
    let ttl = short_ttl();
    let (mut fleet, api) = fleet_of(with_ttl(ttl), &[("first", 2)]).await;
    // Work for four TTLs: the others ask for two, and then end.
    let items = 2 * u32::try_from((ttl * 4).as_millis() / WORK.as_millis()).unwrap();
    let child = json!({"sleep_ms": WORK.as_millis() as u64});
    api.start(&Scripted::discovering("names", items, &child).request()).await.unwrap();
    api.until("names", "under way", PATIENCE, |status| status.completed_tasks >= 1).await;
    for name in ["second", "third"] {
        fleet.add_namesake(name, "first", 2).unwrap();
    }
    for name in ["second", "third"] {
        let told = fleet.worker(name).line("--worker-id", PATIENCE).await.unwrap();
        assert!(told.contains("`first` is in use by a living process"), "{told}");
        assert_eq!(fleet.worker(name).exited(PATIENCE).await, Some(2), "{name}");
    }
    fleet.coordinators[0].process().line("worker refused", PATIENCE).await.unwrap();

    let status = api.ended("names").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, items.into()));
    for item in api.items("names").await {
        assert_eq!((item.lost_leases, item.failures, item.preemptions), (0, 0, 0), "{item:?}");
    }
    let history = fleet.history("names").unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_whose_predecessor_hangs_gets_its_name_within_a_ttl() {
    let (mut fleet, api) = fleet_of(with_ttl(short_ttl()), &[("first", 2)]).await;
    // As after a power cut: the stream is open, and nobody speaks on it.
    fleet.worker("first").signal(Signal::STOP);
    fleet.add_namesake("second", "first", 2).unwrap();
    fleet.worker("second").line("connected to", PATIENCE).await.unwrap();
    works(&api).await;
    // Who wakes up is not what it was: it is told so, and what the other holds is left alone.
    fleet.worker("first").signal(Signal::CONT);
    assert_eq!(fleet.worker("first").exited(PATIENCE).await, Some(2));
}

async fn works(api: &Api) {
    api.start(&Scripted::working("after", [json!({})]).request()).await.unwrap();
    assert_eq!(api.ended("after").await.state(), v1::PipelineState::Completed);
}
