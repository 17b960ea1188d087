//! A tracker in memory, for one process: it outlives an engine, not the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use edgraph_shared::ids::PipelineId;

use super::{Commit, Leadership, Tracker, TrackerError};
use crate::pipeline::Head;
use crate::pipeline::item::Item;

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct MemoryTracker {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    epoch: u64,
    sequence: u64,
    pipelines: BTreeMap<PipelineId, (Head, Vec<Item>)>,
}

impl MemoryTracker {
    /// Writes are single assignments, so a panic elsewhere leaves nothing half done.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Tracker for MemoryTracker {
    async fn lead(&self) -> Result<Leadership, TrackerError> {
        let mut kept = self.kept();
        kept.epoch += 1;
        kept.sequence = 0;
        let stored = kept.pipelines.values().cloned().collect();
        Ok(Leadership { epoch: kept.epoch, stored })
    }

    async fn commit(&self, commit: &Commit) -> Result<(), TrackerError> {
        let mut kept = self.kept();
        if commit.epoch != kept.epoch {
            return Err(TrackerError::Fenced { epoch: kept.epoch });
        }
        if commit.sequence <= kept.sequence {
            return Ok(());
        }
        kept.sequence = commit.sequence;
        for id in &commit.removed {
            kept.pipelines.remove(id);
        }
        for (id, saved) in &commit.saved {
            let (head, items) =
                kept.pipelines.entry(id.clone()).or_insert_with(|| (saved.head.clone(), Vec::new()));
            *head = saved.head.clone();
            for (ix, item) in &saved.items {
                match items.get_mut(ix.0 as usize) {
                    Some(kept) => *kept = item.clone(),
                    None => items.push(item.clone()),
                }
            }
        }
        Ok(())
    }

    async fn resign(&self, _epoch: u64) {}
}
