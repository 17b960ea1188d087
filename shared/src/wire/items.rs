//! The items of the PipelineService's messages: those that clients describe and settle, and snapshots.

use edgraph_proto::{json, v1};
use serde_json::Value;

use super::error::WireError;
use super::field::{limit_bytes, limit_len, parse_id, timestamp_to};
use super::work::check_item;
use crate::ids::ItemKey;
use crate::model::{
    ItemSnapshot, ItemState, MAX_CHILDREN_PER_CHUNK, MAX_PAYLOAD_LEN, MAX_RESULT_LEN, WorkItem,
};

/// Longest reason of an item that a client could not do, in bytes: it is kept with the item.
const MAX_REASON_LEN: usize = 4 * 1024;

/// Reads a root of a spec.
pub(super) fn root_from(item: v1::NewItem) -> Result<WorkItem, WireError> {
    let item = described("spec.roots.key", item)?;
    check_item(&item).map(|()| item)
}

/// Reads items that are their clients'. A kind that is left out is empty.
///
/// # Errors
/// [`WireError`] for too many, and for what breaks a rule.
pub fn named_from(items: Vec<v1::NewItem>) -> Result<Vec<WorkItem>, WireError> {
    limit_len("items", items.len(), MAX_CHILDREN_PER_CHUNK, "items")?;
    let named = |item| {
        let item = described("items.key", item)?;
        limit_bytes("items.payload", &item.payload, MAX_PAYLOAD_LEN).map(|()| item)
    };
    items.into_iter().map(named).collect()
}

fn described(field: &'static str, item: v1::NewItem) -> Result<WorkItem, WireError> {
    let key = parse_id(field, &item.key)?;
    let payload = item.payload.map(|payload| json::from_value(payload).to_string()).unwrap_or_default();
    Ok(WorkItem { kind: item.kind, key, payload, priority: item.priority })
}

/// Reads items that a client has done, with their results as JSON text.
///
/// # Errors
/// [`WireError`] for too many, and for what breaks a rule.
pub fn done_from(items: Vec<v1::DoneItem>) -> Result<Vec<(ItemKey, String)>, WireError> {
    limit_len("items", items.len(), MAX_CHILDREN_PER_CHUNK, "items")?;
    let done = |item: v1::DoneItem| {
        let result = item.result.map_or(Value::Null, json::from_value).to_string();
        limit_bytes("items.result", &result, MAX_RESULT_LEN)?;
        Ok((parse_id("items.key", &item.key)?, result))
    };
    items.into_iter().map(done).collect()
}

/// Reads items that a client could not do, with the reasons.
///
/// # Errors
/// [`WireError`] for too many, and for what breaks a rule.
pub fn failed_from(items: Vec<v1::FailedItem>) -> Result<Vec<(ItemKey, String)>, WireError> {
    limit_len("items", items.len(), MAX_CHILDREN_PER_CHUNK, "items")?;
    let failed = |item: v1::FailedItem| {
        limit_bytes("items.reason", &item.reason, MAX_REASON_LEN)?;
        Ok((parse_id("items.key", &item.key)?, item.reason))
    };
    items.into_iter().map(failed).collect()
}

/// Reads a state filter; `None` is every state.
///
/// # Errors
/// [`WireError::Invalid`] for a number that is no state: a filter that nobody understands must not select everything.
pub fn item_state_from(state: i32) -> Result<Option<ItemState>, WireError> {
    let known = v1::ItemState::try_from(state).map_err(|_| WireError::Invalid {
        field: "state",
        reason: format!("{state} is no ITEM_STATE; leave it out for items in every state"),
    })?;
    Ok(match known {
        v1::ItemState::Unspecified => None,
        v1::ItemState::Ready => Some(ItemState::Ready),
        v1::ItemState::Leased => Some(ItemState::Leased),
        v1::ItemState::Succeeded => Some(ItemState::Succeeded),
        v1::ItemState::Dead => Some(ItemState::Dead),
        v1::ItemState::Cancelled => Some(ItemState::Cancelled),
    })
}

fn item_state_to(state: ItemState) -> v1::ItemState {
    match state {
        ItemState::Ready => v1::ItemState::Ready,
        ItemState::Leased => v1::ItemState::Leased,
        ItemState::Succeeded => v1::ItemState::Succeeded,
        ItemState::Dead => v1::ItemState::Dead,
        ItemState::Cancelled => v1::ItemState::Cancelled,
    }
}

/// Writes what handlers say, which is JSON; what is none, as the text that it is.
fn handlers_value(text: &str) -> Option<prost_types::Value> {
    let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    (!text.is_empty()).then(|| json::to_value(value))
}

/// Writes an item.
pub fn item_to(item: &ItemSnapshot) -> v1::Item {
    v1::Item {
        key: item.key.to_string(),
        kind: item.kind.clone(),
        payload: handlers_value(&item.payload),
        priority: item.priority,
        state: item_state_to(item.state).into(),
        result: item.result.as_deref().and_then(handlers_value),
        skipped: item.skipped,
        reason: item.reason.clone(),
        parents: item.parents.iter().map(ToString::to_string).collect(),
        fencing_token: item.token.0,
        failures: item.failures,
        lost_leases: item.lost_leases,
        preemptions: item.preemptions,
        worker_id: item.worker.as_ref().map(ToString::to_string).unwrap_or_default(),
        next_run_time: item.next_run_ms.map(timestamp_to),
        waiting_for: item.waiting_for.clone(),
        // What an item's files are is its kind's business: the service fills them in.
        locations: Vec::new(),
    }
}
