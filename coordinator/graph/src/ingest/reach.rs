//! How the rows of one filing are reached in the graph: from its Report and its Structures, as patterns of Cypher.
//!
//! A pattern binds the filing's own node to `o`, and of a relationship the other end to `n` and itself to `r`. Whose a
//! relationship is, its own end says; those between two shared nodes say it themselves.

use edgraph_shared::graph_id;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{self, Table, TableKind};

use super::state;
use crate::database::kuzu::Session;
use crate::error::Error;

/// Owned tables in the order in which they are taken out: what is reached through others before those.
pub(super) const LEAVES_FIRST: [&str; 7] =
    ["FactDimension", "Footnote", "Association", "Fact", "FactSet", "Structure", "Report"];

/// The nodes of an owned table that belong to a filing, of which there are so many rows. What nothing leads to is found
/// by reading the whole table.
pub(super) fn all_nodes(
    session: &Session<'_>,
    table: &str,
    accession: &AccessionNumber,
    rows: u64,
) -> Result<String, Error> {
    let reached = nodes(table, accession);
    let count = format!("MATCH {reached} RETURN count(DISTINCT o.identifier)");
    Ok(if state::number(session, &count)? == rows { reached } else { by_accession(table, accession) })
}

/// The nodes of an owned table that a filing's Report or Structures lead to.
fn nodes(table: &str, accession: &AccessionNumber) -> String {
    let identifier = format!("identifier: UUID('{}')", graph_id::report(accession));
    let report = format!("(:`Report` {{{identifier}}})");
    let fact = |link: &str| format!("{report}-[:`REPORT_HAS_FACT`]->(:`Fact`)-[:`{link}`]->(o:`{table}`)");
    match table {
        "Report" => format!("(o:`Report` {{{identifier}}})"),
        "FactSet" => format!("{report}-[:`REPORT_HAS_FACT_SET`]->(o:`FactSet`)"),
        "Fact" => format!("{report}-[:`REPORT_HAS_FACT`]->(o:`Fact`)"),
        "FactDimension" => fact("FACT_HAS_DIMENSION"),
        "Footnote" => fact("FACT_HAS_FOOTNOTE"),
        "Association" => {
            let structures = format!("(:`Structure` {{accession: '{accession}'}})");
            format!("{structures}-[:`STRUCTURE_HAS_ASSOCIATION`]->(o:`Association`)")
        }
        _ => by_accession(table, accession),
    }
}

fn by_accession(table: &str, accession: &AccessionNumber) -> String {
    format!("(o:`{table}` {{accession: '{accession}'}})")
}

/// Every relationship of a table.
pub(super) fn link(table: &Table) -> String {
    let TableKind::Relationship { from, to } = table.kind else { unreachable!("asked of relationships") };
    if is_owned_at_target(table) {
        format!("(n:`{from}`)-[r:`{}`]->(o:`{to}`)", table.name)
    } else {
        format!("(o:`{from}`)-[r:`{}`]->(n:`{to}`)", table.name)
    }
}

/// The relationships of a table at nodes of its owned end, which a pattern binds.
pub(super) fn links(table: &Table, own: &str) -> String {
    let TableKind::Relationship { from, to } = table.kind else { unreachable!("asked of relationships") };
    if is_owned_at_target(table) {
        format!("{own}, (n:`{from}`)-[r:`{}`]->(o)", table.name)
    } else {
        format!("{own}, (o)-[r:`{}`]->(n:`{to}`)", table.name)
    }
}

/// What says whose a relationship of [`link`] is.
pub(super) fn owner(table: &Table) -> &'static str {
    if schema::owned_end(table).is_some() { "o.accession" } else { "r.accession" }
}

/// Whether the filing's own node is the target alone.
fn is_owned_at_target(table: &Table) -> bool {
    let TableKind::Relationship { from, .. } = table.kind else { return false };
    schema::owned_end(table).is_some_and(|owned| owned.name != from)
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema::NODES;

    use super::*;

    #[test]
    fn every_owned_table_has_its_turn() {
        let mut owned: Vec<&str> =
            NODES.iter().filter(|table| table.kind == TableKind::Owned).map(|table| table.name).collect();
        let mut listed = LEAVES_FIRST.to_vec();
        owned.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, owned);
    }

    #[test]
    fn the_filings_end_is_bound_whichever_it_is() {
        let table = |name| schema::table(name).unwrap();
        let of = |name| (link(table(name)), owner(table(name)));
        assert_eq!(of("FACT_HAS_UNIT"), ("(o:`Fact`)-[r:`FACT_HAS_UNIT`]->(n:`Unit`)".into(), "o.accession"));
        let filers = "(n:`Entity`)-[r:`ENTITY_HAS_REPORT`]->(o:`Report`)";
        assert_eq!(of("ENTITY_HAS_REPORT"), (filers.into(), "o.accession"));
        let labels = "(o:`Element`)-[r:`ELEMENT_HAS_LABEL`]->(n:`Label`)";
        assert_eq!(of("ELEMENT_HAS_LABEL"), (labels.into(), "r.accession"));
        assert_eq!(links(table("FACT_HAS_UNIT"), "(o)"), "(o), (o)-[r:`FACT_HAS_UNIT`]->(n:`Unit`)");
        let filers = "(o), (n:`Entity`)-[r:`ENTITY_HAS_REPORT`]->(o)";
        assert_eq!(links(table("ENTITY_HAS_REPORT"), "(o)"), filers);
    }
}
