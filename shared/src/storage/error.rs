//! Why a store could not do as told, in the terms that callers decide by.

use super::key::{InvalidKey, ObjectKey};

/// Why a store could not do as told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such object.
    #[error("no object {key} in {store}")]
    NotFound {
        /// The store, as [`Store::uri`](super::Store::uri) names it.
        store: String,
        /// The key asked for.
        key: ObjectKey,
    },
    /// A conditional put found another version; read again and decide anew.
    #[error("object {key} has changed meanwhile")]
    Conflict {
        /// The key.
        key: ObjectKey,
    },
    /// A key that no store accepts.
    #[error(transparent)]
    BadKey(#[from] InvalidKey),
    /// The store answers but does not let us: access denied, or credentials that are missing, wrong or expired. No
    /// fault of what is being stored, and nothing that trying again at once would change.
    #[error("{store}: not allowed to {}: {reason}", doing(action, key))]
    Denied {
        /// The store, as [`Store::uri`](super::Store::uri) names it.
        store: String,
        /// What was being done, such as `write`.
        action: &'static str,
        /// The key or prefix; empty for the store as a whole.
        key: String,
        /// What the store said and what to do.
        reason: String,
    },
    /// The address does not lead to a store: it cannot be read, or there is no such bucket there.
    #[error("{store}: {reason}")]
    Misconfigured {
        /// The address, or the store as [`Store::uri`](super::Store::uri) names it.
        store: String,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// The store did not answer or could not write; trying again may help.
    #[error("{store}: {}: {source}", doing(action, key))]
    Unavailable {
        /// The store, as [`Store::uri`](super::Store::uri) names it.
        store: String,
        /// What was being done, such as `write`.
        action: &'static str,
        /// The key or prefix; empty for the store as a whole.
        key: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What was being done; a store as a whole has no key.
fn doing(action: &str, key: &str) -> String {
    if key.is_empty() { action.to_owned() } else { format!("{action} {key}") }
}
