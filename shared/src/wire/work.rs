//! What is to be done, under which lease, and how it failed: the parts that several messages are made of.

use edgraph_proto::v1;

use super::error::WireError;
use super::field::{check_kind, duration_from, duration_to, limit_bytes, parse_id};
use crate::failure::{Failure, FailureClass};
use crate::ids::FencingToken;
use crate::model::{LeaseRef, MAX_PAYLOAD_LEN, WorkItem};

/// Reads an item.
pub(super) fn work_item_from(item: v1::WorkItem) -> Result<WorkItem, WireError> {
    let key = parse_id("item.key", &item.key)?;
    let item = WorkItem { kind: item.kind, key, payload: item.payload, priority: item.priority };
    check_item(&item).map(|()| item)
}

/// Checks what the type of an item leaves open.
pub(super) fn check_item(item: &WorkItem) -> Result<(), WireError> {
    limit_bytes("item.payload", &item.payload, MAX_PAYLOAD_LEN)?;
    check_kind("item.kind", &item.kind)
}

/// Writes an item.
pub(super) fn work_item_to(item: WorkItem) -> v1::WorkItem {
    v1::WorkItem {
        kind: item.kind,
        key: item.key.to_string(),
        payload: item.payload,
        priority: item.priority,
    }
}

/// Reads the name of a lease.
pub(super) fn lease_from(lease: Option<v1::LeaseRef>) -> Result<LeaseRef, WireError> {
    let lease = lease.ok_or(WireError::Missing { field: "lease" })?;
    Ok(LeaseRef {
        pipeline: parse_id("lease.pipeline_id", &lease.pipeline_id)?,
        key: parse_id("lease.item_key", &lease.item_key)?,
        token: FencingToken(lease.fencing_token),
        lease_id: parse_id("lease.lease_id", &lease.lease_id)?,
    })
}

/// Writes the name of a lease.
pub(super) fn lease_to(lease: &LeaseRef) -> v1::LeaseRef {
    v1::LeaseRef {
        pipeline_id: lease.pipeline.to_string(),
        item_key: lease.key.to_string(),
        fencing_token: lease.token.0,
        lease_id: lease.lease_id.to_string(),
    }
}

/// Reads a failure. A class this version does not know reads as Permanent: retrying what one does not
/// understand may never end.
pub(super) fn failure_from(failure: Option<v1::Failure>) -> Result<Failure, WireError> {
    let failure = failure.ok_or(WireError::Missing { field: "failure" })?;
    let class = match failure.class() {
        v1::FailureClass::Transient => FailureClass::Transient,
        v1::FailureClass::Throttled => {
            let retry_after = failure.retry_after.as_ref();
            let retry_after =
                retry_after.map(|wait| duration_from("failure.retry_after", wait)).transpose()?;
            FailureClass::Throttled { retry_after: retry_after.unwrap_or_default() }
        }
        v1::FailureClass::Unavailable => FailureClass::Unavailable { dependency: failure.dependency.clone() },
        v1::FailureClass::Preempted => FailureClass::Preempted,
        v1::FailureClass::Permanent | v1::FailureClass::Unspecified => FailureClass::Permanent,
    };
    Ok(Failure::new(class, failure.message))
}

/// Writes a failure.
pub(super) fn failure_to(failure: Failure) -> v1::Failure {
    let mut message = v1::Failure { message: failure.message, ..Default::default() };
    let class = match failure.class {
        FailureClass::Transient => v1::FailureClass::Transient,
        FailureClass::Throttled { retry_after } => {
            message.retry_after = Some(duration_to(retry_after));
            v1::FailureClass::Throttled
        }
        FailureClass::Unavailable { dependency } => {
            message.dependency = dependency;
            v1::FailureClass::Unavailable
        }
        FailureClass::Permanent => v1::FailureClass::Permanent,
        FailureClass::Preempted => v1::FailureClass::Preempted,
    };
    message.set_class(class);
    message
}
