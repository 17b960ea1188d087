//! Proto types to model types and back: the only place where the two meet.
//!
//! Reading parses: ids, sizes and enums are checked here, so that nothing behind this border checks them again.
//! Writing cannot fail. [`stream`] converts the Work stream, [`pipeline`] the PipelineService,
//! [`fleet`] the AdminService, [`request_tokens`] what both say of request tokens.

pub mod pipeline;
pub mod stream;
pub mod fleet;
mod request_tokens;

use std::time::Duration;

use edgraph_proto::v1;

use crate::failure::{Failure, FailureClass};
use crate::ids::InvalidId;
use crate::model::{LeaseRef, MAX_KIND_LEN, MAX_PAYLOAD_LEN, WorkItem};

/// A message that breaks the API's rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field that must be set is not.
    #[error("`{field}` is missing")]
    Missing {
        /// The field's path.
        field: &'static str,
    },
    /// An id that does not parse.
    #[error("`{field}`: {source}")]
    Id {
        /// The field's path.
        field: &'static str,
        /// The rule it breaks.
        source: InvalidId,
    },
    /// A value beyond its limit.
    #[error("`{field}` has {actual} {unit}, at most {limit} are allowed")]
    TooLarge {
        /// The field's path.
        field: &'static str,
        /// As received.
        actual: usize,
        /// The limit.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A value that makes no sense.
    #[error("`{field}`: {reason}")]
    Invalid {
        /// The field's path.
        field: &'static str,
        /// The rule it breaks.
        reason: String,
    },
}

impl WireError {
    /// The path of the field that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Missing { field }
            | Self::Id { field, .. }
            | Self::TooLarge { field, .. }
            | Self::Invalid { field, .. } => field,
        }
    }
}

/// Parses an id that a request names.
pub fn parse_id<T>(field: &'static str, text: &str) -> Result<T, WireError>
where
    T: std::str::FromStr<Err = InvalidId>,
{
    if text.is_empty() {
        return Err(WireError::Missing { field });
    }
    text.parse().map_err(|source| WireError::Id { field, source })
}

/// Reads a duration; negative ones are refused.
pub fn duration_from(field: &'static str, duration: &prost_types::Duration) -> Result<Duration, WireError> {
    Duration::try_from(*duration)
        .map_err(|_| WireError::Invalid { field, reason: "must not be negative".into() })
}

/// Writes a duration; what protobuf cannot hold becomes its largest value.
pub fn duration_to(duration: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(duration)
        .unwrap_or(prost_types::Duration { seconds: i64::MAX, nanos: 999_999_999 })
}

fn limit_bytes(field: &'static str, text: &str, limit: usize) -> Result<(), WireError> {
    match text.len() {
        actual if actual > limit => Err(WireError::TooLarge { field, actual, limit, unit: "bytes" }),
        _ => Ok(()),
    }
}

fn kind_from(field: &'static str, kind: String) -> Result<String, WireError> {
    if kind.is_empty() {
        return Err(WireError::Missing { field });
    }
    limit_bytes(field, &kind, MAX_KIND_LEN)?;
    match kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        true => Ok(kind),
        false => Err(WireError::Invalid { field, reason: "only a-z, 0-9 and `_` are allowed".into() }),
    }
}

/// Reads an item.
pub fn work_item_from(item: v1::WorkItem) -> Result<WorkItem, WireError> {
    limit_bytes("item.payload", &item.payload, MAX_PAYLOAD_LEN)?;
    Ok(WorkItem {
        kind: kind_from("item.kind", item.kind)?,
        key: parse_id("item.key", &item.key)?,
        payload: item.payload,
        priority: item.priority,
    })
}

/// Writes an item.
pub fn work_item_to(item: WorkItem) -> v1::WorkItem {
    v1::WorkItem {
        kind: item.kind,
        key: item.key.to_string(),
        payload: item.payload,
        priority: item.priority,
    }
}

/// Reads the name of a lease.
pub fn lease_from(lease: Option<v1::LeaseRef>) -> Result<LeaseRef, WireError> {
    let lease = lease.ok_or(WireError::Missing { field: "lease" })?;
    Ok(LeaseRef {
        pipeline: parse_id("lease.pipeline_id", &lease.pipeline_id)?,
        key: parse_id("lease.item_key", &lease.item_key)?,
        token: crate::ids::FencingToken(lease.fencing_token),
        lease_id: parse_id("lease.lease_id", &lease.lease_id)?,
    })
}

/// Writes the name of a lease.
pub fn lease_to(lease: &LeaseRef) -> v1::LeaseRef {
    v1::LeaseRef {
        pipeline_id: lease.pipeline.to_string(),
        item_key: lease.key.to_string(),
        fencing_token: lease.token.0,
        lease_id: lease.lease_id.to_string(),
    }
}

/// Reads a failure. A class this version does not know reads as Permanent: retrying what one does not
/// understand may never end.
pub fn failure_from(failure: Option<v1::Failure>) -> Result<Failure, WireError> {
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
pub fn failure_to(failure: Failure) -> v1::Failure {
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

#[cfg(test)]
mod tests;
