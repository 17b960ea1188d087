use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use edgraph_shared::ids::{FencingToken, LeaseId};
use edgraph_shared::model::{Grant, LeaseRef, WorkItem};
use tokio_util::sync::CancellationToken;

use super::super::{ConnectionConfig, Granted};
use super::*;
use crate::connection::endpoint::{Coordinators, Targets};
use crate::handler::Validity;
use crate::messages::UPS_LEN;

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
    Welcome { lease_ttl: TTL, heartbeat_interval, lost, requests: Vec::new(), user_agent: String::new() }
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
