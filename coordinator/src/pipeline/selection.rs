//! Which items of a pipeline a client means: for lists, and for what is done to many items at once. Pure.

use edgraph_shared::model::ItemState;

use super::causes;
use super::item::{Item, State};

/// See the module's documentation. What is absent selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Items in this state.
    pub state: Option<ItemState>,
    /// Items of this kind.
    pub kind: Option<String>,
    /// Items that this worker holds.
    pub worker: Option<String>,
    /// Items that wait after an attempt that did not end well.
    pub retrying: bool,
    /// Items whose reason has these words, in any case; `…` among them stands for whatever is there.
    pub reason: Option<String>,
}

impl Selection {
    /// All items in a state.
    pub fn of(state: ItemState) -> Self {
        Self { state: Some(state), ..Self::default() }
    }

    /// The same of dead items, which no worker holds and which do not wait.
    pub fn dead(self) -> Self {
        Self { state: Some(ItemState::Dead), worker: None, retrying: false, ..self }
    }

    /// Whether an item of this kind is selected.
    pub(super) fn admits(&self, kind: &str, item: &Item) -> bool {
        let holds = |worker: &String| item.lease().is_some_and(|lease| lease.worker.as_str() == worker);
        let says = |words: &String| item.reason().is_some_and(|reason| causes::has(reason, words));
        let is_retrying = || matches!(item.state, State::Ready { .. }) && item.last_failure.is_some();
        self.state.is_none_or(|state| state == item.state.name())
            && self.kind.as_ref().is_none_or(|wanted| wanted == kind)
            && self.worker.as_ref().is_none_or(holds)
            && self.reason.as_ref().is_none_or(says)
            && (!self.retrying || is_retrying())
    }

    /// Whether state and kind say all.
    pub(super) fn is_plain(&self) -> bool {
        self.worker.is_none() && self.reason.is_none() && !self.retrying
    }
}
