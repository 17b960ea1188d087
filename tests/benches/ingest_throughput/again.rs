//! Filings of a store that were made again.

use anyhow::Context;
use edgraph_shared::kinds::sec_xbrl::Accepted;
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::storage::{LocalStore, Store, layout};

/// The same filing as if another version of the processor had made it, with the same rows.
///
/// # Errors
/// When the store fails.
pub(crate) async fn again(store: &LocalStore, accepted: &Accepted, round: usize) -> anyhow::Result<Accepted> {
    let accession = accepted.key.as_str().rsplit('/').next().context("a key has a slash")?.parse()?;
    let manifest = store.get(&layout::manifest(&accession, &accepted.result.input_key)).await?;
    let mut manifest: Manifest = serde_json::from_slice(&manifest)?;
    manifest.input_key = sha256_hex(format!("{} {round}", manifest.input_key).as_bytes());
    let bytes = serde_json::to_vec(&manifest)?;
    let mut again = accepted.clone();
    again.result.input_key = manifest.input_key.clone();
    again.result.manifest_sha256 = sha256_hex(&bytes);
    store.put(&layout::manifest(&accession, &manifest.input_key), bytes.into()).await?;
    Ok(again)
}
