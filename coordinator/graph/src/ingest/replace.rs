//! Taking filings out of a graph, so that it is as if they had never been loaded.
//!
//! Their own rows are reached from their Reports ([`reach`]), and go with their relationships. Of shared nodes, only
//! those that the filings referenced can be left over or can have a winner that came from them, so what is written is
//! bounded by the filings, not by the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{self, Merge, Row, Table, TableKind, Value};

use super::entity;
use super::merge::{self, Identifier};
use super::plan::{Marker, Markers};
use super::reach;
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
    let mut candidates = sourced.clone();
    session.run("BEGIN TRANSACTION")?;
    for (accession, marker) in filings.iter().filter_map(|filing| markers.get_key_value(filing)) {
        take_out(session, accession, marker, &mut candidates, scratch)?;
    }
    session.run(&format!("{keys} MATCH (n:`{}`) WHERE n.accession = wanted DELETE n", ddl::FILING.name))?;
    for table in shared::tables() {
        let Some(candidates) = candidates.get(table.name).filter(|candidates| !candidates.is_empty()) else {
            continue;
        };
        let reached = reached(session, table, candidates, scratch)?;
        let orphans = candidates.difference(&reached).map(|key| &**key);
        let orphans = state::load_identifiers(scratch, "orphans", orphans)?;
        session.run(&format!("{orphans} MATCH (n:`{}`) WHERE n.identifier = wanted DELETE n", table.name))?;
        let kept = |identifiers: &BTreeSet<Identifier>| identifiers.intersection(&reached).cloned().collect();
        let widowed: BTreeSet<Identifier> = sourced.get(table.name).map(kept).unwrap_or_default();
        let rows = winners(session, table, widowed, markers, read, scratch)?;
        shared::update(session, table, &rows, scratch)?;
    }
    session.run("COMMIT")
}

/// Deletes what belongs to one filing, and collects the shared nodes that it referenced.
fn take_out(
    session: &Session<'_>,
    accession: &AccessionNumber,
    marker: &Marker,
    candidates: &mut Identifiers,
    scratch: &Path,
) -> Result<(), Error> {
    let mut own = BTreeMap::new();
    for table in reach::LEAVES_FIRST {
        own.insert(table, reach::all_nodes(session, table, accession, rows_of(marker, table))?);
    }
    for table in schema::graph_relationships() {
        let Some(owned) = schema::owned_end(table) else { continue };
        if let Some((end, shared)) = shared_ends(table).next() {
            let links = reach::links(table, &own[owned.name]);
            let statement = format!("MATCH {links} RETURN DISTINCT {}.identifier", end.variable(table));
            let into = candidates.entry(shared.name).or_default();
            session.each(&statement, |row| into.extend(identifier(&row)))?;
        }
    }
    for table in schema::graph_relationships().filter(|table| schema::owned_end(table).is_none()) {
        let links = links_between_shared(session, table, accession, marker, candidates, scratch)?;
        for (end, shared) in shared_ends(table) {
            let into = candidates.entry(shared.name).or_default();
            let statement = format!("{links} RETURN DISTINCT {}.identifier", end.variable(table));
            session.each(&statement, |row| into.extend(identifier(&row)))?;
        }
        session.run(&format!("{links} DELETE r"))?;
    }
    for table in reach::LEAVES_FIRST {
        session.run(&format!("MATCH {} DETACH DELETE o", own[table]))?;
    }
    Ok(())
}

/// The clause that binds a filing's relationships between two shared nodes: from the nodes that it references, or by
/// reading the table if that does not lead to all of them.
fn links_between_shared(
    session: &Session<'_>,
    table: &'static Table,
    accession: &AccessionNumber,
    marker: &Marker,
    candidates: &Identifiers,
    scratch: &Path,
) -> Result<String, Error> {
    let TableKind::Relationship { from, .. } = table.kind else { unreachable!("listed as relationships") };
    let link = reach::link(table);
    if let Some(sources) = candidates.get(from) {
        let name = format!("sources-{}", table.name);
        let keys = state::load_identifiers(scratch, &name, sources.iter().map(|key| &**key))?;
        let walked =
            format!("{keys} MATCH {link} WHERE o.identifier = wanted AND r.accession = '{accession}'");
        if state::number(session, &format!("{walked} RETURN count(*)"))? == rows_of(marker, table.name) {
            return Ok(walked);
        }
    }
    Ok(format!("MATCH {link} WHERE r.accession = '{accession}'"))
}

fn rows_of(marker: &Marker, table: &str) -> u64 {
    marker.rows.get(table).copied().unwrap_or_default()
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
    let keys = state::load_identifiers(scratch, "candidates", nodes.iter().map(|key| &**key))?;
    let mut reached = BTreeSet::new();
    for (relationship, end) in ends_of(table) {
        let (link, node) = (reach::link(relationship), end.variable(relationship));
        let statement =
            format!("{keys} MATCH {link} WHERE {node}.identifier = wanted RETURN DISTINCT {node}.identifier");
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
    let keys = state::load_identifiers(scratch, "widowed", nodes.iter().map(|key| &**key))?;
    let mut holders: BTreeMap<String, BTreeSet<Identifier>> = BTreeMap::new();
    for (relationship, end) in ends_of(table) {
        let (link, node) = (reach::link(relationship), end.variable(relationship));
        let owner = reach::owner(relationship);
        let statement = format!(
            "{keys} MATCH {link} WHERE {node}.identifier = wanted RETURN DISTINCT {node}.identifier, {owner}"
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

/// Which end of a relationship a shared node stands at.
#[derive(Clone, Copy)]
enum End {
    From,
    To,
}

impl End {
    /// What [`reach::link`] calls the node at this end.
    fn variable(self, relationship: &Table) -> &'static str {
        match (self, schema::owned_end(relationship)) {
            // Beside a node of the filing it is the other one.
            (_, Some(_)) | (End::To, None) => "n",
            (End::From, None) => "o",
        }
    }
}

/// The ends of a relationship where shared nodes stand.
fn shared_ends(relationship: &'static Table) -> impl Iterator<Item = (End, &'static Table)> {
    let TableKind::Relationship { from, to } = relationship.kind else {
        unreachable!("listed as relationships")
    };
    let shared = |name| shared::tables().find(|table| table.name == name);
    [(End::From, from), (End::To, to)].into_iter().filter_map(move |(end, name)| Some((end, shared(name)?)))
}

/// Every relationship and end where nodes of a shared table stand.
fn ends_of(table: &'static Table) -> impl Iterator<Item = (&'static Table, End)> {
    schema::graph_relationships().flat_map(move |relationship| {
        let ends = shared_ends(relationship).filter(move |(_, node)| node.name == table.name);
        ends.map(move |(end, _)| (relationship, end))
    })
}

fn identifier(row: &Cells) -> Option<Identifier> {
    row.first().and_then(Cell::as_text).map(Identifier::from)
}
