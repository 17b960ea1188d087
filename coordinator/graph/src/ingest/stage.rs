//! Staging: a batch's manifests and files, from the store to the scratch folder, verified.
//!
//! Kuzu reads local files only. Everything is checked against the hashes that were accepted, so what is loaded is
//! what the workers wrote. Memory holds a few files at a time, the disk one batch; of a folder's objects no copy is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::schema::{self, Row, Table};
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};
use edgraph_worker::output::parquet;
use futures::{StreamExt, TryStreamExt, stream};
use tempfile::TempDir;

use super::entity;
use super::plan::Candidate;
use crate::error::Error;

/// Objects fetched at once: enough to hide a store's latency, few enough to hold in memory.
const CONCURRENT_READS: usize = 16;

/// A filing whose files lie in the scratch folder.
#[derive(Debug)]
pub(super) struct StagedFiling {
    /// The filing.
    pub accession: AccessionNumber,
    /// What its rows were made from.
    pub input_key: String,
    /// The filer.
    pub owner: Cik,
    /// When EDGAR accepted it.
    pub accepted_at: String,
    /// The form.
    pub form: String,
    /// Fact occurrences.
    pub occurrences: u64,
    /// Every company it is known to be listed under.
    pub companies: BTreeSet<Cik>,
    /// Rows by table of the graph.
    pub rows: BTreeMap<&'static str, u64>,
    /// Its files by table of the graph.
    files: BTreeMap<&'static str, PathBuf>,
}

impl StagedFiling {
    /// The file of a table, if there are rows.
    pub(super) fn file(&self, table: &Table) -> Option<&Path> {
        self.files.get(table.name).map(PathBuf::as_path)
    }

    /// The rows of a table.
    pub(super) fn decode(&self, table: &'static Table) -> Result<Vec<Row>, Error> {
        let Some(path) = self.file(table) else { return Ok(Vec::new()) };
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        decode(table, &self.accession, bytes.into())
    }
}

/// A batch on the disk; its files go with it.
#[derive(Debug)]
pub(super) struct StagedBatch {
    /// The filings, in load order.
    pub filings: Vec<StagedFiling>,
    /// Where the files are, and where more may be written.
    pub folder: TempDir,
}

/// Fetches and verifies a batch.
///
/// # Errors
/// [`Error::Damaged`] if a manifest or file is not what was accepted; [`Error::Store`] and [`Error::Io`].
pub(super) async fn stage(
    store: SharedStore,
    batch: Vec<Candidate>,
    scratch: PathBuf,
) -> Result<StagedBatch, Error> {
    let folder = tempfile::Builder::new().prefix("ingest-").tempdir_in(&scratch);
    let folder = folder.map_err(Error::io("create a folder in", &scratch))?;
    let mut filings = Vec::with_capacity(batch.len());
    let mut wanted = Vec::new();
    for (number, candidate) in batch.into_iter().enumerate() {
        let manifest = manifest(&store, &candidate).await?;
        let mut filing = StagedFiling {
            accession: candidate.accession,
            input_key: candidate.input_key,
            owner: manifest.owner,
            accepted_at: manifest.metadata.accepted_at,
            form: manifest.metadata.form,
            occurrences: manifest.occurrences,
            companies: candidate.companies,
            rows: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        for file in manifest.files {
            let Some(table) = schema::graph_tables().find(|table| table.name == file.table) else { continue };
            let path = folder.path().join(format!("{}-{number}.parquet", table.name));
            filing.rows.insert(table.name, file.rows);
            if filing.files.insert(table.name, path.clone()).is_some() {
                let problem = format!("it names two files of table {}", table.name);
                return Err(Error::invalid(format!("manifest of {}", filing.accession), problem));
            }
            wanted.push((file, path));
        }
        filings.push(filing);
    }
    stream::iter(wanted)
        .map(|(file, path)| {
            let store = store.clone();
            async move {
                let key: ObjectKey = file.key.parse()?;
                if store.link(&key, &path) {
                    let bytes = tokio::fs::read(&path).await.map_err(Error::io("read", &path))?;
                    return verify(&key, Some(file.bytes), &file.sha256, &bytes);
                }
                let bytes = verified(&store, &key, Some(file.bytes), &file.sha256).await?;
                tokio::fs::write(&path, &bytes).await.map_err(Error::io("write", &path))
            }
        })
        .buffer_unordered(CONCURRENT_READS)
        .try_collect::<()>()
        .await?;
    Ok(StagedBatch { filings, folder })
}

async fn manifest(store: &SharedStore, candidate: &Candidate) -> Result<Manifest, Error> {
    let key = layout::manifest(&candidate.accession, &candidate.input_key);
    let bytes = verified(store, &key, None, &candidate.manifest_sha256).await?;
    let manifest: Manifest = read_manifest(&key, &bytes)?;
    if (manifest.accession, &manifest.input_key) != (candidate.accession, &candidate.input_key) {
        let problem = format!("it is of {} with input key {}", manifest.accession, manifest.input_key);
        return Err(Error::Damaged { key: key.to_string(), problem });
    }
    Ok(manifest)
}

fn read_manifest(key: &ObjectKey, bytes: &[u8]) -> Result<Manifest, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::invalid(key.to_string(), error))
}

async fn verified(
    store: &SharedStore,
    key: &ObjectKey,
    size: Option<u64>,
    sha256: &str,
) -> Result<Bytes, Error> {
    let bytes = store.get(key).await?;
    verify(key, size, sha256, &bytes)?;
    Ok(bytes)
}

fn verify(key: &ObjectKey, size: Option<u64>, sha256: &str, bytes: &[u8]) -> Result<(), Error> {
    let damaged = |problem| Err(Error::Damaged { key: key.to_string(), problem });
    let found = bytes.len() as u64;
    if let Some(size) = size.filter(|size| *size != found) {
        return damaged(format!("it has {found} bytes instead of {size}"));
    }
    let hash = sha256_hex(bytes);
    if hash != sha256 { damaged(format!("its sha256 is {hash} instead of {sha256}")) } else { Ok(()) }
}

fn decode(table: &'static Table, accession: &AccessionNumber, bytes: Bytes) -> Result<Vec<Row>, Error> {
    parquet::decode(table, bytes).map_err(|error| Error::invalid(format!("filing {accession}"), error))
}

/// The rows of one table of a filing that is in the graph, by its manifest in the store.
pub(super) async fn rows_of(
    store: &SharedStore,
    accession: &AccessionNumber,
    input_key: &str,
    table: &'static Table,
) -> Result<Vec<Row>, Error> {
    let key = layout::manifest(accession, input_key);
    let manifest = read_manifest(&key, &store.get(&key).await?)?;
    let mut rows = Vec::new();
    for file in manifest.files.iter().filter(|file| file.table == table.name) {
        let bytes = verified(store, &file.key.parse()?, Some(file.bytes), &file.sha256).await?;
        rows.extend(decode(table, accession, bytes)?);
    }
    Ok(rows)
}

/// The Entity rows of companies, from their snapshots.
pub(super) async fn entities(
    store: &SharedStore,
    companies: BTreeSet<Cik>,
) -> Result<BTreeMap<Cik, Row>, Error> {
    stream::iter(companies)
        .map(|cik| async move {
            let snapshot = store.get(&layout::submissions(cik)).await?;
            Ok((cik, entity::row(cik, &snapshot)?))
        })
        .buffer_unordered(CONCURRENT_READS)
        .try_collect()
        .await
}
