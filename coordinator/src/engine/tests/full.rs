//! A Redis that is full under `noeviction`: what it refuses is said, and deleting what has ended makes room.

use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{PipelineSpec, PipelineState, WorkItem};

use super::kit::{LONG_TTL, Running, in_time, spec};
use crate::engine::{CommandError, EngineError};
use crate::tracker::tests::redis_server::{Durability, RedisServer};

/// As services wait.
const PATIENCE: Duration = Duration::from_secs(2);

/// Eight megabytes of work.
fn large() -> PipelineSpec {
    let payload = format!("\"{}\"", "x".repeat(4_000));
    let item = |n| WorkItem::new("work", format!("work/{n}").parse().unwrap(), payload.clone());
    PipelineSpec { roots: (0..2_000).map(item).collect(), ..spec(1) }
}

/// A server that is full, with a finished pipeline `old` in it that takes most of its memory.
async fn full_server() -> (RedisServer, Running, PipelineId) {
    let server = RedisServer::start(Durability::None).await;
    let empty = used_memory(&server).await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    let old: PipelineId = "old".parse().unwrap();
    let engine = &running.engine;
    let started = in_time(engine.start(Some(old.clone()), "", large())).await.unwrap();
    assert_eq!(started.tasks.expected(), 2_000);
    let refused = in_time(engine.delete(&old)).await.unwrap_err();
    assert!(matches!(refused, EngineError::Command(CommandError::Unfinished { .. })), "{refused}");
    assert_eq!(in_time(engine.cancel(&old)).await.unwrap().state, PipelineState::Cancelled);
    // Half of what is stored: the buffers of the connections come and go.
    let limit = empty + 4_000_000;
    server.ask::<()>(&["CONFIG", "SET", "maxmemory", &limit.to_string()]).await.unwrap();
    (server, running, old)
}

/// In bytes, buffers included.
async fn used_memory(server: &RedisServer) -> u64 {
    let info: String = server.ask(&["INFO", "memory"]).await.unwrap();
    let used = info.lines().find_map(|line| line.trim().strip_prefix("used_memory:")).unwrap();
    used.parse().unwrap()
}

async fn keys_of_old(server: &RedisServer) -> Vec<String> {
    let keys: Vec<String> = server.ask(&["KEYS", "edgraph:{old}:*"]).await.unwrap();
    keys.into_iter().filter(|key| !key.ends_with(":fence")).collect()
}

#[tokio::test]
async fn deleting_what_has_ended_makes_room_for_a_commit_that_waits() {
    let (server, running, old) = full_server().await;
    let new: PipelineId = "new".parse().unwrap();
    let patient = running.engine.clone().patient_for(PATIENCE);
    let refused = in_time(patient.start(Some(new.clone()), "", spec(3))).await.unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, EngineError::Slow { .. }), "{text}");
    assert!(text.contains("OOM") && text.contains("raise its maxmemory"), "{text}");
    assert!(!running.engine.tracker_answers());

    // Behind the commit that waits, and yet done.
    in_time(running.engine.delete(&old)).await.unwrap();
    assert_eq!(in_time(running.engine.status(&new)).await.unwrap().tasks.expected(), 3);
    assert_eq!(keys_of_old(&server).await, [""; 0]);
    let gone = in_time(running.engine.status(&old)).await.unwrap_err();
    assert!(matches!(gone, EngineError::Command(CommandError::NotFound { .. })), "{gone}");
    assert!(running.engine.tracker_answers());

    // The name is free again, and nothing that waited takes the new one away.
    in_time(running.engine.start(Some(old.clone()), "", spec(2))).await.unwrap();
    running.stop().await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    assert_eq!(in_time(running.engine.status(&old)).await.unwrap().tasks.expected(), 2);
    running.stop().await;
}

#[tokio::test]
async fn a_new_leader_finds_its_way_in_a_full_server() {
    let (server, running, old) = full_server().await;
    running.stop().await;
    let running = Running::start(Arc::new(server.tracker()), LONG_TTL).await;
    in_time(running.engine.delete(&old)).await.unwrap();
    assert_eq!(keys_of_old(&server).await, [""; 0]);
    running.stop().await;
}
