//! Runs over filings of which several are of one month, and what is left of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use edgraph_shared::schema;
use edgraph_shared::storage::{LocalStore, SharedStore};
use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};

use super::reader::rows;
use crate::program::{Run, parquet_files};

/// After every month that there is.
pub(super) const EVER: &str = "2100-01";

/// A company of the samples.
const COMPANY: &str = "9900001";

/// A mirror with several filings in a month.
pub(super) struct Filings {
    mirror: Mirror,
}

impl Filings {
    pub(super) fn new() -> Self {
        let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
        mirror.scale_to(6).unwrap();
        Self { mirror }
    }

    /// All of them.
    pub(super) fn run(&self, out: &Path) -> Run {
        Self::with_taxonomies(Run::over(self.mirror.path(), out))
    }

    /// Those of one company.
    pub(super) fn run_one(&self, out: &Path) -> Run {
        let edgar = format!("file://{}", self.mirror.path().display());
        Self::with_taxonomies(Run::at(&edgar, out)).with(["--ciks", COMPANY])
    }

    fn with_taxonomies(run: Run) -> Run {
        let taxonomies = fixture_taxonomies().display().to_string();
        run.with(["--amendments", "--taxonomies", &taxonomies])
    }
}

/// All rows of all tables, with their partitions, in no order.
pub(super) async fn tables(store: &SharedStore) -> BTreeMap<&'static str, Vec<String>> {
    let mut tables = BTreeMap::new();
    for table in schema::all_tables() {
        let mut rows: Vec<String> = rows(store, table).await.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        tables.insert(table.name, rows);
    }
    tables
}

/// The same of an output folder.
pub(super) async fn tables_in(out: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let store: SharedStore = Arc::new(LocalStore::reader(out.join("store")));
    tables(&store).await
}

/// Files of tables in an output folder, without their logs.
pub(super) fn files(out: &Path) -> BTreeSet<String> {
    let files = parquet_files(out).into_iter().map(|(name, _)| name);
    files.filter(|name| !name.contains("_delta_log")).collect()
}

/// How many files each month of a table has.
pub(super) fn months(files: &BTreeSet<String>, table: &str) -> Vec<usize> {
    let mut months = BTreeMap::new();
    for file in files.iter().filter(|file| file.starts_with(table)) {
        *months.entry(file.rsplit_once('/').unwrap().0).or_default() += 1;
    }
    months.into_values().collect()
}
