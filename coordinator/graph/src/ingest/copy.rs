//! COPY of a group's own rows: one file per table, the next one made while the database reads the last.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use edgraph_shared::schema::{self, NODES, Row, Table};
use edgraph_worker::output::parquet;

use super::merge;
use super::splice::splice;
use super::stage::StagedFiling;
use crate::database::cypher::quote_path;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Files that wait for the database: so much is made ahead, and lies on the disk.
const AHEAD: usize = 1;

/// Copies everything that belongs to the filings, inside the caller's transaction, and the relationships of companies
/// that are not in their files.
pub(super) fn copy(
    session: &Session<'_>,
    group: &[&StagedFiling],
    filers: &[Row],
    scratch: &Path,
) -> Result<(), Error> {
    let (sender, made) = mpsc::sync_channel(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let owned = NODES.iter().filter(|table| merge::rule(table).is_none());
            for table in owned.chain(schema::graph_relationships()) {
                let file = file_of(group, table, filers, scratch).transpose();
                let Some(file) = file.map(|file| file.map(|path| (table, path))) else { continue };
                // Nobody takes it once a copy has failed.
                if sender.send(file).is_err() {
                    return;
                }
            }
        });
        for file in made {
            let (table, path) = file?;
            copy_file(session, table, &path)?;
        }
        Ok(())
    })
}

/// Copies relationships that are in no file yet.
pub(super) fn copy_rows(
    session: &Session<'_>,
    table: &'static Table,
    rows: &[Row],
    scratch: &Path,
) -> Result<(), Error> {
    let output = scratch.join(format!("{}.parquet", table.name));
    splice(table, &[written(table, rows, scratch)?], &output)?;
    copy_file(session, table, &output)
}

/// The rows of one table in one file; none if there are none.
fn file_of(
    group: &[&StagedFiling],
    table: &'static Table,
    filers: &[Row],
    scratch: &Path,
) -> Result<Option<PathBuf>, Error> {
    let mut inputs: Vec<PathBuf> =
        group.iter().filter_map(|filing| filing.file(table)).map(Path::to_owned).collect();
    if table.name == filer_table().name && !filers.is_empty() {
        inputs.push(written(table, filers, scratch)?);
    }
    if inputs.is_empty() {
        return Ok(None);
    }
    let output = scratch.join(format!("{}.parquet", table.name));
    splice(table, &inputs, &output)?;
    Ok(Some(output))
}

fn written(table: &'static Table, rows: &[Row], scratch: &Path) -> Result<PathBuf, Error> {
    let path = scratch.join(format!("{}-more.parquet", table.name));
    let bytes = parquet::encode(table, rows).map_err(|error| Error::invalid(table.name, error))?;
    std::fs::write(&path, bytes).map_err(Error::io("write", &path))?;
    Ok(path)
}

fn copy_file(session: &Session<'_>, table: &Table, path: &Path) -> Result<(), Error> {
    session.run(&format!("COPY `{}` FROM {}", table.name, quote_path(path)?))?;
    std::fs::remove_file(path).map_err(Error::io("remove", path))
}

/// The table of who filed, whose rows for further companies come from the accepted list.
pub(super) fn filer_table() -> &'static Table {
    schema::table("ENTITY_HAS_REPORT").expect("the schema has filers")
}
