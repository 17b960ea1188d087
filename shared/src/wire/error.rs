//! What is wrong with a message that cannot be read.

use super::protocol::ProtocolMismatch;
use crate::ids::InvalidId;

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
    /// A peer of a version that this one cannot talk to.
    #[error(transparent)]
    Protocol(#[from] ProtocolMismatch),
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
            Self::Protocol(_) => "protocol",
            Self::Missing { field }
            | Self::Id { field, .. }
            | Self::TooLarge { field, .. }
            | Self::Invalid { field, .. } => field,
        }
    }
}
