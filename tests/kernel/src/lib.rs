//! A table of a store as Delta Lake's own kernel reads it: the version, and the rows of every file that is live then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use delta_kernel::arrow::array::{Array, AsArray, RecordBatch};
use delta_kernel::arrow::compute::cast;
use delta_kernel::arrow::datatypes::DataType;
use delta_kernel::engine::arrow_data::EngineDataArrowExt;
use delta_kernel::object_store::local::LocalFileSystem;
use delta_kernel::{Engine, Snapshot};
use delta_kernel_default_engine::DefaultEngineBuilder;
use url::Url;

/// What the kernel finds in a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The newest version.
    pub version: u64,
    /// Rows by the filing that they belong to; what has no such column is under "".
    pub rows: BTreeMap<String, u64>,
}

/// Reads a table whole.
///
/// # Errors
/// What the kernel says.
pub fn read(table: &Path) -> anyhow::Result<Found> {
    let url = Url::from_directory_path(table).map_err(|()| anyhow!("{} is not absolute", table.display()))?;
    let engine: Arc<dyn Engine> =
        Arc::new(DefaultEngineBuilder::new(Arc::new(LocalFileSystem::new())).build());
    let snapshot = Snapshot::builder_for(url.as_str()).build(engine.as_ref())?;
    let version = snapshot.version();
    let scan = snapshot.scan_builder().build()?;
    let mut rows = BTreeMap::new();
    for batch in scan.execute(engine)? {
        count(&batch?.try_into_record_batch()?, &mut rows)?;
    }
    Ok(Found { version, rows })
}

/// Counts the rows of each filing.
fn count(batch: &RecordBatch, rows: &mut BTreeMap<String, u64>) -> anyhow::Result<()> {
    let Some(column) = batch.column_by_name("accession") else {
        *rows.entry(String::new()).or_default() += batch.num_rows() as u64;
        return Ok(());
    };
    let texts = cast(column, &DataType::Utf8).context("accession")?;
    let texts = texts.as_string::<i32>();
    for row in 0..texts.len() {
        let filing = if texts.is_null(row) { "" } else { texts.value(row) };
        *rows.entry(filing.to_owned()).or_default() += 1;
    }
    Ok(())
}
