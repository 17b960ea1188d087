//! All items of one pipeline with every index over them: queue, backoff, deadlines, states, counts.
//!
//! An item's state is replaced in one place, [`Ledger::replace`], and there alone the indexes and counts change;
//! so none of them can drift from the items. Of what may be granted, [`Ledger::best`] is the item with the highest
//! priority, of equal ones the oldest; which worker gets it is [`super::core`]'s. Decides nothing else.

mod kind;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{ItemState, KindSettings, WorkItem};

use super::causes::Causes;
use super::item::{Item, ItemIx, KindIx, Lease, State};
use super::time::Millis;

pub use kind::{Doers, Kind, NAMING, Taking};

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Ledger {
    items: Vec<Item>,
    bytes: u64,
    by_key: HashMap<ItemKey, ItemIx>,
    kinds: Vec<Kind>,
    delayed: BTreeSet<(Millis, ItemIx)>,
    /// When to look at a leased item next: its deadline or the end of its time, whichever comes first.
    alarms: BTreeSet<(Millis, ItemIx)>,
    changed: BTreeSet<ItemIx>,
    causes: Causes,
}

/// What an item takes of a pipeline's bytes.
pub fn bytes(key: &str, payload: &str) -> u64 {
    (key.len() + payload.len()) as u64
}

impl Ledger {
    /// The index of a kind by name.
    pub fn kind_ix(&self, name: &str) -> Option<KindIx> {
        let position = self.kinds.iter().position(|kind| kind.name == name)?;
        Some(KindIx(u16::try_from(position).expect("the number of kinds is limited")))
    }

    /// Adds a kind that is not there yet.
    pub fn add_kind(&mut self, name: String, settings: KindSettings, doers: Doers) -> KindIx {
        let ix = KindIx(u16::try_from(self.kinds.len()).expect("the number of kinds is limited"));
        self.kinds.push(Kind::new(name, settings, doers));
        ix
    }

    /// All kinds in order of first appearance.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// One kind.
    pub fn kind(&self, ix: KindIx) -> &Kind {
        &self.kinds[usize::from(ix.0)]
    }

    /// The number of items.
    pub fn item_count(&self) -> usize {
        self.items.len()
    }

    /// Bytes of all keys and payloads.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All items in order of creation.
    pub fn items(&self) -> impl Iterator<Item = (ItemIx, &Item)> {
        self.items.iter().zip(0..).map(|(item, ix)| (ItemIx(ix), item))
    }

    /// One item.
    pub fn item(&self, ix: ItemIx) -> &Item {
        &self.items[ix.0 as usize]
    }

    /// An item by name.
    pub fn find(&self, key: &ItemKey) -> Option<ItemIx> {
        self.by_key.get(key).copied()
    }

    /// Changes an item's history; its state only through [`Self::replace`].
    pub fn amend<T>(&mut self, ix: ItemIx, change: impl FnOnce(&mut Item, &KindSettings) -> T) -> T {
        let item = &mut self.items[ix.0 as usize];
        let state_before = item.state.name();
        let result = change(item, &self.kinds[usize::from(item.kind.0)].settings);
        debug_assert_eq!(state_before, item.state.name(), "states change in `replace` only");
        self.changed.insert(ix);
        result
    }

    /// Creates an item under a new key.
    pub fn create(
        &mut self,
        item: WorkItem,
        kind: KindIx,
        parents: Vec<ItemIx>,
        not_before: Millis,
    ) -> ItemIx {
        let mut item = Item::new(item, kind, parents);
        item.state = State::Ready { not_before };
        let ix = self.insert(item);
        self.changed.insert(ix);
        ix
    }

    /// Takes in all items of a pipeline, in order of creation, without a copy of them. Their kinds are there.
    pub fn adopt(&mut self, items: Vec<Item>) {
        self.by_key.reserve(items.len());
        self.items = items;
        for ix in 0..self.items.len() {
            self.enter(ix);
        }
    }

    fn insert(&mut self, item: Item) -> ItemIx {
        self.items.push(item);
        self.enter(self.items.len() - 1)
    }

    fn enter(&mut self, place: usize) -> ItemIx {
        let ix = ItemIx(u32::try_from(place).expect("the number of items is limited"));
        let item = &self.items[place];
        self.by_key.insert(item.key.clone(), ix);
        self.bytes += bytes(item.key.as_str(), &item.payload);
        self.count(ix, Step::Enter);
        ix
    }

    /// Replaces an item's state: the only function that does.
    pub fn replace(&mut self, ix: ItemIx, state: State) -> State {
        self.count(ix, Step::Leave);
        let before = std::mem::replace(&mut self.items[ix.0 as usize].state, state);
        self.count(ix, Step::Enter);
        self.changed.insert(ix);
        before
    }

    /// Moves the deadline of a leased item. Deadlines are never persisted, so this changes nothing durable.
    pub fn extend(&mut self, ix: ItemIx, deadline: Millis) {
        let item = &mut self.items[ix.0 as usize];
        let max_run = self.kinds[usize::from(item.kind.0)].settings.max_run;
        if let State::Leased(lease) = &mut item.state {
            self.alarms.remove(&(alarm(lease, max_run), ix));
            lease.deadline = lease.deadline.max(deadline);
            self.alarms.insert((alarm(lease, max_run), ix));
        }
    }

    /// Records a chunk of children under an item's lease.
    pub fn note_chunk(&mut self, ix: ItemIx, children: u32) {
        if let State::Leased(lease) = &mut self.items[ix.0 as usize].state {
            lease.chunks += 1;
            lease.children += children;
            self.changed.insert(ix);
        }
    }

    /// Enters an item into all indexes and counts by its state, or takes it out of them.
    fn count(&mut self, ix: ItemIx, step: Step) {
        let item = &self.items[ix.0 as usize];
        let kind = &mut self.kinds[usize::from(item.kind.0)];
        let place = (Reverse(item.priority), ix);
        let equals = kind.in_state_mut(item.state.name());
        match step {
            Step::Enter => equals.insert(ix),
            Step::Leave => equals.remove(ix),
        }
        match &item.state {
            State::Ready { not_before } => {
                step.count(&mut kind.counts.ready);
                match step {
                    Step::Enter if *not_before > Millis::ZERO => {
                        step.index(&mut self.delayed, (*not_before, ix))
                    }
                    Step::Enter => kind.queue_of(item).insert(place),
                    // Whether the backoff is over depends on the time, so it may be in either.
                    Step::Leave => {
                        step.index(&mut self.delayed, (*not_before, ix));
                        kind.queue.remove(place);
                        kind.suspects.remove(place);
                    }
                }
            }
            State::Leased(lease) => {
                step.count(&mut kind.counts.leased);
                step.index(&mut self.alarms, (alarm(lease, kind.settings.max_run), ix));
            }
            State::Succeeded { skipped, .. } => {
                step.count(&mut kind.counts.succeeded);
                if *skipped {
                    step.count(&mut kind.counts.skipped);
                }
            }
            State::Dead { reason, .. } => {
                step.count(&mut kind.counts.dead);
                match step {
                    Step::Enter => self.causes.enter(item.kind, ix, reason),
                    Step::Leave => self.causes.leave(item.kind, ix, reason),
                }
            }
            State::Cancelled => step.count(&mut kind.counts.cancelled),
        }
    }

    /// Moves items whose backoff is over into the queue.
    pub fn promote(&mut self, now: Millis) {
        while let Some(&(not_before, ix)) = self.delayed.first()
            && not_before <= now
        {
            self.delayed.pop_first();
            let item = &self.items[ix.0 as usize];
            self.kinds[usize::from(item.kind.0)].queue_of(item).insert((Reverse(item.priority), ix));
        }
    }

    /// The next leased item whose alarm is due.
    pub fn due(&self, now: Millis) -> Option<ItemIx> {
        self.alarms.first().filter(|(when, _)| *when <= now).map(|(_, ix)| *ix)
    }

    /// When to look at an item next, if ever.
    pub fn next_alarm(&self) -> Option<Millis> {
        let (delayed, alarms) = (self.delayed.first(), self.alarms.first());
        delayed.into_iter().chain(alarms).map(|(when, _)| *when).min().filter(|when| *when != Millis::NEVER)
    }

    /// Whether anything waits in the queue.
    pub fn has_queued(&self) -> bool {
        self.kinds.iter().any(|kind| kind.first(Taking::Anything).is_some())
    }

    /// The best queued item among the kinds that somebody takes: highest priority first, then the oldest.
    pub fn best(&self, taking: impl Fn(&Kind) -> Option<Taking>) -> Option<ItemIx> {
        let heads = self.kinds.iter().filter_map(|kind| {
            let has_room = kind.settings.max_in_flight.is_none_or(|max| kind.counts.leased < u64::from(max));
            // Who takes it is asked last: most kinds have nothing to give.
            if !has_room || kind.first(Taking::Anything).is_none() { None } else { kind.first(taking(kind)?) }
        });
        heads.min().map(|(_, ix)| ix)
    }

    /// Whether any item waits or runs. The gate is that none does.
    pub fn has_open(&self) -> bool {
        self.kinds.iter().any(|kind| kind.counts.ready + kind.counts.leased > 0)
    }

    /// The number of dead letters, of one kind where it is given.
    pub fn dead_count(&self, kind: Option<&str>) -> u64 {
        let kinds = self.kinds.iter().filter(|of| kind.is_none_or(|kind| kind == of.name));
        kinds.map(|kind| kind.counts.dead).sum()
    }

    /// What dead items died of.
    pub(super) fn causes(&self) -> &Causes {
        &self.causes
    }

    /// Items in one state, kind after kind.
    pub fn in_state(&self, state: ItemState) -> impl Iterator<Item = ItemIx> {
        self.kinds.iter().flat_map(move |kind| kind.in_state(state).iter())
    }

    /// The first items from `first` on, in order of creation, of one state and one kind where these are given.
    pub fn page(
        &self,
        state: Option<ItemState>,
        kind: Option<&str>,
        first: ItemIx,
        limit: usize,
    ) -> Vec<ItemIx> {
        let kinds = self.kinds.iter().filter(|of| kind.is_none_or(|kind| kind == of.name));
        let places = kinds.flat_map(|kind| kind.places(state));
        let mut heads: Vec<_> = places.map(|items| items.from(first).peekable()).collect();
        let mut page = Vec::new();
        while page.len() < limit {
            let next = heads.iter_mut().filter_map(|items| Some((*items.peek()?, items)));
            let Some((ix, items)) = next.min_by_key(|(ix, _)| *ix) else { break };
            items.next();
            page.push(ix);
        }
        page
    }

    /// Whether any item changed since the last [`Self::take_changed`].
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Items changed since the last call.
    pub fn take_changed(&mut self) -> BTreeSet<ItemIx> {
        std::mem::take(&mut self.changed)
    }
}

/// When to look at a lease next.
fn alarm(lease: &Lease, max_run: Duration) -> Millis {
    lease.deadline.min(lease.granted.plus(max_run))
}

#[derive(Clone, Copy)]
enum Step {
    Enter,
    Leave,
}

impl Step {
    fn count(self, counter: &mut u64) {
        match self {
            Self::Enter => *counter += 1,
            Self::Leave => *counter -= 1,
        }
    }

    fn index<T: Ord>(self, index: &mut BTreeSet<T>, entry: T) {
        match self {
            Self::Enter => index.insert(entry),
            Self::Leave => index.remove(&entry),
        };
    }
}

#[cfg(test)]
impl Ledger {
    /// Holds every index against the items.
    pub fn check(&self) {
        let mut recount = Self::default();
        for kind in &self.kinds {
            recount.add_kind(kind.name.clone(), kind.settings.clone(), kind.doers);
        }
        recount.adopt(self.items.clone());
        assert_eq!(self.alarms, recount.alarms, "alarms");
        assert_eq!(self.causes.total(), recount.causes.total(), "causes");
        for (kind, again) in self.kinds.iter().zip(&recount.kinds) {
            assert_eq!(kind.counts, again.counts, "counts of {}", kind.name);
            assert!(kind.places(None).eq(again.places(None)), "states of {}", kind.name);
        }
    }
}
