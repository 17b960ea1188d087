//! The rows of one filing, collected table by table and put into one order.

use std::ops::Deref;
use std::sync::Arc;

use edgraph_shared::schema::{self, Table, TableKind};
use foldhash::{HashSet, HashSetExt};

use super::columns::{Cell, Columns};

/// The rows of all tables, sorted.
#[derive(Debug)]
pub struct GraphTables {
    tables: Vec<Columns>,
}

impl GraphTables {
    /// Every table that has rows, in the schema's order.
    pub fn iter(&self) -> impl Iterator<Item = &Columns> {
        self.tables.iter().filter(|table| table.rows() > 0)
    }
}

/// A table of the schema as this module's code knows it: found by its name when the code is compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    place: usize,
    table: &'static Table,
}

impl Deref for Known {
    type Target = Table;

    fn deref(&self) -> &Table {
        self.table
    }
}

/// A table by its name; for `const` blocks, where a name that no table has does not compile.
pub(super) const fn table(name: &str) -> Known {
    let (place, table) = schema::known_table(name);
    Known { place, table }
}

/// Collects rows; a node is collected once.
#[derive(Debug)]
pub(super) struct Collector {
    /// By place in the schema.
    tables: Vec<Columns>,
    seen: Vec<HashSet<Arc<str>>>,
}

impl Default for Collector {
    fn default() -> Self {
        let tables = schema::all_tables().map(Columns::new).collect();
        Self { tables, seen: vec![HashSet::new(); schema::TABLES] }
    }
}

impl Collector {
    /// Whether a node is new to its table; from then on it is not.
    pub(super) fn is_new(&mut self, table: Known, identifier: &Arc<str>) -> bool {
        self.seen[table.place].insert(identifier.clone())
    }

    /// Adds a row, its cells in the order of the table's columns.
    pub(super) fn push<const N: usize>(&mut self, table: Known, cells: [(&str, Cell<'_>); N]) {
        self.tables[table.place].push(cells);
    }

    /// Adds a relationship row: the values are the properties between `to` and `accession`.
    pub(super) fn relate<const N: usize>(
        &mut self,
        table: Known,
        from: &Arc<str>,
        to: &Arc<str>,
        properties: [Cell<'_>; N],
        accession: &Arc<str>,
    ) {
        debug_assert_eq!(N + 3, table.columns.len(), "properties of {}", table.name);
        let ends = [from, to].into_iter().map(Cell::from);
        self.tables[table.place].push_texts(ends.chain(properties).chain([accession.into()]));
    }

    /// Sorts every table. Relationship rows equal in everything are one row: the key of a relationship is
    /// (from, to, accession, properties).
    pub(super) fn finish(mut self) -> GraphTables {
        for table in &mut self.tables {
            match table.table().kind {
                TableKind::Export => {}
                TableKind::Owned | TableKind::Shared(_) => table.sort(1),
                TableKind::Relationship { .. } => table.sort(table.columns().len()),
            }
        }
        GraphTables { tables: self.tables }
    }
}
