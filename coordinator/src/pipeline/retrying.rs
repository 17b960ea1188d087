//! Retries: dead items, all or those that a client selects, go back to the queue, with their budgets as new.
//!
//! Many of them go in several steps. Where the next one goes on is a place in the order of creation, kept in the head:
//! another leader goes on there, and what dies meanwhile behind it stays dead. Until the last is back, the gate stays
//! closed.

use edgraph_shared::model::{ItemState, PipelineState};

use super::head::Reviving;
use super::item::{ItemIx, State};
use super::selection::Selection;
use super::{Effect, MAX_CHANGED_PER_STEP, Millis, Pipeline};

impl Pipeline {
    /// Before the gate: dead items go back to the queue of the same round.
    pub(super) fn retry_in_round(&mut self, only: Selection, effects: &mut Vec<Effect>) {
        let items = self.count_dead(&only);
        if items > 0 {
            self.set_reason(String::new());
            self.set_state(PipelineState::Running);
            self.begin_reviving(only);
        }
        effects.push(Effect::Retried { items });
    }

    /// After the end: a dead finish item alone is retried in its own round; dead work opens the next one.
    pub(super) fn retry_finished(&mut self, only: Selection, now: Millis, effects: &mut Vec<Effect>) {
        let items = self.count_dead(&only);
        if items == 0 {
            return effects.push(Effect::Retried { items });
        }
        let is_dead = |ix: &ItemIx| matches!(self.ledger.item(*ix).state, State::Dead { .. });
        let dead_finish = self.head.finish_item.filter(is_dead);
        let means_finish = dead_finish.is_some_and(|ix| self.is_selected(&only, ix));
        if means_finish && items == 1 {
            self.set_state(PipelineState::Finishing);
        } else {
            if let Some(superseded) = dead_finish {
                self.ledger.replace(superseded, State::Cancelled);
            }
            self.head.round += 1;
            self.head.finish_item = None;
            self.head.progress = 0;
            self.set_state(PipelineState::Running);
        }
        self.head.round_began = now;
        self.set_reason(String::new());
        self.begin_reviving(only);
        effects.push(Effect::Retried { items });
    }

    fn begin_reviving(&mut self, only: Selection) {
        self.head.reviving = Some(Reviving { next: ItemIx(0), only });
        self.revive();
    }

    /// Puts some of the dead items back; the next ticks go on.
    pub(super) fn revive(&mut self) {
        let Some(Reviving { next, only }) = self.head.reviving.take() else { return };
        let dead = self.ledger.page(Some(ItemState::Dead), only.kind.as_deref(), next, MAX_CHANGED_PER_STEP);
        let last = dead.last().filter(|_| dead.len() == MAX_CHANGED_PER_STEP).copied();
        let meant: Vec<ItemIx> = dead.into_iter().filter(|ix| self.is_selected(&only, *ix)).collect();
        for ix in meant {
            self.ledger.amend(ix, |item, _| item.reset_budgets());
            self.ledger.replace(ix, State::Ready { not_before: Millis::ZERO });
        }
        self.head.reviving = last.map(|last| Reviving { next: ItemIx(last.0 + 1), only });
        self.changed = true;
    }

    /// Whether dead items wait to be put back.
    pub(super) fn revives_more(&self) -> bool {
        self.head.reviving.is_some()
    }
}
