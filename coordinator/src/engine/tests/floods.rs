//! A worker that says more than anybody can hear: the others are heard all the same.

use std::time::{Duration, Instant};

use edgraph_shared::ids::{FencingToken, LeaseId};
use edgraph_shared::model::{LeaseRef, WorkerMessage};

use super::kit::{LONG_TTL, PATIENCE, Running, TestWorker, in_time};
use crate::tracker::MemoryTracker;

/// Far longer than an answer takes between two turns, and far shorter than the flood.
const SOON: Duration = Duration::from_secs(2);
const FLOOD: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn heartbeats_without_end_starve_neither_questions_nor_time() {
    let running = Running::start(std::sync::Arc::new(MemoryTracker::default()), LONG_TTL).await;
    let id = running.run(3).await;
    let held = |n: u64| LeaseRef {
        pipeline: "p".parse().unwrap(),
        key: "work/1".parse().unwrap(),
        token: FencingToken(1),
        lease_id: LeaseId(n),
    };
    let mut floods = Vec::new();
    for _ in 0..3 {
        let engine = running.engine.clone();
        floods.push(tokio::spawn(async move {
            let (until, held) = (Instant::now() + FLOOD, (0..500).map(held).collect::<Vec<_>>());
            while Instant::now() < until {
                let worker = TestWorker::connect(&engine, 0).await;
                for sequence in 0..1_000 {
                    worker
                        .say(WorkerMessage::Heartbeat { sequence, held: held.clone(), progress: Vec::new() })
                        .await;
                }
            }
        }));
    }
    let mut slowest = Duration::ZERO;
    while !floods.iter().all(tokio::task::JoinHandle::is_finished) {
        let asked = Instant::now();
        in_time(running.engine.status(&id)).await.unwrap();
        slowest = slowest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for flood in floods {
        tokio::time::timeout(PATIENCE, flood).await.unwrap().unwrap();
    }
    assert!(slowest < SOON, "a question waited for {slowest:?}");
    running.stop().await;
}
