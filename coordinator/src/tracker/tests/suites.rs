//! The conformance suite on each tracker, and on a Redis whose scripts have lost a safeguard: there it must fail.

use std::net::TcpListener;
use std::sync::Arc;

use super::conformance::{CASES, Shared};
use super::redis_server::{Durability, RedisServer};
use crate::tracker::redis::tests::{Limits, tracker_with};
use crate::tracker::{MemoryTracker, Tracker};

struct Memory(Arc<MemoryTracker>);

impl Shared for Memory {
    fn tracker(&self) -> Arc<dyn Tracker> {
        self.0.clone()
    }
}

/// Trackers on one server, with scripts as `edit` leaves them.
struct Redis {
    url: String,
    limits: Limits,
    edit: fn(&str) -> String,
}

impl Shared for Redis {
    fn tracker(&self) -> Arc<dyn Tracker> {
        Arc::new(tracker_with(&self.url, self.limits, self.edit))
    }
}

/// Small enough that a sample of some items takes several calls.
const SMALL: Limits = Limits { items: 7, bytes: 4_096, chunks_at_once: 3 };

/// Runs every case on an emptied server and gives the names of those that failed.
async fn failures(server: &RedisServer, limits: Limits, edit: fn(&str) -> String) -> Vec<&'static str> {
    let mut failed = Vec::new();
    for (name, case) in CASES {
        server.ask::<String>(&["FLUSHALL"]).await.unwrap();
        let shared = Arc::new(Redis { url: server.url().to_owned(), limits, edit });
        if tokio::spawn(case(shared)).await.is_err() {
            failed.push(*name);
        }
    }
    failed
}

#[tokio::test]
async fn memory_keeps_the_promises() {
    for (name, case) in CASES {
        println!("{name}");
        case(Arc::new(Memory(Arc::default()))).await;
    }
}

#[tokio::test]
async fn redis_keeps_the_promises() {
    let server = RedisServer::start(Durability::None).await;
    assert_eq!(failures(&server, Limits::default(), str::to_owned).await, [""; 0]);
    assert_eq!(failures(&server, SMALL, str::to_owned).await, [""; 0], "through the journal");
}

#[tokio::test]
async fn redis_as_a_cluster_node_keeps_the_promises() {
    // The cluster's own port is 10,000 above.
    let port = (0..1_000)
        .find_map(|_| {
            let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
            (port < 50_000).then_some(port)
        })
        .expect("a free port");
    let options = ["--port", &port.to_string(), "--cluster-enabled", "yes"];
    let server = RedisServer::start_with(Durability::None, &options).await;
    let slots: Vec<String> = (0..16_384).map(|slot| slot.to_string()).collect();
    let mut command = vec!["CLUSTER", "ADDSLOTS"];
    command.extend(slots.iter().map(String::as_str));
    server.ask::<String>(&command).await.unwrap();
    super::eventually("the cluster to serve", || async {
        server.ask::<String>(&["SET", "probe", "1"]).await.ok()
    })
    .await;
    assert_eq!(failures(&server, Limits::default(), str::to_owned).await, [""; 0]);
    assert_eq!(failures(&server, SMALL, str::to_owned).await, [""; 0], "through the journal");
}

fn without_fence(script: &str) -> String {
    script.replace(
        "return fence.epoch > epoch or (fence.epoch == epoch and fence.leader ~= leader)",
        "return false",
    )
}

fn without_sequence(script: &str) -> String {
    script.replace("fence.sequence + 1 == sequence and fence.commit == before and not fence.sealed", "true")
}

fn without_commit_id(script: &str) -> String {
    script.replace("and fence.commit == before ", "")
}

#[tokio::test]
async fn the_suite_notices_scripts_without_their_safeguards() {
    type Mutation = (fn(&str) -> String, &'static [&'static str]);
    let mutations: [Mutation; 3] = [
        (without_fence, &["an_older_leader_writes_nothing", "an_equal_epoch_of_another_is_fenced"]),
        (without_sequence, &["a_gap_diverges_and_only_that_part", "large_parts_are_whole_or_not_there"]),
        (without_commit_id, &["a_history_of_another_leader_diverges"]),
    ];
    let server = RedisServer::start(Durability::None).await;
    for (edit, expected) in mutations {
        let text = concat!(include_str!("../redis/fence.lua"), include_str!("../redis/commit.lua"));
        assert_ne!(edit(text), text, "the mutation changes something");
        let failed = failures(&server, Limits::default(), edit).await;
        for name in expected {
            assert!(failed.contains(name), "{name} did not notice; {failed:?} did");
        }
    }
}
