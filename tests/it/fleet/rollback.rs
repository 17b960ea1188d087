//! A Redis that comes back with an older memory: a leader that lives writes all of it again, and a new one goes on from
//! what there is.

use edgraph_client::v1;
use serde_json::json;

use super::script::Scripted;
use super::{PATIENCE, calm, fleet_of};

/// Items of a run.
const ITEMS: u32 = 150;
/// Items settled at the snapshot, and when Redis is thrown back to it.
const EARLY: u64 = 20;
const LATE: u64 = 60;

/// What Redis says of the items that are done.
fn completed(status: &std::collections::BTreeMap<String, String>) -> u64 {
    status["completed_tasks"].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_file_under_a_living_leader_is_written_anew() {
    let (mut fleet, api) = fleet_of(calm(), &[("one", 2), ("two", 2)]).await;
    api.start(&Scripted::discovering("back", ITEMS, &json!({"sleep_ms": 50})).request()).await.unwrap();
    api.until("back", "begun", PATIENCE, |status| status.completed_tasks >= EARLY).await;
    let snapshot = fleet.redis.snapshot().unwrap();
    let late = api.until("back", "well under way", PATIENCE, |status| status.completed_tasks >= LATE).await;

    // The leader stands still meanwhile, so that the past can be seen before it is written over.
    fleet.coordinators[0].process().freeze().await;
    fleet.redis.restore(&snapshot).await.unwrap();
    let past = completed(&fleet.redis.hgetall("edgraph:{back}:status").await.unwrap());
    assert!(past < late.completed_tasks, "Redis was not thrown back: {past}");
    fleet.coordinators[0].process().thaw();

    let status = api.ended("back").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, ITEMS.into()));
    let history = fleet.history("back").unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    history.check(&api.settled("back").await).unwrap();
    let kept = fleet.redis.hgetall("edgraph:{back}:status").await.unwrap();
    assert_eq!(completed(&kept), u64::from(ITEMS));
    assert_eq!(fleet.coordinators[0].process().count(&["the tracker has lost writes"]), 1);

    // What was written anew is whole: the next leader finds everything.
    let before = api.items("back").await;
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    assert_eq!(api.items("back").await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_file_under_a_dead_leader_costs_work_and_loses_no_item() {
    let (mut fleet, api) = fleet_of(calm(), &[("one", 2), ("two", 2)]).await;
    api.start(&Scripted::discovering("back", ITEMS, &json!({"sleep_ms": 50})).request()).await.unwrap();
    api.until("back", "begun", PATIENCE, |status| status.completed_tasks >= EARLY).await;
    let snapshot = fleet.redis.snapshot().unwrap();
    let late = api.until("back", "well under way", PATIENCE, |status| status.completed_tasks >= LATE).await;

    fleet.kill_coordinator(0);
    fleet.redis.restore(&snapshot).await.unwrap();
    let past = completed(&fleet.redis.hgetall("edgraph:{back}:status").await.unwrap());
    assert!(past < late.completed_tasks, "Redis was not thrown back: {past}");
    fleet.restart_coordinator(0).await.unwrap();

    let status = api.ended("back").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, ITEMS.into()));
    assert_eq!((status.expected_tasks, status.failed_tasks), (ITEMS.into(), 0));
    let history = fleet.history("back").unwrap();
    history.check_results(&api.settled("back").await).unwrap();
    // What was forgotten was done again, and nothing else; the end came once.
    let again = history.started_again().len() as u64;
    assert!(again <= late.completed_tasks - past + 16, "{again} items were started again, {past} were known");
    assert_eq!(history.of_item("finish/1").len(), 1);
}
