//! What a failing object store means for a work item: the store is a dependency of every item, no fault of this one.

use edgraph_shared::failure::Failure;
use edgraph_shared::storage::Error;

/// The dependency's name in status and logs.
pub const STORE: &str = "object store";

/// Classifies an error of the store.
pub fn store_failure(error: Error) -> Failure {
    let message = error.to_string();
    match error {
        // Credentials and buckets are put right by a person; until then no item fails for it.
        Error::Unavailable { .. } | Error::Denied { .. } | Error::Misconfigured { .. } => {
            Failure::unavailable(STORE, message)
        }
        // Somebody else wrote or deleted it: the next attempt sees what there is.
        Error::NotFound { .. } | Error::Conflict { .. } => Failure::transient(message),
        Error::BadKey { .. } => Failure::permanent(message),
    }
}
