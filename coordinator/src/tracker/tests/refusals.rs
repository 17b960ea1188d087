//! Servers that answer "no", each a real one: what is said of them, and what to do.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::eventually;
use super::redis_server::{Durability, RedisServer};
use super::samples::leader;
use crate::tracker::redis::RedisTracker;
use crate::tracker::{Tracker, TrackerError, Trouble};

async fn trouble(tracker: &RedisTracker) -> Trouble {
    match tracker.lead_alone(&leader()).await {
        Err(TrackerError::Unavailable(trouble)) => trouble,
        other => panic!("not a refusal: {other:?}"),
    }
}

#[track_caller]
fn assert_fix(trouble: &Trouble, said: &str, fix: &str) {
    assert!(trouble.text.contains(said), "{trouble}");
    assert!(trouble.fix.is_some_and(|text| text.contains(fix)), "{trouble}");
}

/// A port whose cluster port, 10,000 above, exists too.
fn free_port() -> u16 {
    let port = || Some(TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port());
    (0..1_000).find_map(|_| port().filter(|port| *port < 50_000)).expect("a free port")
}

#[tokio::test]
async fn passwords_and_permissions_that_are_missing_are_named() {
    let options = ["--user", "app", "on", ">secret", "~edgraph:*", "+@all", "-evalsha"];
    let server = RedisServer::start_with(Durability::None, &options).await;
    let socket = server.url().strip_prefix("unix://").unwrap();
    let as_user = |who: &str| RedisTracker::connect(&format!("unix://{socket}{who}")).unwrap();
    assert_fix(&trouble(&as_user("?user=app&pass=wrong")).await, "uthentication", "right user and password");
    assert_fix(&trouble(&as_user("?user=app&pass=secret")).await, "evalsha", "deploy/README.md");
    // Scripts may be called, and not do what they do.
    server.ask::<()>(&["ACL", "SETUSER", "app", "+evalsha", "-hset"]).await.unwrap();
    assert_fix(
        &trouble(&as_user("?user=app&pass=secret")).await,
        "can't run this command",
        "deploy/README.md",
    );
    server.ask::<()>(&["ACL", "SETUSER", "app", "+hset", "resetkeys", "~other:*"]).await.unwrap();
    assert_fix(&trouble(&as_user("?user=app&pass=secret")).await, "", "deploy/README.md");
    server.ask::<()>(&["ACL", "SETUSER", "app", "resetkeys", "~edgraph:*"]).await.unwrap();
    as_user("?user=app&pass=secret").lead_alone(&leader()).await.unwrap();
    // The default user has a password from here on, which `ask` does not know.
    server.ask::<()>(&["CONFIG", "SET", "requirepass", "secret"]).await.unwrap();
    assert_fix(&trouble(&as_user("")).await, "NOAUTH", "give the password");
}

#[tokio::test]
async fn a_server_of_several_of_a_cluster_is_refused_before_anything_is_written() {
    let start = async || {
        let port = free_port().to_string();
        let options = ["--port", &port, "--cluster-enabled", "yes"];
        (RedisServer::start_with(Durability::None, &options).await, port)
    };
    let ((one, _), (two, port)) = (start().await, start().await);
    one.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", "0", "8191"]).await.unwrap();
    two.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", "8192", "16383"]).await.unwrap();
    one.ask::<()>(&["CLUSTER", "MEET", "127.0.0.1", &port]).await.unwrap();
    eventually("a cluster of two", || async {
        let info: String = one.ask(&["CLUSTER", "INFO"]).await.ok()?;
        (info.contains("cluster_state:ok") && info.contains("cluster_size:2")).then_some(())
    })
    .await;
    assert_fix(&trouble(&one.tracker()).await, "one of several servers of a cluster", "one Redis primary");
    let keys: Vec<String> = one.ask(&["KEYS", "*"]).await.unwrap();
    assert_eq!(keys, [""; 0]);
}

#[tokio::test]
async fn a_sentinel_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (port, file) = (free_port(), folder.path().join("sentinel.conf"));
    std::fs::write(&file, format!("port {port}\nbind 127.0.0.1\n")).unwrap();
    let mut sentinel = Command::new("redis-server")
        .arg(&file)
        .arg("--sentinel")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let tracker = RedisTracker::connect(&format!("redis://127.0.0.1:{port}")).unwrap();
    let trouble = eventually("the sentinel to answer", || async {
        Some(trouble(&tracker).await).filter(|trouble| trouble.fix.is_some())
    })
    .await;
    sentinel.kill().unwrap();
    sentinel.wait().unwrap();
    assert_fix(&trouble, "is a Sentinel", "one Redis primary");
    for url in ["redis+sentinel://host/primary", "rediss+cluster://host"] {
        let error = RedisTracker::connect(url).unwrap_err().to_string();
        assert!(error.contains("one Redis primary"), "{error}");
    }
}

#[tokio::test]
async fn a_replica_may_become_a_primary() {
    let server = RedisServer::start_with(Durability::None, &["--replicaof", "127.0.0.1", "1"]).await;
    let trouble = trouble(&server.tracker()).await;
    assert!(trouble.text.contains("is a replica") && trouble.fix.is_none(), "{trouble}");
    server.ask::<()>(&["REPLICAOF", "NO", "ONE"]).await.unwrap();
    server.tracker().lead_alone(&leader()).await.unwrap();
}
