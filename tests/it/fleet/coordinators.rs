//! Coordinators that die: a restart is a reconnect, and a standby takes over.

use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_tests::fleet::process::now;
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::history::Attempt;
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, alone, calm_ttl, fleet_of};

/// Leases that are out when the coordinator dies.
const LEASES: u32 = 500;
/// From the death of the leader to work that the standby granted.
const RESUME_WITHIN: Duration = Duration::from_secs(7);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_killed_during_five_hundred_leases_and_back_within_the_ttl_starts_nothing_twice() {
    let ttl = calm_ttl();
    let workers = [("one", LEASES / 4), ("two", LEASES / 4), ("three", LEASES / 4), ("four", LEASES / 4)];
    let (mut fleet, api) = fleet_of(alone(), &workers).await;
    // The work outlasts the death and a TTL, so that what was lost would be seen to be started again.
    let child = json!({"sleep_ms": (ttl * 2).as_millis() as u64});
    api.start(&Scripted::discovering("many", LEASES, &child).request()).await.unwrap();
    let in_flight = |status: &v1::Pipeline| {
        status.phases.iter().any(|phase| phase.kind == "work" && phase.in_flight == u64::from(LEASES))
    };
    api.until("many", "all leased", PATIENCE, in_flight).await;

    let dead_since = Instant::now();
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    assert!(in_flight(&api.get("many").await), "leases were lost in the restart");
    assert!(dead_since.elapsed() < ttl, "this machine is too slow for a restart within {ttl:?}");

    let status = api.ended("many").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, LEASES.into()));
    let history = fleet.history("many").unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    history.check(&api.settled("many").await).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_over_within_seven_seconds() {
    // The lock lives as long as it does by default.
    let settings = Settings { lease_ttl: calm_ttl(), ..Settings::default() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    for name in ["one", "two"] {
        fleet.add_scripted_worker(name, 2).unwrap();
    }
    let api = Api::new(&fleet.endpoints());
    let items = 300;
    let child = json!({"sleep_ms": 100});
    api.start(&Scripted::discovering("over", items, &child).request()).await.unwrap();
    api.until("over", "under way", PATIENCE, |status| status.completed_tasks >= 20).await;

    let at = now();
    fleet.kill_coordinator(0);
    let status = api.ended("over").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, items.into()));

    let history = fleet.history("over").unwrap();
    history.check(&api.settled("over").await).unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    // What the dead leader granted last may start a little later than its death.
    let in_flight = Duration::from_millis(500);
    let after = |attempt: &Attempt| Duration::from_nanos(attempt.start.saturating_sub(at));
    let resumed = history.attempts().map(after).filter(|delay| *delay > in_flight).min();
    let resumed = resumed.expect("most of the work was still to be done");
    assert!(resumed <= RESUME_WITHIN, "work resumed after {resumed:?}");
}
