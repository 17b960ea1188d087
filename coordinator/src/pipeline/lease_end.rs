//! The end of leases: by the worker's message, by time, by a worker that is gone.
//!
//! What an end costs the item, and how often it may happen, is [`super::item`]'s, by the budgets of the item's kind;
//! what a message meets is [`super::verdict`]'s. Each lease closes at most once. A message that comes again gets the
//! answer it got, and changes nothing.

use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::model::{CancelReason, Completion, LeaseRef, PipelineState, ReleaseReason, SettleAnswer};

use super::item::{ClosedLease, Closing, DeathCause, ItemIx, State};
use super::verdict::Verdict;
use super::{Effect, MAX_CHANGED_PER_STEP, Millis, Pipeline};

/// Spreads one random number over several items of one event: multiples of the golden ratio fall evenly.
const GOLDEN_RATIO: f64 = 0.618_033_988_749_895;

impl Pipeline {
    pub(super) fn complete(
        &mut self,
        completion: Completion,
        now: Millis,
        jitter: f64,
        effects: &mut Vec<Effect>,
    ) {
        let answer = match self.verdict(&completion.lease, Closing::Completed) {
            Ok((ix, Verdict::Close)) => self.complete_current(ix, completion, now, jitter, effects),
            Ok((ix, Verdict::Cancel)) => self.settle_cancelled(ix, Closing::Completed, effects),
            Ok((ix, Verdict::Late(closed))) => self.complete_late(ix, closed, completion),
            Ok((_, Verdict::Answer(answer))) | Err(answer) => answer,
        };
        effects.push(Effect::Settled(answer));
    }

    fn complete_current(
        &mut self,
        ix: ItemIx,
        completion: Completion,
        now: Millis,
        jitter: f64,
        effects: &mut Vec<Effect>,
    ) -> SettleAnswer {
        let recorded = self.ledger.item(ix).lease().map_or(0, |lease| lease.children);
        if recorded != completion.children {
            let message = format!("announced {} children, {recorded} arrived", completion.children);
            let state = self.after_failure(ix, &Failure::transient(message), now, jitter);
            self.close(ix, state, Closing::Revoked, SettleAnswer::Superseded, effects);
            return SettleAnswer::Superseded;
        }
        if let Err(reason) = self.check_result(ix, &completion) {
            let state = self.after_failure(ix, &Failure::permanent(reason), now, jitter);
            self.close(ix, state, Closing::Revoked, SettleAnswer::Superseded, effects);
            return SettleAnswer::Superseded;
        }
        let kind = &self.ledger.kind(self.ledger.item(ix).kind).name;
        self.head.unavailable.remove(kind);
        let state = State::Succeeded { result: completion.result.into(), skipped: completion.skipped };
        self.refuse(completion.refused);
        self.close(ix, state, Closing::Completed, SettleAnswer::Accepted, effects);
        SettleAnswer::Accepted
    }

    /// Whether the result is what its kind promises to those who read it, and may refuse what it refuses.
    fn check_result(&self, ix: ItemIx, completion: &Completion) -> Result<(), String> {
        let item = self.ledger.item(ix);
        let rule = self.ledger.kind(item.kind).settings.result;
        rule.check(&item.key, &completion.result)?;
        self.check_refused(ix, &completion.refused)
    }

    /// The lease had expired and nobody took the item since: work is not thrown away while the round waits for it.
    fn complete_late(&mut self, ix: ItemIx, closed: ClosedLease, completion: Completion) -> SettleAnswer {
        let cancelled = self.is_cancelling() || self.head.state == PipelineState::Cancelled;
        if cancelled || self.ledger.item(ix).state == State::Cancelled {
            return SettleAnswer::Cancelled;
        }
        let is_awaited = self.round_waits_for(ix);
        let is_whole = closed.children == completion.children && self.check_result(ix, &completion).is_ok();
        if !self.is_untaken(ix) || (is_awaited && !is_whole) {
            return SettleAnswer::Superseded;
        }
        let answer = if is_awaited { SettleAnswer::AcceptedLate } else { SettleAnswer::TooLate };
        self.ledger.amend(ix, |item, _| {
            item.closed = Some(ClosedLease { how: Closing::Completed, answer, ..closed });
        });
        if is_awaited {
            self.refuse(completion.refused);
            let (result, skipped) = (completion.result.into(), completion.skipped);
            self.ledger.replace(ix, State::Succeeded { result, skipped });
        }
        answer
    }

    /// Whether a completion under this lease would be taken though the lease has expired: as long as its time lasts,
    /// or work that hangs would keep its slot for ever.
    pub(super) fn takes_late(&self, lease: &LeaseRef, now: Millis) -> bool {
        let Ok((ix, Verdict::Late(_))) = self.verdict(lease, Closing::Completed) else { return false };
        let in_time = self.late.get(&ix).is_some_and(|until| now < *until);
        in_time && self.is_untaken(ix) && self.round_waits_for(ix)
    }

    /// Whether nobody has been given the item since its lease expired.
    fn is_untaken(&self, ix: ItemIx) -> bool {
        match &self.ledger.item(ix).state {
            State::Ready { .. } | State::Dead { cause: DeathCause::LostLeases, .. } => true,
            State::Leased(_) | State::Succeeded { .. } | State::Dead { .. } | State::Cancelled => false,
        }
    }

    /// Whether the round still waits for this item.
    fn round_waits_for(&self, ix: ItemIx) -> bool {
        match self.head.state {
            PipelineState::Running | PipelineState::Held => true,
            PipelineState::Finishing => self.head.finish_item == Some(ix),
            _ => false,
        }
    }

    pub(super) fn fail(
        &mut self,
        lease: &LeaseRef,
        failure: &Failure,
        now: Millis,
        jitter: f64,
        effects: &mut Vec<Effect>,
    ) {
        let current = match self.closes(lease, Closing::Failed, effects) {
            Ok(current) => current,
            Err(answer) => return effects.push(Effect::Settled(answer)),
        };
        if let FailureClass::Unavailable { dependency } = &failure.class {
            let kind = self.kind_name(current).to_owned();
            self.head.unavailable.insert(kind, format!("{dependency}: {}", failure.message));
        }
        let state = self.after_failure(current, failure, now, jitter);
        self.close(current, state, Closing::Failed, SettleAnswer::Accepted, effects);
        effects.push(Effect::Settled(SettleAnswer::Accepted));
    }

    pub(super) fn release(&mut self, lease: &LeaseRef, reason: ReleaseReason, effects: &mut Vec<Effect>) {
        let current = match self.closes(lease, Closing::Released, effects) {
            Ok(current) => current,
            Err(answer) => return effects.push(Effect::Settled(answer)),
        };
        let state = match reason {
            ReleaseReason::NotStarted => State::Ready { not_before: Millis::ZERO },
            ReleaseReason::Preempted => {
                self.ledger.amend(current, |item, settings| item.after_preemption(settings))
            }
        };
        self.close(current, state, Closing::Released, SettleAnswer::Accepted, effects);
        effects.push(Effect::Settled(SettleAnswer::Accepted));
    }

    /// The item whose lease a failure or release closes, or the answer where it closes none, or the item is cancelled
    /// with it.
    fn closes(
        &mut self,
        lease: &LeaseRef,
        message: Closing,
        effects: &mut Vec<Effect>,
    ) -> Result<ItemIx, SettleAnswer> {
        match self.verdict(lease, message)? {
            (ix, Verdict::Close) => Ok(ix),
            (ix, Verdict::Cancel) => Err(self.settle_cancelled(ix, message, effects)),
            // Only results are awaited.
            (_, Verdict::Late(_)) => Err(SettleAnswer::Superseded),
            (_, Verdict::Answer(answer)) => Err(answer),
        }
    }

    /// Time: backoffs end, leases expire, items run too long, the pipeline's deadline passes, a long cancel or retry goes on.
    /// Of many leases that expire at once the rest is left to the next tick.
    pub(super) fn tick(&mut self, now: Millis, jitter: f64, effects: &mut Vec<Effect>) {
        self.ledger.promote(now);
        if self.is_cancelling() {
            self.cancel_waiting();
        }
        self.sweep_on(effects);
        self.check_deadline(now, effects);
        let mut spread = jitter;
        for _ in 0..MAX_CHANGED_PER_STEP {
            let Some(ix) = self.ledger.due(now) else { break };
            let item = self.ledger.item(ix);
            let max_run = self.ledger.kind(item.kind).settings.max_run;
            let started = item.lease().map_or(now, |lease| lease.granted);
            if now.since(started) >= max_run {
                self.tell_to_stop(ix, CancelReason::MaxRun, effects);
                let failure = Failure::transient(format!("ran longer than {max_run:?}, its max_run"));
                let state = match self.is_cancelling() {
                    true => State::Cancelled,
                    false => self.after_failure(ix, &failure, now, spread),
                };
                self.close(ix, state, Closing::Revoked, SettleAnswer::Superseded, effects);
                spread = (spread + GOLDEN_RATIO).fract();
            } else {
                self.expire(ix, now, effects);
            }
        }
    }

    /// The holder is gone, or believed to be.
    pub(super) fn expire(&mut self, ix: ItemIx, now: Millis, effects: &mut Vec<Effect>) {
        let Some(lease) = self.ledger.item(ix).lease() else { return };
        let worker = lease.worker.clone();
        let state = match self.is_cancelling() {
            true => State::Cancelled,
            false => self.ledger.amend(ix, |item, settings| item.after_loss(&worker, settings, now)),
        };
        self.close(ix, state, Closing::Expired, SettleAnswer::Superseded, effects);
    }

    /// The grant never reached the worker: back to the queue, uncounted.
    pub(super) fn unclaim(&mut self, ix: ItemIx, effects: &mut Vec<Effect>) {
        if self.ledger.item(ix).lease().is_none() {
            return;
        }
        let state =
            if self.is_cancelling() { State::Cancelled } else { State::Ready { not_before: Millis::ZERO } };
        self.close(ix, state, Closing::Revoked, SettleAnswer::Superseded, effects);
    }

    /// A worker proves that the tracker lost a grant: no token up to the proven one may be given out again.
    pub(super) fn raise_token(&mut self, lease: &LeaseRef, effects: &mut Vec<Effect>) {
        let Some(ix) = self.ledger.find(&lease.key) else { return };
        if lease.token > self.ledger.item(ix).token {
            self.unclaim(ix, effects);
            self.ledger.amend(ix, |item, _| item.token = lease.token);
        }
    }

    fn verdict(&self, lease: &LeaseRef, message: Closing) -> Result<(ItemIx, Verdict), SettleAnswer> {
        let (ix, item) = self.find(&lease.key).ok_or(SettleAnswer::Unknown)?;
        Ok((ix, Verdict::of(item.standing(lease), message, self.is_cancelling())))
    }

    fn is_cancelling(&self) -> bool {
        self.head.state == PipelineState::Cancelling
    }

    fn settle_cancelled(&mut self, ix: ItemIx, how: Closing, effects: &mut Vec<Effect>) -> SettleAnswer {
        self.close(ix, State::Cancelled, how, SettleAnswer::Cancelled, effects);
        SettleAnswer::Cancelled
    }

    fn after_failure(&mut self, ix: ItemIx, failure: &Failure, now: Millis, jitter: f64) -> State {
        self.ledger.amend(ix, |item, settings| item.after_failure(failure, settings, now, jitter))
    }

    /// Ends the current lease and puts the item into its next state.
    pub(super) fn close(
        &mut self,
        ix: ItemIx,
        state: State,
        how: Closing,
        answer: SettleAnswer,
        effects: &mut Vec<Effect>,
    ) {
        let State::Leased(lease) = self.ledger.replace(ix, state) else {
            unreachable!("only current leases are closed")
        };
        self.ledger.amend(ix, |item, _| {
            let (token, lease_id, children) = (item.token, lease.lease_id, lease.children);
            item.closed = Some(ClosedLease { token, lease_id, how, answer, children });
        });
        self.running.remove(&ix);
        if how == Closing::Expired {
            let max_run = self.ledger.kind(self.ledger.item(ix).kind).settings.max_run;
            self.late.insert(ix, lease.granted.plus(max_run));
        }
        effects.push(Effect::LeaseClosed { item: ix, worker: lease.worker, granted: lease.granted, how });
    }
}
