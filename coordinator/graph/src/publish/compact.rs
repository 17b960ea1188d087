//! Compaction: the small files of a table's month made into few large ones, without changing a row.
//!
//! ```text
//! month's small files ▶ hash as their manifests say ▶ rows in the order of accession numbers ▶ parts ▶ next version
//! ```
//! A version replaces files by parts that have exactly their rows, as no change of data: readers that follow the table
//! see nothing new. What a filing is stays in its manifest; where its rows are is said by the table's log from then on,
//! and `gc` removes the filing's own files. A file that is not what was accepted stays as it is, named in the result.
//!
//! **A crash** leaves parts that no version names, for gc. **A publisher that replaces a filing meanwhile** wins: its
//! version comes first, and the parts are thrown away and made again without that filing's old rows.

mod plan;
mod source;
mod handlers;

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::kinds::compact::{Compacted, Month};
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::SharedStore;
use futures::{StreamExt, TryStreamExt, stream};

use self::plan::{Input, Run};
use self::source::{Fetched, Sources};
use super::action::Add;
use super::log::{Log, now_ms};
use super::part::PartWriter;
use super::parts;
use super::plan::optimized;
use super::run::Permit;
use super::snapshot::Snapshot;
use crate::error::Error;

pub use handlers::{CompactMonthHandler, FindMonthsHandler};

/// How large parts are made: few enough for a year of the market, small enough to be held in memory.
pub const PART_BYTES: u64 = 128 << 20;

/// Tables whose logs are read at a time.
const CONCURRENT_TABLES: usize = 4;
/// Files fetched ahead of those that are written.
const READ_AHEAD: usize = 16;
/// How often publishers may replace something of the month while it is made.
const MAX_LOST_RACES: usize = 5;

/// What a compaction works with.
#[derive(Clone)]
pub struct Compaction {
    /// Where manifests, files and tables are.
    pub store: SharedStore,
    /// About how large parts become, in bytes: [`PART_BYTES`].
    pub part_bytes: u64,
    /// Asked before every version.
    pub permit: Permit,
}

impl Compaction {
    /// The months before this one of which there is something to be made, with their tables.
    ///
    /// # Errors
    /// The store's, and [`Error::Invalid`] for a log that cannot be read.
    pub async fn due(&self, before: Month) -> Result<Vec<(&'static Table, Month)>, Error> {
        let tables: Vec<_> = schema::all_tables().map(|table| self.due_of(table, before)).collect();
        let due: Vec<Vec<_>> = stream::iter(tables).buffered(CONCURRENT_TABLES).try_collect().await?;
        Ok(due.into_iter().flatten().collect())
    }

    async fn due_of(
        &self,
        table: &'static Table,
        before: Month,
    ) -> Result<Vec<(&'static Table, Month)>, Error> {
        let snapshot = Log::new(&self.store, table).read().await?;
        let months = plan::months(&snapshot, before, self.part_bytes);
        Ok(months.into_iter().map(|month| (table, month)).collect())
    }

    /// Compacts a month of a table. It may be cut off anywhere and done again.
    ///
    /// # Errors
    /// The store's, [`Error::Invalid`] for a log that cannot be read, [`Error::LeaseLost`]. The table is as it was.
    pub async fn run(&self, table: &'static Table, month: Month) -> Result<Compacted, Error> {
        let log = Log::new(&self.store, table);
        let mut snapshot = log.read().await?;
        for _ in 0..MAX_LOST_RACES {
            let inputs = plan::inputs(&snapshot, month, self.part_bytes);
            if inputs.is_empty() {
                return Ok(Compacted::default());
            }
            let made = self.make(table, &inputs).await?;
            if made.parts.is_empty() {
                return Ok(made.summary());
            }
            if self.commit(&log, snapshot, &made).await? {
                return Ok(made.summary());
            }
            for part in &made.parts {
                parts::remove(&self.store, table, part).await?;
            }
            snapshot = log.read().await?;
        }
        Err(log.lost(&snapshot))
    }

    /// Writes the version that has the parts in place of their inputs. `false` if one of those is gone meanwhile.
    async fn commit(&self, log: &Log<'_>, mut snapshot: Snapshot, made: &Made) -> Result<bool, Error> {
        loop {
            let is_there = |input: &Add| snapshot.adds.get(&input.path) == Some(input);
            if !made.replaced.iter().all(is_there) {
                return Ok(false);
            }
            (self.permit)().await.map_err(|reason| Error::LeaseLost { reason })?;
            let lines = optimized(&made.replaced, made.parts.clone(), now_ms());
            if log.commit(&mut snapshot, lines).await? {
                log.checkpoint(&mut snapshot, now_ms()).await?;
                return Ok(true);
            }
            log.advance(&mut snapshot).await?;
        }
    }

    /// Makes parts of files. What cannot be taken is left out.
    async fn make(&self, table: &'static Table, inputs: &[Input<'_>]) -> Result<Made, Error> {
        let sources = Sources::open(&self.store, table, inputs).await?;
        let mut made = Made::default();
        let runs = plan::runs(inputs);
        let fetching = runs.into_iter().map(|run| {
            let sources = &sources;
            async move { Ok::<_, Error>((sources.fetch(run.input).await?, run)) }
        });
        let mut fetched = stream::iter(fetching).buffered(READ_AHEAD);
        let (mut taken, mut writer) = (BTreeSet::new(), PartWriter::new(table)?);
        while let Some((file, run)) = fetched.try_next().await? {
            let Run { input, first, shares } = run;
            let file = match file {
                Fetched::Whole(file) => file,
                Fetched::Left(reason) => {
                    made.left.insert(inputs[input].add.path.clone(), reason);
                    continue;
                }
            };
            made.rows += shares.iter().map(|share| share.rows).sum::<u64>();
            parts::append(&mut writer, table, inputs[input].add, &file, first, shares)?;
            taken.insert(input);
            if writer.bytes() >= self.part_bytes {
                let full = std::mem::replace(&mut writer, PartWriter::new(table)?);
                made.parts.push(self.put(table, inputs[input].add, full).await?);
            }
        }
        // One file that nothing came to is as good as it was.
        if taken.len() < 2 {
            return Ok(Made { left: made.left, ..Made::default() });
        }
        if !writer.is_empty() {
            made.parts.push(self.put(table, inputs[0].add, writer).await?);
        }
        made.replaced = taken.into_iter().map(|input| inputs[input].add.clone()).collect();
        Ok(made)
    }

    async fn put(&self, table: &'static Table, beside: &Add, writer: PartWriter) -> Result<Add, Error> {
        parts::put(&self.store, table, beside, writer.finish()?, now_ms()).await
    }
}

/// Parts in the store that no version names yet.
#[derive(Debug, Default)]
struct Made {
    parts: Vec<Add>,
    /// The files that have the same rows.
    replaced: Vec<Add>,
    rows: u64,
    /// Files that stay, with the reason.
    left: BTreeMap<String, String>,
}

impl Made {
    fn summary(&self) -> Compacted {
        for (path, reason) in &self.left {
            tracing::warn!(path, reason, "a file is left as it is");
        }
        Compacted {
            parts: self.parts.len() as u64,
            bytes: self.parts.iter().map(|part| part.size).sum(),
            files: self.replaced.len() as u64,
            rows: self.rows,
            left: self.left.clone(),
        }
    }
}
