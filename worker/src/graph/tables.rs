//! The rows of one filing, collected table by table and put into one order.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use edgraph_shared::schema::{self, Row, Table, TableKind, Value};

/// Rows by table, sorted, in the order of the schema's tables.
#[derive(Debug, Default)]
pub struct GraphTables {
    rows: BTreeMap<&'static str, Vec<Row>>,
}

impl GraphTables {
    /// Every table that has rows, in the schema's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Table, &[Row])> {
        schema::all_tables().filter_map(|table| Some((table, self.rows.get(table.name)?.as_slice())))
    }

    /// The rows of one table; empty when it has none.
    pub fn rows(&self, table: &str) -> &[Row] {
        self.rows.get(table).map_or(&[], Vec::as_slice)
    }
}

/// A table of the schema, by a name that this module's code spells.
pub(super) fn table(name: &str) -> &'static Table {
    schema::table(name).expect("the schema has it")
}

/// Collects rows; a node is collected once.
#[derive(Debug, Default)]
pub(super) struct Collector {
    rows: BTreeMap<&'static str, Vec<Row>>,
    seen: HashSet<(&'static str, Arc<str>)>,
}

impl Collector {
    /// Whether a node is new to its table; from then on it is not.
    pub(super) fn is_new(&mut self, table: &'static Table, identifier: &Arc<str>) -> bool {
        self.seen.insert((table.name, identifier.clone()))
    }

    /// Adds a row as it is.
    pub(super) fn push(&mut self, table: &'static Table, row: Row) {
        self.rows.entry(table.name).or_default().push(row);
    }

    /// Adds a relationship row: the values are the properties between `to` and `accession`.
    pub(super) fn relate<const N: usize>(
        &mut self,
        table: &'static Table,
        from: &Arc<str>,
        to: &Arc<str>,
        properties: [Value; N],
        accession: &Arc<str>,
    ) {
        debug_assert_eq!(N + 3, table.columns.len(), "properties of {}", table.name);
        let mut row = Vec::with_capacity(N + 3);
        row.extend([from.into(), to.into()]);
        row.extend(properties);
        row.push(accession.into());
        self.push(table, row);
    }

    /// Sorts every table. Relationship rows equal in everything are one row: the key of a relationship is
    /// (from, to, accession, properties).
    pub(super) fn finish(mut self) -> GraphTables {
        for (name, rows) in &mut self.rows {
            let kind = table(name).kind;
            match kind {
                TableKind::Export => {}
                TableKind::Owned | TableKind::Shared(_) => rows.sort_by(|a, b| compare(&a[..1], &b[..1])),
                TableKind::Relationship { .. } => {
                    rows.sort_by(|a, b| compare(a, b));
                    rows.dedup();
                }
            }
        }
        GraphTables { rows: self.rows }
    }
}

/// A total order: cells of one column have one type or are NULL, and no number in a row is NaN.
fn compare(a: &[Value], b: &[Value]) -> std::cmp::Ordering {
    a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)
}
