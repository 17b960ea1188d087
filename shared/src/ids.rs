//! Names and tokens, each its own type, parsed once at the border.
//!
//! Every id prints, parses and serialises as one string. What parses is valid everywhere else, so no other
//! module checks an id again. Sits below everything; knows nothing of what the ids name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

/// Longest pipeline id: it becomes a part of Redis keys and of object names.
pub const MAX_PIPELINE_ID_LEN: usize = 63;
/// Longest store id and graph id: room for a UUID and for what people may choose.
pub const MAX_STORE_ID_LEN: usize = 64;
/// Longest item key in bytes: keys are kept in memory for every item of a pipeline.
pub const MAX_ITEM_KEY_LEN: usize = 256;
/// Longest worker id and incarnation in bytes: they appear in every log line.
pub const MAX_WORKER_ID_LEN: usize = 128;

/// A text that is not a valid id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: expected {expected}")]
pub struct InvalidId {
    /// What the text was to name.
    pub what: &'static str,
    /// The text, cut to a length fit for messages.
    pub text: String,
    /// The rule it breaks.
    pub expected: &'static str,
}

impl InvalidId {
    fn new(what: &'static str, text: &str, expected: &'static str) -> Self {
        const SHOWN_CHARS: usize = 80;
        Self { what, text: text.chars().take(SHOWN_CHARS).collect(), expected }
    }
}

macro_rules! serde_as_string {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.into())) } else { Err(InvalidId::new($what, text, $expected)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        serde_as_string!($name);
    };
}

fn is_name(text: &str) -> bool {
    (1..=MAX_PIPELINE_ID_LEN).contains(&text.len())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

fn is_chosen_at_random(text: &str) -> bool {
    (1..=MAX_STORE_ID_LEN).contains(&text.len())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn printable_within(text: &str, max: usize) -> bool {
    !text.is_empty() && text.len() <= max && !text.chars().any(char::is_control)
}

text_id!(
    /// Names a pipeline; the client may choose it.
    PipelineId,
    "pipeline id",
    "1 to 63 characters of a-z, 0-9, `_`, `-`",
    is_name
);

text_id!(
    /// Names one of several fleets on one tracker.
    Namespace,
    "namespace",
    "1 to 63 characters of a-z, 0-9, `_`, `-`",
    is_name
);

text_id!(
    /// Names a store; chosen at random by whoever uses it first, and written into it.
    StoreId,
    "store id",
    "1 to 64 characters of a-z, 0-9, `-`",
    is_chosen_at_random
);

text_id!(
    /// Names a graph; made with its folder, and kept in it.
    GraphId,
    "graph id",
    "1 to 64 characters of a-z, 0-9, `-`",
    is_chosen_at_random
);

text_id!(
    /// Names a work item; unique in its pipeline, by convention `{kind}/{rest}`.
    ItemKey,
    "item key",
    "1 to 256 bytes without control characters",
    |text| printable_within(text, MAX_ITEM_KEY_LEN)
);

text_id!(
    /// Names a worker across restarts of its process.
    WorkerId,
    "worker id",
    "1 to 128 bytes without control characters",
    |text| printable_within(text, MAX_WORKER_ID_LEN)
);

text_id!(
    /// Names one process of a worker; random, made at process start.
    Incarnation,
    "incarnation",
    "1 to 128 bytes without control characters",
    |text| printable_within(text, MAX_WORKER_ID_LEN)
);

impl Incarnation {
    /// A new random incarnation.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string().into())
    }
}

/// A random number that names one lease; 16 hex digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(pub u64);

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for LeaseId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = if valid { u64::from_str_radix(text, 16).ok() } else { None };
        number.map(Self).ok_or_else(|| InvalidId::new("lease id", text, "16 hex digits"))
    }
}

serde_as_string!(LeaseId);

/// Rises with every grant of an item. Whoever holds a lower token than the newest holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FencingToken(pub u64);

impl FencingToken {
    /// The token of the next grant. Tokens rise by single grants and bounded proofs, so the end of the numbers is never
    /// reached; what stands there anyway must not take the process down.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FencingToken {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self).map_err(|_| InvalidId::new("fencing token", text, "a decimal number"))
    }
}

serde_as_string!(FencingToken);

/// The SEC's number of a filer, 1 to 10 digits. Prints without leading zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cik(u64);

impl Cik {
    /// The largest number that fits the ten digits EDGAR writes.
    pub const MAX: u64 = 9_999_999_999;

    /// The filer with this number, if it has at most ten digits and is not zero.
    pub fn new(number: u64) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
    }

    /// The number itself.
    pub fn number(self) -> u64 {
        self.0
    }

    /// Ten digits with leading zeros, as EDGAR's `CIK##########.json` names have them.
    pub fn cik10(self) -> String {
        format!("{:010}", self.0)
    }
}

impl fmt::Display for Cik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Cik {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number = if valid { text.parse().ok() } else { None };
        number.and_then(Self::new).ok_or_else(|| InvalidId::new("CIK", text, "1 to 10 digits, not all zero"))
    }
}

serde_as_string!(Cik);

/// EDGAR's name of a submission: `NNNNNNNNNN-NN-NNNNNN`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessionNumber([u8; AccessionNumber::LEN]);

impl AccessionNumber {
    const LEN: usize = 20;
    const DASHES: [usize; 2] = [10, 13];

    /// The number as text with dashes.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("parsing lets only digits and dashes in")
    }

    /// The 18 digits alone, as folder names in EDGAR's archives have them.
    pub fn no_dashes(&self) -> String {
        self.as_str().replace('-', "")
    }
}

impl fmt::Display for AccessionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccessionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccessionNumber {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId::new("accession number", text, "the form NNNNNNNNNN-NN-NNNNNN");
        let bytes: [u8; Self::LEN] = text.as_bytes().try_into().map_err(|_| invalid())?;
        let well_formed = bytes.iter().enumerate().all(|(position, byte)| {
            if Self::DASHES.contains(&position) { *byte == b'-' } else { byte.is_ascii_digit() }
        });
        if well_formed { Ok(Self(bytes)) } else { Err(invalid()) }
    }
}

serde_as_string!(AccessionNumber);

#[cfg(test)]
mod tests;
