//! Rows: values in the order of a table's columns.

use std::sync::Arc;

use super::{Column, ColumnType, Table};
use crate::graph_id::NodeId;

/// One cell.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Value {
    /// Not said.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer.
    Int32(i32),
    /// A number.
    Double(f64),
    /// A day, in days since 1970-01-01.
    Date(i32),
    /// A point in time, in microseconds since 1970-01-01 in UTC.
    Timestamp(i64),
    /// Text.
    String(Arc<str>),
}

impl Value {
    /// Whether the value may stand in a column of this type.
    pub fn fits(&self, column_type: ColumnType) -> bool {
        match self {
            Value::Null => true,
            Value::Boolean(_) => column_type == ColumnType::Boolean,
            Value::Int32(_) => column_type == ColumnType::Int32,
            Value::Double(_) => column_type == ColumnType::Double,
            Value::Date(_) => column_type == ColumnType::Date,
            Value::Timestamp(_) => column_type == ColumnType::Timestamp,
            Value::String(_) => column_type == ColumnType::String,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Value::Int32(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Double(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(value.into())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::String(value.as_str().into())
    }
}

impl From<Arc<str>> for Value {
    fn from(value: Arc<str>) -> Self {
        Value::String(value)
    }
}

impl From<&Arc<str>> for Value {
    fn from(value: &Arc<str>) -> Self {
        Value::String(value.clone())
    }
}

impl From<NodeId> for Value {
    fn from(value: NodeId) -> Self {
        Value::String(value.encode(&mut [0; NodeId::TEXT_BYTES]).into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row of a table.
pub type Row = Vec<Value>;

impl Table {
    /// A row from `(column, value)` pairs; every column is named, also one that is NULL.
    ///
    /// # Panics
    /// If a column is forgotten or does not exist, or a value does not fit it: a mistake in the code that builds rows,
    /// which the first test of it meets.
    pub fn row<const N: usize>(&self, cells: [(&str, Value); N]) -> Row {
        let whole = |(value, column): (Option<Value>, &Column)| {
            value.unwrap_or_else(|| panic!("a row of {} does not say what is in {}", self.name, column.name))
        };
        self.in_place(cells).into_iter().zip(self.columns).map(whole).collect()
    }

    /// The same with NULL in the columns not named: for tests, which care about few of them.
    ///
    /// # Panics
    /// If a column does not exist or a value does not fit it.
    pub fn sparse_row<const N: usize>(&self, cells: [(&str, Value); N]) -> Row {
        self.in_place(cells).into_iter().map(|value| value.unwrap_or(Value::Null)).collect()
    }

    /// The cells in the order of the columns; `None` where none is named.
    fn in_place<const N: usize>(&self, cells: [(&str, Value); N]) -> Vec<Option<Value>> {
        let mut row = vec![None; self.columns.len()];
        for (name, value) in cells {
            let index = self.column_index(name);
            let index = index.unwrap_or_else(|| panic!("table {} has no column {name}", self.name));
            let column_type = self.columns[index].column_type;
            assert!(value.fits(column_type), "{}.{name} is {column_type:?}, not {value:?}", self.name);
            row[index] = Some(value);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::Value;
    use crate::schema;

    #[test]
    fn a_row_names_every_column_and_a_sparse_one_those_it_cares_about() {
        let fact_sets = schema::table("FactSet").unwrap();
        let whole = fact_sets.row([("accession", "b".into()), ("identifier", "a".into())]);
        assert_eq!(whole, ["a".into(), "b".into()]);
        let sparse = fact_sets.sparse_row([("identifier", "a".into())]);
        assert_eq!(sparse, ["a".into(), Value::Null]);
    }

    #[test]
    #[should_panic(expected = "a row of FactSet does not say what is in accession")]
    fn a_forgotten_column_is_refused() {
        schema::table("FactSet").unwrap().row([("identifier", "a".into())]);
    }
}
