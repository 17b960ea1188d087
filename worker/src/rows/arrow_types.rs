//! The Arrow types of columns.

use arrow_schema::{DataType, TimeUnit};
use edgraph_shared::schema::ColumnType;

/// The time zone of points in time: Parquet says of them that they are adjusted to UTC.
pub const UTC: &str = "UTC";

/// The Arrow type of a column's values.
pub fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::String => DataType::Utf8,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Double => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
    }
}
