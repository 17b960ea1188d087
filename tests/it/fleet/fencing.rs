//! A leader that stands still at the worst moment wakes up to find another one in its place.
//!
//! Coordinators say in their log, as `point="…"`, where they are about to await. A first run learns these points; then
//! the leader is stopped at each of them, the standby takes over, and the old leader wakes up.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::eventually::{eventually, eventually_true};
use edgraph_tests::fleet::process::Signal;
use edgraph_tests::fleet::{Fleet, Settings};
use serde_json::json;

use super::PATIENCE;
use super::api::Api;
use super::script::Scripted;
use crate::program::repetitions;

/// Items of a run.
const ITEMS: u32 = 600;
/// Bytes of each: together more than one call to Redis can write, so that commits in parts are met too.
const PAYLOAD_LEN: usize = 2_000;
/// A worker notices a leader that stands still after this.
const LEASE_TTL: Duration = Duration::from_secs(4);
/// A standby waits this long: not longer than the worker takes to notice, since it is waited for at every point.
const LOCK_TTL: Duration = Duration::from_secs(2);

fn settings() -> Settings {
    Settings {
        lease_ttl: LEASE_TTL,
        lock_ttl: LOCK_TTL,
        coordinator_log: "info,edgraph_coordinator=debug".into(),
        shares_machine: true,
        ..Settings::default()
    }
}

fn request() -> v1::StartPipelineRequest {
    let child = json!({"sleep_ms": 20, "padding": "x".repeat(PAYLOAD_LEN)});
    Scripted::discovering("fenced", ITEMS, &child).request()
}

/// A leader, a standby, and a worker with both their addresses.
async fn pair() -> (Fleet, Api) {
    let mut fleet = Fleet::with_coordinator(settings()).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    fleet.add_scripted_worker("worker", 16).unwrap();
    let api = Api::new(&fleet.endpoints());
    (fleet, api)
}

/// The point that a line of the log names.
fn point(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("point=\"")?;
    rest.split_once('"').map(|(name, _)| name)
}

/// The points that a leader passes from its lead to the end of a pipeline, with how often.
async fn points() -> BTreeMap<String, usize> {
    let (mut fleet, api) = pair().await;
    let before = fleet.coordinators[0].process().lines().len();
    api.start(&request()).await.unwrap();
    api.ended("fenced").await;
    let mut points = BTreeMap::new();
    for line in &fleet.coordinators[0].process().lines()[before..] {
        if let Some(point) = point(line) {
            *points.entry(point.to_owned()).or_insert(0) += 1;
        }
    }
    points
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_paused_before_any_await_of_start_or_commit_is_fenced_when_it_wakes_up() {
    let points = points().await;
    // Start registers a pipeline before it commits it.
    for point in ["register", "commit", "stage", "seal", "apply", "commit.reply", "renew"] {
        assert!(points.contains_key(point), "{point} was not passed: {points:?}");
    }
    let per_point = repetitions(10);
    for (point, times) in points {
        // At its first time, and at others evenly over the run.
        for number in 0..per_point.min(times) {
            pause_at(&point, number * times / per_point).await;
        }
    }
}

async fn pause_at(point: &str, nth: usize) {
    let (mut fleet, api) = pair().await;
    let old = fleet.coordinators[0].process();
    old.at_line(&format!("point=\"{point}\""), nth, Signal::STOP);
    // The client gives the frozen leader up and asks the other one; the same request is the same pipeline.
    let started = tokio::spawn({
        let api = api.clone();
        async move { api.start(&request()).await.unwrap() }
    });
    let old = fleet.coordinators[0].process();
    let paused = eventually(&format!("the leader to stand still at {point} {nth}"), PATIENCE, async || {
        let ended = || async { started.is_finished() && api.get("fenced").await.end_time.is_some() };
        if old.is_frozen() {
            return Some(true);
        }
        ended().await.then_some(false)
    })
    .await;
    // Two runs do not have exactly as many commits.
    if !paused && nth > 0 {
        return;
    }
    assert!(paused, "the leader never came to {point}");
    let [paused_at] = old.fired()[..] else { panic!("stopped once") };

    started.await.unwrap();
    eventually("the standby to lead and work to go on", PATIENCE, async || {
        let newer = Api::new(&fleet.endpoints()[1..]);
        (newer.get("fenced").await.completed_tasks > 0).then_some(())
    })
    .await;
    let old = fleet.coordinators[0].process();
    assert!(old.is_frozen(), "the old leader woke up by itself");
    let before = old.lines().len();
    old.thaw();
    let fenced = || old.lines()[before..].iter().any(|line| is_stepping_down(line));
    eventually_true(&format!("the old leader, paused at {point} {nth}, to step down"), PATIENCE, fenced)
        .await;

    let status = api.ended("fenced").await;
    assert_eq!(status.state(), v1::PipelineState::Completed, "paused at {point} {nth}: {status:?}");
    assert_eq!((status.completed_tasks, api.pipelines().await), (ITEMS.into(), 1), "paused at {point} {nth}");
    let history = fleet.history("fenced").unwrap();
    history
        .check(&api.settled("fenced").await)
        .unwrap_or_else(|error| panic!("paused at {point} {nth}: {error}"));
    for item in history.started_again() {
        // The worker may be longer in finding the new leader than its lease lasts there, and no shorter.
        let [.., last] = history.of_item(item) else { unreachable!("it was started") };
        let delay = Duration::from_nanos(last.start.saturating_sub(paused_at));
        assert!(delay >= LEASE_TTL, "paused at {point} {nth}: {item} was started again after {delay:?}");
    }
    let kept = fleet.redis.hgetall("edgraph:{fenced}:status").await.unwrap();
    assert_eq!(kept["completed_tasks"], ITEMS.to_string(), "paused at {point} {nth}");
}

/// Whether a line of the log says that the coordinator leads no more.
fn is_stepping_down(line: &str) -> bool {
    ["lead lost", "waits as standby"].iter().any(|part| line.contains(part))
}
