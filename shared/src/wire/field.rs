//! Single fields, whichever message they stand in: ids, texts and times.

use std::time::Duration;

use super::error::WireError;
use crate::ids::InvalidId;
use crate::model::MAX_KIND_LEN;

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

/// Refuses a text of more bytes than its limit.
pub(super) fn limit_bytes(field: &'static str, text: &str, limit: usize) -> Result<(), WireError> {
    match text.len() {
        actual if actual > limit => Err(WireError::TooLarge { field, actual, limit, unit: "bytes" }),
        _ => Ok(()),
    }
}

/// Reads the name of a kind of items.
pub(super) fn kind_from(field: &'static str, kind: String) -> Result<String, WireError> {
    if kind.is_empty() {
        return Err(WireError::Missing { field });
    }
    limit_bytes(field, &kind, MAX_KIND_LEN)?;
    match kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        true => Ok(kind),
        false => Err(WireError::Invalid { field, reason: "only a-z, 0-9 and `_` are allowed".into() }),
    }
}

/// Reads a duration; negative ones are refused.
pub(super) fn duration_from(
    field: &'static str,
    duration: &prost_types::Duration,
) -> Result<Duration, WireError> {
    Duration::try_from(*duration)
        .map_err(|_| WireError::Invalid { field, reason: "must not be negative".into() })
}

/// Reads a duration that must be there.
pub(super) fn required(
    field: &'static str,
    duration: Option<prost_types::Duration>,
) -> Result<Duration, WireError> {
    duration_from(field, &duration.ok_or(WireError::Missing { field })?)
}

/// Writes a duration; what protobuf cannot hold becomes its largest value.
pub fn duration_to(duration: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(duration)
        .unwrap_or(prost_types::Duration { seconds: i64::MAX, nanos: 999_999_999 })
}

/// Writes a moment, given in milliseconds since the Unix epoch.
pub(super) fn timestamp_to(unix_ms: u64) -> prost_types::Timestamp {
    let seconds = i64::try_from(unix_ms / 1_000).unwrap_or(i64::MAX);
    let millis = i32::try_from(unix_ms % 1_000).expect("below 1,000");
    prost_types::Timestamp { seconds, nanos: millis * 1_000_000 }
}
