//! What the scripts and the client ask of Redis, and what people find there.

use std::collections::{BTreeMap, BTreeSet};

use super::redis_server::{Durability, RedisServer};
use super::samples::{Sample, leader};
use crate::tracker::Tracker;

/// All of them are in Redis 6.2, with the options used here.
const KNOWN_TO_6_2: &[&str] = &[
    "CONFIG", "DEL", "EVALSHA", "EXISTS", "HEXISTS", "PTTL", "TIME", "EXPIRE", "GET", "HDEL", "HGET",
    "HKEYS", "HMGET", "HSCAN", "HSET", "LLEN", "LPOP", "PERSIST", "PEXPIRE", "RPUSH", "SET", "UNLINK",
    "XADD",
];

fn between<'a>(text: &'a str, before: &str) -> impl Iterator<Item = &'a str> {
    let quote = |c| c == '\'' || c == '"';
    text.split(before).skip(1).filter_map(move |rest| rest.trim_start_matches(quote).split(quote).next())
}

#[test]
fn no_command_is_newer_than_redis_6_2() {
    let scripts = [
        include_str!("../redis/lead.lua"),
        include_str!("../redis/register.lua"),
        include_str!("../redis/fence.lua"),
        include_str!("../redis/write.lua"),
        include_str!("../redis/commit.lua"),
        include_str!("../redis/stage.lua"),
        include_str!("../redis/apply.lua"),
        include_str!("../redis/raise_fence.lua"),
    ];
    let modules = [
        include_str!("../redis.rs"),
        include_str!("../redis/lead.rs"),
        include_str!("../redis/load.rs"),
        include_str!("../redis/commit.rs"),
        include_str!("../redis/pauses.rs"),
    ];
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for script in scripts {
        used.extend(between(script, "redis.call("));
        assert!(!script.contains("redis.pcall") && !script.contains("redis.setresp"));
        assert_eq!(script.matches("redis.").count(), script.matches("redis.call(").count());
    }
    for module in modules {
        used.extend(between(module, " command(\""));
    }
    let known: BTreeSet<&str> = KNOWN_TO_6_2.iter().copied().collect();
    assert!(used.len() > 15, "the commands were not found: {used:?}");
    assert_eq!(used.difference(&known).collect::<Vec<_>>(), [&""; 0]);
}

#[tokio::test]
async fn people_can_read_the_status_and_the_events() {
    let server = RedisServer::start(Durability::None).await;
    let tracker = server.tracker();
    let term = tracker.lead_alone(&leader()).await.unwrap().term;
    let mut sample = Sample::new("p", 18);
    tracker.commit(&term, &[sample.created()]).await.unwrap();
    tracker.commit(&term, &[sample.changed(0)]).await.unwrap();

    let status: BTreeMap<String, String> = server.ask(&["HGETALL", "edgraph:{p}:status"]).await.unwrap();
    let expected = [
        ("kind", "sample"),
        ("parameters", "{\"with\":\"words\"}"),
        ("state", "held"),
        ("paused", "false"),
        ("round", "1"),
        ("expected_tasks", "18"),
        ("completed_tasks", "0"),
        ("failed_tasks", "0"),
        ("skipped", "0"),
        ("things", "0"),
        ("discovery_complete", "true"),
        ("progress_percent", "0"),
        ("created_at", "2023-11-14T22:13:20.123Z"),
        ("ended_at", ""),
    ];
    for (name, value) in expected {
        assert_eq!(status.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(status["phases"].contains("\"work\":{"), "{}", status["phases"]);

    type Entry = (String, BTreeMap<String, String>);
    let events: Vec<Entry> = server.ask(&["XRANGE", "edgraph:{p}:events", "-", "+"]).await.unwrap();
    assert_eq!(events.len(), 2, "one for each commit");
    let last = &events[1].1;
    let numbers = ["sequence", "leased", "settled"].map(|name| last[name].as_str());
    assert_eq!(numbers, ["2", "2", "10"], "of two rounds of nine states");
    assert_eq!(last["dead"], r#"["work/6","work/7","work/15","work/16"]"#);

    let index: BTreeMap<String, String> = server.ask(&["HGETALL", "edgraph:{lead}:pipelines"]).await.unwrap();
    assert!(index["p"].contains("\"request_id\":\"request\""), "{}", index["p"]);
    let lock: BTreeMap<String, String> = server.ask(&["HGETALL", "edgraph:{lead}:lock"]).await.unwrap();
    assert_eq!(lock["address"], "host:1");
}

#[tokio::test]
async fn only_tombstones_expire() {
    let server = RedisServer::start(Durability::None).await;
    let tracker = server.tracker();
    let term = tracker.lead_alone(&leader()).await.unwrap().term;
    let mut sample = Sample::new("p", 3);
    tracker.commit(&term, &[sample.created()]).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "edgraph:{p}:*"]).await.unwrap();
    assert_eq!(keys.len(), 7, "{keys:?}");
    for key in keys {
        assert_eq!(server.ask::<i64>(&["TTL", &key]).await.unwrap(), -1, "{key}");
    }
    tracker.commit(&term, &[sample.removed()]).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "edgraph:{p}:*"]).await.unwrap();
    assert_eq!(keys, ["edgraph:{p}:fence"]);
    assert!(server.ask::<i64>(&["TTL", &keys[0]]).await.unwrap() > 0);
}
