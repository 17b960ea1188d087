//! A graph's content as one hash: the same for the same rows, however and in whatever order they were loaded.
//!
//! Rows of the schema's tables count; the graph's id and markers do not.

use std::collections::BTreeMap;
use std::path::Path;

use edgraph_shared::schema::{self, Table};
use sha2::{Digest, Sha256};

use super::merge;
use super::state;
use crate::database::Mode;
use crate::database::folder;
use crate::database::kuzu::{Database, Session};
use crate::error::Error;

/// What one table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSum {
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over the sorted digests of its rows, hexadecimal.
    pub sha256: String,
}

/// What each table of a graph in use holds: nodes by all columns, relationships by endpoints and properties.
///
/// # Errors
/// If there is no graph, or it is of another schema version.
pub fn checksum(graph: &Path) -> Result<BTreeMap<&'static str, TableSum>, Error> {
    let database = Database::open(&folder::database_in(graph)?, Mode::Read)?;
    let session = database.session()?;
    state::identity(&session, graph)?;
    schema::graph_tables().map(|table| Ok((table.name, sum(&session, table)?))).collect()
}

fn sum(session: &Session<'_>, table: &'static Table) -> Result<TableSum, Error> {
    let statement = if table.is_relationship() {
        let ends = ["a.identifier".to_owned(), "b.identifier".to_owned()];
        let properties = schema::graph_columns(table).skip(2).map(|column| format!("r.`{}`", column.name));
        let returned: Vec<String> = ends.into_iter().chain(properties).collect();
        format!("MATCH (a)-[r:`{}`]->(b) RETURN {}", table.name, returned.join(", "))
    } else {
        format!("MATCH (n:`{}`) RETURN {}", table.name, state::returned(table))
    };
    let mut digests = Vec::new();
    let mut failure = None;
    session.each(&statement, |cells| match state::schema_row(table, cells) {
        Ok(row) => digests.push(merge::digest(&row)),
        Err(error) => failure = Some(error),
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    digests.sort_unstable();
    let mut hash = Sha256::new();
    digests.iter().for_each(|digest| hash.update(digest));
    Ok(TableSum { rows: digests.len() as u64, sha256: hex::encode(hash.finalize()) })
}
