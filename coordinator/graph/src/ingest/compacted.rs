//! Rows of filings whose own files are gone, since their tables were compacted: the tables' parts have them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use edgraph_shared::manifest::OutputFile;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::SharedStore;

use crate::error::Error;
use crate::publish::{self, WantedRows};

/// A file to be fetched.
#[derive(Debug)]
pub(super) struct Wanted {
    pub file: OutputFile,
    pub table: &'static Table,
    /// Where it shall lie.
    pub path: PathBuf,
}

/// One that is not in the store.
#[derive(Debug)]
pub(super) struct Gone {
    pub file: Wanted,
    /// What tells its filing's version from others.
    pub stem: String,
}

impl Gone {
    fn rows(&self) -> WantedRows {
        WantedRows { stem: self.stem.clone(), rows: self.file.file.rows }
    }
}

/// Brings the rows of files to where they shall lie. Answers which could not be found, with the reason; each is given
/// with the number of its filing.
///
/// # Errors
/// The store's, the disk's, and those of the tables' logs.
pub(super) async fn fetch(
    store: &SharedStore,
    gone: Vec<(usize, Gone)>,
) -> Result<Vec<(usize, String)>, Error> {
    let mut by_table: BTreeMap<&str, Vec<(usize, Gone)>> = BTreeMap::new();
    for (number, gone) in gone {
        by_table.entry(gone.file.table.name).or_default().push((number, gone));
    }
    let mut lost = Vec::new();
    for files in by_table.into_values() {
        let wanted: Vec<WantedRows> = files.iter().map(|(_, gone)| gone.rows()).collect();
        let write = |at: usize, file: Bytes| {
            let path = &files[at].1.file.path;
            std::fs::write(path, file).map_err(Error::io("write", path))
        };
        let answers = publish::extract(store, files[0].1.file.table, &wanted, write).await?;
        for ((number, gone), answer) in files.iter().zip(answers) {
            if let Err(error) = found(&gone.file.file, answer) {
                lost.push((*number, error.to_string()));
            }
        }
    }
    Ok(lost)
}

/// The rows of a file that is gone, as a file.
///
/// # Errors
/// [`Error::Damaged`] if no part has them.
pub(super) async fn file(
    store: &SharedStore,
    table: &'static Table,
    file: &OutputFile,
    stem: &str,
) -> Result<Bytes, Error> {
    let wanted = WantedRows { stem: stem.to_owned(), rows: file.rows };
    let found = publish::extract_one(store, table, wanted).await?;
    found.ok_or_else(|| Error::Damaged { key: file.key.clone(), problem: "it is missing".to_owned() })
}

fn found(file: &OutputFile, answer: Result<bool, String>) -> Result<(), Error> {
    let problem = match answer {
        Ok(true) => return Ok(()),
        Ok(false) => "it is missing".to_owned(),
        Err(problem) => problem,
    };
    Err(Error::Damaged { key: file.key.clone(), problem })
}
