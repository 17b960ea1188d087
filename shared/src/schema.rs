//! The graph's tables: the single source of Parquet schemas, Kuzu DDL and `edgraph schema`.
//!
//! Fourteen node tables, 22 relationship tables, and two that are for files only: `text` (values too long for
//! the graph) and `flat/facts` (one row per fact with everything joined). A table is a list of columns with a
//! sentence each; a row is a list of [`Value`]s in column order.

mod column;
mod table;
mod row;
mod nodes;
mod relationships;
mod exports;
mod digest;

pub use column::{Column, ColumnType};
pub use row::{Row, Value};
pub use table::{Merge, Table, TableKind};

/// Node tables, in load order.
pub const NODES: &[Table] = nodes::TABLES;

/// Relationship tables, in load order; loaded after all nodes.
pub const RELATIONSHIPS: &[Table] = relationships::TABLES;

/// Tables that exist as files only.
pub const EXPORTS: &[Table] = exports::TABLES;

/// Relationships that the graph does without, since another one of it says the same: a filing has one set of facts, and
/// `REPORT_HAS_FACT` leads to each of them.
const REDUNDANT: &[&str] = &["FACT_SET_CONTAINS_FACT"];

/// Every table that is loaded into the graph, nodes first.
pub fn graph_tables() -> impl Iterator<Item = &'static Table> {
    NODES.iter().chain(graph_relationships())
}

/// Relationship tables that are loaded into the graph.
pub fn graph_relationships() -> impl Iterator<Item = &'static Table> {
    RELATIONSHIPS.iter().filter(|table| !REDUNDANT.contains(&table.name))
}

/// Whether the graph has a column of a table, too. A relationship lacks there what is said at its ends: its
/// `…_context`, which is the target in words, and the filing where one end belongs to that filing.
pub fn is_in_graph(table: &Table, column: &Column) -> bool {
    let is_said_at_an_end = match column.name {
        "accession" => owned_end(table).is_some(),
        name => name.ends_with("_context"),
    };
    !(table.is_relationship() && is_said_at_an_end)
}

/// The columns that the graph has of a table, in file order.
pub fn graph_columns(table: &'static Table) -> impl Iterator<Item = &'static Column> {
    table.columns.iter().filter(|column| is_in_graph(table, column))
}

/// The node table at the end of a relationship that belongs to the same filing as the relationship does; the source if
/// both do. Without one only the relationship's own `accession` tells whose it is.
pub fn owned_end(table: &Table) -> Option<&'static Table> {
    let TableKind::Relationship { from, to } = table.kind else { return None };
    let node = |name| NODES.iter().find(|table| table.name == name);
    [from, to].into_iter().filter_map(node).find(|table| table.kind == TableKind::Owned)
}

/// Every table there is.
pub fn all_tables() -> impl Iterator<Item = &'static Table> {
    NODES.iter().chain(RELATIONSHIPS).chain(EXPORTS)
}

/// A hash of all tables, hexadecimal: another one where a file of some table has other columns.
pub fn digest() -> String {
    digest::of(all_tables())
}

/// How many tables there are.
pub const TABLES: usize = NODES.len() + RELATIONSHIPS.len() + EXPORTS.len();

/// A table by name.
pub fn table(name: &str) -> Option<&'static Table> {
    all_tables().find(|table| table.name == name)
}

/// A table by a name that code spells, and its place in [`all_tables`]. In a `const` block a name that no table has
/// does not compile.
///
/// # Panics
/// If there is no such table.
pub const fn known_table(name: &str) -> (usize, &'static Table) {
    let mut place = 0;
    while place < TABLES {
        let table = if place < NODES.len() {
            &NODES[place]
        } else if place < NODES.len() + RELATIONSHIPS.len() {
            &RELATIONSHIPS[place - NODES.len()]
        } else {
            &EXPORTS[place - NODES.len() - RELATIONSHIPS.len()]
        };
        if is_same(table.name, name) {
            return (place, table);
        }
        place += 1;
    }
    panic!("there is no such table")
}

/// The place of a column that code spells in such a table.
///
/// # Panics
/// If there is no such column.
pub const fn known_column(table: &Table, name: &str) -> usize {
    let mut place = 0;
    while place < table.columns.len() {
        if is_same(table.columns[place].name, name) {
            return place;
        }
        place += 1;
    }
    panic!("the table has no such column")
}

/// The first column of a table that code which makes its rows has forgotten: it is neither among those that the code
/// names nor the one that is set elsewhere. `None` when each of them is named, once.
///
/// # Panics
/// If a name is no column's, or is there twice.
pub const fn first_unnamed(table: &Table, names: &[&str], elsewhere: &str) -> Option<&'static str> {
    let mut place = 0;
    let mut found = 0;
    while place < table.columns.len() {
        let column = table.columns[place].name;
        let count = count_of(names, column);
        if count == 0 && !is_same(column, elsewhere) {
            return Some(column);
        }
        assert!(count <= 1, "a column is named twice");
        found += count;
        place += 1;
    }
    assert!(found == names.len(), "the table has no such column");
    None
}

const fn count_of(names: &[&str], name: &str) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < names.len() {
        if is_same(names[at], name) {
            count += 1;
        }
        at += 1;
    }
    count
}

/// Texts cannot be compared by `==` where nothing runs yet.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_known_by_name_are_in_their_place() {
        for (place, table) in all_tables().enumerate() {
            let (known, same) = known_table(table.name);
            assert_eq!((known, same.name), (place, table.name));
            for (place, column) in table.columns.iter().enumerate() {
                assert_eq!(known_column(table, column.name), place);
            }
        }
        assert_eq!(all_tables().count(), TABLES);
    }

    #[test]
    fn a_forgotten_column_is_found() {
        let units = known_table("Unit").1;
        let names = ["identifier", "uri", "measure", "value", "numerator_uri", "denominator_uri"];
        assert_eq!(first_unnamed(units, &names, "accession"), None);
        assert_eq!(first_unnamed(units, &names[..5], "accession"), Some("denominator_uri"));
        assert_eq!(first_unnamed(units, &names[..5], "denominator_uri"), None);
    }

    #[test]
    #[should_panic(expected = "the table has no such column")]
    fn a_name_that_is_no_columns_is_refused() {
        first_unnamed(known_table("FactSet").1, &["identifier", "colour"], "accession");
    }

    #[test]
    #[should_panic(expected = "a column is named twice")]
    fn a_column_named_twice_is_refused() {
        first_unnamed(known_table("FactSet").1, &["identifier", "identifier"], "accession");
    }

    #[test]
    fn there_are_fourteen_node_and_22_relationship_tables() {
        assert_eq!((NODES.len(), RELATIONSHIPS.len()), (14, 22));
    }

    #[test]
    fn names_are_unique_and_relationships_join_node_tables() {
        let mut names: Vec<_> = all_tables().map(|table| table.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all_tables().count());
        for relationship in RELATIONSHIPS {
            let TableKind::Relationship { from, to } = relationship.kind else {
                panic!("{}", relationship.name)
            };
            assert!(NODES.iter().any(|table| table.name == from), "{from}");
            assert!(NODES.iter().any(|table| table.name == to), "{to}");
            assert_eq!(relationship.columns[0].name, "from");
            assert_eq!(relationship.columns[1].name, "to");
        }
    }

    #[test]
    fn the_graph_has_of_relationships_only_what_their_ends_do_not_say() {
        let columns =
            |name| -> Vec<&str> { graph_columns(table(name).unwrap()).map(|column| column.name).collect() };
        assert_eq!(columns("FACT_HAS_UNIT"), ["from", "to"]);
        assert_eq!(columns("ENTITY_HAS_REPORT"), ["from", "to", "role"]);
        assert_eq!(columns("ELEMENT_HAS_LABEL"), ["from", "to", "accession"]);
        assert_eq!(columns("FACT_HAS_FOOTNOTE"), ["from", "to", "arcrole", "order_value"]);
        assert_eq!(columns("Fact").len(), table("Fact").unwrap().columns.len());
        assert!(graph_tables().all(|table| table.name != "FACT_SET_CONTAINS_FACT"));
        assert!(REDUNDANT.iter().all(|name| table(name).is_some()));
        let owners: Vec<_> = ["FACT_HAS_UNIT", "ENTITY_HAS_REPORT", "ELEMENT_HAS_LABEL", "Fact"]
            .map(|name| owned_end(table(name).unwrap()).map(|table| table.name))
            .into();
        assert_eq!(owners, [Some("Fact"), Some("Report"), None, None]);
    }

    #[test]
    fn what_belongs_to_a_filing_names_it_and_what_is_merged_can_be_compared() {
        for table in graph_tables() {
            match table.kind {
                TableKind::Shared(Merge::Equal) => assert!(table.column_index("accession").is_none()),
                TableKind::Shared(Merge::Greatest) => {
                    for name in ["is_resolved", "as_of", "accession"] {
                        assert!(table.column_index(name).is_some(), "{}.{name}", table.name);
                    }
                }
                _ => assert!(table.accession_column().is_some(), "{}", table.name),
            }
        }
    }
}
