//! What this worker holds: every lease from its grant to the answer that settles it.
//!
//! A plain table that the connection alone changes. Coordinator and worker agree through it after a reconnect: what
//! stands here is named in Hello, and outcomes that stand here are sent again.

use std::collections::BTreeMap;

use edgraph_shared::failure::Failure;
use edgraph_shared::model::{Completion, FailedLease, LeaseRef, ReleaseReason, WorkerMessage};
use tokio_util::sync::CancellationToken;

/// How the work under a lease ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// With a result.
    Done { result: String, skipped: bool, children: u32 },
    /// With a failure.
    Failed(Failure),
    /// Without either.
    Released(ReleaseReason),
}

struct Held {
    kind: String,
    cancel: CancellationToken,
    /// Set once the work has ended, and kept until the coordinator has answered.
    outcome: Option<Outcome>,
}

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Leases {
    held: BTreeMap<LeaseRef, Held>,
}

impl Leases {
    /// A new lease.
    pub(crate) fn grant(&mut self, lease: LeaseRef, kind: String, cancel: CancellationToken) {
        self.held.insert(lease, Held { kind, cancel, outcome: None });
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

    /// Everything is lost: nothing was heard of the coordinator for too long.
    pub(crate) fn lose_all(&mut self) {
        for (_, held) in std::mem::take(&mut self.held) {
            held.cancel.cancel();
        }
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
                Some(Outcome::Done { result, skipped, children }) => {
                    completions.push(Completion { lease, result, skipped, children });
                }
                Some(Outcome::Failed(failure)) => failures.push(FailedLease { lease, failure }),
                Some(Outcome::Released(ReleaseReason::Preempted)) => preempted.push(lease),
                Some(Outcome::Released(ReleaseReason::NotStarted)) => not_started.push(lease),
            }
        }
        let mut messages = Vec::new();
        if !completions.is_empty() {
            messages.push(WorkerMessage::Complete(completions));
        }
        if !failures.is_empty() {
            messages.push(WorkerMessage::Fail(failures));
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
    use edgraph_shared::ids::{FencingToken, LeaseId};

    use super::*;

    fn lease(n: u64) -> LeaseRef {
        LeaseRef {
            pipeline: "p".parse().unwrap(),
            key: format!("work/{n}").parse().unwrap(),
            token: FencingToken(1),
            lease_id: LeaseId(n),
        }
    }

    #[test]
    fn an_outcome_is_told_until_it_is_answered() {
        let mut leases = Leases::default();
        leases.grant(lease(1), "work".into(), CancellationToken::new());
        assert!(leases.closing_messages(&[lease(1)]).is_empty());
        assert!(leases.finish(&lease(1), Outcome::Failed(Failure::transient("no"))));
        // A coordinator that calls the lease lost has not answered the outcome yet.
        leases.lose(&lease(1));
        assert_eq!(leases.closing_messages(&leases.all()).len(), 1);
        assert!(leases.running().is_empty());
        leases.settle(&lease(1));
        assert!(leases.is_empty());
    }

    #[test]
    fn a_lost_lease_stops_its_work_and_swallows_its_outcome() {
        let (mut leases, cancel) = (Leases::default(), CancellationToken::new());
        leases.grant(lease(1), "work".into(), cancel.clone());
        leases.lose(&lease(1));
        assert!(cancel.is_cancelled());
        assert!(!leases.finish(&lease(1), Outcome::Released(ReleaseReason::Preempted)));
    }
}
