//! The end of a pipeline outside the tracker: what of it lies in the store, and a pipeline that comes back from there.
//!
//! A finished pipeline is written to the store after the commit that ends it, and says so in its head: whoever leads next
//! goes on where it does not. The head keeps a version and no flag, so that whatever changes afterwards asks for a new
//! record by itself. The end does not wait for the store: it is true without, and a store that is away delays nothing.

use edgraph_shared::ids::FencingToken;
use edgraph_shared::model::PipelineState;

use super::item::{Item, ItemIx};
use super::{Changes, Head, MAX_LOST_GRANTS, Millis, Pipeline};

/// A pipeline on its way back, made where nobody waits for it: it may have a million items.
#[derive(Debug)]
pub struct Back {
    pipeline: Pipeline,
    items: Vec<(ItemIx, Item)>,
}

/// Why a pipeline does not come back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEnd {
    /// It has not ended.
    #[error("it is {}, and only what has ended is brought back", .0.name())]
    Unfinished(PipelineState),
    /// It has work to do, which an end has not.
    #[error("its item `{0}` is not settled, though the pipeline has ended")]
    Open(String),
    /// An item is of a kind that the head does not name, or has a parent that is not there.
    #[error("its item `{0}` names a kind or a parent that it does not have")]
    Strange(String),
}

impl Pipeline {
    /// The version that is to be written to the store: that of an end that does not lie there yet.
    pub fn awaits_record(&self) -> Option<u64> {
        let head = &self.head;
        (head.state.is_finished() && head.recorded != head.version).then_some(head.version)
    }

    /// This version lies in the store. One that has changed meanwhile does not.
    pub(super) fn note_recorded(&mut self, version: u64) {
        if self.awaits_record() == Some(version) {
            self.head.recorded = version + 1;
            self.changed = true;
        }
    }

    /// What lies in the store may be the end that another leader saw: this one is written again.
    pub(super) fn doubt_record(&mut self) {
        if self.head.state.is_finished() && self.head.recorded != 0 {
            self.head.recorded = 0;
            self.head.version += 1;
            self.changed = true;
        }
    }

    /// Some items from `first` on, in order of creation, and where the next ones begin.
    pub fn some_items(&self, first: ItemIx, limit: usize) -> (Vec<(ItemIx, Item)>, Option<ItemIx>) {
        let (page, next) = self.page(None, None, first, limit);
        (page.into_iter().map(|ix| (ix, self.ledger.item(ix).clone())).collect(), next)
    }

    /// When it is forgotten after so long, once it has ended.
    pub(super) fn forgotten_after(&self) -> Option<Millis> {
        self.head.ended.map(|ended| self.head.restored.map_or(ended, |restored| ended.max(restored)))
    }
}

/// The floor under the tokens of a pipeline that is about to be brought back. It may have gone on after it was written,
/// and have been lost then: nobody knows how far, but that it is within the bounds of lost grants.
pub fn raised_floor(head: &Head, items: &[Item]) -> FencingToken {
    let given = items.iter().map(|item| item.token).max().unwrap_or_default().max(head.token_floor);
    FencingToken(given.0.saturating_add(MAX_LOST_GRANTS))
}

impl Back {
    /// A pipeline as it was written at its end.
    ///
    /// # Errors
    /// [`NotAnEnd`] where no end can have been written like this.
    pub fn of(mut head: Head, items: Vec<Item>) -> Result<Self, NotAnEnd> {
        if !head.state.is_finished() {
            return Err(NotAnEnd::Unfinished(head.state));
        }
        let named = |item: &Item| item.key.to_string();
        if let Some(open) = items.iter().find(|item| item.state.is_open()) {
            return Err(NotAnEnd::Open(named(open)));
        }
        let is_strange = |item: &&Item| {
            let has_parents = item.parents.iter().all(|parent| (parent.0 as usize) < items.len());
            usize::from(item.kind.0) >= head.kinds.len() || !has_parents
        };
        if let Some(strange) = items.iter().find(is_strange) {
            return Err(NotAnEnd::Strange(named(strange)));
        }
        head.version += 1;
        head.recorded = head.version;
        let all = (0..).map(ItemIx).zip(items.iter().cloned()).collect();
        let ended = head.ended.unwrap_or(head.updated);
        Ok(Self { pipeline: Pipeline::restore(head, items, ended, ended), items: all })
    }

    /// The pipeline's head.
    pub fn head(&self) -> &Head {
        self.pipeline.head()
    }

    /// It is back, with all that is to be committed of it.
    pub(super) fn arrive(self, now: Millis) -> (Pipeline, Changes) {
        let Self { mut pipeline, items } = self;
        pipeline.head.restored = Some(now);
        let changes = Changes { head: pipeline.head.clone(), items };
        (pipeline, changes)
    }
}
