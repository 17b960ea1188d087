//! What is shown of a pipeline and its items.

use edgraph_shared::model::{
    FailureGroup, ItemFailure, ItemProgress, ItemSnapshot, ItemState, PhaseCounts, PipelineState,
    PipelineStatus, Progress,
};

use super::causes::Cause;
use super::item::{ItemIx, KindIx, State};
use super::{Millis, Pipeline, SHOWN_FAILURES, SHOWN_RUNNING};

impl Pipeline {
    /// A snapshot for people and clients. Throughput and time left are those at the last event, or when the core last
    /// looked who takes what, which is twice a second.
    pub fn status(&self) -> PipelineStatus {
        let head = &self.head;
        let spec = &head.spec;
        let phases = self.ledger.kinds().iter().map(|kind| (kind.name.clone(), kind.counts())).collect();
        let (tasks, discovery_complete) = (self.counts_of(&spec.counted_kind), self.discovery_complete());
        // While items are still being found, nobody can tell how many there will be.
        let can_tell = head.state == PipelineState::Running && !head.paused && discovery_complete;
        let eta =
            if can_tell { self.throughput.time_for(tasks.ready + tasks.leased, self.now) } else { None };
        let is_waiting = |kind: &str| self.counts_of(kind).expected() > self.counts_of(kind).settled();
        let unavailable = head.unavailable.iter().filter(|(kind, _)| is_waiting(kind));
        PipelineStatus {
            id: head.id.clone(),
            kind: spec.kind.clone(),
            params: spec.params.as_str().into(),
            state: head.state,
            state_reason: head.reason.clone(),
            waiting_for: self.waiting_for(),
            version: head.version,
            paused: head.paused,
            round: head.round,
            tasks,
            expected_tasks: self.expected(),
            discovery_complete,
            progress_percent: head.progress,
            counters: spec
                .counters
                .iter()
                .map(|counter| (counter.name.clone(), self.counts_of(&counter.kind).succeeded))
                .collect(),
            phases,
            failures: self.first_failures(),
            failure_groups: self.failure_groups(),
            unavailable: unavailable.map(|(kind, text)| (kind.clone(), text.clone())).collect(),
            created_ms: head.created.0,
            updated_ms: head.updated.0,
            ended_ms: head.ended.map(|ended| ended.0),
            tasks_per_second: if head.state.is_finished() {
                0.0
            } else {
                self.throughput.per_second(self.now)
            },
            eta,
            running: self.running(),
            // The budgets are the fleet's: after its end, a pipeline shows none of what others ask for.
            requests: if head.state.is_finished() { Vec::new() } else { self.requests.clone() },
        }
    }

    /// One item with its history.
    pub fn item_snapshot(&self, ix: ItemIx) -> ItemSnapshot {
        let item = self.ledger.item(ix);
        let (result, skipped) = match &item.state {
            State::Succeeded { result, skipped } => (Some(result.clone()), *skipped),
            _ => (None, false),
        };
        ItemSnapshot {
            key: item.key.clone(),
            kind: self.kind_name(ix).to_owned(),
            payload: item.payload.clone(),
            priority: item.priority,
            state: item.state.name(),
            result,
            skipped,
            reason: item.reason().unwrap_or_default().to_owned(),
            parents: self.parent_keys(item),
            token: item.token,
            failures: item.failures,
            lost_leases: item.lost_leases,
            preemptions: item.preemptions,
            worker: item.lease().map(|lease| lease.worker.clone()),
            next_run_ms: match item.state {
                State::Ready { not_before } if not_before > self.now && not_before < Millis::NEVER => {
                    Some(not_before.0)
                }
                _ => None,
            },
            waiting_for: self.why_waits(ix),
        }
    }

    pub(super) fn counts_of(&self, kind: &str) -> PhaseCounts {
        self.ledger.kind_ix(kind).map(|ix| self.ledger.kind(ix).counts()).unwrap_or_default()
    }

    /// Settled of expected, kept from falling while discovery still adds items, and under 100 until the end.
    pub(super) fn progress(&self) -> u32 {
        match self.head.state {
            PipelineState::Completed | PipelineState::CompletedWithFailures => 100,
            _ => {
                let counts = self.counts_of(&self.head.spec.counted_kind);
                let percent = (counts.settled() * 100).checked_div(self.expected()).unwrap_or(0);
                u32::try_from(percent).expect("a percentage").min(99).max(self.head.progress.min(99))
            }
        }
    }

    fn discovery_complete(&self) -> bool {
        let spec = &self.head.spec;
        let finishes = |kind: &str| spec.finish.iter().any(|step| step.kind == kind);
        let discovers = |kind: &str| kind != spec.counted_kind && !finishes(kind);
        let mut kinds = self.ledger.kinds().iter().filter(|kind| discovers(&kind.name));
        kinds.all(|kind| kind.counts().settled() == kind.counts().expected())
    }

    /// How far leased items are, the oldest items first.
    fn running(&self) -> Vec<ItemProgress> {
        let first = self.running.iter().take(SHOWN_RUNNING);
        let shown = |(ix, progress): (&ItemIx, &Progress)| ItemProgress {
            key: self.ledger.item(*ix).key.clone(),
            progress: progress.clone(),
        };
        first.map(shown).collect()
    }

    fn first_failures(&self) -> Vec<ItemFailure> {
        let dead = self.ledger.page(Some(ItemState::Dead), None, ItemIx(0), SHOWN_FAILURES);
        dead.into_iter()
            .map(|ix| {
                let item = self.ledger.item(ix);
                let attempts = u32::try_from(item.token.0).unwrap_or(u32::MAX);
                ItemFailure {
                    key: item.key.clone(),
                    reason: item.reason().unwrap_or_default().to_owned(),
                    attempts,
                }
            })
            .collect()
    }

    fn failure_groups(&self) -> Vec<FailureGroup> {
        let causes = self.ledger.causes().first(SHOWN_FAILURES).into_iter();
        let group = |(kind, words, cause): (KindIx, &str, &Cause)| {
            let first = self.ledger.item(cause.items.first()?);
            Some(FailureGroup {
                kind: self.ledger.kind(kind).name.clone(),
                words: words.to_owned(),
                items: cause.count,
                first: first.key.clone(),
                reason: first.reason().unwrap_or_default().to_owned(),
            })
        };
        causes.filter_map(group).collect()
    }
}
