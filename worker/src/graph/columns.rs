//! The rows of one table, kept column by column, as files want them: a row costs its bytes and nothing else.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use edgraph_shared::schema::{ColumnType, Table};

/// A value on its way into a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Not said.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer.
    Int32(i32),
    /// A number.
    Double(f64),
    /// Text.
    Text(Cow<'a, str>),
}

impl From<bool> for Cell<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for Cell<'_> {
    fn from(value: i32) -> Self {
        Self::Int32(value)
    }
}

impl From<f64> for Cell<'_> {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Cell<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Arc<str>> for Cell<'a> {
    fn from(value: &'a Arc<str>) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Cell<'_>> for Cell<'a> {
    fn from(value: &'a Cell<'_>) -> Self {
        match value {
            Cell::Null => Self::Null,
            Cell::Boolean(value) => Self::Boolean(*value),
            Cell::Int32(value) => Self::Int32(*value),
            Cell::Double(value) => Self::Double(*value),
            Cell::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The texts of a column, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    /// All of them.
    pub bytes: String,
    /// Where each ends.
    pub ends: Vec<usize>,
    /// Whether each is there.
    pub valid: Vec<bool>,
}

impl Texts {
    fn push(&mut self, text: Option<&str>) {
        self.bytes.push_str(text.unwrap_or_default());
        self.ends.push(self.bytes.len());
        self.valid.push(text.is_some());
    }

    /// The text in a row; `None` is NULL.
    pub fn get(&self, row: usize) -> Option<&str> {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.valid[row].then(|| &self.bytes[start..self.ends[row]])
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the column types of the schema")]
pub enum Column {
    String(Texts),
    Boolean(Vec<Option<bool>>),
    Int32(Vec<Option<i32>>),
    Double(Vec<Option<f64>>),
}

impl Column {
    fn new(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::String => Self::String(Texts::default()),
            ColumnType::Boolean => Self::Boolean(Vec::new()),
            ColumnType::Int32 => Self::Int32(Vec::new()),
            ColumnType::Double => Self::Double(Vec::new()),
        }
    }

    /// Adds a cell; `false` when it is of another type.
    fn push(&mut self, cell: &Cell<'_>) -> bool {
        match (self, cell) {
            (Self::String(texts), Cell::Text(text)) => texts.push(Some(text)),
            (Self::String(texts), Cell::Null) => texts.push(None),
            (Self::Boolean(values), Cell::Boolean(value)) => values.push(Some(*value)),
            (Self::Boolean(values), Cell::Null) => values.push(None),
            (Self::Int32(values), Cell::Int32(value)) => values.push(Some(*value)),
            (Self::Int32(values), Cell::Null) => values.push(None),
            (Self::Double(values), Cell::Double(value)) => values.push(Some(*value)),
            (Self::Double(values), Cell::Null) => values.push(None),
            _ => return false,
        }
        true
    }

    /// Two rows compared; NULL comes first, and no number is NaN.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::String(texts) => texts.get(a).cmp(&texts.get(b)),
            Self::Boolean(values) => values[a].cmp(&values[b]),
            Self::Int32(values) => values[a].cmp(&values[b]),
            Self::Double(values) => values[a].partial_cmp(&values[b]).unwrap_or(Ordering::Equal),
        }
    }

    fn in_order(&self, order: &[usize]) -> Self {
        fn taken<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
            order.iter().map(|row| values[*row]).collect()
        }
        match self {
            Self::String(texts) => {
                let mut sorted = Texts {
                    bytes: String::with_capacity(texts.bytes.len()),
                    ends: Vec::with_capacity(order.len()),
                    valid: Vec::with_capacity(order.len()),
                };
                order.iter().for_each(|row| sorted.push(texts.get(*row)));
                Self::String(sorted)
            }
            Self::Boolean(values) => Self::Boolean(taken(values, order)),
            Self::Int32(values) => Self::Int32(taken(values, order)),
            Self::Double(values) => Self::Double(taken(values, order)),
        }
    }
}

/// The rows of one table.
#[derive(Clone, Debug)]
pub struct Columns {
    table: &'static Table,
    columns: Vec<Column>,
    rows: usize,
}

impl Columns {
    pub(super) fn new(table: &'static Table) -> Self {
        let columns = table.columns.iter().map(|column| Column::new(column.column_type)).collect();
        Self { table, columns, rows: 0 }
    }

    /// The table.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, in the table's order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A cell by its column.
    #[cfg(test)]
    pub(super) fn cell(&self, row: usize, column: &str) -> Cell<'_> {
        match &self.columns[self.table.column_index(column).expect("a column of the table")] {
            Column::String(texts) => texts.get(row).into(),
            Column::Boolean(values) => values[row].into(),
            Column::Int32(values) => values[row].into(),
            Column::Double(values) => values[row].into(),
        }
    }

    /// Adds a row: cells by column, in the table's order; columns not named are NULL.
    ///
    /// # Panics
    /// If a column does not exist or comes too late, or a cell does not fit it: a mistake in the code that builds rows,
    /// which the first test of it meets.
    pub(super) fn push<const N: usize>(&mut self, cells: [(&str, Cell<'_>); N]) {
        let mut next = 0;
        for (name, cell) in &cells {
            let place = self.table.columns[next..].iter().position(|column| column.name == *name);
            let place = place.unwrap_or_else(|| panic!("table {} has no {name} there", self.table.name));
            self.skip(next, next + place);
            next += place + 1;
            let fits = self.columns[next - 1].push(cell);
            assert!(fits, "{}.{name} does not take {cell:?}", self.table.name);
        }
        self.skip(next, self.columns.len());
        self.rows += 1;
    }

    /// Adds a row of texts, one for each column.
    pub(super) fn push_texts<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) {
        let fits = self.columns.iter_mut().zip(cells).map(|(column, cell)| usize::from(column.push(&cell)));
        assert_eq!(fits.sum::<usize>(), self.table.columns.len(), "cells of {}", self.table.name);
        self.rows += 1;
    }

    fn skip(&mut self, from: usize, to: usize) {
        self.columns[from..to].iter_mut().for_each(|column| {
            column.push(&Cell::Null);
        });
    }

    /// Sorts by the first `keys` columns. Rows that are equal in all of these are one row where the keys are all there is.
    pub(super) fn sort(&mut self, keys: usize) {
        let compare = |columns: &[Column], a: usize, b: usize| {
            let orders = columns.iter().map(|column| column.compare(a, b));
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        let (first, rest) = self.columns[..keys].split_at(1);
        let mut order = self.places(&first[0], rest.first());
        order.sort_unstable_by(|a, b| {
            let by_first = || if a.run == b.run { Ordering::Equal } else { compare(first, a.row, b.row) };
            let order = a.first.cmp(&b.first).then_with(by_first).then_with(|| a.second.cmp(&b.second));
            order.then_with(|| compare(rest, a.row, b.row)).then(a.row.cmp(&b.row))
        });
        if keys == self.columns.len() {
            order.dedup_by(|a, b| a.first == b.first && compare(&self.columns, a.row, b.row).is_eq());
        }
        let order: Vec<usize> = order.into_iter().map(|place| place.row).collect();
        if order.iter().enumerate().any(|(place, row)| place != *row) || order.len() < self.rows {
            self.columns = self.columns.iter().map(|column| column.in_order(&order)).collect();
            self.rows = order.len();
        }
    }

    /// What tells most rows apart without looking at them again.
    fn places(&self, first: &Column, second: Option<&Column>) -> Vec<Place> {
        let start = |column: &Column, row| match column {
            Column::String(texts) => start_of(texts.get(row).unwrap_or_default()),
            _ => 0,
        };
        let mut places: Vec<Place> = Vec::with_capacity(self.rows);
        for row in 0..self.rows {
            let run = match places.last() {
                Some(last) if first.compare(row - 1, row).is_eq() => last.run,
                _ => row,
            };
            let second = second.map_or(0, |column| start(column, row));
            places.push(Place { first: start(first, row), run, second, row });
        }
        places
    }
}

/// A row on its way to its place.
struct Place {
    /// How its first two texts begin.
    first: u64,
    second: u64,
    /// The first row of those before it, one after the other, that have the same first text.
    run: usize,
    row: usize,
}

/// The first bytes of a text as a number that sorts like them.
fn start_of(text: &str) -> u64 {
    let mut start = [0; 8];
    let length = text.len().min(start.len());
    start[..length].copy_from_slice(&text.as_bytes()[..length]);
    u64::from_be_bytes(start)
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema;

    use super::*;

    fn texts(columns: &Columns, column: usize) -> Vec<Option<&str>> {
        match &columns.columns()[column] {
            Column::String(texts) => (0..columns.rows()).map(|row| texts.get(row)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn columns_not_named_are_null_and_rows_sort_by_identifier() {
        let mut facts = Columns::new(schema::table("Fact").unwrap());
        facts.push([("identifier", "b".into()), ("value", "".into()), ("is_nil", false.into())]);
        facts.push([("identifier", "a".into()), ("numeric_value", 1.5.into())]);
        facts.sort(1);
        let value = facts.table().column_index("value").unwrap();
        assert_eq!(
            (texts(&facts, 0), texts(&facts, value)),
            (vec![Some("a"), Some("b")], vec![None, Some("")])
        );
        let number = facts.table().column_index("numeric_value").unwrap();
        assert_eq!(facts.columns()[number], Column::Double(vec![Some(1.5), None]));
    }

    #[test]
    fn equal_relationships_are_one_however_alike_their_identifiers_begin() {
        let mut relations = Columns::new(schema::table("FACT_HAS_ELEMENT").unwrap());
        for (from, to) in
            [("identifier-2", "y"), ("identifier-1", "z"), ("identifier-2", "y"), ("identifier-1", "a")]
        {
            relations.push_texts([from, to, "accession"].into_iter().map(Cell::from));
        }
        relations.sort(3);
        assert_eq!(texts(&relations, 0), [Some("identifier-1"), Some("identifier-1"), Some("identifier-2")]);
        assert_eq!(texts(&relations, 1), [Some("a"), Some("z"), Some("y")]);
    }

    #[test]
    #[should_panic(expected = "Fact.is_nil does not take Text")]
    fn a_cell_of_another_type_is_refused() {
        Columns::new(schema::table("Fact").unwrap())
            .push([("identifier", "a".into()), ("is_nil", "no".into())]);
    }

    #[test]
    #[should_panic(expected = "table Fact has no identifier there")]
    fn columns_come_in_their_order() {
        Columns::new(schema::table("Fact").unwrap())
            .push([("value", "1".into()), ("identifier", "a".into())]);
    }
}
