//! Publication: what a round accepted becomes part of tables that readers always find whole and current.
//!
//! ```text
//! accepted list ▶ for every table: last version (log) ▶ manifests of what is new ▶ plan ▶ next version, if absent
//! ```
//! Files of a filing are named by what they were made from, so that after a reprocess both generations lie in a folder.
//! Which of them count is said by the log of the table they belong to, `{folder}/_delta_log`, in the format of Delta
//! Lake (reader 1, writer 2). Every dataset of a store is such a table, partitioned by the year and month of filing.
//!
//! **Order, and what a crash leaves.** Files, their manifest and the pointer to it are there before a filing is accepted.
//! Then each table gets its next version, in any order, `Report` last: whoever begins with a report finds the filing in
//! every other table. A version is one object, put if absent, so it is there whole or not at all, and of two publishers
//! one reads again what the other wrote and plans anew. A checkpoint follows its version, and the hint that leads to it
//! follows the checkpoint; without either the log is read from further back. A publication cut off anywhere is
//! repeated: a table that has a filing as accepted gets no new version for it.
//!
//! What is in a table decides what is done to it, never a note that a round was done: pipelines of one name come again,
//! with the same rounds. Versions still say in a `txn` which pipeline and round they are of, for those who read a
//! table's history. An accepted version gives way to a newer one that is in a table already: the manifests' pointers
//! decide (`current`), so that publishers who meet leave the same generation in all tables.
//!
//! Not here: Kuzu, who publishes and when, and the removal of files that no version names.

mod action;
mod columns;
mod part;
mod file_name;
mod snapshot;
mod checkpoint;
mod log;
mod filings;
mod current;
mod plan;
mod parts;
mod rewrite;
mod table;
mod run;
mod handler;
mod compact;
mod held;
mod retained;

pub use compact::{CompactMonthHandler, Compaction, FindMonthsHandler, PART_BYTES};
pub use file_name::Portion;
pub(crate) use filings::Filing;
pub use handler::PublishHandler;
pub(crate) use held::held;
pub use parts::{WantedRows, extract, extract_one};
pub use retained::{Retained, retained};
pub use run::{Permit, Publication, run};
pub use snapshot::{Held, Snapshot};

use edgraph_shared::schema::Table;
use edgraph_shared::storage::SharedStore;

use crate::error::Error;

/// The last version of a table, empty if it has none.
///
/// # Errors
/// The store's, and [`Error::Invalid`] for a log that cannot be read.
pub async fn read(store: &SharedStore, table: &'static Table) -> Result<Snapshot, Error> {
    log::Log::new(store, table).read().await
}
