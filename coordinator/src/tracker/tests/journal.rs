//! Commits too big for one script: whole or not there, wherever their writer dies.

use std::collections::BTreeSet;

use super::redis_server::{Durability, RedisServer};
use super::samples::{Sample, leader};
use crate::tracker::redis::tests::{Limits, tracker_with};
use crate::tracker::{Part, Stored, Tracker, TrackerError};

/// A sample of some items takes several stages, a seal and several applications.
const SMALL: Limits = Limits { items: 5, bytes: 4_096, chunks_at_once: 2 };

type Make = fn(&mut Sample) -> Part;

/// Each kind of big part, and whether the pipeline is there before it.
const PARTS: [(&str, bool, Make); 4] = [
    ("created", false, |sample| sample.created()),
    ("saved", true, |sample| sample.changed(1)),
    ("grown", true, |sample| sample.grown(40)),
    ("whole", true, |sample| sample.whole()),
];

async fn loaded(server: &RedisServer) -> Vec<Stored> {
    server.expire_lock().await;
    server.tracker().lead_alone(&leader()).await.unwrap().stored
}

#[tokio::test]
async fn a_leader_that_dies_between_any_two_calls_leaves_all_or_nothing() {
    let server = RedisServer::start(Durability::None).await;
    for (name, exists, make) in PARTS {
        let mut outcomes = BTreeSet::new();
        let mut calls = 0;
        loop {
            server.ask::<String>(&["FLUSHALL"]).await.unwrap();
            let tracker = tracker_with(server.url(), SMALL, str::to_owned);
            let term = tracker.lead_alone(&leader()).await.unwrap().term;
            let mut sample = Sample::new("p", 40);
            if exists {
                tracker.commit(&term, &[sample.created()]).await.unwrap();
            }
            let before = sample.clone();
            let part = make(&mut sample);
            tracker.faults().crash_after(calls);
            let done = tracker.commit(&term, &[part]).await;
            let stored = loaded(&server).await;
            let is_after = stored.first().is_some_and(|stored| sample.is(stored));
            let is_before = match stored.first() {
                Some(stored) => exists && before.is(stored),
                None => !exists,
            };
            assert!(is_before || is_after, "{name}: neither before nor after {calls} calls");
            outcomes.insert(is_after);
            if done.is_ok() {
                assert!(is_after, "{name}: acknowledged and not there");
                break;
            }
            calls += 1;
        }
        assert!(calls > 8, "{name}: only {calls} calls");
        assert_eq!(outcomes.len(), 2, "{name}: died on both sides of the seal");
    }
}

#[tokio::test]
async fn every_reply_may_be_lost_once() {
    let server = RedisServer::start(Durability::None).await;
    for limits in [SMALL, Limits::default()] {
        for (name, exists, make) in PARTS {
            let mut lost = 0;
            loop {
                server.ask::<String>(&["FLUSHALL"]).await.unwrap();
                let tracker = tracker_with(server.url(), limits, str::to_owned);
                let term = tracker.lead_alone(&leader()).await.unwrap().term;
                let mut sample = Sample::new("p", 40);
                if exists {
                    tracker.commit(&term, &[sample.created()]).await.unwrap();
                }
                let parts = [make(&mut sample)];
                tracker.faults().lose_reply_of(lost + 1);
                let first = tracker.commit(&term, &parts).await;
                if first.is_ok() {
                    break;
                }
                assert!(matches!(first, Err(TrackerError::Unavailable(_))), "{first:?}");
                tracker.commit(&term, &parts).await.unwrap_or_else(|error| panic!("{name} {lost}: {error}"));
                sample.assert_is(&loaded(&server).await[0]);
                let events: u64 = server.ask(&["XLEN", "edgraph:{p}:events"]).await.unwrap();
                assert_eq!(events, 1 + u64::from(exists), "{name} {lost}: one event per commit");
                lost += 1;
            }
            assert!(lost > 0, "{name}: a reply was lost");
        }
    }
}

#[tokio::test]
async fn a_leader_replaced_before_any_call_of_a_start_acknowledges_nothing_that_is_lost() {
    let server = RedisServer::start(Durability::None).await;
    for limits in [SMALL, Limits::default()] {
        let mut calls = 0;
        loop {
            server.ask::<String>(&["FLUSHALL"]).await.unwrap();
            let old = tracker_with(server.url(), limits, str::to_owned);
            let old_term = old.lead_alone(&leader()).await.unwrap().term;
            let mut sample = Sample::new("p", 40);
            let parts = [sample.created()];
            // Paused there, and woken when another one leads.
            old.faults().crash_after(calls);
            let done = old.commit(&old_term, &parts).await;
            server.expire_lock().await;
            let new = server.tracker();
            let lead = new.lead_alone(&leader()).await.unwrap();
            old.faults().crash_after(1_000_000);
            let late = old.commit(&old_term, &parts).await;
            assert!(matches!(late, Err(TrackerError::Fenced { .. })), "{calls}: {late:?}");
            match lead.stored.first() {
                Some(stored) => sample.assert_is(stored),
                // Whoever asked for it was told nothing, asks again, and gets it.
                None => {
                    assert!(done.is_err(), "{calls}: acknowledged and lost");
                    let index: u64 = server.ask(&["HLEN", "edgraph:{lead}:pipelines"]).await.unwrap();
                    assert_eq!(index, 0, "{calls}: nothing stays in the index");
                    new.commit(&lead.term, &[Sample::new("p", 3).created()]).await.unwrap();
                }
            }
            if done.is_ok() {
                break;
            }
            calls += 1;
        }
        assert!(calls >= 2, "paused before registering and before committing");
    }
}

#[tokio::test]
async fn a_sealed_journal_is_no_ground_for_the_next_commit() {
    let server = RedisServer::start(Durability::None).await;
    let tracker = tracker_with(server.url(), SMALL, str::to_owned);
    let term = tracker.lead_alone(&leader()).await.unwrap().term;
    let mut sample = Sample::new("p", 40);
    tracker.commit(&term, &[sample.created()]).await.unwrap();
    let before = tracker.faults().calls();
    let big = [sample.changed(1)];
    tracker.commit(&term, &big).await.unwrap();
    let calls = tracker.faults().calls() - before;
    // The last call applies the last chunks: without it the journal stays sealed.
    let big = [sample.changed(2)];
    tracker.faults().crash_after(calls - 1);
    tracker.commit(&term, &big).await.unwrap_err();
    tracker.faults().crash_after(1_000_000);
    let verify = tracker.commit(&term, &[sample.verify()]).await;
    assert!(matches!(verify, Err(TrackerError::Diverged { .. })), "{verify:?}");
    let next = [sample.grown(1)];
    let refused = tracker.commit(&term, &next).await;
    assert!(matches!(refused, Err(TrackerError::Diverged { .. })), "{refused:?}");
    tracker.commit(&term, &[sample.whole()]).await.unwrap();
    sample.assert_is(&loaded(&server).await[0]);
}
