//! What a column is, and the short words in which the lists of tables say one.

/// A column's type, the same in Parquet, Kuzu and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    String,
    /// True or false.
    Boolean,
    /// 32-bit signed integer.
    Int32,
    /// 64-bit IEEE 754.
    Double,
    /// A day.
    Date,
    /// A point in time in UTC, in microseconds.
    Timestamp,
}

impl ColumnType {
    /// Its word in the schema's digest.
    pub(super) fn word(self) -> &'static str {
        match self {
            ColumnType::String => "string",
            ColumnType::Boolean => "boolean",
            ColumnType::Int32 => "int32",
            ColumnType::Double => "double",
            ColumnType::Date => "date",
            ColumnType::Timestamp => "timestamp",
        }
    }
}

/// A column. Every column but a key may be NULL, which means "not said" and never "empty".
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub column_type: ColumnType,
    /// One sentence: what it holds.
    pub doc: &'static str,
}

const fn column(name: &'static str, column_type: ColumnType, doc: &'static str) -> Column {
    Column { name, column_type, doc }
}

pub(super) const fn string(name: &'static str, doc: &'static str) -> Column {
    column(name, ColumnType::String, doc)
}

pub(super) const fn boolean(name: &'static str, doc: &'static str) -> Column {
    column(name, ColumnType::Boolean, doc)
}

pub(super) const fn int32(name: &'static str, doc: &'static str) -> Column {
    column(name, ColumnType::Int32, doc)
}

pub(super) const fn double(name: &'static str, doc: &'static str) -> Column {
    column(name, ColumnType::Double, doc)
}

pub(super) const fn date(name: &'static str, doc: &'static str) -> Column {
    column(name, ColumnType::Date, doc)
}

pub(super) const fn timestamp(name: &'static str, doc: &'static str) -> Column {
    column(name, ColumnType::Timestamp, doc)
}
