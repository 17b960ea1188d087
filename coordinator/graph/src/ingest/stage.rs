//! Staging: a batch's manifests and files, from the store to the scratch folder, verified.
//!
//! Kuzu reads local files only. Everything is checked against the hashes that were accepted, so what is loaded is
//! what the workers wrote; a filing that is not is left out. Memory holds a few files at a time, the disk the batch that
//! is loaded and the next one; of a folder's objects no copy is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::manifest::{Manifest, OutputFile, sha256_hex};
use edgraph_shared::schema::{self, Row, Table};
use edgraph_shared::storage::{InvalidKey, ObjectKey, SharedStore, layout};
use edgraph_worker::output::parquet;
use futures::{StreamExt, TryStreamExt, stream};
use tempfile::TempDir;

use super::compacted::{self, Gone, Wanted};
use super::entity;
use super::plan::Candidate;
use super::splice;
use crate::error::Error;
use crate::manifests;

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
    /// The filings that are as accepted, in load order.
    pub filings: Vec<StagedFiling>,
    /// The others, with the reason.
    pub damaged: Vec<(Candidate, String)>,
    /// Where the files are, and where more may be written.
    pub folder: TempDir,
}

/// Fetches and verifies a batch. A manifest or file that is missing, or not what was accepted, costs its own filing.
///
/// # Errors
/// [`Error::Store`] and [`Error::Io`]: what is no fault of a filing.
pub(super) async fn stage(
    store: SharedStore,
    batch: Vec<Candidate>,
    scratch: PathBuf,
) -> Result<StagedBatch, Error> {
    let folder = tempfile::Builder::new().prefix("ingest-").tempdir_in(&scratch);
    let folder = folder.map_err(Error::io("create a folder in", &scratch))?;
    let (store, path) = (&store, folder.path());
    let reads: Vec<_> = batch.iter().map(|filing| manifest(store, filing)).collect();
    let manifests: Vec<Result<Manifest, Error>> =
        stream::iter(reads).buffered(CONCURRENT_READS).collect().await;
    let mut staged = Vec::with_capacity(batch.len());
    let mut wanted = Vec::new();
    for (number, (candidate, manifest)) in batch.iter().zip(manifests).enumerate() {
        let found = manifest.and_then(|manifest| filing(candidate, manifest, path, number));
        staged.push(own(found)?.map(|(filing, files)| {
            wanted.extend(files.into_iter().map(|file| (number, file)));
            filing
        }));
    }
    let mut fetched = stream::iter(wanted)
        .map(|(number, file)| async move { (number, fetch(store, &file).await, file) })
        .buffer_unordered(CONCURRENT_READS);
    let mut gone = Vec::new();
    while let Some((number, outcome, file)) = fetched.next().await {
        match own(outcome)? {
            Ok(Fetched::There) => {}
            Ok(Fetched::Gone) => {
                let Candidate { accession, input_key, .. } = &batch[number];
                gone.push((number, Gone { file, stem: layout::file_stem(accession, input_key) }));
            }
            Err(reason) => staged[number] = Err(reason),
        }
    }
    drop(fetched);
    for (number, reason) in compacted::fetch(store, gone).await? {
        staged[number] = Err(reason);
    }
    let mut batch_of = StagedBatch { filings: Vec::new(), damaged: Vec::new(), folder };
    for (candidate, staged) in batch.into_iter().zip(staged) {
        match staged {
            Ok(filing) => batch_of.filings.push(filing),
            Err(reason) => batch_of.damaged.push((candidate, reason)),
        }
    }
    Ok(batch_of)
}

/// Takes apart what is wrong with a filing, as its reason, and what is wrong with the world.
fn own<T>(outcome: Result<T, Error>) -> Result<Result<T, String>, Error> {
    match outcome {
        Err(error @ Error::Damaged { .. }) => Ok(Err(error.to_string())),
        outcome => outcome.map(Ok),
    }
}

/// A filing as its manifest has it, with its files of the graph and where they shall lie.
fn filing(
    candidate: &Candidate,
    manifest: Manifest,
    folder: &Path,
    number: usize,
) -> Result<(StagedFiling, Vec<Wanted>), Error> {
    let mut filing = StagedFiling {
        accession: candidate.accession,
        input_key: candidate.input_key.clone(),
        owner: manifest.owner,
        accepted_at: manifest.metadata.accepted_at,
        form: manifest.metadata.form,
        occurrences: manifest.occurrences,
        companies: candidate.companies.clone(),
        rows: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    let mut wanted = Vec::new();
    for file in manifest.files {
        let Some(table) = schema::graph_tables().find(|table| table.name == file.table) else { continue };
        let path = folder.join(format!("{}-{number}.parquet", table.name));
        filing.rows.insert(table.name, file.rows);
        if filing.files.insert(table.name, path.clone()).is_some() {
            let key = layout::manifest(&candidate.accession, &candidate.input_key);
            return Err(damaged(&key, format!("it names two files of table {}", table.name)));
        }
        wanted.push(Wanted { file, table, path });
    }
    Ok((filing, wanted))
}

/// What became of a file.
enum Fetched {
    /// It lies where it shall.
    There,
    /// It is not in the store: its rows may be in a larger file.
    Gone,
}

/// Brings a file to its path, once it is known to hold what its manifest says.
async fn fetch(store: &SharedStore, wanted: &Wanted) -> Result<Fetched, Error> {
    let Wanted { file, table, path } = wanted;
    let key = key_of(file)?;
    let is_linked = store.link(&key, path);
    let bytes = if is_linked {
        Bytes::from(tokio::fs::read(path).await.map_err(Error::io("read", path))?)
    } else {
        let Some(bytes) = store.find(&key).await? else { return Ok(Fetched::Gone) };
        bytes
    };
    verify(&key, file.bytes, &file.sha256, &bytes)?;
    let rows = splice::rows(table, &bytes).map_err(|problem| damaged(&key, problem))?;
    if rows != file.rows {
        return Err(damaged(&key, format!("it has {rows} rows instead of {}", file.rows)));
    }
    if !is_linked {
        tokio::fs::write(path, &bytes).await.map_err(Error::io("write", path))?;
    }
    Ok(Fetched::There)
}

async fn manifest(store: &SharedStore, candidate: &Candidate) -> Result<Manifest, Error> {
    let Candidate { accession, input_key, manifest_sha256, .. } = candidate;
    manifests::read(store, accession, input_key, manifest_sha256.as_deref()).await
}

fn key_of(file: &OutputFile) -> Result<ObjectKey, Error> {
    file.key
        .parse()
        .map_err(|error: InvalidKey| Error::Damaged { key: file.key.clone(), problem: error.to_string() })
}

fn verify(key: &ObjectKey, size: u64, sha256: &str, bytes: &[u8]) -> Result<(), Error> {
    let found = bytes.len() as u64;
    if found != size {
        return Err(damaged(key, format!("it has {found} bytes instead of {size}")));
    }
    let hash = sha256_hex(bytes);
    if hash != sha256 {
        return Err(damaged(key, format!("its sha256 is {hash} instead of {sha256}")));
    }
    Ok(())
}

fn damaged(key: &ObjectKey, problem: String) -> Error {
    Error::Damaged { key: key.to_string(), problem }
}

fn decode(table: &'static Table, accession: &AccessionNumber, bytes: Bytes) -> Result<Vec<Row>, Error> {
    parquet::decode(table, bytes).map_err(|error| Error::invalid(format!("filing {accession}"), error))
}

/// The rows of one table of a filing that is in the graph, by its manifest in the store.
///
/// # Errors
/// [`Error::Damaged`] as for a filing that is staged; [`Error::Store`].
pub(super) async fn rows_of(
    store: &SharedStore,
    accession: &AccessionNumber,
    input_key: &str,
    table: &'static Table,
) -> Result<Vec<Row>, Error> {
    let manifest = manifests::read(store, accession, input_key, None).await?;
    let mut rows = Vec::new();
    for file in manifest.files.iter().filter(|file| file.table == table.name) {
        let key = key_of(file)?;
        let bytes = match store.find(&key).await? {
            Some(bytes) => {
                verify(&key, file.bytes, &file.sha256, &bytes)?;
                bytes
            }
            None => compacted::file(store, table, file, &layout::file_stem(accession, input_key)).await?,
        };
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
