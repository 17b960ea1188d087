//! Pipelines and items as text in Redis: JSON, so that a person can read it and a newer version can add to it.
//!
//! What never changes is kept apart from what does, since every commit rewrites the latter: the spec apart from the
//! head, an item's payload apart from its state. What is decoded equals what was encoded, but for the deadlines of
//! leases, which are not kept. Absent fields have their default values, and unknown ones are ignored.
//!
//! Builds of two versions take turns during an upgrade, so a build that adds to a record chooses. What an older build
//! may overlook, and lose when it writes the record again, is a field with a default, and nothing else. What it must
//! not overlook begins the record with the reader that it needs: `{"reader":2,"since":"1.3.0",`. A build that reads
//! less sets that pipeline aside, untouched and named with the version it needs, and serves the others.

mod json;
mod spec;
mod sweep;
mod item;
pub(crate) mod finished;

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_shared::ids::{FencingToken, GraphId, PipelineId};
use edgraph_shared::model::{PipelineSpec, PipelineState};
use serde::{Deserialize, Serialize};

use crate::pipeline::item::ItemIx;
use crate::pipeline::{Head, Millis};

use json::{Since, decode, encode, encode_for, is_default};

pub(super) use item::{encode_fixed, encode_state, item_from};
pub(super) use json::{CodecError, check_reader};

/// Why a head says nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableHead {
    #[error(transparent)]
    Text(#[from] CodecError),
    #[error("it has {written} items, and {items} are there")]
    Items { written: u32, items: u32 },
}

impl UnreadableHead {
    /// Whether nothing is wrong with it: this build is too old.
    pub(super) fn is_newer(&self) -> bool {
        matches!(self, Self::Text(error) if error.is_newer())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PipelineState", rename_all = "snake_case")]
enum StateRecord {
    Running,
    Finishing,
    Held,
    Cancelling,
    Completed,
    CompletedWithFailures,
    Failed,
    Cancelled,
}

#[derive(Serialize, Deserialize)]
struct HeadRecord {
    #[serde(with = "StateRecord")]
    state: PipelineState,
    #[serde(default, skip_serializing_if = "is_default")]
    reason: String,
    #[serde(default, skip_serializing_if = "is_default")]
    paused: bool,
    round: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    finish_item: Option<u32>,
    /// A build that overlooks it leaves the rest of them dead, for the next retry.
    #[serde(default, skip_serializing_if = "is_default")]
    reviving: Option<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    reviving_only: Option<sweep::SelectionRecord>,
    /// All that comes after it; and all sweeps where the first is no retry.
    #[serde(default, skip_serializing_if = "is_default")]
    sweeps: Vec<sweep::SweepRecord>,
    /// Of pipelines alone whose spec no build overlooks that overlooks this.
    #[serde(default, skip_serializing_if = "is_default")]
    ended_by: String,
    /// Absent where an older version wrote it, which did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<u32>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    unavailable: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "is_default")]
    graph: Option<GraphId>,
    #[serde(default)]
    progress: u32,
    #[serde(default)]
    version: u64,
    created: u64,
    round_began: u64,
    updated: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    ended: Option<u64>,
    /// A build that overlooks it leaves a pipeline of which another one writes the end to the store again.
    #[serde(default, skip_serializing_if = "is_default")]
    recorded: u64,
    /// A build that overlooks it forgets the pipeline earlier.
    #[serde(default, skip_serializing_if = "is_default")]
    restored: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    token_floor: u64,
}

#[derive(Serialize, Deserialize)]
struct StartRecord {
    #[serde(default)]
    request_id: String,
    spec: spec::SpecRecord,
}

/// Rounds that end with several items.
const STEPS_SINCE: Since = Since { reader: 2, since: "0.3.0" };
/// Pipelines that were brought back from the store.
const FLOOR_SINCE: Since = Since { reader: 2, since: "0.3.0" };

/// Retries of some dead items.
const SELECTION_SINCE: Since = Since { reader: 3, since: "0.3.0" };
/// Other things done to many items, and several under way at once.
const SWEEPS_SINCE: Since = Since { reader: 4, since: "0.3.0" };
/// Items that are their clients'.
const CLIENT_ITEMS_SINCE: Since = Since { reader: 4, since: "0.3.0" };

/// What a pipeline was started with: the request id and the spec.
pub(super) fn encode_spec(head: &Head) -> Vec<u8> {
    let spec = spec::SpecRecord::from(&*head.spec);
    let start = StartRecord { request_id: head.request_id.to_string(), spec };
    match &*head.spec {
        // A build that does not know whose they are would lease them, and end rounds too early.
        spec if spec.client_items.is_some() => encode_for(CLIENT_ITEMS_SINCE, &start),
        // A build that knows one last item alone would end rounds too early.
        spec if spec.finish.len() > 1 => encode_for(STEPS_SINCE, &start),
        _ => encode(&start),
    }
}

/// All of a head that changes.
pub(super) fn encode_head(head: &Head) -> Vec<u8> {
    // Without `..`: a new field must not be forgotten here.
    let Head {
        id: _,
        request_id: _,
        spec: _,
        state,
        reason,
        paused,
        round,
        finish_item,
        sweeps,
        ended_by,
        items,
        kinds,
        unavailable,
        graph,
        progress,
        version,
        created,
        round_began,
        updated,
        ended,
        recorded,
        restored,
        token_floor,
    } = head.clone();
    let (reviving, sweeps) = sweep::split(sweeps);
    let record = HeadRecord {
        state,
        reason,
        paused,
        round,
        finish_item: finish_item.map(|ix| ix.0),
        reviving: reviving.as_ref().map(|reviving| reviving.next.0),
        reviving_only: reviving.and_then(|reviving| sweep::selection_to(reviving.only)),
        sweeps: sweeps.into_iter().map(sweep::SweepRecord::from).collect(),
        ended_by: ended_by.to_string(),
        items: Some(items),
        kinds: kinds.to_vec(),
        unavailable,
        graph,
        progress,
        version,
        created: created.0,
        round_began: round_began.0,
        updated: updated.0,
        ended: ended.map(|ended| ended.0),
        recorded,
        restored: restored.map(|restored| restored.0),
        token_floor: token_floor.0,
    };
    match &record {
        // A build that knows no sweeps would leave them undone.
        record if !record.sweeps.is_empty() => encode_for(SWEEPS_SINCE, record),
        // A build that knows no selection would put all the others back, too.
        record if record.reviving_only.is_some() => encode_for(SELECTION_SINCE, record),
        // A build that knows no floor would give tokens again that were given before the loss.
        record if record.token_floor > 0 => encode_for(FLOOR_SINCE, record),
        record => encode(record),
    }
}

/// How many items a head says that there are, if it does.
pub(super) fn items_in(head: &[u8]) -> Option<u32> {
    decode::<HeadRecord>("the head", head).ok()?.items
}

/// A head from its two texts, of a pipeline with so many items.
pub(super) fn head_from(
    id: PipelineId,
    start: &[u8],
    head: &[u8],
    items: u32,
) -> Result<Head, UnreadableHead> {
    let StartRecord { request_id, spec } = decode("the spec", start)?;
    let head: HeadRecord = decode("the head", head)?;
    if let Some(written) = head.items.filter(|written| *written != items) {
        return Err(UnreadableHead::Items { written, items });
    }
    Ok(Head {
        id,
        request_id: request_id.into(),
        spec: Arc::new(PipelineSpec::from(spec)),
        state: head.state,
        reason: head.reason,
        paused: head.paused,
        round: head.round,
        finish_item: head.finish_item.map(ItemIx),
        sweeps: sweep::join(head.reviving, head.reviving_only, head.sweeps),
        ended_by: head.ended_by.into(),
        items,
        kinds: Arc::new(head.kinds),
        unavailable: head.unavailable,
        graph: head.graph,
        progress: head.progress,
        version: head.version,
        created: Millis(head.created),
        round_began: Millis(head.round_began),
        updated: Millis(head.updated),
        ended: head.ended.map(Millis),
        recorded: head.recorded,
        restored: head.restored.map(Millis),
        token_floor: FencingToken(head.token_floor),
    })
}
