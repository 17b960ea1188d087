//! Which files of the tables are still named: what removes objects from a store asks this first.

use std::collections::BTreeSet;

use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{ObjectKey, SharedStore};
use futures::{StreamExt, TryStreamExt, stream};

use super::log::Log;
use crate::error::Error;

/// Tables read at a time: each has its last version in memory.
const CONCURRENT_TABLES: usize = 4;

/// The objects that some table names in a version which was its last one at `since_ms` (milliseconds since 1970) or
/// later. Files of a filing that is not published yet are not among them: they are in its manifest.
///
/// # Errors
/// The store's, and [`Error::Invalid`] for a log that cannot be read: then nobody may remove anything.
pub async fn retained(store: &SharedStore, since_ms: i64) -> Result<BTreeSet<ObjectKey>, Error> {
    let of = |table: &'static Table| async move {
        let snapshot = Log::new(store, table).read().await?;
        snapshot.retained(table, since_ms)
    };
    let named: Vec<Vec<ObjectKey>> =
        stream::iter(schema::all_tables().map(of)).buffer_unordered(CONCURRENT_TABLES).try_collect().await?;
    Ok(named.into_iter().flatten().collect())
}
