//! Manifests, read and known to be the ones that were asked for: no other place of this package reads one.

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::storage::{SharedStore, layout};

use crate::error::Error;

/// The manifest of what was made of a filing from this input, with these bytes where their hash is known.
///
/// # Errors
/// [`Error::Damaged`] if it is missing, or another one; the store's.
pub(crate) async fn read(
    store: &SharedStore,
    accession: &AccessionNumber,
    input_key: &str,
    sha256: Option<&str>,
) -> Result<Manifest, Error> {
    let key = layout::manifest(accession, input_key);
    let damaged = |problem: String| Error::Damaged { key: key.to_string(), problem };
    let bytes = store.find(&key).await?.ok_or_else(|| damaged("it is missing".to_owned()))?;
    if let Some(expected) = sha256 {
        let found = sha256_hex(&bytes);
        if found != expected {
            return Err(damaged(format!("its sha256 is {found} instead of {expected}")));
        }
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if (manifest.accession, manifest.input_key.as_str()) != (*accession, input_key) {
        return Err(damaged(format!(
            "it is of {} with input key {}",
            manifest.accession, manifest.input_key
        )));
    }
    Ok(manifest)
}
