//! A tracker in memory, for one process: it outlives an engine, not the process.
//!
//! A twin of `redis/commit.lua` and of the simulation's tracker (`pipeline/tests/simulation/tracker.rs`): what one of
//! the three compares before it writes, the others compare too. One conformance suite runs on all of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use edgraph_shared::ids::{PipelineId, StoreId};
use edgraph_shared::model::HostFamily;

use super::{
    ClockReading, Content, Lead, Leader, LockSight, Look, Mark, Part, Predecessor, Renewed, Saved, Stored,
    Term, Tracker, TrackerError,
};
use crate::pipeline::Millis;
use crate::pipeline::item::{Item, State};
use crate::pipeline::token_buckets::KeptPause;

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct MemoryTracker {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    epoch: u64,
    leader: String,
    lock: Option<Lock>,
    pipelines: BTreeMap<PipelineId, Stored>,
    pauses: BTreeMap<HostFamily, KeptPause>,
    resigned: bool,
    store: Option<StoreId>,
}

#[derive(Debug)]
struct Lock {
    leader: String,
    address: Option<String>,
    until: Instant,
}

impl Lock {
    fn of(leader: &Leader) -> Self {
        Self {
            leader: leader.id.clone(),
            address: leader.address.clone(),
            until: Instant::now() + leader.lock.ttl,
        }
    }
}

impl MemoryTracker {
    /// Changes are made after all checks, so a panic elsewhere leaves nothing half done.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn check(&self, term: &Term) -> Result<(), TrackerError> {
        match term.epoch == self.epoch && term.leader.id == self.leader {
            true => Ok(()),
            false => Err(TrackerError::Fenced { epoch: self.epoch }),
        }
    }

    /// Whether these records are those of the leader's fleet.
    fn check_store(&self, leader: &Leader) -> Result<(), TrackerError> {
        match (&self.store, &leader.store) {
            (Some(kept), Some(store)) if kept != store => {
                Err(TrackerError::AnotherStore { store: kept.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// Whether the part is done.
    fn write(&mut self, part: &Part) -> bool {
        let id = &part.pipeline;
        let mark = self.pipelines.get(id).map(|stored| stored.mark).unwrap_or_default();
        if mark == part.mark {
            return true;
        }
        match &part.content {
            Content::Created(saved) if mark == Mark::default() => self.replace(part, saved),
            // A repeat that was overtaken by later writes of this leader: those stay.
            Content::Whole(_) if mark.sequence > part.mark.sequence => {}
            Content::Whole(saved) => self.replace(part, saved),
            Content::Saved(saved) if mark == part.before => {
                let Some(stored) = self.pipelines.get_mut(id) else { return false };
                (stored.mark, stored.head) = (part.mark, saved.head.clone());
                for (ix, item) in &saved.items {
                    match stored.items.get_mut(ix.0 as usize) {
                        Some(stored) => *stored = kept(item),
                        None => stored.items.push(kept(item)),
                    }
                }
            }
            Content::Removed => drop(self.pipelines.remove(id)),
            Content::Created(_) | Content::Saved(_) | Content::Verify => return false,
        }
        true
    }

    fn replace(&mut self, part: &Part, saved: &Saved) {
        let items = saved.items.iter().map(|(_, item)| kept(item)).collect();
        let stored = Stored { mark: part.mark, head: saved.head.clone(), items };
        self.pipelines.insert(part.pipeline.clone(), stored);
    }
}

/// Deadlines are not kept, here as elsewhere.
fn kept(item: &Item) -> Item {
    let mut item = item.clone();
    if let State::Leased(lease) = &mut item.state {
        lease.deadline = Millis::ZERO;
    }
    item
}

#[async_trait]
impl Tracker for MemoryTracker {
    async fn look(&self, leader: &Leader) -> Result<Look, TrackerError> {
        let kept = self.kept();
        kept.check_store(leader)?;
        let (lock, address) = match &kept.lock {
            Some(lock) if lock.leader == leader.id => (LockSight::Own, None),
            Some(lock) if lock.until > Instant::now() => {
                let left = lock.until.saturating_duration_since(Instant::now());
                (LockSight::Held { left }, lock.address.clone())
            }
            _ if kept.resigned => (LockSight::Resigned, None),
            _ => (LockSight::Free, None),
        };
        Ok(Look { epoch: kept.epoch, at: 0, lock, leader: address })
    }

    /// This tracker never stands still, so the age of a look says nothing.
    async fn lead(&self, leader: &Leader, upon: &Look) -> Result<Lead, TrackerError> {
        let mut kept = self.kept();
        kept.check_store(leader)?;
        if kept.epoch != upon.epoch {
            return Err(TrackerError::Changed);
        }
        if let Some(lock) = &kept.lock
            && lock.leader != leader.id
            && lock.until > Instant::now()
        {
            return Err(TrackerError::Led { leader: lock.address.clone() });
        }
        let predecessor = match (kept.epoch, std::mem::take(&mut kept.resigned)) {
            (0, _) => Predecessor::Nobody,
            (_, true) => Predecessor::Resigned,
            (_, false) => Predecessor::Unknown,
        };
        kept.epoch += 1;
        kept.leader = leader.id.clone();
        kept.lock = Some(Lock::of(leader));
        kept.store = leader.store.clone().or(kept.store.take());
        let stored = kept.pipelines.values().cloned().collect();
        let pauses = kept.pauses.values().cloned().collect();
        let term = Term { epoch: kept.epoch, leader: leader.clone() };
        Ok(Lead { term, stored, damaged: Vec::new(), pauses, predecessor, clock: ClockReading::own() })
    }

    async fn renew(&self, term: &Term) -> Result<Renewed, TrackerError> {
        let mut kept = self.kept();
        kept.check(term)?;
        let before = kept.lock.replace(Lock::of(&term.leader));
        Ok(if before.is_some() { Renewed::Kept } else { Renewed::Retaken })
    }

    async fn commit(&self, term: &Term, parts: &[Part]) -> Result<(), TrackerError> {
        let mut kept = self.kept();
        kept.check(term)?;
        let diverged = parts.iter().filter(|part| !kept.write(part));
        let pipelines: Vec<PipelineId> = diverged.map(|part| part.pipeline.clone()).collect();
        if pipelines.is_empty() { Ok(()) } else { Err(TrackerError::Diverged { pipelines }) }
    }

    async fn keep_pause(&self, term: &Term, pause: &KeptPause) -> Result<(), TrackerError> {
        let mut kept = self.kept();
        kept.check(term)?;
        kept.pauses.insert(pause.family, pause.clone());
        Ok(())
    }

    async fn behind(&self, marks: &[(PipelineId, Mark)]) -> Result<Vec<PipelineId>, TrackerError> {
        let kept = self.kept();
        let sequence = |id| kept.pipelines.get(id).map_or(0, |stored| stored.mark.sequence);
        let behind = marks.iter().filter(|(id, mark)| sequence(id) < mark.sequence);
        Ok(behind.map(|(id, _)| id.clone()).collect())
    }

    async fn resign(&self, term: &Term) -> Result<(), TrackerError> {
        let mut kept = self.kept();
        if kept.lock.as_ref().is_some_and(|lock| lock.leader == term.leader.id) {
            kept.lock = None;
            kept.resigned = true;
        }
        Ok(())
    }
}
