//! The durable state of all pipelines, behind one small trait.
//!
//! The engine writes whole commits and reads everything once, when it becomes the leader. A tracker decides
//! nothing about pipelines; it only keeps commits of a leader that has been replaced from taking effect.

mod memory;

use std::collections::BTreeMap;

use async_trait::async_trait;
use edgraph_shared::ids::PipelineId;

use crate::pipeline::item::{Item, ItemIx};
use crate::pipeline::step::PipelineChange;
use crate::pipeline::{Changes, Head};

pub use memory::MemoryTracker;

/// What a leader starts from.
#[derive(Debug)]
pub struct Leadership {
    /// Rises with every leader; every commit names it.
    pub epoch: u64,
    /// All pipelines with their items in order of creation.
    pub stored: Vec<(Head, Vec<Item>)>,
}

/// Changes that take effect together.
#[derive(Debug, Default)]
pub struct Commit {
    /// Of the leader.
    pub epoch: u64,
    /// Rises by one with every commit of this leader, from 1. A repeat carries the same number.
    pub sequence: u64,
    /// New and changed pipelines.
    pub saved: BTreeMap<PipelineId, Saved>,
    /// Forgotten pipelines.
    pub removed: Vec<PipelineId>,
}

/// One pipeline's part of a commit.
#[derive(Debug)]
pub struct Saved {
    /// The new head.
    pub head: Head,
    /// The items that changed. New ones continue the order of creation without a gap.
    pub items: BTreeMap<ItemIx, Item>,
}

impl Commit {
    /// Adds a later change: of two states of one item the later one counts.
    pub fn add(&mut self, change: PipelineChange) {
        match change {
            PipelineChange::Removed(id) => {
                self.saved.remove(&id);
                self.removed.push(id);
            }
            PipelineChange::Saved(changes) => {
                let Changes { head, items } = *changes;
                match self.saved.get_mut(&head.id) {
                    Some(saved) => {
                        saved.head = head;
                        saved.items.extend(items);
                    }
                    None => {
                        let items = items.into_iter().collect();
                        self.saved.insert(head.id.clone(), Saved { head, items });
                    }
                }
            }
        }
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.saved.is_empty() && self.removed.is_empty()
    }
}

/// Why a tracker did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum TrackerError {
    /// It cannot be reached; whether the last commit took effect is unknown. Send the same commit again.
    #[error("the tracker is unavailable: {0}")]
    Unavailable(String),
    /// Another leader has taken over. Stop; nothing of the commit took effect.
    #[error("another coordinator leads since epoch {epoch}")]
    Fenced {
        /// Its epoch.
        epoch: u64,
    },
}

/// Keeps pipelines over the life of a coordinator.
#[async_trait]
pub trait Tracker: Send + Sync + 'static {
    /// Becomes the leader, then reads everything. From its return on no older leader's commit takes effect. A
    /// crash during it leaves at most a raised epoch.
    async fn lead(&self) -> Result<Leadership, TrackerError>;

    /// Writes a commit, per pipeline whole or not at all. A crash before its return leaves the pipelines before or
    /// after the commit; nobody has heard of it, and sending it again is safe: a sequence that was written is a
    /// success without effect.
    async fn commit(&self, commit: &Commit) -> Result<(), TrackerError>;

    /// Gives up the lead, so that a standby need not wait for the old leader's lock to expire. A crash instead of it
    /// costs that wait and nothing else.
    async fn resign(&self, epoch: u64);
}
