//! Accepted lists on their way from the core to the store: a page at a time, because a list names up to millions of
//! items and heartbeats are answered meanwhile.

use std::collections::VecDeque;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::AcceptedItem;
use tokio::sync::mpsc::{self, OwnedPermit};

use crate::pipeline::core::{AcceptedList, Core};
use crate::pipeline::item::ItemIx;

/// Items in a page: a millisecond or two of the engine's time.
const PAGE_LEN: usize = 2_000;
/// Pages that wait for the task that writes the list: memory that is about to be lines.
const PAGES: usize = 2;

/// Some of a list.
pub(super) struct Page {
    pub(super) items: Vec<AcceptedItem>,
    pub(super) is_last: bool,
}

/// One list that is being gathered.
struct Gathering {
    pipeline: PipelineId,
    round: u32,
    next: ItemIx,
    pages: mpsc::Sender<Page>,
}

/// See the module's documentation. Each list gets a page in turn.
#[derive(Default)]
pub(super) struct Gatherings {
    waiting: VecDeque<Gathering>,
}

impl Gatherings {
    /// Begins with a list. Its pages end without a last one when the round does not wait for it any more.
    pub(super) fn begin(&mut self, list: &AcceptedList) -> mpsc::Receiver<Page> {
        let (pages, gathered) = mpsc::channel(PAGES);
        let (pipeline, round) = (list.pipeline.clone(), list.round);
        self.waiting.push_back(Gathering { pipeline, round, next: ItemIx(0), pages });
        gathered
    }

    pub(super) fn are_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Room for the next page; `None` when nobody wants it any more.
    pub(super) async fn room(&self) -> Option<OwnedPermit<Page>> {
        match self.waiting.front() {
            Some(first) => first.pages.clone().reserve_owned().await.ok(),
            None => None,
        }
    }

    /// Gathers the next page.
    pub(super) fn gather(&mut self, room: Option<OwnedPermit<Page>>, core: &Core) {
        let (Some(list), Some(room)) = (self.waiting.pop_front(), room) else { return };
        let pipeline = core.pipelines().get(&list.pipeline);
        let waits = pipeline.filter(|pipeline| pipeline.awaits_accepted() == Some(list.round));
        let Some(pipeline) = waits else { return };
        let (items, next) = pipeline.accepted(list.next, PAGE_LEN);
        room.send(Page { items, is_last: next.is_none() });
        self.waiting.extend(next.map(|next| Gathering { next, ..list }));
    }
}
