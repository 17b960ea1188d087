//! What this worker holds: every lease from its grant to the answer that settles it.
//!
//! A plain table that the connection alone changes. Coordinator and worker agree through it after a reconnect: what
//! stands here is named in Hello, and outcomes that stand here are sent again.

use std::collections::{BTreeMap, HashSet, VecDeque};

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::LeaseId;
use edgraph_shared::model::{
    Completion, FailedLease, LeaseProgress, LeaseRef, MAX_OUTCOMES_PER_STEP, ReleaseReason, WorkerMessage,
};
use tokio_util::sync::CancellationToken;

use crate::handler::ProgressReporter;
use crate::messages::Outcome;

/// Grants remembered after their lease is gone. A repeated message comes within moments; so many grants take a worker
/// minutes at the least.
const REMEMBERED_GRANTS: usize = 4_096;

struct Held {
    kind: String,
    cancel: CancellationToken,
    progress: ProgressReporter,
    /// Set once the work has ended, and kept until the coordinator has answered.
    outcome: Option<Outcome>,
    /// Streams that a coordinator ended with a refusal while the outcome waited for its answer.
    refusals: u32,
}

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Leases {
    held: BTreeMap<LeaseRef, Held>,
    /// The newest grants, in order and as a set.
    granted: (VecDeque<LeaseId>, HashSet<LeaseId>),
}

/// What the work under a new lease is given.
pub(crate) struct Terms {
    /// Fires when the work is not wanted any more.
    pub(crate) cancel: CancellationToken,
    /// Takes its reports.
    pub(crate) progress: ProgressReporter,
}

impl Leases {
    /// A new lease. `None` when it was granted before: the message came twice, and the work must not run twice.
    pub(crate) fn grant(&mut self, lease: &LeaseRef, kind: &str) -> Option<Terms> {
        let (order, known) = &mut self.granted;
        if !known.insert(lease.lease_id) {
            return None;
        }
        order.push_back(lease.lease_id);
        if order.len() > REMEMBERED_GRANTS
            && let Some(oldest) = order.pop_front()
        {
            known.remove(&oldest);
        }
        let (cancel, progress) = (CancellationToken::new(), ProgressReporter::default());
        let terms = Terms { cancel: cancel.clone(), progress: progress.clone() };
        let held = Held { kind: kind.to_owned(), cancel, progress, outcome: None, refusals: 0 };
        self.held.insert(lease.clone(), held);
        Some(terms)
    }

    /// The work has ended. False when the lease was lost before: then there is nothing to say.
    pub(crate) fn finish(&mut self, lease: &LeaseRef, outcome: Outcome) -> bool {
        let Some(held) = self.held.get_mut(lease) else { return false };
        held.outcome = Some(outcome);
        true
    }

    /// The coordinator has answered: the lease is history.
    pub(crate) fn settle(&mut self, lease: &LeaseRef) {
        self.held.remove(lease);
    }

    /// A coordinator refused a message, perhaps one with an outcome. An outcome that has met `most` refusals becomes a
    /// failure that says so; if that is refused as often, too, the lease is left to its deadline.
    pub(crate) fn refused(&mut self, reason: &str, most: u32) {
        self.held.retain(|lease, held| {
            let Some(outcome) = &mut held.outcome else { return true };
            held.refusals += 1;
            if held.refusals >= 2 * most {
                return false;
            }
            if held.refusals == most {
                tracing::warn!(key = %lease.key, reason, "the coordinator does not take this outcome");
                let reason = format!("the coordinator does not take the outcome: {reason}");
                *outcome = Outcome::Failed(Failure::permanent(reason));
            }
            true
        });
    }

    /// The lease is lost: the work stops, and nobody wants its outcome. An outcome that was sent already keeps
    /// waiting for its answer.
    pub(crate) fn lose(&mut self, lease: &LeaseRef) {
        if self.held.get(lease).is_some_and(|held| held.outcome.is_none())
            && let Some(held) = self.held.remove(lease)
        {
            held.cancel.cancel();
        }
    }

    /// The work is to stop, and its outcome to be told.
    pub(crate) fn cancel(&mut self, lease: &LeaseRef) {
        if let Some(held) = self.held.get(lease) {
            held.cancel.cancel();
        }
    }

    /// All work is to stop, and the outcomes to be told.
    pub(crate) fn cancel_all(&mut self) {
        self.held.values().for_each(|held| held.cancel.cancel());
    }

    /// All work is lost: nothing was heard of the coordinator for too long. What has ended already is kept: its
    /// outcome may still count.
    pub(crate) fn lose_running(&mut self) {
        self.held.retain(|_, held| {
            if held.outcome.is_none() {
                held.cancel.cancel();
            }
            held.outcome.is_some()
        });
    }

    /// The kind of a lease's item.
    pub(crate) fn kind(&self, lease: &LeaseRef) -> Option<&str> {
        self.held.get(lease).map(|held| held.kind.as_str())
    }

    /// All leases, for Hello.
    pub(crate) fn all(&self) -> Vec<LeaseRef> {
        self.held.keys().cloned().collect()
    }

    /// Leases under which work goes on, for heartbeats.
    pub(crate) fn running(&self) -> Vec<LeaseRef> {
        self.held.iter().filter(|(_, held)| held.outcome.is_none()).map(|(lease, _)| lease.clone()).collect()
    }

    /// Whether work goes on under any lease.
    pub(crate) fn any_running(&self) -> bool {
        self.held.values().any(|held| held.outcome.is_none())
    }

    /// Reports since the last call, of work that goes on.
    pub(crate) fn progress(&self) -> Vec<LeaseProgress> {
        let running = self.held.iter().filter(|(_, held)| held.outcome.is_none());
        let news = |(lease, held): (&LeaseRef, &Held)| {
            Some(LeaseProgress { lease: lease.clone(), progress: held.progress.take_news()? })
        };
        running.filter_map(news).collect()
    }

    /// All reports are news again: the coordinator may be another one.
    pub(crate) fn tell_progress_again(&self) {
        self.held.values().for_each(|held| held.progress.tell_again());
    }

    /// Whether nothing waits for an answer and nothing runs.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The messages that tell the outcomes of these leases.
    pub(crate) fn closing_messages<'a>(
        &self,
        leases: impl IntoIterator<Item = &'a LeaseRef>,
    ) -> Vec<WorkerMessage> {
        let (mut completions, mut failures) = (Vec::new(), Vec::new());
        let (mut preempted, mut not_started) = (Vec::new(), Vec::new());
        for lease in leases {
            let lease = lease.clone();
            match self.held.get(&lease).and_then(|held| held.outcome.clone()) {
                None => {}
                Some(Outcome::Done { result, skipped, children, refused }) => {
                    completions.push(Completion { lease, result, skipped, children, refused });
                }
                Some(Outcome::Failed(failure)) => failures.push(FailedLease { lease, failure }),
                Some(Outcome::Released(ReleaseReason::Preempted)) => preempted.push(lease),
                Some(Outcome::Released(ReleaseReason::NotStarted)) => not_started.push(lease),
            }
        }
        let mut messages = Vec::new();
        // In pieces: all outcomes of a long absence together may be longer than a message may be.
        for piece in completions.chunks(MAX_OUTCOMES_PER_STEP) {
            messages.push(WorkerMessage::Complete(piece.to_vec()));
        }
        for piece in failures.chunks(MAX_OUTCOMES_PER_STEP) {
            messages.push(WorkerMessage::Fail(piece.to_vec()));
        }
        for (leases, reason) in
            [(preempted, ReleaseReason::Preempted), (not_started, ReleaseReason::NotStarted)]
        {
            if !leases.is_empty() {
                messages.push(WorkerMessage::Release { leases, reason });
            }
        }
        messages
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::ids::FencingToken;

    use super::*;

    fn lease(n: u64) -> LeaseRef {
        LeaseRef {
            pipeline: "p".parse().unwrap(),
            key: format!("work/{n}").parse().unwrap(),
            token: FencingToken(1),
            lease_id: LeaseId(n),
        }
    }

    fn outcomes(leases: &Leases) -> usize {
        leases.closing_messages(&leases.all()).len()
    }

    #[test]
    fn an_outcome_is_told_until_it_is_answered() {
        let mut leases = Leases::default();
        leases.grant(&lease(1), "work").unwrap();
        assert_eq!(outcomes(&leases), 0);
        assert!(leases.finish(&lease(1), Outcome::Failed(Failure::transient("no"))));
        // A coordinator that calls the lease lost has not answered the outcome yet.
        leases.lose(&lease(1));
        assert_eq!(outcomes(&leases), 1);
        assert!(!leases.any_running());
        leases.settle(&lease(1));
        assert!(leases.is_empty());
    }

    #[test]
    fn an_outcome_that_ends_every_stream_becomes_a_failure_and_then_nothing() {
        let mut leases = Leases::default();
        leases.grant(&lease(1), "work").unwrap();
        leases.grant(&lease(2), "work").unwrap();
        let done =
            Outcome::Done { result: "{}".to_owned(), skipped: false, children: 0, refused: Vec::new() };
        leases.finish(&lease(1), done.clone());
        leases.refused("too long", 3);
        leases.refused("too long", 3);
        assert_eq!(leases.held[&lease(1)].outcome, Some(done));
        leases.refused("too long", 3);
        let Some(Outcome::Failed(failure)) = &leases.held[&lease(1)].outcome else { panic!("not a failure") };
        assert!(failure.message.contains("too long"), "{failure}");
        (0..3).for_each(|_| leases.refused("too long", 3));
        assert_eq!(leases.all(), [lease(2)], "work that goes on has sent nothing");
    }

    #[test]
    fn outcomes_are_told_in_messages_of_bounded_length() {
        let mut leases = Leases::default();
        for n in 0..2 * MAX_OUTCOMES_PER_STEP as u64 + 1 {
            leases.grant(&lease(n), "work").unwrap();
            leases.finish(&lease(n), Outcome::Failed(Failure::transient("no")));
        }
        assert_eq!(outcomes(&leases), 3);
    }

    #[test]
    fn a_lost_lease_stops_its_work_and_swallows_its_outcome() {
        let mut leases = Leases::default();
        let terms = leases.grant(&lease(1), "work").unwrap();
        leases.lose(&lease(1));
        assert!(terms.cancel.is_cancelled());
        assert!(!leases.finish(&lease(1), Outcome::Released(ReleaseReason::Preempted)));
    }

    #[test]
    fn a_grant_that_comes_twice_is_taken_once_even_after_its_end() {
        let mut leases = Leases::default();
        assert!(leases.grant(&lease(1), "work").is_some());
        assert!(leases.grant(&lease(1), "work").is_none());
        leases.settle(&lease(1));
        assert!(leases.grant(&lease(1), "work").is_none());
        assert!(leases.is_empty());
        for n in 2..=REMEMBERED_GRANTS as u64 + 1 {
            assert!(leases.grant(&lease(n), "work").is_some());
        }
        assert!(leases.grant(&lease(1), "work").is_some(), "the memory is bounded");
    }

    #[test]
    fn alone_for_too_long_work_is_stopped_and_what_has_ended_is_kept() {
        let mut leases = Leases::default();
        let ended = leases.grant(&lease(1), "work").unwrap();
        let running = leases.grant(&lease(2), "work").unwrap();
        leases.finish(&lease(1), Outcome::Failed(Failure::transient("no")));
        leases.lose_running();
        assert!(running.cancel.is_cancelled() && !ended.cancel.is_cancelled());
        assert_eq!((leases.all(), outcomes(&leases)), (vec![lease(1)], 1));
    }

    #[test]
    fn progress_is_told_while_work_goes_on() {
        let mut leases = Leases::default();
        let terms = leases.grant(&lease(1), "work").unwrap();
        terms.progress.report(1, 2, "half");
        assert_eq!((leases.progress().len(), leases.progress().len()), (1, 0));
        leases.tell_progress_again();
        leases.finish(&lease(1), Outcome::Failed(Failure::transient("no")));
        assert!(leases.progress().is_empty());
    }
}
