//! The handlers of `find_months` and `compact_month` items.

use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::compact::kind::{COMPACT_MONTH, FIND_MONTHS};
use edgraph_shared::kinds::compact::{CompactMonth, Compacted, FindMonths, MonthsFound};
use edgraph_shared::model::WorkItem;
use edgraph_shared::schema;
use edgraph_shared::storage::SharedStore;
use edgraph_worker::handler::{Handler, Job};
use serde::Serialize;

use super::super::handler::permit;
use super::{Compaction, PART_BYTES};

/// Files that a result names; it may have 4 KiB.
const MAX_NAMED: usize = 8;

/// Finds the months that are due.
pub struct FindMonthsHandler {
    /// Where the tables are.
    pub store: SharedStore,
}

/// Compacts one month of one table.
pub struct CompactMonthHandler {
    /// Where the tables are.
    pub store: SharedStore,
}

#[async_trait]
impl Handler for FindMonthsHandler {
    fn kind(&self) -> &'static str {
        FIND_MONTHS
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let FindMonths { before } = job.payload()?;
        let due = compaction(&self.store, &job).due(before).await.map_err(|error| error.failure())?;
        let item = |(table, month): &(&'static schema::Table, _)| {
            let key = format!("{COMPACT_MONTH}/{month}/{}", table.name).parse().expect("a short plain text");
            let payload = text(&CompactMonth { table: table.name.to_owned(), month: *month });
            WorkItem::new(COMPACT_MONTH, key, payload)
        };
        job.children.add(due.iter().map(item).collect()).await?;
        Ok(text(&MonthsFound { months: due.len() as u64 }))
    }
}

#[async_trait]
impl Handler for CompactMonthHandler {
    fn kind(&self) -> &'static str {
        COMPACT_MONTH
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let CompactMonth { table, month } = job.payload()?;
        let table = schema::table(&table)
            .ok_or_else(|| Failure::permanent(format!("{}: this program has no table {table}", job.key)))?;
        let done = compaction(&self.store, &job).run(table, month).await.map_err(|error| error.failure())?;
        let Compacted { parts, files, .. } = done;
        tracing::info!(table = table.name, %month, parts, files, "month compacted");
        let left = done.left.into_iter().take(MAX_NAMED).collect();
        Ok(text(&Compacted { left, ..done }))
    }
}

fn compaction(store: &SharedStore, job: &Job) -> Compaction {
    Compaction { store: store.clone(), part_bytes: PART_BYTES, permit: permit(job) }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("names and numbers always serialise")
}
