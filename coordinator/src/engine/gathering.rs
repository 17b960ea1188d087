//! What is written to the store on its way there from the core: a page at a time, because an accepted list or an end
//! names up to millions of items and heartbeats are answered meanwhile.

use std::collections::VecDeque;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::AcceptedItem;
use tokio::sync::mpsc::{self, OwnedPermit};

use crate::pipeline::Pipeline;
use crate::pipeline::core::Core;
use crate::pipeline::item::{Item, ItemIx};

/// Items in a page: a millisecond or two of the engine's time.
const PAGE_LEN: usize = 2_000;
/// Pages that wait for the task that writes them: memory that is about to be lines.
const PAGES: usize = 2;

/// Some of what is written.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) is_last: bool,
}

/// One list that is being gathered.
struct Gathering<T> {
    pipeline: PipelineId,
    /// The round or the version that it is of.
    mark: u64,
    next: ItemIx,
    pages: mpsc::Sender<Page<T>>,
}

/// Some entries, and where the next ones begin.
type Taken<T> = (Vec<T>, Option<ItemIx>);

/// Those from an item on, if the pipeline still waits for what has this mark.
type Take<T> = fn(&Pipeline, u64, ItemIx, usize) -> Option<Taken<T>>;

/// See the module's documentation. Each list gets a page in turn.
pub(super) struct Gatherings<T> {
    take: Take<T>,
    waiting: VecDeque<Gathering<T>>,
}

/// The accepted list of a round.
pub(super) fn accepted(
    pipeline: &Pipeline,
    round: u64,
    next: ItemIx,
    limit: usize,
) -> Option<Taken<AcceptedItem>> {
    let waits = pipeline.awaits_accepted().map(u64::from) == Some(round);
    waits.then(|| pipeline.accepted(next, limit))
}

/// All items of an end.
pub(super) fn end(
    pipeline: &Pipeline,
    version: u64,
    next: ItemIx,
    limit: usize,
) -> Option<Taken<(ItemIx, Item)>> {
    (pipeline.awaits_record() == Some(version)).then(|| pipeline.some_items(next, limit))
}

impl<T: Send + 'static> Gatherings<T> {
    /// None yet, of what this takes.
    pub(super) fn of(take: Take<T>) -> Self {
        Self { take, waiting: VecDeque::new() }
    }

    /// Begins with a list. Its pages end without a last one when the pipeline does not wait for it any more.
    pub(super) fn begin(&mut self, pipeline: &PipelineId, mark: u64) -> mpsc::Receiver<Page<T>> {
        let (pages, gathered) = mpsc::channel(PAGES);
        self.waiting.push_back(Gathering { pipeline: pipeline.clone(), mark, next: ItemIx(0), pages });
        gathered
    }

    pub(super) fn are_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Room for the next page; `None` when nobody wants it any more.
    pub(super) async fn room(&self) -> Option<OwnedPermit<Page<T>>> {
        match self.waiting.front() {
            Some(first) => first.pages.clone().reserve_owned().await.ok(),
            None => None,
        }
    }

    /// Gathers the next page.
    pub(super) fn gather(&mut self, room: Option<OwnedPermit<Page<T>>>, core: &Core) {
        let (Some(list), Some(room)) = (self.waiting.pop_front(), room) else { return };
        let Some(pipeline) = core.pipelines().get(&list.pipeline) else { return };
        let Some((items, next)) = (self.take)(pipeline, list.mark, list.next, PAGE_LEN) else { return };
        room.send(Page { items, is_last: next.is_none() });
        self.waiting.extend(next.map(|next| Gathering { next, ..list }));
    }
}
