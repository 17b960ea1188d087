//! An item as two texts: what never changes, and where it stands.

use std::borrow::Cow;

use edgraph_shared::ids::{FencingToken, Incarnation, ItemKey, LeaseId, WorkerId};
use edgraph_shared::model::SettleAnswer;
use serde::{Deserialize, Serialize};

use super::json::{CodecError, decode, encode, is_default};
use crate::pipeline::Millis;
use crate::pipeline::item::{ClosedLease, Closing, DeathCause, Item, ItemIx, KindIx, Lease, State};

#[derive(Serialize, Deserialize)]
struct FixedRecord<'a> {
    ix: u32,
    kind: u16,
    #[serde(default, skip_serializing_if = "is_default")]
    priority: i32,
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct MovingRecord<'a> {
    #[serde(borrow)]
    is: StandingRecord<'a>,
    #[serde(default, skip_serializing_if = "is_default")]
    token: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    failures: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    lost_leases: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    preemptions: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    unavailable_since: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default", borrow)]
    last_failure: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "is_default")]
    parents: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StandingRecord<'a> {
    Ready {
        #[serde(default, skip_serializing_if = "is_default")]
        not_before: u64,
    },
    Leased {
        worker: WorkerId,
        incarnation: Incarnation,
        lease_id: LeaseId,
        granted: u64,
        #[serde(default, skip_serializing_if = "is_default")]
        chunks: u32,
        #[serde(default, skip_serializing_if = "is_default")]
        children: u32,
    },
    Succeeded {
        #[serde(borrow)]
        result: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "is_default")]
        skipped: bool,
    },
    Dead {
        #[serde(borrow)]
        reason: Cow<'a, str>,
        #[serde(with = "CauseRecord")]
        cause: DeathCause,
    },
    Cancelled,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DeathCause", rename_all = "snake_case")]
enum CauseRecord {
    LostLeases,
    Failure,
}

#[derive(Serialize, Deserialize)]
struct ClosedRecord {
    token: u64,
    lease_id: LeaseId,
    #[serde(with = "ClosingRecord")]
    how: Closing,
    #[serde(with = "AnswerRecord")]
    answer: SettleAnswer,
    #[serde(default, skip_serializing_if = "is_default")]
    children: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Closing", rename_all = "snake_case")]
enum ClosingRecord {
    Completed,
    Failed,
    Released,
    Expired,
    Revoked,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SettleAnswer", rename_all = "snake_case")]
enum AnswerRecord {
    Accepted,
    AcceptedLate,
    TooLate,
    Superseded,
    Cancelled,
    Unknown,
}

/// What of an item never changes, besides its key.
pub(in crate::tracker) fn encode_fixed(ix: ItemIx, item: &Item) -> Vec<u8> {
    encode(&FixedRecord {
        ix: ix.0,
        kind: item.kind.0,
        priority: item.priority,
        payload: Cow::Borrowed(&item.payload),
    })
}

/// Where an item stands, and its history.
pub(in crate::tracker) fn encode_state(item: &Item) -> Vec<u8> {
    // Without `..`: a new field must not be forgotten here.
    let Item {
        key: _,
        kind: _,
        priority: _,
        payload: _,
        parents,
        state,
        token,
        closed,
        failures,
        lost_leases,
        preemptions,
        unavailable_since,
        last_failure,
    } = item;
    encode(&MovingRecord {
        is: standing_of(state),
        token: token.0,
        closed: closed.map(|closed| ClosedRecord {
            token: closed.token.0,
            lease_id: closed.lease_id,
            how: closed.how,
            answer: closed.answer,
            children: closed.children,
        }),
        failures: *failures,
        lost_leases: *lost_leases,
        preemptions: *preemptions,
        unavailable_since: unavailable_since.map(|since| since.0),
        last_failure: last_failure.as_deref().map(Cow::Borrowed),
        parents: parents.iter().map(|parent| parent.0).collect(),
    })
}

fn standing_of(state: &State) -> StandingRecord<'_> {
    match state {
        State::Ready { not_before } => StandingRecord::Ready { not_before: not_before.0 },
        State::Leased(lease) => {
            let Lease { worker, incarnation, lease_id, granted, deadline: _, chunks, children } = &**lease;
            StandingRecord::Leased {
                worker: worker.clone(),
                incarnation: incarnation.clone(),
                lease_id: *lease_id,
                granted: granted.0,
                chunks: *chunks,
                children: *children,
            }
        }
        State::Succeeded { result, skipped } => {
            StandingRecord::Succeeded { result: Cow::Borrowed(result), skipped: *skipped }
        }
        State::Dead { reason, cause } => {
            StandingRecord::Dead { reason: Cow::Borrowed(reason), cause: *cause }
        }
        State::Cancelled => StandingRecord::Cancelled,
    }
}

/// An item from its two texts.
pub(in crate::tracker) fn item_from(
    key: ItemKey,
    fixed: &[u8],
    state: &[u8],
) -> Result<(ItemIx, Item), CodecError> {
    let fixed: FixedRecord<'_> = decode("an item", fixed)?;
    let moving: MovingRecord<'_> = decode("an item's state", state)?;
    let item = Item {
        key,
        kind: KindIx(fixed.kind),
        priority: fixed.priority,
        payload: fixed.payload.into(),
        parents: moving.parents.into_iter().map(ItemIx).collect(),
        state: state_from(moving.is),
        token: FencingToken(moving.token),
        closed: moving.closed.map(|closed| ClosedLease {
            token: FencingToken(closed.token),
            lease_id: closed.lease_id,
            how: closed.how,
            answer: closed.answer,
            children: closed.children,
        }),
        failures: moving.failures,
        lost_leases: moving.lost_leases,
        preemptions: moving.preemptions,
        unavailable_since: moving.unavailable_since.map(Millis),
        last_failure: moving.last_failure.map(Into::into),
    };
    Ok((ItemIx(fixed.ix), item))
}

fn state_from(standing: StandingRecord<'_>) -> State {
    match standing {
        StandingRecord::Ready { not_before } => State::Ready { not_before: Millis(not_before) },
        StandingRecord::Leased { worker, incarnation, lease_id, granted, chunks, children } => {
            State::Leased(Box::new(Lease {
                worker,
                incarnation,
                lease_id,
                granted: Millis(granted),
                deadline: Millis::ZERO,
                chunks,
                children,
            }))
        }
        StandingRecord::Succeeded { result, skipped } => State::Succeeded { result: result.into(), skipped },
        StandingRecord::Dead { reason, cause } => State::Dead { reason: reason.into(), cause },
        StandingRecord::Cancelled => State::Cancelled,
    }
}
