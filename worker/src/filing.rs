//! A filing's raw files: fetched once, checked, kept in the store, and what of them is the source.
//!
//! ```text
//! fetch:  raw/{accession}.zip + .json in the store? ──▶ no request
//!         else {accession}-xbrl.zip ──404──▶ single files by index.json, zipped here
//!         ──▶ archive::unpack checks every byte ──▶ zip, then sidecar into the store
//! ```

pub mod archive;
pub mod index;
pub mod select;
pub mod source;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::Damage;
use edgraph_shared::manifest::{FilingMetadata, Sidecar, sha256_hex};
use edgraph_shared::storage::{SharedStore, layout};

use crate::download::Error;
use crate::edgar::{Edgar, Fetched};
use crate::store_failure::store_failure;

pub use source::{Candidate, SourceKind, candidates};

/// A filing as it was filed.
#[derive(Clone, Debug)]
pub struct RawFiling {
    /// The files by name, sorted by it.
    pub files: Vec<(String, Bytes)>,
    /// What is known of them; its metadata record is the one of the first download.
    pub sidecar: Sidecar,
    /// Entries of EDGAR's list of the files that cannot be read, where that was asked for.
    pub damage: Damage,
}

/// Gets a filing's files, from the store without any request if they are there and whole.
///
/// `ciks` are the companies that list the filing; its folder is under each, the first that has it is taken.
///
/// # Errors
/// Permanent when nobody has the filing or its archive is hostile; otherwise as EDGAR or the store failed.
pub async fn fetch(
    edgar: &Edgar,
    store: &SharedStore,
    metadata: &FilingMetadata,
    ciks: &[Cik],
) -> Result<RawFiling, Failure> {
    let accession = &metadata.accession;
    let sidecar = find_sidecar(store, accession).await?;
    if let Some(sidecar) = &sidecar
        && let Some(files) = find_whole(store, sidecar).await?
    {
        return Ok(RawFiling { files, sidecar: sidecar.clone(), damage: Damage::default() });
    }
    let (Fetched { bytes, url }, damage) = download(edgar, metadata, ciks).await?;
    let (files, sha256) = open(&bytes).map_err(|error| {
        let message = format!("{url}: {error}");
        // A host may send a torn archive once; a directory does it every time.
        if error.is_damage() && !edgar.is_local() {
            Failure::transient(message)
        } else {
            Failure::permanent(message)
        }
    })?;
    // The record of the first download stays, or a repaired file would change the filing's output.
    let metadata = sidecar.map_or_else(|| metadata.clone(), |sidecar| sidecar.metadata);
    let sidecar = Sidecar { sha256, bytes: bytes.len() as u64, url, metadata };
    store.put(&layout::raw_zip(accession), bytes).await.map_err(store_failure)?;
    let text = serde_json::to_vec(&sidecar).expect("strings and numbers always serialise");
    store.put(&layout::raw_sidecar(accession), text.into()).await.map_err(store_failure)?;
    Ok(RawFiling { files, sidecar, damage })
}

/// The sidecar of a filing's raw files; `None` when there is none or it cannot be read.
///
/// # Errors
/// As the store failed.
pub async fn find_sidecar(
    store: &SharedStore,
    accession: &AccessionNumber,
) -> Result<Option<Sidecar>, Failure> {
    let bytes = store.find(&layout::raw_sidecar(accession)).await.map_err(store_failure)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// The size of a filing's archive in the store, judged by its sidecar without opening it; `None` when there is none, and
/// when it is cut.
///
/// # Errors
/// As the store failed.
pub async fn kept_archive(store: &SharedStore, accession: &AccessionNumber) -> Result<Option<u64>, Failure> {
    let Some(sidecar) = find_sidecar(store, accession).await? else { return Ok(None) };
    let found = store.head(&layout::raw_zip(accession)).await.map_err(store_failure)?;
    Ok(found.map(|found| found.bytes).filter(|bytes| *bytes == sidecar.bytes))
}

async fn find_whole(store: &SharedStore, sidecar: &Sidecar) -> Result<Option<Vec<(String, Bytes)>>, Failure> {
    let accession = &sidecar.metadata.accession;
    let Some(bytes) = store.find(&layout::raw_zip(accession)).await.map_err(store_failure)? else {
        return Ok(None);
    };
    match open(&bytes) {
        Ok((files, sha256)) if sha256 == sidecar.sha256 => Ok(Some(files)),
        Ok(_) | Err(_) => {
            tracing::warn!(%accession, "the raw file in the store is torn and is downloaded anew");
            Ok(None)
        }
    }
}

fn open(bytes: &[u8]) -> Result<(Vec<(String, Bytes)>, String), archive::Error> {
    let work = || archive::unpack(bytes).map(|files| (files, sha256_hex(bytes)));
    blocking::in_place(work).unwrap_or_else(|panic| Err(archive::Error::damaged(panic.to_string())))
}

async fn download(
    edgar: &Edgar,
    metadata: &FilingMetadata,
    ciks: &[Cik],
) -> Result<(Fetched, Damage), Failure> {
    let accession = &metadata.accession;
    for cik in ciks {
        match edgar.xbrl_zip(*cik, accession).await {
            Err(Error::NotFound { .. }) => {}
            outcome => return Ok((outcome?, Damage::default())),
        }
        match index::download(edgar, *cik, metadata).await? {
            Some(found) => return Ok(found),
            None => tracing::debug!(%accession, %cik, "no such folder"),
        }
    }
    let ciks: Vec<String> = ciks.iter().map(Cik::to_string).collect();
    Err(Failure::permanent(format!(
        "filing {accession} is not in EDGAR's archives under CIK {}",
        ciks.join(", ")
    )))
}
