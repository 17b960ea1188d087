//! Whose rows the database has refused: it names a key, not a filing.
//!
//! A filing is whole in itself: its files hold every node that its relationships join, once. Only when a load was
//! refused are they read to find which filing is not. Pure but for reading staged files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{NODES, RELATIONSHIPS, Row, Table, TableKind, Value};
use uuid::Uuid;

use super::merge::{self, Identifier};
use super::stage::StagedFiling;
use crate::error::Error;

/// Reads what a filing brings to a table.
pub(super) type Contribution<'a> = dyn Fn(&StagedFiling, &'static Table) -> Result<Vec<Row>, Error> + 'a;

/// The filings of a group that are at fault, with the reason.
pub(super) fn diagnose(
    group: &[&StagedFiling],
    rows: &Contribution<'_>,
) -> Result<BTreeMap<AccessionNumber, String>, Error> {
    let mut owned: BTreeMap<&str, HashSet<Identifier>> = BTreeMap::new();
    let mut guilty = BTreeMap::new();
    for filing in group {
        let reason = match fault(filing, rows, &mut owned) {
            Err(Error::Invalid { what, problem }) => Some(format!("{what}: {problem}")),
            reason => reason?,
        };
        if let Some(reason) = reason {
            guilty.insert(filing.accession, reason);
        }
    }
    Ok(guilty)
}

/// What is wrong with a filing; `owned` are nodes of filings before it.
fn fault(
    filing: &StagedFiling,
    rows: &Contribution<'_>,
    owned: &mut BTreeMap<&'static str, HashSet<Identifier>>,
) -> Result<Option<String>, Error> {
    let mut nodes: HashMap<&str, BTreeSet<Identifier>> = HashMap::new();
    for table in NODES {
        let taken = owned.entry(table.name).or_default();
        let own = nodes.entry(table.name).or_default();
        for row in rows(filing, table)? {
            let Value::String(identifier) = &row[0] else {
                return Ok(Some(format!("table {}: a row has no identifier", table.name)));
            };
            if identifier.parse::<Uuid>().is_err() {
                return Ok(Some(format!("table {}: identifier {identifier} is no UUID", table.name)));
            }
            own.insert(identifier.clone());
            if merge::rule(table).is_none() && !taken.insert(identifier.clone()) {
                return Ok(Some(format!("table {}: node {identifier} is there twice", table.name)));
            }
        }
    }
    for table in RELATIONSHIPS {
        let TableKind::Relationship { from, to } = table.kind else { continue };
        for row in rows(filing, table)? {
            for (cell, end) in [(&row[0], from), (&row[1], to)] {
                let known = matches!(cell, Value::String(node) if nodes[end].contains(node));
                if !known {
                    let row = merge::describe(table, &row);
                    return Ok(Some(format!(
                        "table {}: row {row} joins no {end} of this filing",
                        table.name
                    )));
                }
            }
        }
    }
    Ok(None)
}
