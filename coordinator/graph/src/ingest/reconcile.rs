//! Reconciling: a loaded graph, closed and opened again, holds what its markers say.
//!
//! Nothing is assumed of the load. Every table is counted; of the filings that it touched, also every row that is
//! reached as theirs. What it did not touch cannot have changed without a table's total.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{self, Table, TableKind};

use super::merge;
use super::plan::{Marker, Markers};
use super::reach;
use super::state;
use crate::database::ddl;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Filings up to which each is counted by itself, from its Report; more are counted by reading the tables once.
const FEW: usize = 16;

/// Compares every table with what should be in it: `markers`, and rows of shared tables by name; and each of the
/// filings that were touched with its marker.
///
/// # Errors
/// [`Error::Unreconciled`] for the first difference.
pub(super) fn reconcile(
    session: &Session<'_>,
    markers: &Markers,
    shared: &BTreeMap<&str, u64>,
    touched: &BTreeSet<AccessionNumber>,
) -> Result<(), Error> {
    let found = state::markers(session)?;
    if found != *markers {
        let differing =
            markers.iter().filter(|(accession, marker)| found.get(accession) != Some(marker)).count();
        let scope = format!("in all, {differing} of them missing or other than written");
        return Err(difference(&ddl::FILING, scope, markers.len() as u64, found.len() as u64));
    }
    for table in schema::graph_tables() {
        let owned = || markers.values().map(|marker| rows(marker, table)).sum();
        let expected = if merge::rule(table).is_some() { shared[table.name] } else { owned() };
        if touched.len() <= FEW {
            for accession in touched {
                one(session, table, accession, &markers[accession])?;
            }
        } else if merge::rule(table).is_none() {
            all(session, table, markers, touched)?;
        }
        let found = state::count(session, table)?;
        if expected != found {
            return Err(difference(table, "in all".to_owned(), expected, found));
        }
    }
    Ok(())
}

/// Counts the rows of one filing in a table, where its own nodes lead to them.
fn one(
    session: &Session<'_>,
    table: &'static Table,
    accession: &AccessionNumber,
    marker: &Marker,
) -> Result<(), Error> {
    let owned = match table.kind {
        TableKind::Owned => Some(table),
        _ => schema::owned_end(table),
    };
    // Of shared nodes, and relationships between them, the total is what is known.
    let Some(owned) = owned else { return Ok(()) };
    let own = reach::all_nodes(session, owned.name, accession, rows(marker, owned))?;
    let counted = if table.is_relationship() {
        format!("MATCH {} RETURN count(DISTINCT id(r))", reach::links(table, &own))
    } else {
        format!("MATCH {own} RETURN count(DISTINCT o.identifier)")
    };
    let (expected, found) = (rows(marker, table), state::number(session, &counted)?);
    if expected == found { Ok(()) } else { Err(difference(table, of(accession), expected, found)) }
}

/// Counts the rows of many filings in a table, by reading it.
fn all(
    session: &Session<'_>,
    table: &'static Table,
    markers: &Markers,
    touched: &BTreeSet<AccessionNumber>,
) -> Result<(), Error> {
    let mut counts = count_by_filing(session, table)?;
    for (accession, marker) in markers {
        let expected = rows(marker, table);
        let found = counts.remove(accession.as_str()).unwrap_or_default();
        if expected != found && touched.contains(accession) {
            return Err(difference(table, of(accession), expected, found));
        }
    }
    match counts.into_iter().next() {
        Some((accession, found)) => {
            Err(difference(table, format!("of {accession}, which has no marker"), 0, found))
        }
        None => Ok(()),
    }
}

/// Rows of an owned table or of a relationship by filing.
pub(super) fn count_by_filing(session: &Session<'_>, table: &Table) -> Result<BTreeMap<String, u64>, Error> {
    let statement = match table.kind {
        TableKind::Relationship { .. } => {
            format!("MATCH {} RETURN {}, count(*)", reach::link(table), reach::owner(table))
        }
        _ => format!("MATCH (n:`{}`) RETURN n.accession, count(*)", table.name),
    };
    let mut counts = BTreeMap::new();
    session.each(&statement, |row| {
        let accession = row[0].as_text().unwrap_or("without accession").to_owned();
        counts.insert(accession, row[1].as_count().unwrap_or_default());
    })?;
    Ok(counts)
}

/// Rows of a table that a filing has as its marker says.
pub(super) fn rows(marker: &Marker, table: &Table) -> u64 {
    marker.rows.get(table.name).copied().unwrap_or_default()
}

fn of(accession: &AccessionNumber) -> String {
    format!("of filing {accession}")
}

fn difference(table: &Table, scope: String, expected: u64, found: u64) -> Error {
    Error::Unreconciled { table: table.name.to_owned(), scope, expected, found }
}
