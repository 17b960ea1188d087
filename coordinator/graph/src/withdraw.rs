//! Output that was found damaged is no longer current: the next run makes the filing again.

use bytes::Bytes;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::storage::{Error as StoreError, Expect, SharedStore, layout};

use crate::error::Error;

/// Empties a filing's pointer if it still names this input key, of which the first digits are enough. Whoever makes the filing again points to its output as
/// ever; nothing is deleted, so that what is whole can be looked at.
///
/// # Errors
/// [`Error::Store`].
pub(crate) async fn withdraw(
    store: &SharedStore,
    accession: &AccessionNumber,
    input_key: &str,
) -> Result<(), Error> {
    let pointer = layout::current_manifest(accession);
    let (current, version) = match store.get_versioned(&pointer).await {
        Err(StoreError::NotFound { .. }) => return Ok(()),
        found => found?,
    };
    if current.is_empty() || !current.starts_with(input_key.as_bytes()) {
        return Ok(());
    }
    match store.put_if(&pointer, Bytes::new(), Expect::Version(version)).await {
        // Made again meanwhile.
        Err(StoreError::Conflict { .. }) => Ok(()),
        done => Ok(done?),
    }
}
