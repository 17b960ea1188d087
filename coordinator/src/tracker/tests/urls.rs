//! URLs, passwords, TLS, settings.

use tokio::io::AsyncReadExt;

use super::redis_server::{Durability, RedisServer};
use super::samples::leader;
use crate::tracker::redis::RedisTracker;
use crate::tracker::{Tracker, TrackerError};

#[test]
fn a_bad_url_is_named_without_its_password() {
    for url in
        ["http://me:secret@host", "redis://me:secret@host:port", "me:secret@host", "redis://me:secret@h/x"]
    {
        let error = RedisTracker::connect(url).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("***@h") && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn acl_users_sign_in_and_passwords_stay_secret() {
    let options = ["--user", "app", "on", ">secret", "~edgraph:*", "+@all"];
    let server = RedisServer::start_with(Durability::None, &options).await;
    let socket = server.url().strip_prefix("unix://").unwrap();
    let tracker = RedisTracker::connect(&format!("unix://{socket}?user=app&pass=secret")).unwrap();
    tracker.lead_alone(&leader()).await.unwrap();
    let stranger = RedisTracker::connect(&format!("unix://{socket}?user=app&pass=hidden")).unwrap();
    let error = stranger.lead_alone(&leader()).await.unwrap_err();
    let text = format!("{error} {error:?} {tracker:?} {stranger:?}");
    assert!(matches!(error, TrackerError::Unavailable(_)), "{text}");
    assert!(!text.contains("secret") && !text.contains("hidden"), "{text}");
}

#[tokio::test]
async fn tls_has_what_it_needs() {
    // Nobody there speaks TLS; that a handshake was tried shows that certificates and ciphers were found.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tracker = RedisTracker::connect(&format!("rediss://app:secret@127.0.0.1:{port}/2")).unwrap();
    let greeted = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap()
    });
    let error = tracker.lead_alone(&leader()).await.unwrap_err().to_string();
    assert_eq!(greeted.await.unwrap(), 22, "a TLS handshake record");
    assert!(error.contains("127.0.0.1") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn settings_that_lose_commits_are_warned_of() {
    let options = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
    let server = RedisServer::start_with(Durability::None, &options).await;
    let warnings = server.tracker().check().await.unwrap();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("allkeys-lru") && warnings[1].contains("appendonly"), "{warnings:?}");
    let server = RedisServer::start(Durability::Append("everysec")).await;
    assert_eq!(server.tracker().check().await.unwrap(), [""; 0]);
}
