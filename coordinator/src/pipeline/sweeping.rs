//! What is done to many items at once: dead ones go back to the queue, open ones are cancelled, waiting ones need not wait
//! any more.
//!
//! Very many of them are gone through in several steps. Where the next one goes on is a place in the order of creation,
//! kept in the head: another leader goes on there, and what changes meanwhile behind it is left alone. Until the last
//! is done, the gate stays closed.

use edgraph_shared::model::{CancelReason, ItemState, SettleAnswer};

use super::event::Acted;
use super::head::{Deed, Sweep};
use super::item::{Closing, ItemIx, State};
use super::selection::Selection;
use super::{Effect, MAX_CHANGED_PER_STEP, Millis, Pipeline};

/// Sweeps under way at one time in one pipeline: each is in the head.
const MAX_SWEEPS: usize = 16;

impl Pipeline {
    /// Whether one more may begin.
    pub fn has_room_to_sweep(&self) -> bool {
        self.head.sweeps.len() < MAX_SWEEPS
    }

    /// How many items a sweep would change now.
    pub fn count_meant(&self, deed: Deed, only: &Selection) -> u64 {
        let kind = only.kind.as_deref();
        let means_dead = only.state.is_none_or(|state| state == ItemState::Dead);
        if deed == Deed::Revive && means_dead && only.is_plain() {
            return self.ledger.dead_count(kind);
        }
        let looked = self.ledger.page(deed.state(only), kind, ItemIx(0), usize::MAX);
        looked.into_iter().filter(|ix| self.is_meant(deed, only, *ix)).count() as u64
    }

    /// Begins a sweep and says how many items it changes.
    pub(super) fn sweep_now(&mut self, deed: Deed, only: Selection, effects: &mut Vec<Effect>) {
        let items = self.count_meant(deed, &only);
        if items > 0 {
            self.begin_sweep(deed, only, effects);
        }
        effects.push(Effect::Acted(Acted { items, ended: false }));
    }

    pub(super) fn begin_sweep(&mut self, deed: Deed, only: Selection, effects: &mut Vec<Effect>) {
        self.head.sweeps.push(Sweep { deed, next: ItemIx(0), only });
        // The first step is taken at once where nothing is before it.
        if self.head.sweeps.len() == 1 {
            self.sweep_on(effects);
        }
    }

    /// The next step of the oldest sweep; the next ticks go on.
    pub(super) fn sweep_on(&mut self, effects: &mut Vec<Effect>) {
        let Some(Sweep { deed, next, only }) = self.head.sweeps.first().cloned() else { return };
        let looked = self.ledger.page(deed.state(&only), only.kind.as_deref(), next, MAX_CHANGED_PER_STEP);
        let last = looked.last().filter(|_| looked.len() == MAX_CHANGED_PER_STEP).copied();
        let meant: Vec<ItemIx> = looked.into_iter().filter(|ix| self.is_meant(deed, &only, *ix)).collect();
        for ix in meant {
            match deed {
                Deed::Revive => {
                    self.ledger.amend(ix, |item, _| item.reset_budgets());
                    self.ledger.replace(ix, State::Ready { not_before: Millis::ZERO });
                }
                Deed::Advance => {
                    self.ledger.replace(ix, State::Ready { not_before: Millis::ZERO });
                }
                Deed::Cancel => self.cancel_item(ix, effects),
            }
        }
        match last {
            Some(last) => self.head.sweeps[0].next = ItemIx(last.0 + 1),
            None => drop(self.head.sweeps.remove(0)),
        }
        self.changed = true;
    }

    /// Whether something is still to be done to many items.
    pub(super) fn sweeps_more(&self) -> bool {
        !self.head.sweeps.is_empty()
    }

    fn is_meant(&self, deed: Deed, only: &Selection, ix: ItemIx) -> bool {
        let item = self.ledger.item(ix);
        let suits = match (deed, &item.state) {
            (Deed::Revive, State::Dead { .. }) => true,
            // What ends the round is the pipeline's own.
            (Deed::Cancel, State::Ready { .. } | State::Leased(_)) => self.head.finish_item != Some(ix),
            (Deed::Advance, State::Ready { not_before }) => {
                *not_before > self.now && *not_before != Millis::NEVER
            }
            _ => false,
        };
        suits && self.is_selected(only, ix)
    }

    fn cancel_item(&mut self, ix: ItemIx, effects: &mut Vec<Effect>) {
        if self.ledger.item(ix).lease().is_none() {
            self.ledger.replace(ix, State::Cancelled);
            return;
        }
        self.tell_to_stop(ix, CancelReason::Pipeline, effects);
        self.close(ix, State::Cancelled, Closing::Revoked, SettleAnswer::Cancelled, effects);
    }
}

impl Deed {
    /// The one state of the items that it is done to, if it is one.
    fn state(self, only: &Selection) -> Option<ItemState> {
        match self {
            Self::Revive => Some(ItemState::Dead),
            Self::Advance => Some(ItemState::Ready),
            Self::Cancel => only.state,
        }
    }
}
