//! A worker that stands still for two TTLs, wakes up, and has a result: it counts if nobody took the item meanwhile.

use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::Fleet;
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, fleet_of, short_ttl, with_ttl};

/// The work ends while its worker stands still.
const WORK: Duration = Duration::from_millis(300);

/// Starts a pipeline of two items on a worker with one slot, and freezes the worker in the first item until its lease
/// is lost and two TTLs have passed.
async fn freeze_in_an_item(max_lost_leases: u32) -> (Fleet, Api) {
    let ttl = short_ttl();
    let (mut fleet, api) = fleet_of(with_ttl(ttl), &[("sleepy", 1)]).await;
    let item = || json!({"sleep_ms": WORK.as_millis() as u64, "stubborn": true});
    let request =
        Scripted::working("late", [item()]).with_limits(|limits| limits.max_lost_leases = max_lost_leases);
    api.start(&request.request()).await.unwrap();
    eventually("the item to start", PATIENCE, async || {
        (!fleet.history("late").unwrap().of_item("work/1").is_empty()).then_some(())
    })
    .await;
    fleet.worker("sleepy").freeze().await;
    assert!(!fleet.history("late").unwrap().of_item("work/1")[0].is_done(), "it was too late to be frozen");
    tokio::time::sleep(ttl * 2).await;
    assert_eq!(api.item("late", "work/1").await.lost_leases, 1, "the lease was not lost");
    (fleet, api)
}

/// Waits until the worker says how its late result was taken, and until it has done another item.
async fn says_so_and_goes_on(fleet: &mut Fleet, api: &Api, answer: &str) {
    fleet.worker("sleepy").line(answer, PATIENCE).await.unwrap();
    api.start(&Scripted::working("after", [json!({})]).request()).await.unwrap();
    eventually("the worker to go on", PATIENCE, async || {
        let history = fleet.history("after").unwrap();
        history.attempts().next().cloned()
    })
    .await;
    assert_eq!(api.ended("after").await.state(), v1::PipelineState::Completed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_result_counts_when_nobody_took_the_item() {
    let (mut fleet, api) = freeze_in_an_item(5).await;
    fleet.worker("sleepy").thaw();
    let status = api.ended("late").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 1));
    let history = fleet.history("late").unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    history.check(&api.settled("late").await).unwrap();
    says_so_and_goes_on(&mut fleet, &api, "AcceptedLate").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_result_is_superseded_when_somebody_else_took_the_item() {
    let (mut fleet, api) = freeze_in_an_item(5).await;
    fleet.add_scripted_worker("awake", 1).unwrap();
    let status = api.ended("late").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 1));
    let settled = api.settled("late").await;
    fleet.kill_worker("awake");
    fleet.worker("sleepy").thaw();
    says_so_and_goes_on(&mut fleet, &api, "Superseded").await;
    let history = fleet.history("late").unwrap();
    assert_eq!(history.of_item("work/1").len(), 2);
    history.check(&settled).unwrap();
    assert_eq!(api.settled("late").await, settled, "the late result changed something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_after_the_gate_is_too_late() {
    // One lost lease makes the item dead, and without it the pipeline has nothing to finish with.
    let (mut fleet, api) = freeze_in_an_item(1).await;
    let status = api.ended("late").await;
    assert_eq!((status.state(), status.failed_tasks), (v1::PipelineState::Failed, 1), "{status:?}");
    fleet.worker("sleepy").thaw();
    says_so_and_goes_on(&mut fleet, &api, "TooLate").await;
    assert_eq!(api.get("late").await.state(), v1::PipelineState::Failed);
    assert_eq!(api.item("late", "work/1").await.state(), v1::ItemState::Dead);
}
