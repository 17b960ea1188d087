//! The gate between work and its end, and the commands that open or close it.
//!
//! The gate is a set: when no item of the pipeline is open any more, what follows happens in the same step, in
//! [`Pipeline::check_gate`]. It is never a counter, and nothing else moves a pipeline past its work.

use edgraph_shared::model::{
    CancelReason, DeadPolicy, FinishSpec, ItemState, PipelineState, RefusedResult, WorkItem,
};

use super::item::{DeathCause, ItemIx, State};
use super::{Effect, MAX_CHANGED_PER_STEP, Millis, Pipeline};

/// Where the round's list begins in the payload of a finish item; what stands before it differs between them.
const LIST_BEGINS: &str = r#","accepted":"#;

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
        if self.ledger.has_open() || self.sweeps_more() {
            return;
        }
        match self.head.state {
            PipelineState::Running | PipelineState::Held => self.pass_gate(DeadItems::ByPolicy, effects),
            PipelineState::Finishing => self.go_on_finishing(),
            PipelineState::Cancelling => self.set_state(PipelineState::Cancelled),
            PipelineState::Completed
            | PipelineState::CompletedWithFailures
            | PipelineState::Failed
            | PipelineState::Cancelled => {}
        }
    }

    fn pass_gate(&mut self, dead_items: DeadItems, effects: &mut Vec<Effect>) {
        match self.passage(dead_items) {
            Passage::Finish(first) => self.open_finish(&first, effects),
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
        let dead = self.ledger.dead_count(None);
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
        let counts = self.counts_of(counted);
        match (spec.finish.first(), counts.succeeded, dead) {
            (_, 0, 0) if counts.cancelled > 0 => {
                Passage::End(PipelineState::Cancelled, format!("all {counted} items were cancelled"))
            }
            (_, 0, 0) => Passage::End(PipelineState::Completed, format!("there were no {counted} items")),
            (_, 0, _) => Passage::End(
                PipelineState::Failed,
                format!("no {counted} item succeeded, {dead} items are dead"),
            ),
            (Some(first), ..) => Passage::Finish(first.clone()),
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
        if self.ledger.dead_count(None) == 0 {
            PipelineState::Completed
        } else {
            PipelineState::CompletedWithFailures
        }
    }

    /// Creates the first finish item, not grantable before the accepted list is written.
    fn open_finish(&mut self, first: &FinishSpec, effects: &mut Vec<Effect>) {
        let round = self.head.round;
        let accepted = accepted_path(self.head.id.as_str(), round);
        let count = self.counts_of(&self.head.spec.counted_kind).succeeded;
        let list = format!(r#"{LIST_BEGINS}"{accepted}","count":{count}}}"#);
        self.open_finish_item(first, &list, Millis::NEVER);
        self.set_reason("the accepted list is being written".into());
        self.set_state(PipelineState::Finishing);
        effects.push(Effect::WriteAccepted { round });
    }

    /// Creates a finish item. `list` is the end of its payload: the round's list, the same for all of them.
    fn open_finish_item(&mut self, step: &FinishSpec, list: &str, not_before: Millis) {
        let round = self.head.round;
        let params = if step.payload.is_empty() { "null" } else { &step.payload };
        let payload = format!(r#"{{"round":{round},"params":{params}{list}"#);
        let key = format!("{}/{round}", step.kind).parse().expect("kinds are short and printable");
        let kind = self.kind_or_new(&step.kind);
        let item = WorkItem { kind: step.kind.clone(), key, payload, priority: 0 };
        self.head.finish_item = Some(self.ledger.create(item, kind, Vec::new(), not_before));
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

    /// A finish item has settled: the next one, or the end.
    fn go_on_finishing(&mut self) {
        let Some(ix) = self.head.finish_item else { return };
        let item = self.ledger.item(ix);
        if let State::Dead { reason, .. } = &item.state {
            let reason = format!("{}: {reason}", item.key);
            self.set_reason(reason);
            return self.set_state(PipelineState::Failed);
        }
        let kind = &self.ledger.kind(item.kind).name;
        let mut steps = self.head.spec.finish.iter().skip_while(|step| step.kind != *kind);
        let next = steps.nth(1).cloned();
        let list = item.payload.rfind(LIST_BEGINS).map(|begin| item.payload[begin..].to_owned());
        self.set_reason(String::new());
        match next {
            None => self.set_state(self.success_state()),
            Some(next) => {
                let list = list.expect("every finish item has the round's list");
                self.open_finish_item(&next, &list, Millis::ZERO);
            }
        }
    }

    /// Whether this item may refuse these results.
    pub(super) fn check_refused(&self, ix: ItemIx, refused: &[RefusedResult]) -> Result<(), String> {
        let Some(first) = refused.first() else { return Ok(()) };
        if self.head.finish_item != Some(ix) {
            return Err(format!(
                "it refuses the result of `{}`, and only an item that ends the round may",
                first.key
            ));
        }
        let counted = &self.head.spec.counted_kind;
        let is_counted = |refused: &&RefusedResult| {
            let ix = self.ledger.find(&refused.key);
            ix.is_some_and(|ix| self.ledger.kind(self.ledger.item(ix).kind).name == *counted)
        };
        let other = refused.iter().find(|refused| !is_counted(refused));
        other.map_or(Ok(()), |other| {
            Err(format!(
                "it refuses the result of `{}`, which is no {counted} item of the pipeline",
                other.key
            ))
        })
    }

    /// Results that the end of the round could not use: their items are dead, and a retry makes them again.
    pub(super) fn refuse(&mut self, refused: Vec<RefusedResult>) {
        for RefusedResult { key, reason } in refused {
            let Some(ix) = self.ledger.find(&key) else { continue };
            // What the step before refused is dead already.
            if matches!(self.ledger.item(ix).state, State::Succeeded { .. }) {
                self.ledger.replace(ix, State::Dead { reason: reason.into(), cause: DeathCause::Failure });
            }
        }
    }

    /// Cancels what waits, the first of many at once; what runs is told and settles with its answer or its expiry.
    pub(super) fn cancel(&mut self, reason: &str, effects: &mut Vec<Effect>) {
        self.set_paused(false);
        self.head.sweeps.clear();
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
        let waiting = self.ledger.in_state(ItemState::Ready).take(MAX_CHANGED_PER_STEP);
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

    pub(super) fn set_state(&mut self, state: PipelineState) {
        self.changed |= self.head.state != state;
        self.head.state = state;
        if state.is_finished() {
            // There is nothing left to stop, and a retry is not meant to wait for a resume.
            self.set_paused(false);
        }
    }

    pub(super) fn set_reason(&mut self, reason: String) {
        self.changed |= self.head.reason != reason;
        self.head.reason = reason;
    }
}

/// Where the accepted list of a round lies in the store.
pub(super) fn accepted_path(pipeline: &str, round: u32) -> String {
    format!("pipelines/{pipeline}/accepted-{round}.jsonl")
}
