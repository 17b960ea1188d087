//! The rows of one table while they are collected, kept column by column as Arrow does: a row costs its bytes and nothing
//! else.

use std::cmp::Ordering;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, UInt64Array};
use arrow_schema::DataType;
use arrow_select::take::take;
use edgraph_shared::graph_id::NodeId;
use edgraph_shared::schema::Table;

use super::column::{Column, texts_of};
use super::datum::Datum;
use super::table_rows::Rows;

/// The rows of one table while they are collected.
#[derive(Debug)]
pub(super) struct Columns {
    table: &'static Table,
    columns: Vec<Column>,
    rows: usize,
}

impl Columns {
    pub(super) fn new(table: &'static Table) -> Self {
        let (keys, others) = table.columns.split_at(table.keys());
        let keys = keys.iter().map(|_| Column::Nodes(Vec::new()));
        let others = others.iter().map(|column| Column::with_capacity(column.column_type, 0));
        Self { table, columns: keys.chain(others).collect(), rows: 0 }
    }

    /// Makes room for so many rows, before there is one. A table has hundreds of them or none.
    pub(super) fn expect(&mut self, rows: usize) {
        for (column, described) in self.columns.iter_mut().zip(self.table.columns) {
            match column {
                Column::Nodes(nodes) => nodes.reserve(rows),
                Column::Same(..) => {}
                _ => *column = Column::with_capacity(described.column_type, rows),
            }
        }
    }

    /// Makes room in a column for texts of so many bytes in all, before there is a row.
    pub(super) fn expect_bytes(&mut self, place: usize, rows: usize, bytes: usize) {
        self.columns[place] = Column::String(StringBuilder::with_capacity(rows, bytes));
    }

    /// Says a cell that is the same in every row, before there is one.
    ///
    /// # Panics
    /// If there is no such column, or it does not take the cell.
    pub(super) fn set_same(&mut self, column: &str, cell: Datum<'_>) {
        let place = self.table.column_index(column);
        let place = place.unwrap_or_else(|| panic!("table {} has no {column}", self.table.name));
        if !self.columns[place].set(0, &cell) {
            self.refuse(place, &cell);
        }
        self.columns[place] = Column::Same(self.table.columns[place].column_type, cell.into_owned());
    }

    /// Whether a column was said to be the same in every row.
    pub(super) fn is_same(&self, place: usize) -> bool {
        matches!(self.columns[place], Column::Same(..))
    }

    /// Adds a row, NULL in all columns until they are [`set`](Self::set).
    #[inline]
    pub(super) fn add_row(&mut self) -> &mut Self {
        self.rows += 1;
        self
    }

    /// Sets a cell of the row that was added last, once.
    ///
    /// # Panics
    /// If the column does not take it: a mistake in the code that builds rows, which the first test of it meets.
    #[inline]
    pub(super) fn set<'a>(&mut self, place: usize, cell: impl Into<Datum<'a>>) {
        let cell = cell.into();
        if !self.columns[place].set(self.rows - 1, &cell) {
            self.refuse(place, &cell);
        }
    }

    #[cold]
    fn refuse(&self, place: usize, cell: &Datum<'_>) -> ! {
        panic!("{}.{} does not take {cell:?}", self.table.name, self.table.columns[place].name);
    }

    /// Adds a relationship: its ends and what follows them, without what is the same in every row.
    ///
    /// # Panics
    /// As [`set`](Self::set).
    #[inline]
    pub(super) fn relate<const N: usize>(&mut self, from: NodeId, to: NodeId, properties: [Datum<'_>; N]) {
        let row = self.add_row();
        row.set(0, from);
        row.set(1, to);
        for (place, cell) in properties.into_iter().enumerate() {
            row.set(2 + place, cell);
        }
    }

    /// The rows as they were added.
    pub(super) fn in_document_order(self) -> Rows {
        let columns = self.columns.into_iter().map(|column| column.finish(self.rows)).collect();
        Rows { table: self.table, columns }
    }

    /// The rows sorted by the keys, those of relationships by everything: rows equal in all columns are one.
    pub(super) fn sorted(self) -> Rows {
        let Self { table, mut columns, rows } = self;
        let rest: Vec<ArrayRef> = columns.drain(table.keys()..).map(|column| column.finish(rows)).collect();
        let keys: Vec<Vec<NodeId>> = columns
            .into_iter()
            .map(|column| match column {
                Column::Nodes(nodes) => nodes,
                other => panic!("{} has {other:?} as a key", table.name),
            })
            .collect();
        assert!(keys.iter().all(|nodes| nodes.len() == rows), "{}: a row without its key", table.name);
        // Two rows of the same keys are rare, even of relationships.
        let compare_rest = |a: usize, b: usize| {
            let mut orders = rest.iter().map(|column| compare(column, a, b));
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        let ends = |row: usize| (keys[0][row], keys[keys.len() - 1][row]);
        let mut order: Vec<_> = (0..rows).map(|row| (ends(row), row)).collect();
        if table.is_relationship() {
            order.sort_unstable_by(|(a_ends, a), (b_ends, b)| {
                a_ends.cmp(b_ends).then_with(|| compare_rest(*a, *b)).then(a.cmp(b))
            });
            order.dedup_by(|(a_ends, a), (b_ends, b)| a_ends == b_ends && compare_rest(*a, *b).is_eq());
        } else {
            order.sort_unstable();
        }
        let order: Vec<usize> = order.into_iter().map(|(_, row)| row).collect();
        let keys = keys.iter().map(|nodes| texts_of(order.iter().map(|row| &nodes[*row])));
        let rest = if order.len() == rows && order.is_sorted() { rest } else { in_order(&rest, &order) };
        Rows { table, columns: keys.chain(rest).collect() }
    }
}

/// Two rows compared by one column; NULL comes first, and no number is NaN.
fn compare(column: &ArrayRef, a: usize, b: usize) -> Ordering {
    let by_value = || match column.data_type() {
        DataType::Boolean => column.as_boolean().value(a).cmp(&column.as_boolean().value(b)),
        DataType::Int32 => {
            let values = column.as_primitive::<Int32Type>();
            values.value(a).cmp(&values.value(b))
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            values.value(a).total_cmp(&values.value(b))
        }
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            days.value(a).cmp(&days.value(b))
        }
        DataType::Timestamp(..) => {
            let times = column.as_primitive::<TimestampMicrosecondType>();
            times.value(a).cmp(&times.value(b))
        }
        _ => column.as_string::<i32>().value(a).cmp(column.as_string::<i32>().value(b)),
    };
    column.is_valid(a).cmp(&column.is_valid(b)).then_with(by_value)
}

fn in_order(columns: &[ArrayRef], order: &[usize]) -> Vec<ArrayRef> {
    let rows = UInt64Array::from_iter_values(order.iter().map(|row| *row as u64));
    let taken =
        |column: &ArrayRef| take(column, &rows, None).expect("rows of the column, no more than it has");
    columns.iter().map(taken).collect()
}

#[cfg(test)]
mod tests {
    use edgraph_shared::graph_id::node_id;
    use edgraph_shared::schema;

    use super::*;

    /// Names whose identifiers are in the order of the names.
    fn nodes() -> [NodeId; 4] {
        let mut nodes = ["a", "b", "c", "d"].map(|name| node_id("fact", name));
        nodes.sort();
        nodes
    }

    fn add<const N: usize>(columns: &mut Columns, cells: [(&str, Datum<'_>); N]) {
        let row = columns.add_row();
        for (name, cell) in cells {
            row.set(row.table.column_index(name).unwrap(), cell);
        }
    }

    fn texts(rows: &Rows, column: &str) -> Vec<String> {
        (0..rows.count()).map(|row| format!("{:?}", rows.cell(row, column))).collect()
    }

    #[test]
    fn columns_not_set_are_null_and_rows_sort_by_identifier() {
        let [a, b, ..] = nodes();
        let mut facts = Columns::new(schema::table("Fact").unwrap());
        add(&mut facts, [("identifier", b.into()), ("value", "".into()), ("is_nil", false.into())]);
        add(&mut facts, [("identifier", a.into()), ("numeric_value", 1.5.into())]);
        let rows = facts.sorted();
        for (row, column, expected) in [
            (0, "identifier", Datum::from(a.to_string())),
            (1, "identifier", b.to_string().into()),
            (0, "value", Datum::Null),
            (1, "value", "".into()),
            (0, "numeric_value", 1.5.into()),
            (1, "numeric_value", Datum::Null),
            (1, "is_nil", false.into()),
        ] {
            assert_eq!(rows.cell(row, column), expected, "{column} of {row}");
        }
    }

    #[test]
    fn equal_relationships_are_one_and_those_of_the_same_ends_sort_by_the_rest() {
        let [a, b, c, d] = nodes();
        let mut relations = Columns::new(schema::table("REPORT_HAS_FACT").unwrap());
        relations.set_same("accession", "number".into());
        for (from, to, context) in [
            (b, c, Some("y")),
            (a, d, None),
            (b, c, Some("x")),
            (b, c, None),
            (b, c, Some("y")),
            (a, c, None),
        ] {
            relations.relate(from, to, [context.into()]);
        }
        let rows = relations.sorted();
        let text = |node: NodeId| format!("{:?}", Datum::from(node.to_string()));
        assert_eq!(texts(&rows, "from"), [a, a, b, b, b].map(text));
        assert_eq!(texts(&rows, "to"), [c, d, c, c, c].map(text));
        let context = rows.table().columns[2].name;
        let expected = [Datum::Null, Datum::Null, Datum::Null, "x".into(), "y".into()];
        assert_eq!(texts(&rows, context), expected.map(|cell| format!("{cell:?}")));
        assert_eq!(rows.cell(4, "accession"), "number".into());
    }

    #[test]
    #[should_panic(expected = "Fact.is_nil does not take Text")]
    fn a_cell_of_another_type_is_refused() {
        let [a, ..] = nodes();
        let mut facts = Columns::new(schema::table("Fact").unwrap());
        add(&mut facts, [("identifier", a.into()), ("is_nil", "no".into())]);
    }

    #[test]
    #[should_panic(expected = "a row has one cell of a column")]
    fn a_column_is_set_once() {
        let [a, ..] = nodes();
        let mut facts = Columns::new(schema::table("Fact").unwrap());
        add(&mut facts, [("identifier", a.into()), ("value", "1".into()), ("value", "2".into())]);
    }

    #[test]
    #[should_panic(expected = "Fact: a row without its key")]
    fn a_row_has_a_key() {
        let mut facts = Columns::new(schema::table("Fact").unwrap());
        add(&mut facts, [("value", "1".into())]);
        facts.sorted();
    }
}
