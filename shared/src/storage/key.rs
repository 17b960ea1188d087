//! The names of objects, the same in every store.

use std::fmt;
use std::str::FromStr;

/// The longest key, S3's limit.
const MAX_KEY_BYTES: usize = 1_024;

/// An object's name: `/`-separated segments, none empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key as text, without a leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidKey;

    /// Checks a key; a name from outside (a zip entry, a URL path) can never leave the store.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let segment_is_safe = |segment: &str| {
            !matches!(segment, "" | "." | "..") && !segment.contains(|c: char| c == '\\' || c.is_control())
        };
        if text.len() > MAX_KEY_BYTES || !text.split('/').all(segment_is_safe) {
            return Err(InvalidKey(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A text that is no key; it says what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a valid object key: {0:?} (needs non-empty segments without \"..\", backslashes or control characters)"
)]
pub struct InvalidKey(String);
