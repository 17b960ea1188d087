//! The gate between work and its end, and the commands that open or close it.
//!
//! The gate is a set: when no item of the pipeline is open any more, what follows happens in the same step, in
//! [`Pipeline::check_gate`]. It is never a counter, and nothing else moves a pipeline past its work.

use edgraph_shared::model::{CancelReason, DeadPolicy, FinishSpec, ItemState, PipelineState, WorkItem};

use super::item::{ItemIx, State};
use super::{Effect, MAX_CANCELLED_PER_STEP, Millis, Pipeline};

/// What follows when no item is open.
enum Passage {
    Finish(FinishSpec),
    End(PipelineState, String),
    Hold(String),
}

/// Whether dead items still need a decision.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeadItems {
    ByPolicy,
    Accepted,
}

impl Pipeline {
    /// Fires the gate when the last open item has settled.
    pub(super) fn check_gate(&mut self, effects: &mut Vec<Effect>) {
        if self.ledger.has_open() {
            return;
        }
        match self.head.state {
            PipelineState::Running | PipelineState::Held => self.pass_gate(DeadItems::ByPolicy, effects),
            PipelineState::Finishing => self.finish(),
            PipelineState::Cancelling => self.set_state(PipelineState::Cancelled),
            PipelineState::Completed
            | PipelineState::CompletedWithFailures
            | PipelineState::Failed
            | PipelineState::Cancelled => {}
        }
    }

    fn pass_gate(&mut self, dead_items: DeadItems, effects: &mut Vec<Effect>) {
        match self.passage(dead_items) {
            Passage::Finish(finish) => self.open_finish_item(finish, effects),
            Passage::End(state, reason) => {
                self.set_reason(reason);
                self.set_state(state);
            }
            Passage::Hold(reason) => {
                self.set_reason(reason);
                self.set_state(PipelineState::Held);
            }
        }
    }

    fn passage(&self, dead_items: DeadItems) -> Passage {
        let spec = &self.head.spec;
        let dead = self.ledger.dead_count();
        if dead > 0 && dead_items == DeadItems::ByPolicy {
            match spec.dead_policy {
                DeadPolicy::Hold => return Passage::Hold(format!("{dead} items are dead")),
                DeadPolicy::Fail => {
                    return Passage::End(PipelineState::Failed, format!("{dead} items are dead"));
                }
                DeadPolicy::FinishWithout { max_dead, max_dead_fraction } => {
                    if let Some(reason) = self.too_many_dead(max_dead, max_dead_fraction) {
                        return Passage::Hold(reason);
                    }
                }
            }
        }
        let counted = &spec.counted_kind;
        let succeeded = self.counts_of(counted).succeeded;
        match (&spec.finish, succeeded, dead) {
            (_, 0, 0) => Passage::End(PipelineState::Completed, format!("there were no {counted} items")),
            (_, 0, _) => Passage::End(
                PipelineState::Failed,
                format!("no {counted} item succeeded, {dead} items are dead"),
            ),
            (Some(finish), ..) => Passage::Finish(finish.clone()),
            (None, ..) => Passage::End(self.success_state(), String::new()),
        }
    }

    fn too_many_dead(&self, max_dead: u64, max_fraction: f64) -> Option<String> {
        self.ledger.kinds().iter().find_map(|kind| {
            let counts = kind.counts();
            // Rounded down: 1 % of 250 items are 2 items.
            let allowed = max_dead.max((counts.expected() as f64 * max_fraction) as u64);
            let (name, dead) = (&kind.name, counts.dead);
            (dead > allowed).then(|| format!("{dead} {name} items are dead, {allowed} are allowed"))
        })
    }

    fn success_state(&self) -> PipelineState {
        if self.ledger.dead_count() == 0 {
            PipelineState::Completed
        } else {
            PipelineState::CompletedWithFailures
        }
    }

    /// Creates the finish item, not grantable before the accepted list is written.
    fn open_finish_item(&mut self, finish: FinishSpec, effects: &mut Vec<Effect>) {
        let (id, round) = (&self.head.id, self.head.round);
        let params = if finish.payload.is_empty() { "null" } else { &finish.payload };
        let count = self.counts_of(&self.head.spec.counted_kind).succeeded;
        let accepted = accepted_path(id.as_str(), round);
        let payload =
            format!(r#"{{"round":{round},"params":{params},"accepted":"{accepted}","count":{count}}}"#);
        let key = format!("{}/{round}", finish.kind).parse().expect("kinds are short and printable");
        let kind = self.kind_or_new(&finish.kind);
        let item = WorkItem { kind: finish.kind, key, payload, priority: 0 };
        let ix = self.ledger.create(item, kind, Vec::new(), Millis::NEVER);
        self.head.finish_item = Some(ix);
        self.set_reason("the accepted list is being written".into());
        self.set_state(PipelineState::Finishing);
        effects.push(Effect::WriteAccepted { round });
    }

    pub(super) fn accepted_written(&mut self, outcome: Result<(), String>) {
        let Some(ix) = self.head.finish_item.filter(|_| self.awaits_accepted().is_some()) else { return };
        match outcome {
            Ok(()) => {
                self.set_reason(String::new());
                self.ledger.replace(ix, State::Ready { not_before: Millis::ZERO });
            }
            Err(error) => {
                self.set_reason(format!("the accepted list cannot be written, trying again: {error}"))
            }
        }
    }

    fn finish(&mut self) {
        let Some(ix) = self.head.finish_item else { return };
        match &self.ledger.item(ix).state {
            State::Dead { reason, .. } => {
                let reason = format!("{}: {reason}", self.ledger.item(ix).key);
                self.set_reason(reason);
                self.set_state(PipelineState::Failed);
            }
            _ => {
                self.set_reason(String::new());
                self.set_state(self.success_state());
            }
        }
    }

    /// Cancels what waits, the first of many at once; what runs is told and settles with its answer or its expiry.
    pub(super) fn cancel(&mut self, reason: &str, effects: &mut Vec<Effect>) {
        self.set_paused(false);
        self.set_reason(reason.to_owned());
        self.set_state(PipelineState::Cancelling);
        let leased: Vec<ItemIx> = self.ledger.in_state(ItemState::Leased).collect();
        for ix in leased {
            self.tell_to_stop(ix, CancelReason::Pipeline, effects);
        }
        self.cancel_waiting();
    }

    /// Cancels some of what waits; the next ticks go on.
    pub(super) fn cancel_waiting(&mut self) {
        let waiting = self.ledger.in_state(ItemState::Ready).take(MAX_CANCELLED_PER_STEP);
        for ix in waiting.collect::<Vec<ItemIx>>() {
            self.ledger.replace(ix, State::Cancelled);
        }
    }

    /// Whether items wait that are still to be cancelled.
    pub(super) fn cancels_more(&self) -> bool {
        self.head.state == PipelineState::Cancelling
            && self.ledger.in_state(ItemState::Ready).next().is_some()
    }

    /// When the pipeline is cancelled, if nothing ends it before.
    pub(super) fn deadline(&self) -> Option<Millis> {
        let state = self.head.state;
        let stoppable = !state.is_finished() && state != PipelineState::Cancelling;
        let after = self.head.spec.deadline.filter(|_| stoppable)?;
        Some(self.head.round_began.plus(after))
    }

    pub(super) fn check_deadline(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            let after = self.head.spec.deadline.unwrap_or_default();
            self.cancel(&format!("not finished within {after:?}"), effects);
        }
    }

    pub(super) fn set_paused(&mut self, paused: bool) {
        self.changed |= self.head.paused != paused;
        self.head.paused = paused;
    }

    pub(super) fn go_on_without_dead(&mut self, effects: &mut Vec<Effect>) {
        self.set_paused(false);
        self.set_state(PipelineState::Running);
        self.pass_gate(DeadItems::Accepted, effects);
    }

    /// Before the gate: dead items go back to the queue of the same round.
    pub(super) fn retry_in_round(&mut self, effects: &mut Vec<Effect>) {
        let items = self.revive();
        if items > 0 {
            self.set_reason(String::new());
            self.set_state(PipelineState::Running);
        }
        effects.push(Effect::Retried { items });
    }

    /// After the end: a dead finish item alone is retried in its own round; dead work opens the next one.
    pub(super) fn retry_finished(&mut self, now: Millis, effects: &mut Vec<Effect>) {
        let is_dead = |ix: &ItemIx| matches!(self.ledger.item(*ix).state, State::Dead { .. });
        let dead_finish = self.head.finish_item.filter(is_dead);
        let dead_work = self.ledger.dead_count() - u64::from(dead_finish.is_some());
        match (dead_work, dead_finish) {
            (0, None) => return effects.push(Effect::Retried { items: 0 }),
            (0, Some(_)) => self.set_state(PipelineState::Finishing),
            (_, dead_finish) => {
                if let Some(superseded) = dead_finish {
                    self.ledger.replace(superseded, State::Cancelled);
                }
                self.head.round += 1;
                self.head.finish_item = None;
                self.head.progress = 0;
                self.set_state(PipelineState::Running);
            }
        }
        self.head.round_began = now;
        self.set_reason(String::new());
        let items = self.revive();
        effects.push(Effect::Retried { items });
    }

    fn revive(&mut self) -> u64 {
        let dead: Vec<ItemIx> = self.ledger.in_state(ItemState::Dead).collect();
        for ix in &dead {
            self.ledger.amend(*ix, |item, _| item.reset_budgets());
            self.ledger.replace(*ix, State::Ready { not_before: Millis::ZERO });
        }
        dead.len() as u64
    }

    fn set_state(&mut self, state: PipelineState) {
        self.changed |= self.head.state != state;
        self.head.state = state;
        if state.is_finished() {
            // There is nothing left to stop, and a retry is not meant to wait for a resume.
            self.set_paused(false);
        }
    }

    fn set_reason(&mut self, reason: String) {
        self.changed |= self.head.reason != reason;
        self.head.reason = reason;
    }
}

/// Where the accepted list of a round lies in the store.
pub(super) fn accepted_path(pipeline: &str, round: u32) -> String {
    format!("pipelines/{pipeline}/accepted-{round}.jsonl")
}
