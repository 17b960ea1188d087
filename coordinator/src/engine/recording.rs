//! Ends of pipelines on their way to the store, and out of it again when a client deletes one: one after the other, so
//! that of two of one pipeline the later counts, and nothing is written of what was just removed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::ids::PipelineId;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::finished::FinishedStore;
use super::gathering::{self, Gatherings};
use crate::pipeline::core::{CommandError, Core, End, Reply};
use crate::pipeline::item::{Item, ItemIx};

/// How long a client waits for a store that removes a record: less than for its answer.
const REMOVAL_PATIENCE: Duration = Duration::from_millis(1_500);

/// Who waits for a deletion.
pub(super) type Asker = Option<oneshot::Sender<Result<Reply, CommandError>>>;

/// What was done in the store, or why not.
pub(super) enum Done {
    Written(End, Result<(), String>),
    Removed(PipelineId, Asker, Result<(), String>),
}

/// See the module's documentation.
pub(super) struct Recordings {
    store: Option<Arc<FinishedStore>>,
    /// The newest version of each pipeline that is committed and to be written.
    ends: BTreeMap<PipelineId, u64>,
    removals: VecDeque<(PipelineId, Asker)>,
    /// One at most.
    pub(super) under_way: JoinSet<Done>,
    /// The items of what is being written.
    pub(super) gatherings: Gatherings<(ItemIx, Item)>,
}

impl Recordings {
    /// To this store. Without one nothing is recorded, and nothing has to be removed.
    pub(super) fn to(store: Option<Arc<FinishedStore>>) -> Self {
        let gatherings = Gatherings::of(gathering::end);
        Self {
            store,
            ends: BTreeMap::new(),
            removals: VecDeque::new(),
            under_way: JoinSet::new(),
            gatherings,
        }
    }

    /// Whether ends are recorded.
    pub(super) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// This end is committed, and is to be written.
    pub(super) fn write(&mut self, end: End) {
        self.ends.insert(end.pipeline, end.version);
    }

    /// What the store has of this pipeline is to be removed.
    pub(super) fn remove(&mut self, id: PipelineId, asker: Asker) {
        self.removals.push_back((id, asker));
    }

    /// Begins with what is next, unless something is under way. Who deletes waits for it, and comes first.
    pub(super) fn begin(&mut self, core: &Core) {
        let Some(store) = &self.store else { return };
        while self.under_way.is_empty() {
            let store = Arc::clone(store);
            if let Some((id, asker)) = self.removals.pop_front() {
                self.under_way.spawn(async move {
                    let outcome = match tokio::time::timeout(REMOVAL_PATIENCE, store.remove(&id)).await {
                        Ok(removed) => removed.map_err(|error| error.to_string()),
                        Err(_) => Err(format!("no answer within {REMOVAL_PATIENCE:?}")),
                    };
                    Done::Removed(id, asker, outcome)
                });
            } else if let Some((pipeline, version)) = self.ends.pop_first() {
                let known = core.pipelines().get(&pipeline);
                // What has changed since comes with a commit of its own.
                let waits = known.filter(|known| known.awaits_record() == Some(version));
                let Some(head) = waits.map(|known| known.head().clone()) else { continue };
                let pages = self.gatherings.begin(&pipeline, version);
                let end = End { pipeline, version };
                self.under_way.spawn(async move {
                    let outcome = store.write(head, pages).await;
                    Done::Written(end, outcome.map_err(|error| error.to_string()))
                });
            } else {
                return;
            }
        }
    }
}
