//! All items of one pipeline with every index over them: queue, backoff, deadlines, gate, dead letters, counts.
//!
//! An item's state is replaced in one place, [`Ledger::replace`], and there alone the indexes and counts change;
//! so none of them can drift from the items. Of what may be granted, [`Ledger::best`] is the item with the highest
//! priority, of equal ones the oldest; which worker gets it is [`super::core`]'s. Decides nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{KindSettings, PhaseCounts, WorkItem};

use super::fleet::KindName;
use super::item::{Item, ItemIx, KindIx, Lease, State};
use super::time::Millis;

/// One kind of items in a pipeline.
#[derive(Debug)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// Its limits.
    pub settings: KindSettings,
    counts: PhaseCounts,
    /// Ready items whose backoff is over, best first.
    queue: Queue,
    /// The same of items that run alone.
    suspects: Queue,
}

/// What a worker takes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// It is idle: also what runs alone.
    Anything,
    /// It has something to lose: not what runs alone.
    Unsuspected,
}

type Queue = BTreeSet<(Reverse<i32>, ItemIx)>;

impl Kind {
    /// As the fleet knows it.
    pub fn kind_name(&self) -> KindName<'_> {
        KindName { name: &self.name, exclusive: self.settings.exclusive.as_deref() }
    }

    fn queue_of(&mut self, item: &Item) -> &mut Queue {
        if item.is_suspect() { &mut self.suspects } else { &mut self.queue }
    }

    /// The best queued item of those that are taken.
    fn first(&self, taking: Taking) -> Option<&(Reverse<i32>, ItemIx)> {
        let suspect = (taking == Taking::Anything).then(|| self.suspects.first()).flatten();
        self.queue.first().into_iter().chain(suspect).min()
    }

    /// Whether an item waits that runs alone.
    pub fn has_suspect(&self) -> bool {
        !self.suspects.is_empty()
    }

    /// Its items, counted.
    pub fn counts(&self) -> PhaseCounts {
        self.counts
    }
}

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
    open: BTreeSet<ItemIx>,
    dead: BTreeSet<ItemIx>,
    changed: BTreeSet<ItemIx>,
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
    pub fn add_kind(&mut self, name: String, settings: KindSettings) -> KindIx {
        let ix = KindIx(u16::try_from(self.kinds.len()).expect("the number of kinds is limited"));
        let (counts, queue) = (PhaseCounts::default(), Queue::new());
        self.kinds.push(Kind { name, settings, counts, queue, suspects: Queue::new() });
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
        self.items_from(ItemIx(0))
    }

    /// All items from this one on, in order of creation.
    pub fn items_from(&self, first: ItemIx) -> impl Iterator<Item = (ItemIx, &Item)> {
        let rest = self.items.get(first.0 as usize..).unwrap_or_default();
        // The items first: the range has no number after the last one.
        rest.iter().zip(first.0..).map(|(item, ix)| (ItemIx(ix), item))
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

    /// Adds an item as it is, from [`Self::create`] or from the tracker.
    pub fn insert(&mut self, item: Item) -> ItemIx {
        let ix = ItemIx(u32::try_from(self.items.len()).expect("the number of items is limited"));
        self.by_key.insert(item.key.clone(), ix);
        self.bytes += bytes(item.key.as_str(), &item.payload);
        self.items.push(item);
        self.count(ix, Step::Enter);
        self.note_open(ix);
        ix
    }

    /// Replaces an item's state: the only function that does.
    pub fn replace(&mut self, ix: ItemIx, state: State) -> State {
        self.count(ix, Step::Leave);
        let before = std::mem::replace(&mut self.items[ix.0 as usize].state, state);
        self.count(ix, Step::Enter);
        self.note_open(ix);
        self.changed.insert(ix);
        before
    }

    /// Keeps the set of open items. Apart from the other indexes: most steps leave an open item open.
    fn note_open(&mut self, ix: ItemIx) {
        if self.items[ix.0 as usize].state.is_open() {
            self.open.insert(ix);
        } else {
            self.open.remove(&ix);
        }
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
        match &item.state {
            State::Ready { not_before } => {
                step.count(&mut kind.counts.ready);
                match step {
                    Step::Enter if *not_before > Millis::ZERO => {
                        step.index(&mut self.delayed, (*not_before, ix))
                    }
                    Step::Enter => step.index(kind.queue_of(item), place),
                    // Whether the backoff is over depends on the time, so it may be in either.
                    Step::Leave => {
                        step.index(&mut self.delayed, (*not_before, ix));
                        step.index(&mut kind.queue, place);
                        step.index(&mut kind.suspects, place);
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
            State::Dead { .. } => {
                step.count(&mut kind.counts.dead);
                step.index(&mut self.dead, ix);
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
        heads.min().map(|(_, ix)| *ix)
    }

    /// Items that wait or run. The gate is this set being empty.
    pub fn open(&self) -> &BTreeSet<ItemIx> {
        &self.open
    }

    /// Dead letters.
    pub fn dead(&self) -> &BTreeSet<ItemIx> {
        &self.dead
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
