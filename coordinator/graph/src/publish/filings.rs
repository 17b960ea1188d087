//! Manifests of what was accepted: read once, and only those of filings that some table does not have as accepted.
//!
//! One that is missing or damaged costs its filing and no other.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::TableFile;
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{self, SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;

use super::file_name;
use super::plan::{DataFile, Wanted};
use crate::error::Error;

/// Manifests read at a time: enough to hide a store's latency.
const CONCURRENT_READS: usize = 16;

/// A filing as it was accepted.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub accession: AccessionNumber,
    pub input_key: String,
    /// [`layout::file_stem`] of both.
    pub stem: String,
    /// The hash of its manifest; `None` where only the pointer to it is known.
    pub manifest_sha256: Option<String>,
    /// Its rows by table, where that is known without the manifest.
    pub tables: Option<BTreeMap<String, TableFile>>,
    /// Whether its files were just written.
    pub is_fresh: bool,
}

/// A filing whose manifest is as it was accepted.
#[derive(Debug)]
pub(super) struct Filing {
    accession: AccessionNumber,
    input_key: String,
    stem: String,
    is_fresh: bool,
    date: FilingDate,
    files: BTreeMap<&'static str, TableFile>,
}

#[derive(Debug)]
struct FilingDate {
    text: String,
    year: u16,
    month: u8,
}

impl Filing {
    /// What a table is to hold of it.
    pub(super) fn wanted(&self, table: &Table) -> Wanted {
        let file = self.files.get(table.name).map(|file| {
            let key = layout::table_file(&table.folder(), &self.date.text, &self.accession, &self.input_key);
            let path = file_name::path_of(table, &key).expect("a table's file lies in the table's folder");
            DataFile {
                path,
                year: self.date.year,
                month: self.date.month,
                rows: file.rows,
                bytes: file.bytes,
            }
        });
        let (accession, input_key, stem) = (self.accession, self.input_key.clone(), self.stem.clone());
        Wanted { accession, input_key, stem, file, is_fresh: self.is_fresh }
    }
}

/// The manifests of a round, by filing.
pub(super) struct Manifests<'a> {
    store: &'a SharedStore,
    /// The reason where a filing is refused.
    known: Mutex<HashMap<AccessionNumber, Result<Arc<Filing>, String>>>,
}

impl<'a> Manifests<'a> {
    pub(super) fn new(store: &'a SharedStore) -> Self {
        Self { store, known: Mutex::default() }
    }

    /// The filings of these entries, without those that are refused. Tables that need the same ones wait for who came
    /// first.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn of(&self, entries: &[&Entry]) -> Result<Vec<Arc<Filing>>, Error> {
        let mut known = self.known.lock().await;
        let missing = entries.iter().filter(|entry| !known.contains_key(&entry.accession));
        let read =
            missing.map(|entry| async move { Ok::<_, Error>((entry.accession, self.read(entry).await?)) });
        let read: Vec<_> =
            stream::iter(read.collect::<Vec<_>>()).buffer_unordered(CONCURRENT_READS).try_collect().await?;
        known.extend(read);
        let good = entries.iter().filter_map(|entry| known.get(&entry.accession)?.as_ref().ok());
        Ok(good.cloned().collect())
    }

    /// The filings that were refused, with the reason.
    pub(super) fn rejected(self) -> BTreeMap<String, String> {
        let known = self.known.into_inner().into_iter();
        known.filter_map(|(accession, filing)| Some((accession.to_string(), filing.err()?))).collect()
    }

    async fn read(&self, entry: &Entry) -> Result<Result<Arc<Filing>, String>, Error> {
        let key = layout::manifest(&entry.accession, &entry.input_key);
        let bytes = match self.store.get(&key).await {
            Ok(bytes) => bytes,
            Err(error @ storage::Error::NotFound { .. }) => {
                return Ok(Err(format!("{error}; the next run makes its filing again")));
            }
            Err(error) => return Err(error.into()),
        };
        let damaged = |problem| Error::Damaged { key: key.to_string(), problem }.to_string();
        Ok(checked(entry, &bytes).map(Arc::new).map_err(damaged))
    }
}

/// What a manifest says, if it is the accepted one and says what this program understands.
fn checked(entry: &Entry, bytes: &[u8]) -> Result<Filing, String> {
    let sha256 = sha256_hex(bytes);
    if let Some(accepted) = entry.manifest_sha256.as_ref().filter(|accepted| **accepted != sha256) {
        return Err(format!("its sha256 is {sha256} instead of {accepted}"));
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if (manifest.accession, &manifest.input_key) != (entry.accession, &entry.input_key) {
        return Err(format!("it is of {} with input key {}", manifest.accession, manifest.input_key));
    }
    let date = manifest.metadata.filing_date;
    let date = parsed(&date).ok_or_else(|| format!("its filing date is {date:?}, expected YYYY-MM-DD"))?;
    let mut files = BTreeMap::new();
    for file in manifest.files {
        let table = schema::table(&file.table)
            .ok_or_else(|| format!("it names table {:?}, which this program does not have", file.table))?;
        let expected = layout::table_file(&table.folder(), &date.text, &entry.accession, &entry.input_key);
        if file.key != expected.as_str() {
            return Err(format!("it names {}, expected {expected}", file.key));
        }
        let size = TableFile { rows: file.rows, bytes: file.bytes };
        if files.insert(table.name, size).is_some() {
            return Err(format!("it names two files of table {}", table.name));
        }
    }
    let Entry { accession, input_key, stem, is_fresh, .. } = entry.clone();
    Ok(Filing { accession, input_key, stem, is_fresh, date, files })
}

fn parsed(date: &str) -> Option<FilingDate> {
    let is_date = date.len() == "YYYY-MM-DD".len() && date.is_ascii();
    let (year, month) = is_date.then(|| (&date[..4], &date[5..7]))?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some(FilingDate { text: date.to_owned(), year: year.parse().ok()?, month })
}
