//! The rows of one filing, collected table by table and put into one order.

use std::ops::Deref;

use edgraph_shared::graph_id::NodeId;
use edgraph_shared::schema::{self, Table, TableKind};
use foldhash::{HashSet, HashSetExt};

use super::columns::Columns;
use super::datum::Datum;
use super::table_rows::Rows;

/// The rows of all tables, sorted.
#[derive(Debug)]
pub struct GraphTables {
    tables: Vec<Rows>,
}

impl GraphTables {
    /// Every table that has rows, in the schema's order.
    pub fn into_tables(self) -> impl Iterator<Item = Rows> {
        self.tables.into_iter().filter(|rows| rows.count() > 0)
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

/// The place of a column by its name and its table's; for `const` blocks, as [`table`].
pub(super) const fn column(table: &str, name: &str) -> usize {
    schema::known_column(schema::known_table(table).1, name)
}

/// The column that names the filing, in the tables that have it: the [`Collector`] sets it, no row does.
const FILING_COLUMN: &str = "accession";

/// Looks whether a row says of every column of its table what is in it; for constants, where one that forgets a column
/// does not compile, and the error names the column.
pub(super) const fn assert_whole(table: &str, columns: &[&str]) {
    let (_, table) = schema::known_table(table);
    if let Some(forgotten) = schema::first_unnamed(table, columns, FILING_COLUMN) {
        panic!("{}", forgotten);
    }
}

/// Adds a row of a table to a [`Collector`], column by column. Every column of the table is named once: with its value;
/// in `same(…)` if [`Collector::set_same`] said its value for all rows; in `null(…)` if rows made here have none. A name
/// that the schema has not, or a column that is forgotten, does not compile.
macro_rules! row {
    (
        $rows:expr, $table:literal, [$(($column:literal, $value:expr)),+ $(,)?]
        $(, same($($same:literal),+ $(,)?))? $(, null($($null:literal),+ $(,)?))? $(,)?
    ) => {{
        const _: () = $crate::rows::tables::assert_whole($table, &[$($column,)+ $($($same,)+)? $($($null,)+)?]);
        let row = $rows.add_row(const { $crate::rows::tables::table($table) });
        $($(debug_assert!(
            row.is_same(const { $crate::rows::tables::column($table, $same) }),
            "nobody says what is in {} of every row of {}", $same, $table
        );)+)?
        $(row.set(const { $crate::rows::tables::column($table, $column) }, $value);)+
    }};
}

pub(super) use row;

/// Collects rows; a node is collected once.
#[derive(Debug)]
pub(super) struct Collector {
    /// By place in the schema.
    tables: Vec<Columns>,
    seen: Vec<HashSet<NodeId>>,
}

impl Collector {
    /// For the rows of one filing, which all tables that have a column for it name.
    pub(super) fn new(accession: &str) -> Self {
        let columns = |table: &'static Table| {
            let mut columns = Columns::new(table);
            if table.column_index(FILING_COLUMN).is_some() {
                columns.set_same(FILING_COLUMN, accession.into());
            }
            columns
        };
        Self {
            tables: schema::all_tables().map(columns).collect(),
            seen: vec![HashSet::new(); schema::TABLES],
        }
    }

    /// Says what is the same in every row of a table, before there is one.
    pub(super) fn set_same<const N: usize>(&mut self, table: Known, cells: [(&str, Datum<'_>); N]) {
        cells.into_iter().for_each(|(column, cell)| self.tables[table.place].set_same(column, cell));
    }

    /// Whether a node is new to its table; from then on it is not.
    pub(super) fn is_new(&mut self, table: Known, identifier: NodeId) -> bool {
        self.seen[table.place].insert(identifier)
    }

    /// Makes room for so many rows of a table, before there is one.
    pub(super) fn expect(&mut self, table: Known, rows: usize) {
        self.tables[table.place].expect(rows);
    }

    /// Makes room in a column of a table for texts of so many bytes in all, before there is a row.
    pub(super) fn expect_bytes(&mut self, table: Known, column: usize, rows: usize, bytes: usize) {
        self.tables[table.place].expect_bytes(column, rows, bytes);
    }

    /// Adds a row, for [`row!`] to set its cells.
    #[inline]
    pub(super) fn add_row(&mut self, table: Known) -> &mut Columns {
        self.tables[table.place].add_row()
    }

    /// Adds a relationship row: the values are the properties between `to` and `accession`.
    #[inline]
    pub(super) fn relate<const N: usize>(
        &mut self,
        table: Known,
        from: NodeId,
        to: NodeId,
        properties: [Datum<'_>; N],
    ) {
        debug_assert_eq!(N + 3, table.columns.len(), "properties of {}", table.name);
        self.tables[table.place].relate(from, to, properties);
    }

    /// Sorts every table. Relationship rows equal in everything are one row: the key of a relationship is
    /// (from, to, accession, properties).
    pub(super) fn finish(self) -> GraphTables {
        let finish = |(columns, table): (Columns, &Table)| match table.kind {
            TableKind::Export => columns.in_document_order(),
            TableKind::Owned | TableKind::Shared(_) | TableKind::Relationship { .. } => columns.sorted(),
        };
        GraphTables { tables: self.tables.into_iter().zip(schema::all_tables()).map(finish).collect() }
    }
}
