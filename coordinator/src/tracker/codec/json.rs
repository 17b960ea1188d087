//! Records as JSON text, and what is said of one that does not read, or that a newer build alone may read.

use serde::{Deserialize, Serialize};

/// The version of records that this build reads. It rises with what an older build must not overlook.
const READER: u32 = 4;
/// How a record begins that says which reader it needs.
const SAYS_READER: &[u8] = b"{\"reader\":";

/// A text that does not say what it should.
#[derive(Debug, thiserror::Error)]
pub(in crate::tracker) enum CodecError {
    /// It is no record.
    #[error("{what}: {error}")]
    Text { what: &'static str, error: serde_json::Error },
    /// Only newer builds may read it.
    #[error("{what} needs edgraph {since}, and this is {}", env!("CARGO_PKG_VERSION"))]
    Newer { what: &'static str, since: String },
}

impl CodecError {
    /// Whether nothing is wrong with the record: this build is too old.
    pub(in crate::tracker) fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. })
    }
}

/// What a record says of those who may read it.
#[derive(Deserialize)]
struct Readers {
    reader: u32,
    /// The first edgraph that reads it.
    #[serde(default)]
    since: String,
}

pub(super) fn encode(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records are plain data with text keys")
}

/// The reader that a record needs.
#[derive(Serialize)]
pub(super) struct Since {
    pub reader: u32,
    /// The first edgraph that reads it.
    pub since: &'static str,
}

/// A record that only this reader and later ones may read.
pub(super) fn encode_for(since: Since, record: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Marked<'a, T> {
        #[serde(flatten)]
        since: Since,
        #[serde(flatten)]
        record: &'a T,
    }
    encode(&Marked { since, record })
}

pub(super) fn decode<'a, T: Deserialize<'a>>(what: &'static str, text: &'a [u8]) -> Result<T, CodecError> {
    check_reader(what, text)?;
    serde_json::from_slice(text).map_err(|error| CodecError::Text { what, error })
}

/// Whether this build may read a record, before it tries: what it does not know may not read at all.
pub(in crate::tracker) fn check_reader(what: &'static str, text: &[u8]) -> Result<(), CodecError> {
    if !text.starts_with(SAYS_READER) {
        return Ok(());
    }
    let readers: Readers = serde_json::from_slice(text).map_err(|error| CodecError::Text { what, error })?;
    if readers.reader <= READER {
        return Ok(());
    }
    let since = match readers.since.as_str() {
        "" => "of a later version".to_owned(),
        since => format!("{since} or newer"),
    };
    Err(CodecError::Newer { what, since })
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
