//! Taking filings out of a graph, so that it is as if they had never been loaded.
//!
//! Rows of their own go by accession. Of shared nodes, only those that the filings referenced can be left over or
//! can have a winner that came from them, so the cost is bounded by the filings, not by the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{Merge, NODES, RELATIONSHIPS, Row, Table, TableKind, Value};

use super::entity;
use super::merge::{self, Identifier};
use super::plan::Markers;
use super::shared;
use super::state;
use crate::database::cell::{Cell, Cells};
use crate::database::ddl;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Reads one table of a filing that is in the graph: accession, input key, table.
pub(super) type Reader<'a> = dyn Fn(&AccessionNumber, &str, &'static Table) -> Result<Vec<Row>, Error> + 'a;

/// Identifiers by table.
type Identifiers = BTreeMap<&'static str, BTreeSet<Identifier>>;

/// Takes filings out; `markers` are those of the graph, `read` gets at the filings that stay.
///
/// A failure ends the load: the database is thrown away then.
pub(super) fn remove(
    session: &Session<'_>,
    filings: &BTreeSet<AccessionNumber>,
    markers: &Markers,
    read: &Reader<'_>,
    scratch: &Path,
) -> Result<(), Error> {
    if filings.is_empty() {
        return Ok(());
    }
    let names = filings.iter().map(AccessionNumber::as_str);
    let keys = state::load_keys(scratch, "removed", names)?;
    let sourced = sourced(session, &keys)?;
    let mut candidates = referenced(session, &keys)?;
    for (table, identifiers) in &sourced {
        candidates.entry(table).or_default().extend(identifiers.iter().cloned());
    }
    session.run("BEGIN TRANSACTION")?;
    for table in RELATIONSHIPS {
        session
            .run(&format!("{keys} MATCH ()-[r:`{}`]->() WHERE r.accession = wanted DELETE r", table.name))?;
    }
    for table in NODES.iter().filter(|table| table.kind == TableKind::Owned).chain([&ddl::FILING]) {
        session
            .run(&format!("{keys} MATCH (n:`{}`) WHERE n.accession = wanted DETACH DELETE n", table.name))?;
    }
    for table in shared::tables() {
        let Some(candidates) = candidates.get(table.name).filter(|candidates| !candidates.is_empty()) else {
            continue;
        };
        let reached = reached(session, table, candidates, scratch)?;
        let orphans = candidates.difference(&reached).map(|key| &**key);
        let orphans = state::load_keys(scratch, "orphans", orphans)?;
        session.run(&format!("{orphans} MATCH (n:`{}`) WHERE n.identifier = wanted DELETE n", table.name))?;
        let kept = |identifiers: &BTreeSet<Identifier>| identifiers.intersection(&reached).cloned().collect();
        let widowed: BTreeSet<Identifier> = sourced.get(table.name).map(kept).unwrap_or_default();
        let rows = winners(session, table, widowed, markers, read, scratch)?;
        shared::update(session, table, &rows, scratch)?;
    }
    session.run("COMMIT")
}

/// Shared nodes that relationships of the filings reach.
fn referenced(session: &Session<'_>, keys: &str) -> Result<Identifiers, Error> {
    let mut found = Identifiers::new();
    for (relationship, end, table) in shared_ends() {
        let statement = format!(
            "{keys} MATCH {} WHERE r.accession = wanted RETURN DISTINCT n.identifier",
            end.pattern(relationship, table)
        );
        let into = found.entry(table.name).or_default();
        session.each(&statement, |row| into.extend(identifier(&row)))?;
    }
    Ok(found)
}

/// Shared nodes whose row was taken from one of the filings. A resolved Entity is none: it was taken from the
/// company's snapshot, whatever filing was the newest then.
fn sourced(session: &Session<'_>, keys: &str) -> Result<Identifiers, Error> {
    let mut found = Identifiers::new();
    for table in shared::tables().filter(|table| merge::rule(table) == Some(Merge::Greatest)) {
        let own = if table.name == entity::table().name { "AND NOT n.is_resolved" } else { "" };
        let name = table.name;
        let statement =
            format!("{keys} MATCH (n:`{name}`) WHERE n.accession = wanted {own} RETURN n.identifier");
        let into = found.entry(name).or_default();
        session.each(&statement, |row| into.extend(identifier(&row)))?;
    }
    Ok(found)
}

/// Those of the nodes that a relationship still reaches.
fn reached(
    session: &Session<'_>,
    table: &'static Table,
    nodes: &BTreeSet<Identifier>,
    scratch: &Path,
) -> Result<BTreeSet<Identifier>, Error> {
    let keys = state::load_keys(scratch, "candidates", nodes.iter().map(|key| &**key))?;
    let mut reached = BTreeSet::new();
    for (relationship, end, _) in shared_ends().filter(|(.., node)| node.name == table.name) {
        let pattern = end.pattern(relationship, table);
        let statement =
            format!("{keys} MATCH {pattern} WHERE n.identifier = wanted RETURN DISTINCT n.identifier");
        session.each(&statement, |row| reached.extend(identifier(&row)))?;
    }
    Ok(reached)
}

/// The rows that win now, from the filings that still reference the nodes.
fn winners(
    session: &Session<'_>,
    table: &'static Table,
    mut nodes: BTreeSet<Identifier>,
    markers: &Markers,
    read: &Reader<'_>,
    scratch: &Path,
) -> Result<Vec<Row>, Error> {
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let keys = state::load_keys(scratch, "widowed", nodes.iter().map(|key| &**key))?;
    let mut holders: BTreeMap<String, BTreeSet<Identifier>> = BTreeMap::new();
    for (relationship, end, _) in shared_ends().filter(|(.., node)| node.name == table.name) {
        let pattern = end.pattern(relationship, table);
        let statement = format!(
            "{keys} MATCH {pattern} WHERE n.identifier = wanted RETURN DISTINCT n.identifier, r.accession"
        );
        session.each(&statement, |row| {
            if let (Some(node), Some(accession)) = (identifier(&row), row.get(1).and_then(Cell::as_text)) {
                holders.entry(accession.to_owned()).or_default().insert(node);
            }
        })?;
    }
    let mut holders: Vec<_> = holders
        .iter()
        .filter_map(|(accession, nodes)| {
            let accession: AccessionNumber = accession.parse().ok()?;
            Some((accession, markers.get(&accession)?, nodes))
        })
        .collect();
    // Newest first: behind a resolved row no older one can win, so most nodes are settled by a few filings.
    holders.sort_by(|a, b| (&b.1.accepted_at, b.0).cmp(&(&a.1.accepted_at, a.0)));
    let mut best = merge::Merged::new();
    for (accession, marker, held) in holders {
        if held.is_disjoint(&nodes) {
            continue;
        }
        for row in read(&accession, &marker.input_key, table)? {
            let Value::String(node) = &row[0] else { continue };
            if !held.contains(node) || !nodes.contains(node) {
                continue;
            }
            let (node, standing) = (node.clone(), merge::standing(table, &row));
            if best.get(&node).is_none_or(|(present, _)| standing > *present) {
                best.insert(node, (standing, row));
            }
        }
        nodes.retain(|node| best.get(node).is_none_or(|(standing, _)| !standing.is_resolved()));
    }
    Ok(best.into_values().map(|(_, row)| row).collect())
}

/// Which end of a relationship a node stands at.
#[derive(Clone, Copy)]
enum End {
    From,
    To,
}

impl End {
    /// The pattern that binds the node to `n` and the relationship to `r`.
    fn pattern(self, relationship: &Table, node: &Table) -> String {
        let (r, n) = (relationship.name, node.name);
        match self {
            End::From => format!("(n:`{n}`)-[r:`{r}`]->()"),
            End::To => format!("()-[r:`{r}`]->(n:`{n}`)"),
        }
    }
}

/// Every relationship and end where a shared node stands.
fn shared_ends() -> impl Iterator<Item = (&'static Table, End, &'static Table)> {
    RELATIONSHIPS.iter().flat_map(|relationship| {
        let TableKind::Relationship { from, to } = relationship.kind else {
            unreachable!("listed as relationships")
        };
        let ends = [(End::From, from), (End::To, to)];
        ends.into_iter().filter_map(move |(end, name)| {
            let node = shared::tables().find(|table| table.name == name)?;
            Some((relationship, end, node))
        })
    })
}

fn identifier(row: &Cells) -> Option<Identifier> {
    row.first().and_then(Cell::as_text).map(Identifier::from)
}
