//! Rows: values in the order of a table's columns.

use std::sync::Arc;

use super::{ColumnType, Table};
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
    /// A row from `(column, value)` pairs; columns not named are NULL.
    ///
    /// # Panics
    /// If a column does not exist or a value does not fit it: a mistake in the code that builds rows, which the
    /// first test of it meets.
    pub fn row<const N: usize>(&self, cells: [(&str, Value); N]) -> Row {
        let mut row = vec![Value::Null; self.columns.len()];
        for (name, value) in cells {
            let index = self.column_index(name);
            let index = index.unwrap_or_else(|| panic!("table {} has no column {name}", self.name));
            let column_type = self.columns[index].column_type;
            assert!(value.fits(column_type), "{}.{name} is {column_type:?}, not {value:?}", self.name);
            row[index] = value;
        }
        row
    }
}
