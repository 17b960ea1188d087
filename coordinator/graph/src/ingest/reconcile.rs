//! Reconciling: a loaded graph, closed and opened again, holds exactly what its markers say.
//!
//! Nothing is assumed of the load: every table is counted, over all filings.

use std::collections::BTreeMap;

use edgraph_shared::schema::{self, Table};

use super::merge;
use super::plan::Markers;
use super::state;
use crate::database::ddl;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Compares every table with what should be in it: `markers`, and rows of shared tables by name.
///
/// # Errors
/// [`Error::Unreconciled`] for the first difference.
pub(super) fn reconcile(
    session: &Session<'_>,
    markers: &Markers,
    shared: &BTreeMap<&str, u64>,
) -> Result<(), Error> {
    let found = state::markers(session)?;
    if found != *markers {
        let differing =
            markers.iter().filter(|(accession, marker)| found.get(accession) != Some(marker)).count();
        let scope = format!("in all, {differing} of them missing or other than written");
        return Err(difference(&ddl::FILING, scope, markers.len() as u64, found.len() as u64));
    }
    for table in schema::graph_tables() {
        if merge::rule(table).is_some() {
            let (expected, found) = (shared[table.name], state::count(session, table)?);
            if expected != found {
                return Err(difference(table, "in all".to_owned(), expected, found));
            }
            continue;
        }
        let mut counts = state::count_by_filing(session, table)?;
        for (accession, marker) in markers {
            let expected = marker.rows.get(table.name).copied().unwrap_or_default();
            let found = counts.remove(accession.as_str()).unwrap_or_default();
            if expected != found {
                return Err(difference(table, format!("of filing {accession}"), expected, found));
            }
        }
        if let Some((accession, found)) = counts.into_iter().next() {
            return Err(difference(table, format!("of {accession}, which has no marker"), 0, found));
        }
    }
    Ok(())
}

fn difference(table: &Table, scope: String, expected: u64, found: u64) -> Error {
    Error::Unreconciled { table: table.name.to_owned(), scope, expected, found }
}
