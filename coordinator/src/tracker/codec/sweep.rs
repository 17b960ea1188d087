//! What is being done to many items of a pipeline, as text.
//!
//! A retry that is the only or the first such thing is written as it was when there was nothing else, so that a build of
//! then goes on with it.

use edgraph_shared::model::ItemState;
use serde::{Deserialize, Serialize};

use super::json::is_default;
use crate::pipeline::item::ItemIx;
use crate::pipeline::{Deed, Selection, Sweep};

#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct SweepRecord {
    #[serde(with = "DeedRecord")]
    deed: Deed,
    next: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    only: SelectionRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Deed", rename_all = "snake_case")]
enum DeedRecord {
    Revive,
    Cancel,
    Advance,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SelectionRecord {
    #[serde(default, skip_serializing_if = "is_default")]
    state: Option<StateName>,
    #[serde(default, skip_serializing_if = "is_default")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    worker: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    retrying: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    reason: Option<String>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct StateName(#[serde(with = "ItemStateRecord")] ItemState);

#[derive(Serialize, Deserialize)]
#[serde(remote = "ItemState", rename_all = "snake_case")]
enum ItemStateRecord {
    Ready,
    Leased,
    Succeeded,
    Dead,
    Cancelled,
}

/// A retry that comes first, and all else.
pub(super) fn split(mut sweeps: Vec<Sweep>) -> (Option<Sweep>, Vec<Sweep>) {
    let is_retry = sweeps.first().is_some_and(|first| first.deed == Deed::Revive);
    let first = is_retry.then(|| sweeps.remove(0));
    (first, sweeps)
}

/// The way back.
pub(super) fn join(
    reviving: Option<u32>,
    only: Option<SelectionRecord>,
    rest: Vec<SweepRecord>,
) -> Vec<Sweep> {
    let first = reviving.map(|next| Sweep {
        deed: Deed::Revive,
        next: ItemIx(next),
        only: Selection::from(only.unwrap_or_default()).dead(),
    });
    first.into_iter().chain(rest.into_iter().map(Sweep::from)).collect()
}

/// What a retry selects; nothing where it means all that are dead.
pub(super) fn selection_to(only: Selection) -> Option<SelectionRecord> {
    // That they are dead goes without saying.
    let record = SelectionRecord::from(Selection { state: None, ..only });
    (record != SelectionRecord::default()).then_some(record)
}

impl From<Sweep> for SweepRecord {
    fn from(Sweep { deed, next, only }: Sweep) -> Self {
        Self { deed, next: next.0, only: only.into() }
    }
}

impl From<SweepRecord> for Sweep {
    fn from(SweepRecord { deed, next, only }: SweepRecord) -> Self {
        Self { deed, next: ItemIx(next), only: only.into() }
    }
}

impl From<Selection> for SelectionRecord {
    fn from(Selection { state, kind, worker, retrying, reason }: Selection) -> Self {
        Self { state: state.map(StateName), kind, worker, retrying, reason }
    }
}

impl From<SelectionRecord> for Selection {
    fn from(SelectionRecord { state, kind, worker, retrying, reason }: SelectionRecord) -> Self {
        Self { state: state.map(|state| state.0), kind, worker, retrying, reason }
    }
}
