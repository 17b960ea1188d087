//! Leaders that stand still and a Redis that does: whoever lends tokens, the server never sees more than it allows.

use std::time::{Duration, Instant};

use edgraph_tests::eventually::eventually_true;
use edgraph_tests::fleet::Fleet;

use super::super::api::Api;
use super::super::{PATIENCE, is_full};
use super::{Site, WORKERS, request, with_takeovers};

/// Requests before the fault.
const UNDER_WAY: usize = 40;
/// A token that was lent is used within this: its validity, and what a busy machine adds.
const IN_FLIGHT: Duration = Duration::from_millis(500);

/// How long the leader or Redis stands still.
fn stopped_for() -> Duration {
    Duration::from_secs(if is_full() { 20 } else { 4 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_stopped_and_taken_over_and_woken_up_lends_nothing_on_top() {
    let site = Site::scaled();
    let mut fleet = Fleet::with_coordinator(with_takeovers()).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    site.add_workers(&mut fleet, &WORKERS);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("over")).await.unwrap();
    site.asked(UNDER_WAY).await;

    let stopped = Instant::now();
    fleet.coordinators[0].process().freeze().await;
    // The point of the test is that time passes.
    tokio::time::sleep(stopped_for()).await;
    // What the old leader had lent was used up long ago: this is the new one's.
    site.asked_after(stopped + with_takeovers().lock_ttl + IN_FLIGHT).await;
    let old = fleet.coordinators[0].process();
    assert!(old.is_frozen(), "the old leader woke up by itself");
    let before = old.lines().len();
    assert!(api.get("over").await.end_time.is_none(), "the pipeline ended before the old leader woke up");
    let woken = Instant::now();
    old.thaw();
    eventually_true("the old leader to step down", PATIENCE, || {
        old.lines()[before..].iter().any(|line| line.contains("lead lost"))
    })
    .await;

    site.completed(&api, "over").await;
    site.check_rule();
    let after = site.between(woken, Instant::now()).len();
    assert!(after > 0, "nothing was left to ask when the old leader woke up");
    println!("{} requests, {after} of them after the old leader woke up", site.server.requests().len());
    site.check_asked_once(&api, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_stands_still_ends_all_requests_with_the_lock_and_they_go_on_after() {
    let site = Site::scaled();
    let mut fleet = Fleet::with_coordinator(with_takeovers()).await.unwrap();
    site.add_workers(&mut fleet, &WORKERS);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("frozen")).await.unwrap();
    site.asked(UNDER_WAY).await;

    fleet.redis.freeze().await;
    let frozen = Instant::now();
    // The point of the test is that time passes.
    tokio::time::sleep(stopped_for()).await;
    let thawed = Instant::now();
    fleet.redis.thaw();
    let quiet_from = frozen + with_takeovers().lock_ttl;
    assert!(
        thawed > quiet_from + with_takeovers().lock_ttl,
        "Redis did not stand still for longer than the lock"
    );
    let during = site.between(quiet_from, thawed);
    assert!(during.is_empty(), "{} requests without a lock: {during:?}", during.len());

    site.asked_after(thawed).await;
    println!("requests went on {:?} after the thaw", thawed.elapsed());
    site.completed(&api, "frozen").await;
    site.check_rule();
    site.check_asked_once(&api, &[]).await;
}
