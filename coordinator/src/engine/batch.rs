//! Decisions that wait for their commit, gathered into batches of bounded size.
//!
//! A step goes into the open batch whole. A batch that is full is closed, with the statuses as of its last step, and
//! waits its turn; so every commit writes a state of each pipeline that was really there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, PipelineStatus};
use tokio::sync::oneshot;

use super::handle::Watched;
use super::marks::Marks;
use crate::pipeline::core::{AcceptedList, CommandError, Core, End, News, PipelineChange, Reply};
use crate::pipeline::fleet::SessionId;
use crate::pipeline::item::{Item, ItemIx};
use crate::pipeline::{Changes, Head};
use crate::tracker::Part;

/// Items in a batch that is full: what a tracker writes in a few milliseconds.
const FULL: usize = 1_000;
/// Closed batches that may wait. Beyond them no more requests are taken: the tracker is slow or away, and what
/// waits is memory.
const MAX_WAITING: usize = 64;

/// What happens once a commit is done.
pub(super) enum Release {
    Reply(oneshot::Sender<Result<Reply, CommandError>>, Result<Reply, CommandError>),
    Message(SessionId, CoordinatorMessage),
    End(SessionId),
    WriteAccepted(AcceptedList),
    WriteEnd(End),
    Watch(oneshot::Sender<Watched>, Watched),
    Publish(Arc<PipelineStatus>),
    Tell(News),
}

/// What a batch does to one pipeline.
pub(super) enum Change {
    /// Of two states of one item the later one counts.
    Saved {
        head: Box<Head>,
        items: BTreeMap<ItemIx, Item>,
    },
    Removed,
}

/// Changes that are written together, and what waits for them.
#[derive(Default)]
pub(super) struct Batch {
    changes: BTreeMap<PipelineId, Change>,
    statuses: BTreeMap<PipelineId, PipelineStatus>,
    releases: Vec<Release>,
    items: usize,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.releases.is_empty()
    }

    fn add(&mut self, change: PipelineChange) {
        match change {
            PipelineChange::Removed(id) => {
                self.items += 1;
                self.changes.insert(id, Change::Removed);
            }
            PipelineChange::Saved(changes) => {
                let Changes { head, items } = *changes;
                self.items += items.len().max(1);
                match self.changes.get_mut(&head.id) {
                    Some(Change::Saved { head: older, items: known }) => {
                        **older = head;
                        known.extend(items);
                    }
                    _ => {
                        let id = head.id.clone();
                        let (head, items) = (Box::new(head), items.into_iter().collect());
                        self.changes.insert(id, Change::Saved { head, items });
                    }
                }
            }
        }
    }

    fn close(&mut self, core: &Core) {
        for id in self.changes.keys() {
            if let Some(pipeline) = core.pipelines().get(id) {
                self.statuses.insert(id.clone(), pipeline.status());
            }
        }
    }

    /// The parts to write, and what to release then. The number of items is for the statistics.
    pub(super) fn into_parts(mut self, marks: &mut Marks) -> (Vec<Part>, Vec<Release>, usize) {
        let mut parts = Vec::with_capacity(self.changes.len());
        for (id, change) in self.changes {
            let status = self.statuses.remove(&id);
            parts.push(match (change, status) {
                (Change::Saved { head, items }, Some(status)) => marks.saved(id, *head, items, status),
                // Without a status: saved by one step and removed by a later one of this batch.
                (Change::Removed | Change::Saved { .. }, _) => marks.removed(id),
            });
        }
        (parts, self.releases, self.items)
    }
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Batches {
    closed: VecDeque<Batch>,
    open: Batch,
}

impl Batches {
    /// Takes in what one step changed. `core` is as of after the step.
    pub(super) fn add(&mut self, changes: Vec<PipelineChange>, core: &Core) {
        for change in changes {
            // A pipeline that is removed and started again is two parts, and so two commits.
            if let PipelineChange::Saved(saved) = &change
                && matches!(self.open.changes.get(&saved.head.id), Some(Change::Removed))
            {
                self.close(core);
            }
            self.open.add(change);
        }
    }

    /// Takes in what is to happen once everything added so far is committed.
    pub(super) fn release(&mut self, release: Release) {
        self.open.releases.push(release);
    }

    /// To be called after each step, when all that belongs to it is added.
    pub(super) fn end_step(&mut self, core: &Core) {
        if self.open.items >= FULL {
            self.close(core);
        }
    }

    fn close(&mut self, core: &Core) {
        let mut batch = std::mem::take(&mut self.open);
        batch.close(core);
        self.closed.push_back(batch);
    }

    /// The batch whose turn it is.
    pub(super) fn take(&mut self, core: &Core) -> Option<Batch> {
        if self.closed.is_empty() && !self.open.is_empty() {
            self.close(core);
        }
        self.closed.pop_front()
    }

    /// Whether more may be decided.
    pub(super) fn have_room(&self) -> bool {
        self.closed.len() < MAX_WAITING
    }

    /// Whether nothing waits.
    pub(super) fn are_empty(&self) -> bool {
        self.closed.is_empty() && self.open.is_empty()
    }

    /// Forgets what waits to be written of one pipeline, because all of it is written at once. What waits to be
    /// released stays in its place.
    pub(super) fn forget(&mut self, id: &PipelineId) {
        for batch in self.closed.iter_mut().chain([&mut self.open]) {
            batch.changes.remove(id);
        }
    }
}
