//! What a commit writes of one pipeline: its head, and the items that changed. Plain data.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_shared::ids::{FencingToken, GraphId, PipelineId};
use edgraph_shared::model::{PipelineSpec, PipelineState};

use super::item::{Item, ItemIx};
use super::selection::Selection;
use super::time::Millis;

/// What is done to many items at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Dead ones go back to the queue, with their budgets as new.
    Revive,
    /// Open ones are cancelled.
    Cancel,
    /// Waiting ones need not wait any more.
    Advance,
}

/// Such a thing under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// What is done.
    pub deed: Deed,
    /// Where it goes on: items from here on are still to come.
    pub next: ItemIx,
    /// Those of them that are meant.
    pub only: Selection,
}

/// All of a pipeline but its items. Cloned as a whole into commits.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The pipeline.
    pub id: PipelineId,
    /// The client's request id; empty when it gave none.
    pub request_id: Arc<str>,
    /// As started.
    pub spec: Arc<PipelineSpec>,
    /// Where it stands.
    pub state: PipelineState,
    /// Why it is held, failed or cancelled, or what it waits for.
    pub reason: String,
    /// Grants are stopped.
    pub paused: bool,
    /// Counts from 1.
    pub round: u32,
    /// The round's finish item, once the gate has fired.
    pub finish_item: Option<ItemIx>,
    /// What is being done to many items, one after the other.
    pub sweeps: Vec<Sweep>,
    /// The request id of the client that ended the round's work, where one did.
    pub ended_by: Arc<str>,
    /// How many items there are, so that one that is lost is missed.
    pub items: u32,
    /// The names of all item kinds, in order of first appearance. Shared, because a head is cloned with every step.
    pub kinds: Arc<Vec<String>>,
    /// Dependencies that were down at the last attempt of a kind.
    pub unavailable: BTreeMap<String, String>,
    /// The graph that its rounds go to, once one has: kept with the lease that takes it there.
    pub graph: Option<GraphId>,
    /// Highest progress shown in this round.
    pub progress: u32,
    /// Rises with every event that changed anything.
    pub version: u64,
    /// When it started.
    pub created: Millis,
    /// When this round began; the pipeline's deadline counts from here.
    pub round_began: Millis,
    /// When anything last changed.
    pub updated: Millis,
    /// When it finished.
    pub ended: Option<Millis>,
    /// The version that says that the one before it lies in the store.
    pub recorded: u64,
    /// When it was brought back from the store: its retention counts from here.
    pub restored: Option<Millis>,
    /// Every token that was given before it was brought back is at most this.
    pub token_floor: FencingToken,
}

impl Head {
    /// The graph that the newest of these pipelines went to that went to one.
    pub(super) fn newest_graph<'a>(heads: impl Iterator<Item = &'a Self>) -> Option<GraphId> {
        heads.filter(|head| head.graph.is_some()).max_by_key(|head| head.created)?.graph.clone()
    }
}

/// What is to be written after an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The new head.
    pub head: Head,
    /// The items that changed, in order of creation.
    pub items: Vec<(ItemIx, Item)>,
}
