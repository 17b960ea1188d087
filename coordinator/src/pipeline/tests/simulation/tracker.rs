//! A tracker as the Redis scripts are: a lock, an epoch, an index, and per pipeline a fence and what is kept.
//!
//! A twin of `tracker/redis/*.lua` and `tracker/memory.rs`: what one of the three compares, the others compare too, and
//! `promises.rs` holds this one to the same conformance suite. It can forget: a snapshot taken earlier may come back, as
//! when an older append-only file is restored. Two of the mutations switch comparisons off here.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use edgraph_shared::ids::PipelineId;

use super::Mutation;
use super::chance::Chance;
use crate::pipeline::Head;
use crate::pipeline::item::{Item, ItemIx};
use crate::tracker::{LockSight, Look, patience};

/// Snapshots that may come back.
const SNAPSHOTS: usize = 8;
/// How far the tracker's clock is ahead of the time, in ms; it may be set.
pub(super) const CLOCK_AHEAD: (u64, u64) = (1_000_000, 3_000_000);

/// How far a pipeline is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    pub(super) sequence: u64,
    pub(super) commit: u64,
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Who {
    pub(super) epoch: u64,
    /// The leader's id.
    pub(super) leader: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Created,
    Saved,
    Whole,
    Removed,
    Verify,
}

/// One pipeline's part of a commit.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) pipeline: PipelineId,
    pub(super) before: Mark,
    pub(super) mark: Mark,
    pub(super) content: Content,
    pub(super) head: Option<Head>,
    pub(super) items: Vec<(ItemIx, Item)>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pipeline, before, mark, content, head, items } = self;
        let state = head.as_ref().map(|head| head.state);
        let items: Vec<_> =
            items.iter().map(|(_, item)| (&item.key, item.state.name(), item.token.0)).collect();
        write!(f, "{pipeline} {content:?} {}->{} {state:?} {items:?}", before.sequence, mark.sequence)
    }
}

/// A pipeline in the index, with the time of its creation.
pub(super) type Entry = (PipelineId, u64);

/// One request to the tracker.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Look {
        leader: u64,
    },
    Take {
        leader: u64,
        nonce: u64,
        seen: u64,
        /// Epoch and time of the look that this follows.
        upon: (u64, u64),
    },
    Renew {
        who: Who,
        before: u64,
        nonce: u64,
    },
    Register {
        who: Who,
        entry: Entry,
    },
    /// Takes an entry out of the index, if it is still this one.
    Unregister {
        who: Who,
        entry: Entry,
    },
    Index,
    Raise {
        who: Who,
        pipeline: PipelineId,
    },
    Load {
        pipeline: PipelineId,
    },
    Write {
        who: Who,
        part: Box<Part>,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Answer {
    Looked(Look),
    Led,
    Stale,
    Leads(u64),
    Kept,
    Retaken,
    Fenced,
    Diverged,
    Done,
    Index(Vec<Entry>),
    Loaded(Option<Box<(Mark, Head, Vec<Item>)>>),
}

#[derive(Debug, Clone)]
struct Lock {
    leader: u64,
    nonce: u64,
    until: u64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    fence: Who,
    mark: Mark,
    pub(super) kept: Option<(Head, Vec<Item>)>,
}

#[derive(Debug, Clone, Default)]
struct Store {
    lock: Option<Lock>,
    epoch: Who,
    index: BTreeMap<PipelineId, u64>,
    records: BTreeMap<PipelineId, Record>,
}

pub(super) struct Tracker {
    store: Store,
    snapshots: VecDeque<Store>,
    /// Changes with every restart, as clients notice by their connections.
    pub(super) run: u64,
    /// Writes were lost at some time.
    pub(super) has_lost: bool,
    pub(super) away_until: u64,
    pub(super) clock_ahead: u64,
    pub(super) clock_went_back: bool,
    mutation: Mutation,
}

impl Tracker {
    pub(super) fn new(mutation: Mutation) -> Self {
        Self {
            store: Store::default(),
            snapshots: VecDeque::new(),
            run: 1,
            has_lost: false,
            away_until: 0,
            clock_ahead: CLOCK_AHEAD.0,
            clock_went_back: false,
            mutation,
        }
    }

    /// Of whoever took the lead last.
    pub(super) fn epoch(&self) -> u64 {
        self.store.epoch.epoch
    }

    /// Whoever took the lead last.
    pub(super) fn leader(&self) -> u64 {
        self.store.epoch.leader
    }

    /// What is kept of a pipeline that the next leader would find.
    pub(super) fn kept(&self, pipeline: &PipelineId) -> Option<&(Head, Vec<Item>)> {
        let record = self.store.records.get(pipeline).filter(|_| self.store.index.contains_key(pipeline))?;
        record.kept.as_ref()
    }

    pub(super) fn snapshot(&mut self) {
        if self.snapshots.len() == SNAPSHOTS {
            self.snapshots.pop_front();
        }
        self.snapshots.push_back(self.store.clone());
    }

    /// Restarts with an older state. False when there is none.
    pub(super) fn roll_back(&mut self, which: usize) -> bool {
        let Some(place) = which.checked_rem(self.snapshots.len()) else { return false };
        self.store = self.snapshots[place].clone();
        self.snapshots.truncate(place + 1);
        self.run += 1;
        self.has_lost = true;
        true
    }

    /// Forgets everything, without a sign but that.
    pub(super) fn wipe(&mut self) {
        self.store = Store::default();
        self.snapshots.clear();
        self.has_lost = true;
    }

    /// Loses one key: the lock, the epoch, or all of one pipeline but its place in the index.
    pub(super) fn lose_key(&mut self, chance: &mut Chance) {
        self.has_lost = true;
        let pipelines = self.store.records.len();
        match chance.below(2 + pipelines) {
            0 => self.store.lock = None,
            1 => self.store.epoch = Who::default(),
            place => {
                let lost = self.store.records.values_mut().nth(place - 2).expect("counted above");
                *lost = Record::default();
            }
        }
    }

    pub(super) fn answer(&mut self, op: &Op, now: u64, lock_ttl: u64) -> Answer {
        match op {
            Op::Look { leader } => Answer::Looked(self.look(*leader, now)),
            Op::Take { upon: (epoch, at), .. } if self.is_stale(*epoch, *at, now, lock_ttl) => Answer::Stale,
            Op::Take { leader, nonce, seen, .. } => self.take(*leader, *nonce, *seen, now + lock_ttl, now),
            Op::Renew { who, before, nonce } => self.renew(*who, *before, *nonce, now + lock_ttl, now),
            Op::Register { who, entry: (pipeline, created) } => {
                if self.is_fenced(self.store.epoch, *who) {
                    return Answer::Fenced;
                }
                self.store.index.insert(pipeline.clone(), *created);
                Answer::Done
            }
            Op::Unregister { who, entry: (pipeline, created) } => {
                if self.is_fenced(self.store.epoch, *who) {
                    return Answer::Fenced;
                }
                // It may be late, and the pipeline have been started again since.
                if self.store.index.get(pipeline) == Some(created) {
                    self.store.index.remove(pipeline);
                }
                Answer::Done
            }
            Op::Index => {
                let entries = self.store.index.iter();
                Answer::Index(entries.map(|(id, created)| (id.clone(), *created)).collect())
            }
            Op::Raise { who, pipeline } => {
                let fence = self.store.records.entry(pipeline.clone()).or_default().fence;
                if self.is_fenced(fence, *who) {
                    return Answer::Fenced;
                }
                self.record(pipeline).fence = *who;
                Answer::Done
            }
            Op::Load { pipeline } => {
                let record = self.record(pipeline);
                let mark = record.mark;
                Answer::Loaded(record.kept.clone().map(|(head, items)| Box::new((mark, head, items))))
            }
            Op::Write { who, part } => self.write(*who, part),
        }
    }

    fn record(&mut self, pipeline: &PipelineId) -> &mut Record {
        self.store.records.entry(pipeline.clone()).or_default()
    }

    fn is_fenced(&self, fence: Who, who: Who) -> bool {
        self.mutation != Mutation::NoFence && is_newer(fence, who)
    }

    fn look(&self, leader: u64, now: u64) -> Look {
        let lock = match self.store.lock.as_ref().filter(|lock| lock.until > now) {
            Some(lock) if lock.leader == leader => LockSight::Own,
            Some(lock) => LockSight::Held { left: Duration::from_millis(lock.until - now) },
            None => LockSight::Free,
        };
        Look { epoch: self.store.epoch.epoch, at: now, lock, leader: None }
    }

    fn is_stale(&self, epoch: u64, at: u64, now: u64, lock_ttl: u64) -> bool {
        let is_old = Duration::from_millis(now - at) > patience(Duration::from_millis(lock_ttl));
        (epoch != self.store.epoch.epoch || is_old) && self.mutation != Mutation::NoVigil
    }

    fn take(&mut self, leader: u64, nonce: u64, seen: u64, until: u64, now: u64) -> Answer {
        let holder = self.store.lock.as_ref().filter(|lock| lock.until > now);
        if holder.is_some_and(|lock| lock.leader != leader) {
            return Answer::Led;
        }
        let clock = if self.mutation == Mutation::EpochsFromOne { 0 } else { self.clock_ahead + now };
        let epoch = self.store.epoch.epoch.max(seen).max(clock) + 1;
        self.store.epoch = Who { epoch, leader };
        self.store.lock = Some(Lock { leader, nonce, until });
        Answer::Leads(epoch)
    }

    fn renew(&mut self, who: Who, before: u64, nonce: u64, until: u64, now: u64) -> Answer {
        if is_newer(self.store.epoch, who) {
            return Answer::Fenced;
        }
        let holder = self.store.lock.as_ref().filter(|lock| lock.until > now);
        let kept = self.store.epoch == who
            && holder.is_some_and(|lock| {
                lock.leader == who.leader && (lock.nonce == before || lock.nonce == nonce)
            });
        self.store.epoch = who;
        self.store.lock = Some(Lock { leader: who.leader, nonce, until });
        if kept { Answer::Kept } else { Answer::Retaken }
    }

    fn write(&mut self, who: Who, part: &Part) -> Answer {
        let checks_sequence = self.mutation != Mutation::NoSequence;
        let fence = self.record(&part.pipeline).fence;
        if self.is_fenced(fence, who) {
            return Answer::Fenced;
        }
        let record = self.record(&part.pipeline);
        if matches!(part.content, Content::Removed) {
            *record = Record { fence: who, ..Record::default() };
            return Answer::Done;
        }
        if record.mark == part.mark {
            record.fence = who;
            let is_lost =
                matches!(part.content, Content::Verify) && !self.store.index.contains_key(&part.pipeline);
            return if is_lost { Answer::Diverged } else { Answer::Done };
        }
        // A repeat that was overtaken: what came after it stays.
        if matches!(part.content, Content::Whole)
            && record.fence == who
            && record.mark.sequence > part.mark.sequence
        {
            return Answer::Done;
        }
        let fits = match part.content {
            Content::Created => record.mark.sequence == 0,
            Content::Saved => record.mark == part.before && record.kept.is_some(),
            Content::Whole => true,
            Content::Removed | Content::Verify => return Answer::Diverged,
        };
        if !fits && (checks_sequence || record.kept.is_none()) {
            return Answer::Diverged;
        }
        record.fence = who;
        record.mark = part.mark;
        let head = part.head.clone().expect("what is saved has a head");
        let kept = record.kept.get_or_insert_with(|| (head.clone(), Vec::new()));
        kept.0 = head;
        if matches!(part.content, Content::Whole) {
            kept.1.clear();
        }
        for (ix, item) in &part.items {
            match kept.1.get_mut(ix.0 as usize) {
                Some(place) => *place = item.clone(),
                None => kept.1.push(item.clone()),
            }
        }
        Answer::Done
    }
}

fn is_newer(fence: Who, who: Who) -> bool {
    fence.epoch > who.epoch || (fence.epoch == who.epoch && fence.leader != who.leader)
}
