//! The skip check: whether a filing's output is there and is what processing it again would give.
//!
//! The input key is computed again from the manifest's list of taxonomy documents, the sidecar and a look-up of those
//! documents, and the files of the output are looked for. The raw file is not opened and, unless a refresh says so, no
//! host is asked.

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::{Processing, Refresh, TaxonomyMode};
use edgraph_shared::manifest::{Compacted, Manifest, OutputFile, TaxonomyFile, input_key, pointed_at};
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};

use futures::{StreamExt, TryStreamExt, stream};

use crate::filing;
use crate::store_failure::store_failure;
use crate::taxonomy_store::{Lookup, TaxonomyStore};

/// Files looked for at a time: enough to hide the latency of a store.
const PARALLEL_LOOKS: usize = 16;

/// The filing's manifest and its bytes, if it is current; `None` if the filing is to be processed.
///
/// # Errors
/// When the store fails, or a `--taxonomies` address.
pub async fn current(
    store: &SharedStore,
    taxonomies: &TaxonomyStore,
    accession: &AccessionNumber,
    processing: &Processing,
    processor_version: &str,
) -> Result<Option<(Manifest, Bytes)>, Failure> {
    if processing.refresh == Refresh::All {
        return Ok(None);
    }
    let Some((manifest, bytes)) = latest(store, accession).await? else { return Ok(None) };
    // Another version's key is another one, whatever the schemas are.
    if manifest.processor_version != processor_version {
        return Ok(None);
    }
    if processing.taxonomy_mode == TaxonomyMode::Strict && manifest.is_degraded() {
        return Ok(None);
    }
    let Some(sidecar) = filing::find_sidecar(store, accession).await? else { return Ok(None) };
    let mut files = Vec::with_capacity(manifest.taxonomies.len());
    for TaxonomyFile { url, sha256 } in &manifest.taxonomies {
        let ask_hosts = sha256.is_none() && processing.refresh == Refresh::Degraded;
        let found =
            if ask_hosts { ask_again(taxonomies, url).await? } else { look_up(taxonomies, url).await? };
        if found != *sha256 {
            return Ok(None);
        }
        files.push(TaxonomyFile { url: url.clone(), sha256: found });
    }
    // With the tickers it was made with: those that a company has since are no reason to make it again.
    let tickers = &manifest.sec_tickers;
    let key = input_key(&sidecar.sha256, &files, &sidecar.metadata, tickers, processor_version);
    let is_current = key == manifest.input_key && are_there(store, &manifest).await?;
    Ok(is_current.then_some((manifest, bytes)))
}

/// Whether every file of the output is there in its size, or gone because a larger file has its rows. One that is altered
/// and as long as before is found by its hash, by whoever reads it.
async fn are_there(store: &SharedStore, manifest: &Manifest) -> Result<bool, Failure> {
    let looks: Vec<_> = manifest.files.iter().map(|file| size(store, file)).collect();
    let sizes: Vec<Option<u64>> = stream::iter(looks).buffered(PARALLEL_LOOKS).try_collect().await?;
    let differing = || manifest.files.iter().zip(&sizes).filter(|(file, found)| **found != Some(file.bytes));
    if differing().next().is_none() {
        return Ok(true);
    }
    let note = store.find(&layout::compacted(&manifest.accession, &manifest.input_key)).await;
    let Compacted { tables } = Compacted::of(note.map_err(store_failure)?.as_deref());
    let wrong = differing().find(|(file, found)| found.is_some() || !tables.contains(&file.table));
    if let Some((OutputFile { key, bytes: expected, .. }, found)) = wrong {
        tracing::warn!(%key, expected, ?found, "a file is missing or damaged; its filing is processed again");
    }
    Ok(wrong.is_none())
}

/// The size of a file, `None` if it is not there.
async fn size(store: &SharedStore, file: &OutputFile) -> Result<Option<u64>, Failure> {
    let Ok(key) = file.key.parse::<ObjectKey>() else { return Ok(None) };
    Ok(store.head(&key).await.map_err(store_failure)?.map(|found| found.bytes))
}

/// The manifest that `current` points to, whatever made it, and its bytes; `None` when there is none or it cannot be
/// read.
///
/// # Errors
/// When the store fails.
pub async fn latest(
    store: &SharedStore,
    accession: &AccessionNumber,
) -> Result<Option<(Manifest, Bytes)>, Failure> {
    let find = async |key: ObjectKey| store.find(&key).await.map_err(store_failure);
    let Some(pointer) = find(layout::current_manifest(accession)).await? else { return Ok(None) };
    let Some(key) = pointed_at(&pointer) else { return Ok(None) };
    let Some(bytes) = find(layout::manifest(accession, key)).await? else { return Ok(None) };
    let manifest: Option<Manifest> = serde_json::from_slice(&bytes).ok();
    let belongs = |manifest: &Manifest| {
        manifest.input_key == key && manifest.accession == *accession && manifest.taxonomies.is_sorted()
    };
    Ok(manifest.filter(belongs).map(|manifest| (manifest, bytes)))
}

async fn look_up(taxonomies: &TaxonomyStore, url: &str) -> Result<Option<String>, Failure> {
    Ok(taxonomies.lookup_only(url).await?.map(|sha256| sha256.to_string()))
}

async fn ask_again(taxonomies: &TaxonomyStore, url: &str) -> Result<Option<String>, Failure> {
    Ok(match taxonomies.bytes(url).await? {
        Lookup::Found { sha256, .. } | Lookup::Malformed { sha256, .. } => Some(sha256.to_string()),
        // A host that does not answer has not changed anything.
        Lookup::Missing(_) | Lookup::Unavailable(_) => None,
    })
}

#[cfg(test)]
mod tests;
