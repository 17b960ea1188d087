//! Items that compute, and items that never return.

use std::time::Duration;

use edgraph_client::v1;
use serde_json::json;

use super::script::{Scripted, duration};
use super::{PATIENCE, calm, fleet_of, short_ttl, with_ttl};

/// The exit code of a worker whose slots are all stuck.
const ALL_SLOTS_STUCK: i32 = 75;
/// How long an item may run here.
const MAX_RUN: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_computes_on_every_core_for_ten_ttls_is_started_once() {
    let ttl = short_ttl();
    let (fleet, api) = fleet_of(with_ttl(ttl), &[("busy", 1), ("idle", 1)]).await;
    let payload = json!({"cpu_ms": (ttl * 10).as_millis() as u64});
    api.start(&Scripted::working("cpu", [payload]).request()).await.unwrap();
    assert_eq!(api.ended("cpu").await.state(), v1::PipelineState::Completed);
    let history = fleet.history("cpu").unwrap();
    history.check(&api.settled("cpu").await).unwrap();
    let [attempt] = history.of_item("work/1") else { panic!("{:?}", history.of_item("work/1")) };
    let took = attempt.end.map(|(_, at)| Duration::from_nanos(at - attempt.start));
    assert!(took >= Some(ttl * 10), "{attempt:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_never_returns_is_a_dead_letter_and_its_slot_is_free_again() {
    // One slot: whatever comes after the one that hangs needs it.
    let (fleet, api) = fleet_of(calm(), &[("one", 1)]).await;
    let request = Scripted::working("hang", [json!({"hang": "async"}), json!({})]).with_limits(|limits| {
        limits.max_run = duration(MAX_RUN);
        limits.max_failures = 2;
    });
    api.start(&request.request()).await.unwrap();
    let status = api.ended("hang").await;
    assert_eq!(status.state(), v1::PipelineState::CompletedWithFailures, "{status:?}");
    assert_eq!((status.completed_tasks, status.failed_tasks), (1, 1));
    let [failure] = &status.failures[..] else { panic!("{status:?}") };
    assert_eq!((&*failure.item_key, failure.attempts), ("work/1", 2), "{failure:?}");
    assert!(failure.reason.contains("ran longer than 1s"), "{failure:?}");
    let history = fleet.history("hang").unwrap();
    assert_eq!((history.of_item("work/1").len(), history.of_item("work/2").len()), (2, 1));
    assert_eq!(history.overlaps(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_slots_are_all_held_by_blocked_threads_exits_and_says_so() {
    let (mut fleet, api) = fleet_of(calm(), &[("blocked", 2)]).await;
    let roots = [json!({"hang": "blocking"}), json!({"hang": "blocking"}), json!({})];
    let request = Scripted::working("block", roots).with_limits(|limits| {
        limits.max_run = duration(MAX_RUN);
        limits.max_failures = 1;
    });
    api.start(&request.request()).await.unwrap();
    assert_eq!(fleet.worker("blocked").exited(PATIENCE).await, Some(ALL_SLOTS_STUCK));
    assert!(fleet.worker("blocked").count(&["does not stop"]) >= 2, "the threads were not counted");

    // The third item never had a slot there.
    assert_eq!(api.item("block", "work/3").await.state(), v1::ItemState::Ready);
    fleet.add_scripted_worker("next", 1).unwrap();
    let status = api.ended("block").await;
    assert_eq!((status.completed_tasks, status.failed_tasks), (1, 2), "{status:?}");
    for failure in &status.failures {
        assert!(failure.reason.contains("ran longer than 1s"), "{failure:?}");
        assert_eq!(failure.attempts, 1, "{failure:?}");
    }
}
