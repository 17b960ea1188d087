//! Records as JSON text, and what is said of one that does not read.

use serde::{Deserialize, Serialize};

/// A text that does not say what it should.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {error}")]
pub(in crate::tracker) struct CodecError {
    what: &'static str,
    error: serde_json::Error,
}

pub(super) fn encode(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records are plain data with text keys")
}

pub(super) fn decode<'a, T: Deserialize<'a>>(what: &'static str, text: &'a [u8]) -> Result<T, CodecError> {
    serde_json::from_slice(text).map_err(|error| CodecError { what, error })
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
