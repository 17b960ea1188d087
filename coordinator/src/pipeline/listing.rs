//! Items that are listed, page by page.

use edgraph_shared::model::ItemState;

use super::Pipeline;
use super::item::ItemIx;
use super::selection::Selection;

/// Items that one page looks at, at most: a list of few among very many must not keep everything else waiting.
const LOOKED_AT: usize = 20_000;

impl Pipeline {
    /// The first items from `first` on, in order of creation, of one state and one kind where these are given; and
    /// where the next page begins.
    pub fn page(
        &self,
        state: Option<ItemState>,
        kind: Option<&str>,
        first: ItemIx,
        limit: usize,
    ) -> (Vec<ItemIx>, Option<ItemIx>) {
        let mut page = self.ledger.page(state, kind, first, limit.saturating_add(1));
        let next = page.get(limit).copied();
        page.truncate(limit);
        (page, next)
    }

    /// Selected items in order of creation, and where the next page begins. A page may have fewer than `limit` and not be
    /// the last.
    pub fn selected(
        &self,
        selection: &Selection,
        first: ItemIx,
        limit: usize,
    ) -> (Vec<ItemIx>, Option<ItemIx>) {
        let kind = selection.kind.as_deref();
        if selection.is_plain() {
            return self.page(selection.state, kind, first, limit);
        }
        let (page, mut next) = self.page(selection.state, kind, first, LOOKED_AT);
        let mut found: Vec<ItemIx> = page.into_iter().filter(|ix| self.is_selected(selection, *ix)).collect();
        if let Some(more) = found.get(limit) {
            next = Some(*more);
            found.truncate(limit);
        }
        (found, next)
    }

    pub(super) fn is_selected(&self, selection: &Selection, ix: ItemIx) -> bool {
        selection.admits(self.kind_name(ix), self.ledger.item(ix))
    }
}
