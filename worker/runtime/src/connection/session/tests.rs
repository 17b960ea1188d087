use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use edgraph_shared::ids::{FencingToken, LeaseId};
use edgraph_shared::model::{ChildrenAnswer, Grant, LeaseRef, MAX_PAYLOAD_LEN, WorkItem};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::super::{ConnectionConfig, Granted};
use super::*;
use crate::connection::endpoint::{Coordinators, Targets};
use crate::handler::Validity;
use crate::messages::{UPS_LEN, Up};

const TTL: Duration = Duration::from_secs(60);

fn lease(n: u64) -> LeaseRef {
    LeaseRef {
        pipeline: "p".parse().unwrap(),
        key: format!("work/{n}").parse().unwrap(),
        token: FencingToken(1),
        lease_id: LeaseId(n),
    }
}

fn welcome(lost: Vec<LeaseRef>) -> Welcome {
    let heartbeat_interval = TTL / 3;
    Welcome {
        lease_ttl: TTL,
        heartbeat_interval,
        lost,
        requests: Vec::new(),
        user_agent: String::new(),
        home: Home::default(),
    }
}

/// A connection that was never open, and one item granted over it.
async fn with_a_lease() -> (Connection, Granted) {
    let slots = NonZeroU32::MIN;
    let config = ConnectionConfig {
        targets: Targets::new(&Coordinators::from("http://127.0.0.1:1".to_owned())).unwrap(),
        worker: "w".parse().unwrap(),
        version: String::new(),
        slots: slots.get(),
        kinds: vec!["work"],
        needs: Box::new(|_, _| true),
        home: Home::default(),
        desk: Default::default(),
    };
    let (_, ups) = mpsc::channel(UPS_LEN);
    let (grants, mut granted) = mpsc::channel(1);
    let mut connection = Connection::new(config, ups, grants, CancellationToken::new());
    let (lease, item) = (lease(1), WorkItem::new("work", "work/1".parse().unwrap(), "{}"));
    let grant = Grant { lease, item, attempt: 1, max_run: TTL, parents: Vec::new() };
    assert!(connection.take_message(Some(CoordinatorMessage::Grant(vec![grant]))).await.is_none());
    (connection, granted.recv().await.unwrap())
}

/// Looks for a proof in the very moment in which the item is taken away, as a handler on another thread may.
struct Handler {
    validity: Validity,
    told: AtomicU32,
    found_proof: AtomicU32,
}

impl Wake for Handler {
    fn wake(self: Arc<Self>) {
        self.told.fetch_add(1, Ordering::Relaxed);
        self.found_proof.fetch_add(u32::from(self.validity.lasts()), Ordering::Relaxed);
    }
}

#[tokio::test]
async fn what_an_answer_takes_away_is_gone_before_the_answer_proves_the_rest() {
    let ack = |lost, cancelled| CoordinatorMessage::HeartbeatAck { sequence: 0, lost, cancelled };
    for answer in [
        CoordinatorMessage::Welcome(welcome(vec![lease(1)])),
        ack(vec![lease(1)], Vec::new()),
        ack(Vec::new(), vec![lease(1)]),
    ] {
        let shown = format!("{answer:?}");
        let (mut connection, Granted { terms, validity, .. }) = with_a_lease().await;
        connection.lease_ttl = Some(TTL);
        let handler = Arc::new(Handler { validity: validity.clone(), told: 0.into(), found_proof: 0.into() });
        let mut cancelled = pin!(terms.cancel.cancelled());
        let waker = Waker::from(handler.clone());
        assert_eq!(cancelled.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
        match answer {
            // The first one of a stream is not taken as the others are.
            CoordinatorMessage::Welcome(welcome) => connection.take_welcome(&welcome),
            other => assert!(connection.take_message(Some(other)).await.is_none()),
        }
        let seen = [&handler.told, &handler.found_proof].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(seen, [1, 0], "{shown}");
        assert!(validity.lasts(), "{shown}");
        assert!(!validity.proven(&terms.cancel).await, "{shown}");
    }
}

#[tokio::test]
async fn an_answer_to_an_older_heartbeat_proves_nothing_and_takes_away_all_the_same() {
    let (mut connection, Granted { terms, validity, .. }) = with_a_lease().await;
    connection.lease_ttl = Some(TTL);
    connection.beats = 2;
    let older = CoordinatorMessage::HeartbeatAck { sequence: 1, lost: vec![lease(1)], cancelled: Vec::new() };
    assert!(connection.take_message(Some(older)).await.is_none());
    assert!(!validity.lasts() && terms.cancel.is_cancelled());
}

/// Adds children of one item as its handler does.
async fn add(connection: &mut Connection, payload: usize) -> oneshot::Receiver<ChildrenAnswer> {
    let (reply, answer) = oneshot::channel();
    let items = vec![WorkItem::new("work", "work/2".parse().unwrap(), "x".repeat(payload))];
    connection.take_up(Up::Children { lease: lease(1), chunk: 0, items, reply }).await;
    answer
}

#[tokio::test]
async fn children_that_break_a_rule_are_refused_without_being_sent() {
    let (mut connection, _granted) = with_a_lease().await;
    let answer = add(&mut connection, MAX_PAYLOAD_LEN + 1).await.await.unwrap();
    let ChildrenAnswer::Refused { reason } = answer else { panic!("{answer:?}") };
    assert!(reason.contains("item `work/2`") && reason.contains("at most 65536"), "{reason}");
    assert!(connection.children.is_empty());
}

#[tokio::test]
async fn children_that_end_every_stream_are_said_no_more() {
    let (mut connection, _granted) = with_a_lease().await;
    let mut answer = add(&mut connection, 2).await;
    let too_long = Status::out_of_range("19 MB are too many");
    for _ in 1..crate::connection::MAX_REFUSALS {
        connection.take_response(Err(too_long.clone())).await.expect("the stream has ended");
        assert!(answer.try_recv().is_err(), "it is said again");
    }
    // A coordinator that is away refuses nothing.
    connection.take_response(Err(Status::unavailable("away"))).await.expect("the stream has ended");
    assert!(answer.try_recv().is_err());
    connection.take_response(Err(too_long)).await.expect("the stream has ended");
    let ChildrenAnswer::Refused { reason } = answer.await.unwrap() else { panic!("not refused") };
    assert!(reason.contains("19 MB"), "{reason}");
}

#[tokio::test]
async fn what_a_newer_coordinator_says_more_ends_no_stream() {
    use edgraph_proto::v1::HostPaused;
    use edgraph_proto::v1::work_response::Message;
    let (mut connection, _granted) = with_a_lease().await;
    let paused = HostPaused { family: "esma.europa.eu".into(), ..Default::default() };
    // A message of a later version arrives as none.
    for message in [None, Some(Message::HostPaused(paused)), None] {
        assert!(connection.take_response(Ok(Some(WorkResponse { message }))).await.is_none());
        assert!(connection.met_unknown);
    }
}
