//! Manifests of what was accepted: read once, and only those of filings that some table does not have as accepted.
//!
//! One that is missing or damaged costs its filing and no other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::TableFile;
use edgraph_shared::manifest::{Compacted, Manifest};
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;

use super::file_name;
use super::plan::{DataFile, Wanted};
use crate::error::Error;
use crate::manifests;

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

/// What a filing's manifest says of its files.
#[derive(Debug)]
pub(crate) struct Filing {
    accession: AccessionNumber,
    input_key: String,
    stem: String,
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
    /// What a manifest says, if it is what this program understands.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not.
    pub(crate) fn of(manifest: Manifest) -> Result<Self, Error> {
        let (accession, input_key) = (manifest.accession, manifest.input_key.clone());
        checked(manifest).map_err(|problem| {
            let key = layout::manifest(&accession, &input_key).to_string();
            Error::Damaged { key, problem }
        })
    }

    /// What it was made from.
    pub(crate) fn input_key(&self) -> &str {
        &self.input_key
    }

    /// What its files are called.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }

    /// Its file of a table, if it has rows of it, and how large that is.
    pub(crate) fn file(&self, table: &Table) -> Option<(ObjectKey, TableFile)> {
        let file = *self.files.get(table.name)?;
        let folder = table.folder();
        Some((layout::table_file(&folder, &self.date.text, &self.accession, &self.input_key), file))
    }

    /// What a table is to hold of it.
    fn wanted(&self, table: &Table) -> Wanted {
        let file = self.file(table).map(|(key, TableFile { rows, bytes })| {
            let path = file_name::path_of(table, &key).expect("a table's file lies in the table's folder");
            DataFile { path, year: self.date.year, month: self.date.month, rows, bytes }
        });
        let (accession, input_key, stem) = (self.accession, self.input_key.clone(), self.stem.clone());
        Wanted { accession, input_key, stem, file, is_fresh: false, is_gone: false }
    }
}

fn checked(manifest: Manifest) -> Result<Filing, String> {
    let Manifest { accession, input_key, metadata, files: listed, .. } = manifest;
    let date = metadata.filing_date;
    let date = parsed(&date).ok_or_else(|| format!("its filing date is {date:?}, expected YYYY-MM-DD"))?;
    let mut files = BTreeMap::new();
    for file in listed {
        let table = schema::table(&file.table)
            .ok_or_else(|| format!("it names table {:?}, which this program does not have", file.table))?;
        let expected = layout::table_file(&table.folder(), &date.text, &accession, &input_key);
        if file.key != expected.as_str() {
            return Err(format!("it names {}, expected {expected}", file.key));
        }
        let size = TableFile { rows: file.rows, bytes: file.bytes };
        if files.insert(table.name, size).is_some() {
            return Err(format!("it names two files of table {}", table.name));
        }
    }
    let stem = layout::file_stem(&accession, &input_key);
    Ok(Filing { accession, input_key, stem, date, files })
}

/// A filing of a round.
#[derive(Debug)]
pub(super) struct Listed {
    filing: Filing,
    is_fresh: bool,
    /// Tables in which its own file is gone, since a part had its rows.
    gone: BTreeSet<String>,
}

impl Listed {
    /// What a table is to hold of it.
    pub(super) fn wanted(&self, table: &Table) -> Wanted {
        let is_gone = self.gone.contains(table.name);
        Wanted { is_fresh: self.is_fresh, is_gone, ..self.filing.wanted(table) }
    }
}

/// The manifests of a round, by filing.
pub(super) struct Manifests<'a> {
    store: &'a SharedStore,
    /// The reason where a filing is refused.
    known: Mutex<HashMap<AccessionNumber, Result<Arc<Listed>, String>>>,
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
    pub(super) async fn of(&self, entries: &[&Entry]) -> Result<Vec<Arc<Listed>>, Error> {
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

    /// Refuses a filing of which a table lacks rows that nobody has any more.
    pub(super) async fn refuse(&self, accession: AccessionNumber, reason: String) {
        self.known.lock().await.insert(accession, Err(reason));
    }

    /// The filings that were refused, with the reason.
    pub(super) fn rejected(self) -> BTreeMap<String, String> {
        let known = self.known.into_inner().into_iter();
        known.filter_map(|(accession, filing)| Some((accession.to_string(), filing.err()?))).collect()
    }

    async fn read(&self, entry: &Entry) -> Result<Result<Arc<Listed>, String>, Error> {
        let Entry { accession, input_key, manifest_sha256, .. } = entry;
        let read = manifests::read(self.store, accession, input_key, manifest_sha256.as_deref()).await;
        match read.and_then(Filing::of) {
            Ok(filing) => {
                let gone = self.gone(entry).await?;
                Ok(Ok(Arc::new(Listed { filing, is_fresh: entry.is_fresh, gone })))
            }
            Err(error @ Error::Damaged { .. }) => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// The tables in which a filing's own file is gone. What was just written is all there.
    async fn gone(&self, entry: &Entry) -> Result<BTreeSet<String>, Error> {
        if entry.is_fresh {
            return Ok(BTreeSet::new());
        }
        let note = self.store.find(&layout::compacted(&entry.accession, &entry.input_key)).await?;
        Ok(Compacted::of(note.as_deref()).tables)
    }
}

fn parsed(date: &str) -> Option<FilingDate> {
    let is_date = date.len() == "YYYY-MM-DD".len() && date.is_ascii();
    let (year, month) = is_date.then(|| (&date[..4], &date[5..7]))?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some(FilingDate { text: date.to_owned(), year: year.parse().ok()?, month })
}
