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

/// Parses an id that may be left out.
pub(super) fn optional_id<T>(field: &'static str, text: &str) -> Result<Option<T>, WireError>
where
    T: std::str::FromStr<Err = InvalidId>,
{
    if text.is_empty() { Ok(None) } else { parse_id(field, text).map(Some) }
}

/// Writes an id that may be left out.
pub(super) fn optional_to(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// Refuses a text of more bytes than its limit.
pub(super) fn limit_bytes(field: &'static str, text: &str, limit: usize) -> Result<(), WireError> {
    match text.len() {
        actual if actual > limit => Err(WireError::TooLarge { field, actual, limit, unit: "bytes" }),
        _ => Ok(()),
    }
}

/// Refuses a list of more entries than its limit.
pub(super) fn limit_len(
    field: &'static str,
    actual: usize,
    limit: usize,
    unit: &'static str,
) -> Result<(), WireError> {
    if actual > limit { Err(WireError::TooLarge { field, actual, limit, unit }) } else { Ok(()) }
}

/// Reads the name of a kind of items, or another name that is made like one.
pub fn kind_from(field: &'static str, kind: String) -> Result<String, WireError> {
    check_kind(field, &kind).map(|()| kind)
}

/// Checks the name of a kind of items.
pub(super) fn check_kind(field: &'static str, kind: &str) -> Result<(), WireError> {
    if kind.is_empty() {
        return Err(WireError::Missing { field });
    }
    limit_bytes(field, kind, MAX_KIND_LEN)?;
    match kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        true => Ok(()),
        false => Err(WireError::Invalid { field, reason: "only a-z, 0-9 and `_` are allowed".into() }),
    }
}

/// The longest duration that protobuf knows, in seconds: 10,000 years.
const MAX_SECONDS: i64 = 315_576_000_000;

/// Reads a duration; negative ones and what is none are refused. By hand: the library's own conversion panics for the
/// smallest numbers.
pub(super) fn duration_from(
    field: &'static str,
    duration: &prost_types::Duration,
) -> Result<Duration, WireError> {
    let seconds = u64::try_from(duration.seconds).ok().filter(|_| duration.seconds <= MAX_SECONDS);
    let nanos = u32::try_from(duration.nanos).ok().filter(|nanos| *nanos < 1_000_000_000);
    match (seconds, nanos) {
        (Some(seconds), Some(nanos)) => Ok(Duration::new(seconds, nanos)),
        _ => {
            let reason = format!(
                "{} s and {} ns are no duration from 0 to {MAX_SECONDS} s",
                duration.seconds, duration.nanos
            );
            Err(WireError::Invalid { field, reason })
        }
    }
}

/// Reads a duration that must be there.
pub(super) fn required(
    field: &'static str,
    duration: Option<prost_types::Duration>,
) -> Result<Duration, WireError> {
    duration_from(field, &duration.ok_or(WireError::Missing { field })?)
}

/// Writes a duration; what protobuf does not know becomes the longest that it does.
pub fn duration_to(duration: Duration) -> prost_types::Duration {
    let longest = Duration::from_secs(MAX_SECONDS.unsigned_abs());
    let duration = duration.min(longest);
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(MAX_SECONDS),
        nanos: i32::try_from(duration.subsec_nanos()).expect("below a thousand million"),
    }
}

/// Writes a moment, given in milliseconds since the Unix epoch.
pub(super) fn timestamp_to(unix_ms: u64) -> prost_types::Timestamp {
    let seconds = i64::try_from(unix_ms / 1_000).unwrap_or(i64::MAX);
    let millis = i32::try_from(unix_ms % 1_000).expect("below 1,000");
    prost_types::Timestamp { seconds, nanos: millis * 1_000_000 }
}
