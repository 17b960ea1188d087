//! Retries: what dead items that go back to the queue mean for their pipeline.

use std::sync::Arc;

use edgraph_shared::model::PipelineState;

use super::event::Acted;
use super::head::Deed;
use super::item::{ItemIx, State};
use super::selection::Selection;
use super::{Effect, Millis, Pipeline};

impl Pipeline {
    /// Before the gate: dead items go back to the queue of the same round.
    pub(super) fn retry_in_round(&mut self, only: Selection, effects: &mut Vec<Effect>) {
        if self.count_meant(Deed::Revive, &only) > 0 {
            self.set_reason(String::new());
            self.set_state(PipelineState::Running);
        }
        self.sweep_now(Deed::Revive, only, effects);
    }

    /// After the end: a dead finish item alone is retried in its own round; dead work opens the next one.
    pub(super) fn retry_finished(&mut self, only: Selection, now: Millis, effects: &mut Vec<Effect>) {
        let items = self.count_meant(Deed::Revive, &only);
        if items == 0 {
            return effects.push(Effect::Acted(Acted { items, ended: false }));
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
            self.head.ended_by = Arc::default();
            self.set_state(PipelineState::Running);
        }
        self.head.round_began = now;
        self.set_reason(String::new());
        self.begin_sweep(Deed::Revive, only, effects);
        effects.push(Effect::Acted(Acted { items, ended: false }));
    }
}
