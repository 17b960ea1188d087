//! Redis dies, freezes, and forgets, under a living engine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, PipelineState, SettleAnswer, WorkerMessage};

use super::kit::{LONG_TTL, Running, TestWorker, busy_worker, completion, in_time, spec};
use crate::engine::{CommandError, EngineError};
use crate::tracker::tests::redis_server::{Durability, RedisServer};
use crate::tracker::{Leader, LockTiming, Tracker};

/// Work goes on so soon after Redis' return.
const RECOVERY: Duration = Duration::from_secs(5);

#[tokio::test]
async fn redis_killed_and_restarted_again_and_again() {
    let mut server = RedisServer::start(Durability::Append("always")).await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    let id = running.run(400).await;
    let worker = busy_worker(&running.engine, 8).await;
    for n in 1..=5 {
        let status = running.until(&id, |status| status.tasks.succeeded >= n * 50).await;
        assert_eq!(status.state, PipelineState::Running, "the fault comes in the middle");
        server.kill();
        server.restart().await;
        let back = Instant::now();
        running.until(&id, |later| later.tasks.succeeded > status.tasks.succeeded + 16).await;
        assert!(back.elapsed() < RECOVERY, "work went on only after {:?}", back.elapsed());
    }
    running.until(&id, |status| status.state == PipelineState::Completed).await;
    running.assert_each_ran_once(&id).await;
    running.stop().await;
    in_time(worker).await.unwrap();
}

#[tokio::test]
async fn an_older_file_is_restored_under_a_living_engine() {
    let mut server = RedisServer::start(Durability::Append("always")).await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    let id = running.run(200).await;
    let mut resting = spec(1);
    resting.roots[0].kind = "nobody's".into();
    let quiet = in_time(running.engine.start(Some("quiet".parse().unwrap()), "", resting)).await.unwrap().id;
    let worker = busy_worker(&running.engine, 4).await;
    running.until(&id, |status| status.tasks.succeeded >= 40).await;
    let backup = server.backup();
    // Nothing of this pipeline comes after: only asking finds out that it is lost.
    in_time(running.engine.cancel(&quiet)).await.unwrap();
    running.until(&id, |status| status.tasks.succeeded >= 80).await;
    server.restore(&backup).await;
    running.until(&id, |status| status.state == PipelineState::Completed).await;
    running.assert_each_ran_once(&id).await;
    assert!(running.engine.stats().rewrites >= 1, "the losses were noticed");
    let told = in_time(running.engine.status(&quiet)).await.unwrap();
    running.stop().await;
    in_time(worker).await.unwrap();

    let stored = server.tracker().lead_alone(&Leader::new(None, LockTiming::default())).await.unwrap().stored;
    let states: Vec<PipelineState> = stored.iter().map(|stored| stored.head.state).collect();
    assert_eq!(states, [PipelineState::Completed, told.state]);
    assert_eq!(told.state, PipelineState::Cancelled);
}

#[tokio::test]
async fn a_frozen_redis_loses_no_lease() {
    // Longer than a response may take, and several times the TTL.
    const FROZEN: Duration = Duration::from_secs(7);
    let ttl = Duration::from_millis(1_500);
    let server = RedisServer::start(Durability::None).await;
    let running = Running::start(Arc::new(server.tracker()), ttl).await;
    let id = running.run(2).await;
    let mut worker = TestWorker::connect(&running.engine, 2).await;
    let mut held = Vec::new();
    while held.len() < 2 {
        held.extend(worker.granted().await.into_iter().map(|grant| grant.lease));
    }
    server.freeze();
    let frozen = Instant::now();
    worker.say(WorkerMessage::Complete(vec![completion(held.remove(0))])).await;
    let mut sequence = 0;
    while frozen.elapsed() < FROZEN {
        tokio::time::sleep(ttl / 5).await;
        worker.say(WorkerMessage::Heartbeat { sequence, held: held.clone(), progress: Vec::new() }).await;
        match worker.hear().await {
            Some(CoordinatorMessage::HeartbeatAck { lost, .. }) => assert_eq!(lost, []),
            other => panic!("not an answer to a heartbeat: {other:?}"),
        }
        sequence += 1;
    }
    server.thaw();
    let thawed = Instant::now();
    match worker.hear().await {
        Some(CoordinatorMessage::Settled(settled)) => assert_eq!(settled[0].answer, SettleAnswer::Accepted),
        other => panic!("not a settlement: {other:?}"),
    }
    assert!(thawed.elapsed() < RECOVERY, "work went on only after {:?}", thawed.elapsed());
    worker.say(WorkerMessage::Complete(vec![completion(held.remove(0))])).await;
    running.until(&id, |status| status.state == PipelineState::Completed).await;
    running.assert_each_ran_once(&id).await;
    running.stop().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let server = RedisServer::start(Durability::None).await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    running.run(1).await;
    server.freeze();
    let engine = running.engine.clone();
    let late = tokio::spawn(async move { engine.start(None, "", spec(1)).await });
    // The queue keeps order: once this is known to be in it, so is the start.
    running.engine.connect(hello()).await.unwrap();
    let begun = Instant::now();
    running.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "stopped after {:?}", begun.elapsed());
    assert!(matches!(in_time(late).await.unwrap(), Err(EngineError::Stopped)));
    server.thaw();
}

fn hello() -> edgraph_shared::model::Hello {
    edgraph_shared::model::Hello {
        worker: "w".parse().unwrap(),
        incarnation: edgraph_shared::ids::Incarnation::random(),
        held: Vec::new(),
        free_slots: 0,
        kinds: Vec::new(),
        version: String::new(),
        home: Default::default(),
    }
}

#[tokio::test]
async fn a_damaged_pipeline_is_set_aside_and_may_be_started_again() {
    let server = RedisServer::start(Durability::None).await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    let healthy = running.run(3).await;
    let hurt: PipelineId = "hurt".parse().unwrap();
    in_time(running.engine.start(Some(hurt.clone()), "", spec(10))).await.unwrap();
    running.stop().await;
    server.ask::<i64>(&["DEL", "edgraph:{hurt}:items"]).await.unwrap();

    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    assert_eq!(in_time(running.engine.status(&healthy)).await.unwrap().tasks.expected(), 3);
    let asked = in_time(running.engine.status(&hurt)).await;
    let is_named =
        |error: &CommandError| matches!(error, CommandError::Damaged { reason, .. } if reason.contains("10"));
    assert!(matches!(&asked, Err(EngineError::Command(error)) if is_named(error)), "{asked:?}");
    let (listed, damaged) = in_time(running.engine.list(None, 10)).await.unwrap();
    assert_eq!((listed.len(), damaged.into_keys().next()), (1, Some(hurt.clone())));
    in_time(running.engine.start(Some(hurt.clone()), "", spec(10))).await.unwrap();
    let worker = busy_worker(&running.engine, 4).await;
    running.until(&hurt, |status| status.state == PipelineState::Completed).await;
    running.stop().await;
    in_time(worker).await.unwrap();

    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    assert_eq!(in_time(running.engine.status(&hurt)).await.unwrap().tasks.succeeded, 10);
    running.stop().await;
}

#[tokio::test]
async fn a_pipeline_of_a_newer_version_is_set_aside_and_not_written_over() {
    let server = RedisServer::start(Durability::None).await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    let healthy = running.run(3).await;
    let newer: PipelineId = "newer".parse().unwrap();
    in_time(running.engine.start(Some(newer.clone()), "", spec(10))).await.unwrap();
    running.stop().await;
    let head = r#"{"reader":99,"since":"9.1.0","stages":[]}"#;
    server.ask::<String>(&["SET", "edgraph:{newer}:head", head]).await.unwrap();

    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    assert_eq!(in_time(running.engine.status(&healthy)).await.unwrap().tasks.expected(), 3);
    let is_named = |error: &EngineError| error.to_string().contains("needs edgraph 9.1.0 or newer");
    let asked = in_time(running.engine.status(&newer)).await;
    assert!(asked.as_ref().is_err_and(is_named), "{asked:?}");
    let started = in_time(running.engine.start(Some(newer.clone()), "", spec(10))).await;
    assert!(started.as_ref().is_err_and(is_named), "{started:?}");
    let (listed, aside) = in_time(running.engine.list(None, 10)).await.unwrap();
    assert_eq!((listed.len(), aside.into_keys().next()), (1, Some(newer)));
    running.stop().await;
    assert_eq!(server.ask::<String>(&["GET", "edgraph:{newer}:head"]).await.unwrap(), head);
}
