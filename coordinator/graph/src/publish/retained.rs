//! Which files of the tables are still named: what removes objects from a store asks this first.

use std::collections::BTreeSet;

use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{ObjectKey, SharedStore};
use futures::{StreamExt, TryStreamExt, stream};

use super::log::Log;
use crate::error::Error;

/// Tables read at a time: each has its last version in memory.
const CONCURRENT_TABLES: usize = 4;

/// What the tables need of their files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Objects that some table names in a version that is kept.
    pub named: BTreeSet<ObjectKey>,
    /// Files of filings whose rows the last version of their table has in a part.
    pub in_parts: BTreeSet<ObjectKey>,
}

/// What tables name in versions which were their last one at some time after `since_ms` (milliseconds since 1970). Files
/// of a filing that is not published yet are not among them: they are in its manifest.
///
/// # Errors
/// The store's, and [`Error::Invalid`] for a log that cannot be read: then nobody may remove anything.
pub async fn retained(store: &SharedStore, since_ms: i64) -> Result<Retained, Error> {
    let reading: Vec<_> = schema::all_tables().map(|table| of_table(store, table, since_ms)).collect();
    let mut tables = stream::iter(reading).buffer_unordered(CONCURRENT_TABLES);
    let mut retained = Retained::default();
    while let Some((named, in_parts)) = tables.try_next().await? {
        retained.named.extend(named);
        retained.in_parts.extend(in_parts);
    }
    Ok(retained)
}

async fn of_table(
    store: &SharedStore,
    table: &'static Table,
    since_ms: i64,
) -> Result<(Vec<ObjectKey>, Vec<ObjectKey>), Error> {
    let snapshot = Log::new(store, table).read().await?;
    Ok((snapshot.retained(table, since_ms)?, snapshot.in_parts(table)))
}
