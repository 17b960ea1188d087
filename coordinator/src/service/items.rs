//! The items of requests and answers: what a filter selects, what a client says of its own, and snapshots with files.

use edgraph_proto::v1;
use edgraph_shared::ids::ItemKey;
use edgraph_shared::kinds::sec_xbrl::FileLocation;
use edgraph_shared::model::{ItemSnapshot, ItemState};
use edgraph_shared::wire::items::{done_from, failed_from, item_state_from, item_to};
use edgraph_shared::wire::kind_from;
use tonic::Status;

use super::refusal::{bad_field, bad_request};
use crate::engine::{ClientSays, Deed, ItemEnd, Selection};
use crate::kinds;

/// Longest words to look for in reasons, in bytes: they are kept while something is done to many items.
const MAX_WORDS_LEN: usize = 256;

pub(super) fn selection(filter: v1::ItemFilter) -> Result<Selection, Status> {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let kind = some(filter.kind).map(|kind| kind_from("kind", kind)).transpose().map_err(bad_request)?;
    if filter.reason_contains.len() > MAX_WORDS_LEN {
        return Err(bad_field("filter.reason_contains", format!("at most {MAX_WORDS_LEN} bytes")));
    }
    Ok(Selection {
        state: item_state_from(filter.state).map_err(bad_request)?,
        kind,
        worker: some(filter.worker_id),
        retrying: filter.retrying,
        reason: some(filter.reason_contains),
    })
}

/// The same for something that is done to items: a filter of items that it never suits is refused.
pub(super) fn selected_for(deed: Deed, filter: Option<v1::ItemFilter>) -> Result<Selection, Status> {
    let only = selection(filter.unwrap_or_default())?;
    let suits = |state: ItemState| match deed {
        Deed::Revive => state == ItemState::Dead,
        Deed::Cancel => matches!(state, ItemState::Ready | ItemState::Leased),
        Deed::Advance => state == ItemState::Ready,
    };
    let never = match deed {
        _ if only.state.is_some_and(|state| !suits(state)) => true,
        Deed::Revive => only.retrying || only.worker.is_some(),
        Deed::Cancel => false,
        Deed::Advance => only.worker.is_some(),
    };
    match (never, deed) {
        (false, _) => Ok(only),
        (true, Deed::Revive) => {
            Err(bad_field("filter", "selects items that are not dead; give kind and reason_contains"))
        }
        (true, Deed::Cancel) => Err(bad_field(
            "filter",
            "selects items that are settled; give ITEM_STATE_READY or ITEM_STATE_LEASED",
        )),
        (true, Deed::Advance) => {
            Err(bad_field("filter", "selects items that do not wait; give kind and reason_contains"))
        }
    }
}

/// What a client says of items that it has done.
pub(super) fn done(items: Vec<v1::DoneItem>) -> Result<ClientSays, Status> {
    let outcome = |(key, result): (ItemKey, String)| (key, ItemEnd::Done { result });
    let done = done_from(items).map_err(bad_request)?;
    Ok(ClientSays::Settled(done.into_iter().map(outcome).collect()))
}

/// What a client says of items that it could not do.
pub(super) fn failed(items: Vec<v1::FailedItem>) -> Result<ClientSays, Status> {
    let outcome = |(key, reason): (ItemKey, String)| (key, ItemEnd::Failed { reason });
    let failed = failed_from(items).map_err(bad_request)?;
    Ok(ClientSays::Settled(failed.into_iter().map(outcome).collect()))
}

/// An item with the files that it made.
pub(super) fn with_locations(item: &ItemSnapshot) -> v1::Item {
    let result = item.result.as_deref().unwrap_or_default();
    let files = kinds::locations(&item.kind, &item.key, result);
    let location =
        |(table, uri, file): FileLocation| v1::Location { table, uri, rows: file.rows, bytes: file.bytes };
    v1::Item { locations: files.into_iter().map(location).collect(), ..item_to(item) }
}
