//! A server that misbehaves: what is worth retrying is retried, and what is not is explained.

use std::time::{Duration, Instant};

use bytes::Bytes;
use edgraph_shared::failure::FailureClass;
use edgraph_shared::storage::{Error, Expect, ObjectKey, S3Store, Store};
use edgraph_tests::s3::{Fault, S3Server};
use edgraph_worker::store_failure::store_failure;

use super::{PREFIX, connect, connect_with};

/// Attempts at one request, the first included.
const ATTEMPTS: usize = 4;
/// More than all pauses between the attempts at one request.
const SOON: Duration = Duration::from_secs(20);

fn key(text: &str) -> ObjectKey {
    text.parse().unwrap()
}

async fn start() -> (S3Server, S3Store) {
    let server = S3Server::start().unwrap();
    let store = connect(&server).await.unwrap();
    store.put(&key("there"), Bytes::from_static(b"twelve bytes")).await.unwrap();
    (server, store)
}

/// Every operation once; each must succeed.
async fn use_it(store: &S3Store) {
    let a = key("folder/a");
    store.put(&a, Bytes::from_static(b"a")).await.unwrap();
    assert_eq!(store.get(&a).await.unwrap(), "a");
    assert!(store.head(&a).await.unwrap().is_some());
    assert_eq!(store.list(&key("folder")).await.unwrap().len(), 1);
    store.delete(&a).await.unwrap();
}

#[tokio::test]
async fn what_passes_is_retried() {
    let (server, store) = start().await;
    for inject in [S3Server::slow_down, S3Server::reset, S3Server::lose_replies] {
        let before = server.faults_met();
        for _ in 0..5 {
            // Two faults in a row for each of the five operations.
            inject(&server, 2);
            server.spare(1);
        }
        use_it(&store).await;
        assert_eq!(server.faults_met() - before, 10);
    }
}

#[tokio::test]
async fn what_does_not_pass_is_unavailable_after_a_few_attempts() {
    let (server, store) = start().await;
    for (inject, said) in [
        (S3Server::slow_down as fn(&S3Server, usize), "SlowDown"),
        (S3Server::reset as fn(&S3Server, usize), "connection"),
    ] {
        let before = server.faults_met();
        inject(&server, ATTEMPTS);
        let started = Instant::now();
        let error = store.put(&key("a"), Bytes::from_static(b"a")).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        assert!(error.to_string().to_lowercase().contains(&said.to_lowercase()), "{error}");
        assert!(error.to_string().starts_with("s3://edgraph-test/some/prefix: write a: "), "{error}");
        assert!(started.elapsed() < SOON);
        assert_eq!(server.faults_met() - before, ATTEMPTS);
        let class = store_failure(error).class;
        assert!(matches!(class, FailureClass::Unavailable { .. }), "{class:?}");
    }
    use_it(&store).await;
}

#[tokio::test]
async fn a_store_that_is_down_is_said_to_be_soon_and_used_again_when_it_is_back() {
    let (server, store) = start().await;
    server.down();
    let started = Instant::now();
    let error = store.get(&key("there")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("onnection refused"), "{error}");
    let error = connect(&server).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { action: "open", .. }), "{error}");
    assert!(started.elapsed() < 2 * SOON);
    server.up();
    assert_eq!(store.get(&key("there")).await.unwrap(), "twelve bytes");
    use_it(&store).await;
}

#[tokio::test]
async fn a_slow_store_is_waited_for() {
    let (server, store) = start().await;
    let delay = Duration::from_millis(300);
    server.delay(delay);
    let started = Instant::now();
    use_it(&store).await;
    assert!(started.elapsed() >= 5 * delay, "the delay did not happen");
    let asked = server.requests().iter().filter(|request| request.key.ends_with("folder/a")).count();
    assert_eq!(asked, 4, "nothing was asked twice");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_given_up() {
    let server = S3Server::start().unwrap();
    let (id, secret) = server.keys();
    let address = format!("{}&timeout-seconds=1", server.address(PREFIX));
    let store = connect_with(&address, id, secret).await.unwrap();
    server.delay(Duration::from_secs(3_600));
    let started = Instant::now();
    let error = store.get(&key("there")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("time"), "{error}");
    assert!(
        (Duration::from_secs(ATTEMPTS as u64)..SOON).contains(&started.elapsed()),
        "{:?}",
        started.elapsed()
    );
    let asked = server.requests().iter().filter(|request| request.key.ends_with("there")).count();
    assert_eq!(asked, ATTEMPTS);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_again() {
    let (server, store) = start().await;
    server.cut_bodies(2, 5);
    assert_eq!(store.get(&key("there")).await.unwrap(), "twelve bytes");
    assert_eq!(server.faults_met(), 2);

    server.cut_bodies(3, 5);
    let error = store.get(&key("there")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { action: "read", .. }), "{error}");
    assert_eq!(server.faults_met(), 5);
}

#[tokio::test]
async fn a_byte_that_changed_in_the_store_is_noticed() {
    let (server, store) = start().await;
    server.corrupt(&format!("{PREFIX}/there"));
    let error = store.get(&key("there")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[tokio::test]
async fn a_conditional_put_whose_reply_is_lost_knows_its_own_object() {
    let (server, store) = start().await;
    let a = key("leader");
    server.lose_replies(1);
    store.put_if(&a, Bytes::from_static(b"mine"), Expect::Absent).await.unwrap();
    let (_, version) = store.get_versioned(&a).await.unwrap();
    server.lose_replies(2);
    store.put_if(&a, Bytes::from_static(b"still mine"), Expect::Version(version)).await.unwrap();
    assert_eq!(server.faults_met(), 3);
    assert!(server.requests().iter().any(|request| request.status == Some(412)), "nothing was refused");
    // The same bytes from somebody else are somebody else's.
    let theirs = store.put_if(&a, Bytes::from_static(b"still mine"), Expect::Absent).await;
    assert!(matches!(theirs, Err(Error::Conflict { .. })), "{theirs:?}");
}

#[tokio::test]
async fn an_upload_in_parts_survives_lost_replies() {
    let (server, store) = start().await;
    let bytes = Bytes::from(vec![7; 17 * 1024 * 1024]);
    // Begin, three parts, join: the replies to two parts and to the join are lost.
    server.spare(1);
    server.lose_replies(2);
    server.spare(3);
    server.lose_replies(1);
    store.put(&key("large"), bytes.clone()).await.unwrap();
    assert_eq!(server.faults_met(), 3);
    let lost =
        server.requests().into_iter().rfind(|request| request.fault == Some(Fault::LostReply)).unwrap();
    assert_eq!(lost.method, "POST", "the reply to the join was not lost");
    assert!(store.get(&key("large")).await.unwrap() == bytes);
    assert_eq!(server.open_uploads(), 0);
}

#[tokio::test]
async fn an_upload_that_fails_leaves_no_parts() {
    let (server, store) = start().await;
    let bytes = Bytes::from(vec![7; 17 * 1024 * 1024]);
    // Begin, three parts, and no attempt to join them succeeds.
    server.spare(4);
    server.slow_down(ATTEMPTS);
    let error = store.put(&key("large"), bytes).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert_eq!(server.faults_met(), ATTEMPTS);
    assert_eq!(server.open_uploads(), 0);
    assert_eq!(store.find(&key("large")).await.unwrap(), None);
}

#[tokio::test]
async fn expired_credentials_are_explained_and_no_fault_of_an_item() {
    let (server, store) = start().await;
    server.expire_credentials();
    let error = store.get(&key("there")).await.unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(error.to_string().contains("have expired"), "{error}");
    let class = store_failure(error).class;
    assert!(matches!(class, FailureClass::Unavailable { .. }), "{class:?}");
    assert_eq!(server.faults_met(), 1, "asking again with the same credentials is no use");
    let error = connect(&server).await.unwrap_err();
    assert!(matches!(error, Error::Denied { action: "open", .. }), "{error}");
    server.renew_credentials();
    use_it(&store).await;
}

#[tokio::test]
async fn wrong_credentials_and_a_wrong_bucket_are_explained_at_opening() {
    let server = S3Server::start().unwrap();
    let (id, secret) = server.keys();
    let address = server.address(PREFIX);
    let elsewhere = address.replace(server.bucket(), "another-bucket");
    for (address, id, secret, said) in [
        (&address, "AKIDSOMEBODYELSE", secret, "does not know the access key"),
        (&address, id, "wrong", "the secret does not belong to the access key"),
        (&elsewhere, id, secret, "there is no such bucket; create it or correct the address"),
    ] {
        let error = connect_with(address, id, secret).await.expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(said.contains("bucket"), matches!(error, Error::Misconfigured { .. }), "{error:?}");
        assert_eq!(!said.contains("bucket"), matches!(error, Error::Denied { .. }), "{error:?}");
        assert!(!error.to_string().contains(secret), "{error}");
    }
    let none = "s3://bucket?endpoint=http://127.0.0.1:1";
    let error = connect_with(none, id, secret).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { action: "open", .. }), "{error:?}");
}
