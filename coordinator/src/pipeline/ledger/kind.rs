//! One kind of items in a pipeline: its limits, its counts, its queue, and where its items stand.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use edgraph_shared::model::{ItemState, KindSettings, PhaseCounts};

use crate::pipeline::fleet::KindName;
use crate::pipeline::item::{Item, ItemIx};
use crate::pipeline::ix_set::IxSet;

/// What a worker takes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// It is idle: also what runs alone.
    Anything,
    /// It has something to lose: not what runs alone.
    Unsuspected,
}

/// Who does the items of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doers {
    /// They are leased.
    Workers,
    /// The clients that name and settle them.
    Clients,
}

/// The kind and key of the item that is open as long as clients may name items.
pub const NAMING: &str = "name_items";

/// An item's place in a queue: the highest priority first, then the oldest.
pub(super) type Place = (Reverse<i32>, ItemIx);

/// Items by place.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Queue {
    /// None is empty.
    by_priority: BTreeMap<Reverse<i32>, IxSet>,
}

impl Queue {
    pub(super) fn insert(&mut self, (priority, ix): Place) {
        self.by_priority.entry(priority).or_default().insert(ix);
    }

    pub(super) fn remove(&mut self, (priority, ix): Place) {
        let Some(equals) = self.by_priority.get_mut(&priority) else { return };
        equals.remove(ix);
        if equals.is_empty() {
            self.by_priority.remove(&priority);
        }
    }

    fn first(&self) -> Option<Place> {
        let (priority, equals) = self.by_priority.first_key_value()?;
        Some((*priority, equals.first()?))
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// Its limits.
    pub settings: KindSettings,
    /// Who does its items.
    pub doers: Doers,
    pub(super) counts: PhaseCounts,
    /// Ready items whose backoff is over, best first.
    pub(super) queue: Queue,
    /// The same of items that run alone.
    pub(super) suspects: Queue,
    /// Its items by state, in the order of [`STATES`].
    places: [IxSet; STATES.len()],
}

/// All states of an item.
const STATES: [ItemState; 5] =
    [ItemState::Ready, ItemState::Leased, ItemState::Succeeded, ItemState::Dead, ItemState::Cancelled];

fn place_of(state: ItemState) -> usize {
    STATES.iter().position(|other| *other == state).expect("all states are there")
}

impl Kind {
    pub(super) fn new(name: String, settings: KindSettings, doers: Doers) -> Self {
        Self {
            name,
            settings,
            doers,
            counts: PhaseCounts::default(),
            queue: Queue::default(),
            suspects: Queue::default(),
            places: Default::default(),
        }
    }

    /// As the fleet knows it.
    pub fn kind_name(&self) -> KindName<'_> {
        KindName { name: &self.name, exclusive: self.settings.exclusive.as_deref() }
    }

    pub(super) fn queue_of(&mut self, item: &Item) -> &mut Queue {
        if item.is_suspect() { &mut self.suspects } else { &mut self.queue }
    }

    /// The best queued item of those that are taken by workers.
    pub(super) fn first(&self, taking: Taking) -> Option<Place> {
        if self.doers == Doers::Clients {
            return None;
        }
        let suspect = if taking == Taking::Anything { self.suspects.first() } else { None };
        self.queue.first().into_iter().chain(suspect).min()
    }

    /// Whether an item waits that runs alone.
    pub fn has_suspect(&self) -> bool {
        self.suspects.first().is_some()
    }

    /// Its items, counted.
    pub fn counts(&self) -> PhaseCounts {
        self.counts
    }

    /// Its items in one state.
    pub fn in_state(&self, state: ItemState) -> &IxSet {
        &self.places[place_of(state)]
    }

    pub(super) fn in_state_mut(&mut self, state: ItemState) -> &mut IxSet {
        &mut self.places[place_of(state)]
    }

    /// Its items by state, where a state is given in that one alone.
    pub(super) fn places(&self, state: Option<ItemState>) -> impl Iterator<Item = &IxSet> {
        let places = STATES.into_iter().zip(&self.places);
        places.filter(move |(of, _)| state.is_none_or(|state| state == *of)).map(|(_, items)| items)
    }
}
