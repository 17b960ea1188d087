//! What a leader writes: parts of a commit, each about one pipeline, and the marks by which lost writes are noticed.
//!
//! Plain data; the engine makes it, trackers keep it.

use std::fmt;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::PipelineStatus;

use crate::pipeline::Head;
use crate::pipeline::item::{Item, ItemIx};

/// A random number that names one write of one pipeline; 16 hex digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CommitId(pub u64);

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How far a pipeline is written. The number alone would not tell two histories apart that a tracker came to by
/// losing writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// Rises by one with every write of the pipeline, from 1.
    pub sequence: u64,
    /// The newest write.
    pub commit: CommitId,
}

impl Mark {
    /// The mark after one more write.
    pub fn next(self) -> Self {
        Self { sequence: self.sequence + 1, commit: CommitId(random()) }
    }
}

/// One pipeline's part of a commit.
#[derive(Debug, Clone)]
pub struct Part {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// Where the pipeline stands before it.
    pub before: Mark,
    /// Where it stands with it.
    pub mark: Mark,
    /// What it does.
    pub content: Content,
}

/// What a part does.
#[derive(Debug, Clone)]
pub enum Content {
    /// A new pipeline. Diverged where there is one already.
    Created(Saved),
    /// What changed. Diverged unless the pipeline stands at [`Part::before`].
    Saved(Saved),
    /// Everything, wherever the pipeline stands.
    Whole(Saved),
    /// The pipeline is forgotten, wherever it stands.
    Removed,
    /// Nothing. Diverged unless the pipeline stands at [`Part::mark`].
    Verify,
}

/// A pipeline's new state.
#[derive(Debug, Clone)]
pub struct Saved {
    /// All but the items.
    pub head: Head,
    /// For people, as of this write.
    pub status: PipelineStatus,
    /// The items that changed, in order of creation; new ones continue it without a gap.
    pub items: Vec<(ItemIx, Item)>,
    /// Items before this one are stored already: of them only the state can have changed.
    pub known: u32,
}

/// A pipeline as it was kept.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Where it stands.
    pub mark: Mark,
    /// All but the items.
    pub head: Head,
    /// In order of creation. Deadlines of leases are not kept.
    pub items: Vec<Item>,
}

/// 64 random bits.
pub(super) fn random() -> u64 {
    // Of a v4 UUID two bits of the second half are fixed; the first half is random but for four.
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    high.rotate_left(32) ^ low
}
