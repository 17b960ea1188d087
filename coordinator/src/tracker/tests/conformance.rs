//! What every tracker promises, as cases over what several trackers share: run on Redis, on the memory tracker, and on
//! the simulation's (`pipeline/tests/simulation/promises.rs`).

use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::model::HostFamily;
use futures::future::BoxFuture;

use super::eventually;
use super::samples::{Sample, leader};
use crate::pipeline::Millis;
use crate::pipeline::token_buckets::KeptPause;
use crate::tracker::{Leader, LockTiming, Predecessor, Renewed, Stored, Term, Tracker, TrackerError};

/// What several trackers share, empty at the beginning of each case.
pub(crate) trait Shared: Send + Sync {
    /// Another tracker on it, as another process would have.
    fn tracker(&self) -> Arc<dyn Tracker>;
}

pub(crate) type Case = fn(Arc<dyn Shared>) -> BoxFuture<'static, ()>;

macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        /// Every case by name.
        pub(crate) const CASES: &[(&str, Case)] = &[$((stringify!($name), |shared| Box::pin($name(shared)))),+];
    };
}

cases![
    epochs_rise,
    a_living_leader_is_not_replaced,
    an_expired_lock_is_taken_and_the_old_leader_fenced,
    what_is_committed_is_loaded,
    a_repeat_succeeds_without_effect,
    an_older_leader_writes_nothing,
    an_equal_epoch_of_another_is_fenced,
    a_gap_diverges_and_only_that_part,
    a_history_of_another_leader_diverges,
    what_is_there_is_not_created_again,
    what_is_removed_is_gone_and_may_return,
    verify_notices_what_is_missing,
    whole_replaces_everything,
    large_parts_are_whole_or_not_there,
    pauses_are_kept_and_only_by_who_leads,
    a_leader_hears_how_the_one_before_ended,
    the_records_of_one_store_are_not_anothers,
];

/// The next leader, after the one before resigned.
async fn next(shared: &Arc<dyn Shared>, before: Option<&Term>) -> (Arc<dyn Tracker>, Term, Vec<Stored>) {
    let tracker = shared.tracker();
    if let Some(before) = before {
        tracker.resign(before).await.unwrap();
    }
    let lead = tracker.lead_alone(&leader()).await.unwrap();
    (tracker, lead.term, lead.stored)
}

async fn epochs_rise(shared: Arc<dyn Shared>) {
    let (_, first, stored) = next(&shared, None).await;
    assert!(first.epoch >= 1 && stored.is_empty());
    let (_, second, _) = next(&shared, Some(&first)).await;
    assert!(second.epoch > first.epoch);
    // The same leader again, because it did not hear the answer.
    let again = shared.tracker().lead_alone(&second.leader).await.unwrap();
    assert!(again.term.epoch > second.epoch);
}

async fn a_living_leader_is_not_replaced(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let other = Leader { address: None, ..leader() };
    let refused = shared.tracker().lead_alone(&other).await;
    assert!(matches!(refused, Err(TrackerError::Led { leader: Some(address) }) if address == "host:1"));
    for _ in 0..3 {
        assert_eq!(tracker.renew(&term).await.unwrap(), Renewed::Kept);
    }
    tracker.resign(&term).await.unwrap();
    let lead = shared.tracker().lead_alone(&other).await.unwrap();
    let refused = shared.tracker().lead_alone(&leader()).await;
    assert!(matches!(refused, Err(TrackerError::Led { leader: None })));
    // Who has given up the lead cannot take it from the next one.
    tracker.resign(&term).await.unwrap();
    assert!(matches!(tracker.renew(&term).await, Err(TrackerError::Fenced { .. })));
    assert!(matches!(shared.tracker().lead_alone(&leader()).await, Err(TrackerError::Led { .. })));
    assert!(lead.term.epoch > term.epoch);
}

async fn an_expired_lock_is_taken_and_the_old_leader_fenced(shared: Arc<dyn Shared>) {
    let brief = LockTiming::with_ttl(Duration::from_millis(500));
    let first = shared.tracker();
    let term = first.lead_alone(&Leader::new(None, brief)).await.unwrap().term;
    let second = shared.tracker();
    let successor = leader();
    let lead = eventually("the lock to expire", || async { second.lead_alone(&successor).await.ok() }).await;
    assert!(lead.term.epoch > term.epoch);
    assert!(
        matches!(first.renew(&term).await, Err(TrackerError::Fenced { epoch }) if epoch == lead.term.epoch)
    );
    let created = Sample::new("p", 1).created();
    assert!(matches!(first.commit(&term, &[created]).await, Err(TrackerError::Fenced { .. })));
    assert_eq!(second.renew(&lead.term).await.unwrap(), Renewed::Kept);
}

async fn what_is_committed_is_loaded(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let (mut a, mut b) = (Sample::new("a", 40), Sample::new("lead", 1));
    tracker.commit(&term, &[a.created(), b.created()]).await.unwrap();
    for n in 0..5 {
        tracker.commit(&term, &[a.changed(n), b.grown(3)]).await.unwrap();
    }
    let (tracker, term, stored) = next(&shared, Some(&term)).await;
    assert_eq!(stored.len(), 2);
    a.assert_is(&stored[0]);
    b.assert_is(&stored[1]);
    // The next leader goes on where the first one stopped.
    tracker.commit(&term, &[a.changed(9)]).await.unwrap();
    let (_, _, stored) = next(&shared, Some(&term)).await;
    a.assert_is(&stored[0]);
    b.assert_is(&stored[1]);
}

async fn a_repeat_succeeds_without_effect(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let mut a = Sample::new("a", 5);
    let created = a.created();
    for _ in 0..2 {
        tracker.commit(&term, std::slice::from_ref(&created)).await.unwrap();
    }
    let changed = a.changed(1);
    for _ in 0..2 {
        tracker.commit(&term, std::slice::from_ref(&changed)).await.unwrap();
    }
    // Only the newest may be repeated: what is older would undo the newer.
    let refused = tracker.commit(&term, &[created]).await;
    assert!(matches!(refused, Err(TrackerError::Diverged { .. })), "{refused:?}");
    let (_, _, stored) = next(&shared, Some(&term)).await;
    a.assert_is(&stored[0]);
}

async fn an_older_leader_writes_nothing(shared: Arc<dyn Shared>) {
    let (old, old_term, _) = next(&shared, None).await;
    let (mut a, mut unseen) = (Sample::new("a", 5), Sample::new("unseen", 1));
    old.commit(&old_term, &[a.created()]).await.unwrap();
    let (_, term, _) = next(&shared, Some(&old_term)).await;
    let mut late = a.clone();
    for part in [late.changed(1), late.whole(), late.removed(), a.verify(), unseen.created()] {
        let refused = old.commit(&old_term, &[part]).await;
        assert!(matches!(refused, Err(TrackerError::Fenced { epoch }) if epoch == term.epoch), "{refused:?}");
    }
    assert!(matches!(old.renew(&old_term).await, Err(TrackerError::Fenced { .. })));
    let (_, _, stored) = next(&shared, Some(&term)).await;
    assert_eq!(stored.len(), 1, "the unseen pipeline was never there");
    a.assert_is(&stored[0]);
}

async fn an_equal_epoch_of_another_is_fenced(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let mut a = Sample::new("a", 2);
    tracker.commit(&term, &[a.created()]).await.unwrap();
    let twin = Term { epoch: term.epoch, leader: leader() };
    let refused = shared.tracker().commit(&twin, &[a.clone().changed(1)]).await;
    assert!(matches!(refused, Err(TrackerError::Fenced { .. })), "{refused:?}");
    assert!(matches!(shared.tracker().renew(&twin).await, Err(TrackerError::Fenced { .. })));
    tracker.commit(&term, &[a.changed(2)]).await.unwrap();
}

#[track_caller]
fn assert_diverged(result: Result<(), TrackerError>, expected: &[&str]) {
    match result {
        Err(TrackerError::Diverged { pipelines }) => {
            let names: Vec<&str> = pipelines.iter().map(|id| id.as_str()).collect();
            assert_eq!(names, expected);
        }
        other => panic!("expected {expected:?} to have diverged, got {other:?}"),
    }
}

async fn a_gap_diverges_and_only_that_part(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let (mut a, mut b) = (Sample::new("a", 3), Sample::new("b", 3));
    tracker.commit(&term, &[a.created(), b.created()]).await.unwrap();
    let _lost = a.changed(1);
    assert_diverged(tracker.commit(&term, &[a.changed(2), b.changed(1)]).await, &["a"]);
    tracker.commit(&term, &[a.whole(), b.changed(2)]).await.unwrap();
    tracker.commit(&term, &[a.grown(1)]).await.unwrap();
    let (_, _, stored) = next(&shared, Some(&term)).await;
    a.assert_is(&stored[0]);
    b.assert_is(&stored[1]);
}

async fn a_history_of_another_leader_diverges(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let mut a = Sample::new("a", 3);
    tracker.commit(&term, &[a.created()]).await.unwrap();
    // Of the same length, and yet not the same: the number alone does not tell.
    let mut elsewhere = a.clone();
    let _written_elsewhere = elsewhere.changed(1);
    tracker.commit(&term, &[a.changed(2)]).await.unwrap();
    assert_eq!(elsewhere.mark.sequence, a.mark.sequence);
    assert_diverged(tracker.commit(&term, &[elsewhere.changed(3)]).await, &["a"]);
    let (_, _, stored) = next(&shared, Some(&term)).await;
    a.assert_is(&stored[0]);
}

async fn what_is_there_is_not_created_again(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let mut a = Sample::new("a", 3);
    tracker.commit(&term, &[a.created()]).await.unwrap();
    assert_diverged(tracker.commit(&term, &[Sample::new("a", 7).created()]).await, &["a"]);
    let mut unknown = Sample::new("b", 1);
    let _lost = unknown.created();
    assert_diverged(tracker.commit(&term, &[unknown.changed(1)]).await, &["b"]);
    let (_, _, stored) = next(&shared, Some(&term)).await;
    assert_eq!(stored.len(), 1);
    a.assert_is(&stored[0]);
}

async fn what_is_removed_is_gone_and_may_return(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let (mut a, mut b) = (Sample::new("a", 20), Sample::new("b", 1));
    tracker.commit(&term, &[a.created(), b.created()]).await.unwrap();
    let removed = a.removed();
    for _ in 0..2 {
        tracker.commit(&term, std::slice::from_ref(&removed)).await.unwrap();
    }
    let (tracker, term, stored) = next(&shared, Some(&term)).await;
    assert_eq!(stored.len(), 1);
    b.assert_is(&stored[0]);
    let mut again = Sample::new("a", 2);
    tracker.commit(&term, &[again.created()]).await.unwrap();
    tracker.commit(&term, &[again.changed(1)]).await.unwrap();
    let (_, _, stored) = next(&shared, Some(&term)).await;
    again.assert_is(&stored[0]);
}

async fn verify_notices_what_is_missing(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let mut a = Sample::new("a", 3);
    tracker.commit(&term, &[a.created()]).await.unwrap();
    for _ in 0..2 {
        tracker.commit(&term, &[a.verify()]).await.unwrap();
    }
    let _lost = a.changed(1);
    assert_diverged(tracker.commit(&term, &[a.verify()]).await, &["a"]);
    let mut missing = Sample::new("b", 1);
    missing.mark = a.mark;
    assert_diverged(tracker.commit(&term, &[missing.verify()]).await, &["b"]);
    tracker.commit(&term, &[a.whole()]).await.unwrap();
    tracker.commit(&term, &[a.verify()]).await.unwrap();
}

async fn whole_replaces_everything(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let (mut old, mut new) = (Sample::new("a", 30), Sample::new("a", 4));
    tracker.commit(&term, &[old.created()]).await.unwrap();
    tracker.commit(&term, &[new.whole()]).await.unwrap();
    let (tracker, term, stored) = next(&shared, Some(&term)).await;
    new.assert_is(&stored[0]);
    // Also where nothing is.
    let mut lost = Sample::new("b", 4);
    tracker.commit(&term, &[lost.whole()]).await.unwrap();
    // A repeat on a connection that was given up may arrive when more has been written.
    let late = new.whole();
    tracker.commit(&term, std::slice::from_ref(&late)).await.unwrap();
    tracker.commit(&term, &[new.changed(1)]).await.unwrap();
    tracker.commit(&term, &[late]).await.unwrap();
    let (_, _, stored) = next(&shared, Some(&term)).await;
    new.assert_is(&stored[0]);
    lost.assert_is(&stored[1]);
}

async fn large_parts_are_whole_or_not_there(shared: Arc<dyn Shared>) {
    let (tracker, term, _) = next(&shared, None).await;
    let (mut a, mut b) = (Sample::new("a", 3_000), Sample::new("b", 1));
    tracker.commit(&term, &[a.created(), b.created()]).await.unwrap();
    let grown = a.grown(3_000);
    for _ in 0..2 {
        tracker.commit(&term, std::slice::from_ref(&grown)).await.unwrap();
    }
    tracker.commit(&term, &[a.changed(1), b.changed(1)]).await.unwrap();
    let _lost = a.changed(2);
    assert_diverged(tracker.commit(&term, &[a.changed(3)]).await, &["a"]);
    tracker.commit(&term, &[a.whole()]).await.unwrap();
    let (_, _, stored) = next(&shared, Some(&term)).await;
    a.assert_is(&stored[0]);
    b.assert_is(&stored[1]);
}

async fn pauses_are_kept_and_only_by_who_leads(shared: Arc<dyn Shared>) {
    let pause = |until, cause: &str| KeptPause {
        family: HostFamily::Sec,
        until: Millis(until),
        strikes: 2,
        cause: cause.to_owned(),
    };
    let (tracker, term, _) = next(&shared, None).await;
    let mirror = KeptPause { family: HostFamily::Mirror, ..pause(1, "") };
    tracker.keep_pause(&term, &pause(1_000, "answered 403")).await.unwrap();
    tracker.keep_pause(&term, &pause(2_000, "answered 429 Too Many Requests")).await.unwrap();
    tracker.keep_pause(&term, &mirror).await.unwrap();
    tracker.resign(&term).await.unwrap();
    let lead = shared.tracker().lead_alone(&leader()).await.unwrap();
    assert_eq!(lead.pauses, [pause(2_000, "answered 429 Too Many Requests"), mirror]);
    let late = tracker.keep_pause(&term, &pause(9_000, "late")).await;
    assert!(matches!(late, Err(TrackerError::Fenced { .. })));
    let again = shared.tracker().lead_alone(&lead.term.leader).await.unwrap();
    assert_eq!(again.pauses, lead.pauses);
}

async fn a_leader_hears_how_the_one_before_ended(shared: Arc<dyn Shared>) {
    let brief = Leader::new(None, LockTiming::with_ttl(Duration::from_millis(500)));
    let first = shared.tracker().lead_alone(&brief).await.unwrap();
    assert_eq!(first.predecessor, Predecessor::Nobody);
    let second = shared.tracker();
    let lead = eventually("the lock to expire", || async { second.lead_alone(&leader()).await.ok() }).await;
    assert_eq!(lead.predecessor, Predecessor::Unknown);
    second.resign(&lead.term).await.unwrap();
    let third = shared.tracker().lead_alone(&leader()).await.unwrap();
    assert_eq!(third.predecessor, Predecessor::Resigned);
}

async fn the_records_of_one_store_are_not_anothers(shared: Arc<dyn Shared>) {
    let of = |store: &str| leader().of_store(Some(store.parse().unwrap()));
    let refused = async |leader: Leader| {
        let (tracker, first) = (shared.tracker(), shared.tracker().look(&leader).await);
        let look = tracker.look(&Leader { store: None, ..leader.clone() }).await.unwrap();
        for error in [first.unwrap_err(), tracker.lead(&leader, &look).await.unwrap_err()] {
            assert!(matches!(&error, TrackerError::AnotherStore { store } if store == "mine"), "{error:?}");
        }
    };
    // Who does not know its store takes what is there, and names no owner.
    let (_, unnamed, _) = next(&shared, None).await;
    shared.tracker().resign(&unnamed).await.unwrap();
    let term = shared.tracker().lead_alone(&of("mine")).await.unwrap().term;
    refused(of("other")).await;
    shared.tracker().resign(&term).await.unwrap();
    refused(of("other")).await;
    let (tracker, unnamed, _) = next(&shared, None).await;
    tracker.resign(&unnamed).await.unwrap();
    refused(of("other")).await;
    shared.tracker().lead_alone(&of("mine")).await.unwrap();
}
