//! One publication from beginning to end: all tables, some at a time, `Report` last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::{Accepted, Published, kind};
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{self, SharedStore, layout};
use edgraph_worker::handler::ProgressReporter;
use futures::future::BoxFuture;
use futures::{StreamExt, TryStreamExt, stream};

use super::current::Pointers;
use super::filings::{Entry, Manifests};
use super::table::{self, Became, Done, Round};
use crate::accepted::named_by;
use crate::error::Error;

/// Tables published at a time: each has its last version in memory, a few hundred bytes a filing.
const CONCURRENT_TABLES: usize = 4;

/// The table that is written after all others: who begins with a report finds the rest.
pub(super) const LAST: (usize, &Table) = const { schema::known_table("Report") };

/// How often pointers may move on while tables are written.
const MAX_PASSES: usize = 5;

const PROGRESS: &str = "publishing tables";

/// Asked before every version of a table: an error says why nothing may be written any more.
pub type Permit = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What a publication works with.
#[derive(Clone)]
pub struct Publication {
    /// Where manifests and tables are.
    pub store: SharedStore,
    /// The pipeline's name, for the tables' history.
    pub pipeline: String,
    /// The round, likewise.
    pub round: u32,
    /// Looked at before every version.
    pub permit: Permit,
    /// Told after every table.
    pub progress: ProgressReporter,
}

/// Brings the tables to what was accepted. It may be cut off anywhere and done again.
///
/// # Errors
/// Tables that were not reached are as they were.
pub async fn run(job: &Publication, accepted: &[Accepted]) -> Result<Published, Error> {
    let mut entries = entries(accepted)?;
    let accepted: Vec<AccessionNumber> = entries.iter().map(|entry| entry.accession).collect();
    let mut total = Total::default();
    for _ in 0..MAX_PASSES {
        let moved = pass(job, entries, &mut total).await?;
        if moved.is_empty() {
            return Ok(total.published(&accepted));
        }
        total.outdated.extend(moved.iter().map(|(accession, _)| *accession));
        let named = |(accession, input_key): (AccessionNumber, String)| {
            let stem = layout::file_stem(&accession, &input_key);
            Entry { accession, input_key, stem, manifest_sha256: None, tables: None, is_fresh: false }
        };
        entries = moved.into_iter().map(named).collect();
    }
    let key = layout::current_manifest(&entries[0].accession);
    Err(storage::Error::Conflict { key }.into())
}

/// Brings the tables to these versions of filings. Returns what pointers name now of those that it wrote or had to
/// leave, where that is another version.
async fn pass(
    job: &Publication,
    entries: Vec<Entry>,
    total: &mut Total,
) -> Result<Vec<(AccessionNumber, String)>, Error> {
    let round = Round {
        store: &job.store,
        pipeline: &job.pipeline,
        number: job.round,
        entries,
        manifests: Manifests::new(&job.store),
        pointers: Pointers::new(&job.store),
        permit: &*job.permit,
    };
    let mut touched = BTreeSet::new();
    job.progress.report(0, schema::TABLES as u64, PROGRESS);
    let others = schema::all_tables().enumerate().filter(|(place, _)| *place != LAST.0);
    let mut running =
        stream::iter(others.map(|(_, table)| table::publish(&round, table)).collect::<Vec<_>>())
            .buffer_unordered(CONCURRENT_TABLES);
    for number in 1..schema::TABLES as u64 {
        let Some(done) = running.try_next().await? else { break };
        touched.extend(done.became.keys().copied());
        total.add(done);
        job.progress.report(number, schema::TABLES as u64, PROGRESS);
    }
    drop(running);
    let last = table::publish(&round, LAST.1).await?;
    job.progress.report(schema::TABLES as u64, schema::TABLES as u64, PROGRESS);
    touched.extend(last.became.keys().copied());
    total.version = last.version;
    total.add(last);
    touched.extend(round.pointers.outdated().await);
    let touched = round.entries.iter().filter(|entry| touched.contains(&entry.accession));
    let published = touched.map(|entry| (&entry.accession, entry.input_key.as_str()));
    let moved = round.pointers.moved(published).await?;
    total.rejected.extend(round.manifests.rejected());
    Ok(moved)
}

/// The accepted filings.
fn entries(accepted: &[Accepted]) -> Result<Vec<Entry>, Error> {
    let mut seen = BTreeSet::new();
    let entry = |line: &Accepted| {
        let accession: AccessionNumber = named_by(line.key.as_str(), kind::PROCESS_FILING)?;
        if !seen.insert(accession) {
            return Err(Error::invalid(format!("accepted list, {}", line.key), "named twice"));
        }
        Ok(Entry {
            accession,
            input_key: line.result.input_key.clone(),
            stem: layout::file_stem(&accession, &line.result.input_key),
            manifest_sha256: Some(line.result.manifest_sha256.clone()),
            // Results that were recorded before they told where rows are name no table.
            tables: Some(line.result.tables.clone()).filter(|tables| !tables.is_empty()),
            is_fresh: !line.result.skipped,
        })
    };
    accepted.iter().map(entry).collect()
}

/// What became of the tables so far.
#[derive(Default)]
struct Total {
    new_versions: u64,
    files_added: u64,
    files_removed: u64,
    became: BTreeMap<AccessionNumber, Became>,
    /// Filings whose pointer had moved on.
    outdated: BTreeSet<AccessionNumber>,
    rejected: BTreeMap<String, String>,
    /// Of the last table.
    version: u64,
}

impl Total {
    fn add(&mut self, done: Done) {
        self.new_versions += u64::from(done.is_new);
        self.files_added += done.files_added;
        self.files_removed += done.files_removed;
        for (accession, became) in done.became {
            let known = self.became.entry(accession).or_insert(became);
            *known = became.max(*known);
        }
    }

    fn published(self, accepted: &[AccessionNumber]) -> Published {
        let mut published = Published {
            files_added: self.files_added,
            files_removed: self.files_removed,
            tables: self.new_versions,
            version: self.version,
            ..Published::default()
        };
        for accession in accepted {
            if self.rejected.contains_key(accession.as_str()) {
                continue;
            }
            match self.became.get(accession) {
                _ if self.outdated.contains(accession) => published.outdated += 1,
                Some(Became::Added) => published.added += 1,
                Some(Became::Replaced) => published.replaced += 1,
                None => published.unchanged += 1,
            }
        }
        Published { rejected: self.rejected, ..published }
    }
}
