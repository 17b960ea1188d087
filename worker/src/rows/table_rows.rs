//! The rows of one table as files are written from them.

use arrow_array::ArrayRef;
#[cfg(test)]
use arrow_array::{
    Array,
    cast::AsArray,
    types::{Date32Type, Float64Type, Int32Type, TimestampMicrosecondType},
};
#[cfg(test)]
use arrow_schema::DataType;
#[cfg(test)]
use chrono::DateTime;
use edgraph_shared::schema::Table;

#[cfg(test)]
use super::datum::Datum;

/// The rows of one table, column by column.
#[derive(Clone, Debug)]
pub struct Rows {
    pub(super) table: &'static Table,
    pub(super) columns: Vec<ArrayRef>,
}

impl Rows {
    /// The table.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.columns[0].len()
    }

    /// The columns, in the table's order and of its types.
    pub fn into_columns(self) -> Vec<ArrayRef> {
        self.columns
    }

    /// A cell by its column.
    #[cfg(test)]
    pub(super) fn cell(&self, row: usize, column: &str) -> Datum<'_> {
        let column = &self.columns[self.table.column_index(column).expect("a column of the table")];
        match column.data_type() {
            _ if column.is_null(row) => Datum::Null,
            DataType::Boolean => column.as_boolean().value(row).into(),
            DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
            DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into(),
            DataType::Date32 => {
                let day = column.as_primitive::<Date32Type>().value_as_date(row);
                day.expect("a day of the calendar").into()
            }
            DataType::Timestamp(..) => {
                let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
                DateTime::from_timestamp_micros(micros).expect("a time of the calendar").into()
            }
            _ => column.as_string::<i32>().value(row).into(),
        }
    }
}
