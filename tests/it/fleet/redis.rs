//! A Redis that dies, freezes, and does not answer: a coordinator without it waits, and loses nothing.

use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_tests::fleet::{Fleet, RedisPath, Settings};
use edgraph_tests::proxy::{DropReplies, Which};
use edgraph_tests::redis::{Fsync, Mode};
use serde_json::json;
use tonic::Code;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, alone, calm, fleet_of, is_full, short_ttl, with_ttl};
use crate::program::repetitions;

/// From the return of Redis to progress.
const PROGRESS_WITHIN: Duration = Duration::from_secs(5);

/// Waits for progress, and gives how long it took.
async fn progress(api: &Api, id: &str, done: u64) -> Duration {
    let since = Instant::now();
    let more = |status: &v1::Pipeline| status.completed_tasks > done || status.end_time.is_some();
    api.until(id, &format!("past {done} items"), PATIENCE, more).await;
    since.elapsed()
}

/// What must hold at the end of a pipeline under which no lease was lost.
async fn check_calm(fleet: &Fleet, api: &Api, id: &str, items: u32) {
    let status = api.ended(id).await;
    assert_eq!(
        (status.state(), status.completed_tasks),
        (v1::PipelineState::Completed, items.into()),
        "{status:?}"
    );
    let history = fleet.history(id).unwrap();
    history.check(&api.settled(id).await).unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    for item in api.items(id).await {
        assert_eq!((item.failures, item.lost_leases, item.preemptions), (0, 0, 0), "{item:?}");
    }
    let kept = fleet.redis.hgetall(&format!("edgraph:{{{id}}}:status")).await.unwrap();
    assert_eq!(
        (&*kept["completed_tasks"], &*kept["progress_percent"]),
        (&*items.to_string(), "100"),
        "{kept:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_killed_and_restarted_again_and_again_costs_seconds_and_nothing_else() {
    let (mut fleet, api) = fleet_of(alone(), &[("one", 2), ("two", 2)]).await;
    let kills = repetitions(20);
    let items = 200 * u32::try_from(kills).unwrap();
    api.start(&Scripted::discovering("kills", items, &json!({"sleep_ms": 50})).request()).await.unwrap();
    for kill in 0..kills {
        let done = api.get("kills").await.completed_tasks;
        progress(&api, "kills", done).await;
        let before = api.get("kills").await;
        assert!(before.end_time.is_none(), "the pipeline ended before kill {kill}");
        fleet.redis.kill();
        fleet.redis.restart().await.unwrap();
        let took = progress(&api, "kills", before.completed_tasks).await;
        assert!(took <= PROGRESS_WITHIN, "no progress for {took:?} after return {kill}");
    }
    check_calm(&fleet, &api, "kills", items).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_stands_still_for_many_ttls_costs_no_lease() {
    let ttl = if is_full() { Duration::from_secs(3) } else { short_ttl() };
    let frozen_for = ttl * 10;
    let (fleet, api) = fleet_of(with_ttl(ttl), &[("one", 2), ("two", 2)]).await;
    let items = 100;
    api.start(&Scripted::discovering("frozen", items, &json!({"sleep_ms": 100})).request()).await.unwrap();
    progress(&api, "frozen", 4).await;
    let before = api.get("frozen").await;
    let asked = Instant::now();
    fleet.redis.freeze().await;
    // The point of the test is that time passes.
    tokio::time::sleep(frozen_for).await;
    // No commit, no progress: a status that cannot be committed is not told, or is an old one.
    match api.get_once("frozen").await {
        Ok(status) => assert!(status.completed_tasks <= before.completed_tasks + 8, "{status:?}"),
        Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status:?}"),
    }
    fleet.redis.thaw();
    assert!(asked.elapsed() >= frozen_for);
    let took = progress(&api, "frozen", before.completed_tasks + 8).await;
    assert!(took <= PROGRESS_WITHIN, "no progress for {took:?} after the thaw");
    check_calm(&fleet, &api, "frozen", items).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_reply_is_lost_counts_once() {
    let settings = Settings { path: RedisPath::Proxied, ..calm() };
    let (fleet, api) = fleet_of(settings, &[("one", 2)]).await;
    let proxy = fleet.proxy.as_ref().expect("as set");
    // Every commit to a pipeline names its fence.
    proxy.drop_replies(Some(DropReplies { naming: ":fence".into(), which: Which::EachOnce }));
    let items = 20;
    api.start(&Scripted::discovering("dropped", items, &json!({"sleep_ms": 20})).request()).await.unwrap();
    check_calm(&fleet, &api, "dropped", items).await;
    // Start, discovery, children, and at least a commit for each two of the items.
    assert!(proxy.dropped() >= 10, "only {} replies were dropped", proxy.dropped());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_pass_on_a_cluster_and_a_slow_disk_is_waited_for() {
    let settings = Settings { redis: Mode::Cluster, fsync: Fsync::Always, ..calm() };
    let (mut fleet, api) = fleet_of(settings, &[("one", 4)]).await;
    let items = 50;
    api.start(&Scripted::discovering("cluster", items, &json!({"sleep_ms": 50})).request()).await.unwrap();
    progress(&api, "cluster", 10).await;
    // Taking over reads and fences what the scripts wrote.
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    check_calm(&fleet, &api, "cluster", items).await;
}
