//! A Redis behind TLS, and a user that may do what deploy/README.md says and nothing else.

use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::conformance::{CASES, Shared};
use super::redis_server::{Durability, RedisServer};
use super::samples::leader;
use crate::tracker::redis::RedisTracker;
use crate::tracker::{Tracker, TrackerError, Trouble};

/// The rule for the user, as operators are told it.
fn rule() -> Vec<&'static str> {
    let documentation = include_str!("../../../../deploy/README.md");
    let rule =
        documentation.lines().find(|line| line.starts_with("user edgraph on ")).expect("the rule is told");
    rule.split(' ').skip(1).collect()
}

/// A server with a TLS port and the user, and the authority that signed its certificate.
async fn server() -> (RedisServer, u16, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let files = [
        write("ca.pem", authority.pem()),
        write("cert.pem", own.pem()),
        write("key.pem", key.serialize_pem()),
    ];
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port_text = port.to_string();
    let mut options = vec!["--tls-port", &port_text, "--tls-ca-cert-file", &files[0]];
    options.extend([
        "--tls-cert-file",
        &files[1],
        "--tls-key-file",
        &files[2],
        "--tls-auth-clients",
        "no",
        "--user",
    ]);
    options.extend(rule());
    let server = RedisServer::start_with(Durability::None, &options).await;
    (server, port, authority.pem().into_bytes())
}

struct Encrypted {
    url: String,
    authority: Vec<u8>,
}

impl Shared for Encrypted {
    fn tracker(&self) -> Arc<dyn Tracker> {
        Arc::new(RedisTracker::connect_trusting(&self.url, self.authority.clone()).unwrap())
    }
}

async fn trouble(tracker: RedisTracker) -> Trouble {
    match tracker.lead_alone(&leader()).await {
        Err(TrackerError::Unavailable(trouble)) => trouble,
        other => panic!("not a refusal: {other:?}"),
    }
}

#[tokio::test]
async fn the_documented_user_is_enough_behind_tls() {
    let (server, port, authority) = server().await;
    let url = format!("rediss://edgraph:PASSWORD@127.0.0.1:{port}");
    for (name, case) in CASES {
        server.ask::<String>(&["FLUSHALL"]).await.unwrap();
        println!("{name}");
        case(Arc::new(Encrypted { url: url.clone(), authority: authority.clone() })).await;
    }
    let denied: Vec<redis::Value> = server.ask(&["ACL", "LOG"]).await.unwrap();
    assert!(denied.is_empty(), "{denied:?}");
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_told_from_one_that_is_away() {
    let (_server, port, authority) = server().await;
    let url = format!("rediss://127.0.0.1:{port}");
    let stranger = trouble(RedisTracker::connect(&url).unwrap()).await;
    assert!(stranger.fix.is_some_and(|fix| fix.contains("--redis-ca")), "{stranger}");
    let elsewhere = format!("rediss://localhost:{port}");
    let misnamed = trouble(RedisTracker::connect_trusting(&elsewhere, authority.clone()).unwrap()).await;
    assert!(misnamed.fix.is_some_and(|fix| fix.contains("for the host in --redis")), "{misnamed}");
    let plain = RedisServer::start_with(Durability::None, &["--port", &free_port()]).await;
    let port: Vec<String> = plain.ask(&["CONFIG", "GET", "port"]).await.unwrap();
    let url = format!("rediss://127.0.0.1:{}", port[1]);
    let unencrypted = trouble(RedisTracker::connect_trusting(&url, authority.clone()).unwrap()).await;
    assert!(unencrypted.text.contains("speaks no TLS"), "{unencrypted}");
    let error = RedisTracker::connect_trusting("redis://127.0.0.1", authority).unwrap_err().to_string();
    assert!(error.contains("rediss://"), "{error}");
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}
