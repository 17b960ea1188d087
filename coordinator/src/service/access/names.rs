//! The worker names that a token is good for.

use std::fmt;

use edgraph_shared::ids::WorkerId;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Any.
    Any,
    /// This one.
    One(WorkerId),
    /// All that begin so.
    Prefix(String),
}

impl Names {
    /// Reads `NAME` or `PREFIX*`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('*') {
            Some(prefix) => (!prefix.contains('*')).then(|| Self::Prefix(prefix.to_owned())),
            None if text.contains('*') => None,
            None => text.parse().ok().map(Self::One),
        }
    }

    pub(super) fn include(&self, worker: &WorkerId) -> bool {
        match self {
            Self::Any => true,
            Self::One(name) => name == worker,
            Self::Prefix(prefix) => worker.as_str().starts_with(prefix.as_str()),
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::One(name) => f.write_str(name.as_str()),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}
