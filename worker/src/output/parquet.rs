//! Rows to Parquet and back, by the schema's columns: exact types, real NULLs, the same bytes for the same rows.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, RecordBatch,
    TimestampMicrosecondArray,
};
use arrow_schema::{ArrowError, Field, Schema};
use bytes::Bytes;
use edgraph_shared::schema::{ColumnType, Row, Table, TableKind, Value};
use foldhash::{HashSet, HashSetExt};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::rows::{Rows, UTC, data_type};

/// Columns of fewer bytes are not compressed.
const SMALL_BYTES: usize = 1_024;
/// A page is compressed while the processor still has it at hand.
const PAGE_BYTES: usize = 64 << 10;
/// Rows that are asked whether a dictionary pays.
const SAMPLED: usize = 256;

/// Why rows could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not Parquet, or is cut off.
    #[error("table {table}: {source}")]
    Parquet {
        /// The table.
        table: &'static str,
        /// What the Parquet library said.
        source: ParquetError,
    },
    /// A batch could not be made or decoded.
    #[error("table {table}: {source}")]
    Arrow {
        /// The table.
        table: &'static str,
        /// What the Arrow library said.
        source: ArrowError,
    },
    /// The file's columns are not the table's.
    #[error("table {table}: expected columns {expected}, found {found}")]
    Columns {
        /// The table.
        table: &'static str,
        /// The table's columns.
        expected: String,
        /// The file's columns.
        found: String,
    },
}

/// The Arrow schema of a table. Only keys are required.
pub fn arrow_schema(table: &Table) -> Schema {
    let field = |(index, column): (usize, &edgraph_shared::schema::Column)| {
        Field::new(column.name, data_type(column.column_type), index >= table.keys())
    };
    Schema::new(table.columns.iter().enumerate().map(field).collect::<Vec<_>>())
}

/// A Parquet file of the rows, as they are ordered.
///
/// # Errors
/// [`Error::Arrow`] if a key is NULL.
pub fn encode(table: &'static Table, rows: &[Row]) -> Result<Bytes, Error> {
    encode_arrays(table, (0..table.columns.len()).map(|index| column(table, rows, index)).collect())
}

/// A Parquet file of rows that were kept by column: the same bytes as [`encode`] makes of them.
///
/// # Errors
/// [`Error::Arrow`] if a key is NULL.
pub fn encode_rows(rows: Rows) -> Result<Bytes, Error> {
    encode_arrays(rows.table(), rows.into_columns())
}

fn encode_arrays(table: &'static Table, columns: Vec<ArrayRef>) -> Result<Bytes, Error> {
    let arrow = |source| Error::Arrow { table: table.name, source };
    let parquet = |source| Error::Parquet { table: table.name, source };
    let schema = Arc::new(arrow_schema(table));
    // What is loaded into the graph is read whole; what others query is skipped by what it is about.
    let statistics =
        if table.kind == TableKind::Export { EnabledStatistics::Chunk } else { EnabledStatistics::None };
    // The name of the writer is part of the file; a fixed one keeps the bytes the same. A file is one filing's rows of
    // one table: a few pages, of which an index would say what the column's own statistics say.
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("edgraph".to_owned())
        .set_statistics_enabled(statistics)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_offset_index_disabled(true);
    for (index, (column, values)) in table.columns.iter().zip(&columns).enumerate() {
        let path = || ColumnPath::from(column.name);
        let is_key = index < table.keys();
        // Identifiers are digits of hashes: nothing compresses them. Of a small column nothing is won.
        if is_key || are_few_bytes(values) {
            properties = properties.set_column_compression(path(), Compression::UNCOMPRESSED);
        }
        let is_node_key = is_key && !table.is_relationship();
        if is_node_key || are_seldom_repeated(values) {
            properties = properties.set_column_dictionary_enabled(path(), false);
        }
    }
    // The schema in Arrow's own words would say nothing that Parquet's does not.
    let options =
        ArrowWriterOptions::new().with_properties(properties.build()).with_skip_arrow_metadata(true);
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(arrow)?;
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options).map_err(parquet)?;
    writer.write(&batch).map_err(parquet)?;
    Ok(writer.into_inner().map_err(parquet)?.into())
}

/// Whether a column has less than a compressor would need to find anything.
fn are_few_bytes(values: &ArrayRef) -> bool {
    let bytes = values.as_string_opt::<i32>().map_or(values.len() * 8, |texts| texts.value_data().len());
    bytes < SMALL_BYTES
}

/// Whether most texts of a column are there once, as its first ones have it: a dictionary would hold most of it, and an
/// index to each. Texts of a run are looked at once, and no more of them than decide.
fn are_seldom_repeated(values: &ArrayRef) -> bool {
    let Some(texts) = values.as_string_opt::<i32>() else { return false };
    let half = texts.len().min(SAMPLED) / 2;
    let mut distinct = HashSet::with_capacity(half + 1);
    let mut last = None;
    for text in texts.iter().take(SAMPLED) {
        if last.replace(text) != Some(text) && distinct.insert(text) && distinct.len() > half {
            return true;
        }
    }
    false
}

fn column(table: &Table, rows: &[Row], index: usize) -> ArrayRef {
    let cells = rows.iter().map(|row| &row[index]);
    match table.columns[index].column_type {
        ColumnType::String => {
            let bytes = |cell: &Value| if let Value::String(text) = cell { text.len() } else { 0 };
            let mut builder = StringBuilder::with_capacity(rows.len(), cells.clone().map(bytes).sum());
            cells.for_each(|cell| match cell {
                Value::String(text) => builder.append_value(text),
                _ => builder.append_null(),
            });
            Arc::new(builder.finish())
        }
        ColumnType::Boolean => {
            let value = |cell: &Value| if let Value::Boolean(value) = cell { Some(*value) } else { None };
            Arc::new(cells.map(value).collect::<BooleanArray>())
        }
        ColumnType::Int32 => {
            let value = |cell: &Value| if let Value::Int32(value) = cell { Some(*value) } else { None };
            Arc::new(cells.map(value).collect::<Int32Array>())
        }
        ColumnType::Double => {
            let value = |cell: &Value| if let Value::Double(value) = cell { Some(*value) } else { None };
            Arc::new(cells.map(value).collect::<Float64Array>())
        }
        ColumnType::Date => {
            let days = |cell: &Value| if let Value::Date(days) = cell { Some(*days) } else { None };
            Arc::new(cells.map(days).collect::<Date32Array>())
        }
        ColumnType::Timestamp => {
            let micros =
                |cell: &Value| if let Value::Timestamp(micros) = cell { Some(*micros) } else { None };
            Arc::new(cells.map(micros).collect::<TimestampMicrosecondArray>().with_timezone(UTC))
        }
    }
}

/// Whether a file's columns are the table's, by name and type.
///
/// # Errors
/// [`Error::Columns`] names both.
pub fn check_columns(table: &'static Table, found: &Schema) -> Result<(), Error> {
    let expected = arrow_schema(table);
    let same = |(a, b): (&Arc<Field>, &Arc<Field>)| a.name() == b.name() && a.data_type() == b.data_type();
    let are_same = found.fields().len() == expected.fields().len()
        && found.fields().iter().zip(expected.fields()).all(same);
    if are_same {
        return Ok(());
    }
    Err(Error::Columns { table: table.name, expected: columns_of(&expected), found: columns_of(found) })
}

/// The rows of a Parquet file of a table.
///
/// # Errors
/// If it is not Parquet or its columns are not the table's.
pub fn decode(table: &'static Table, file: Bytes) -> Result<Vec<Row>, Error> {
    let parquet = |source| Error::Parquet { table: table.name, source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
    check_columns(table, builder.schema())?;
    let mut rows = Vec::new();
    for batch in builder.build().map_err(parquet)? {
        let batch = batch.map_err(|source| Error::Arrow { table: table.name, source })?;
        let start = rows.len();
        rows.resize_with(start + batch.num_rows(), || Row::with_capacity(table.columns.len()));
        for (column, array) in table.columns.iter().zip(batch.columns()) {
            for (offset, row) in rows[start..].iter_mut().enumerate() {
                row.push(cell(column.column_type, array, offset));
            }
        }
    }
    Ok(rows)
}

fn cell(column_type: ColumnType, array: &ArrayRef, index: usize) -> Value {
    if array.is_null(index) {
        return Value::Null;
    }
    match column_type {
        ColumnType::String => array.as_string::<i32>().value(index).into(),
        ColumnType::Boolean => array.as_boolean().value(index).into(),
        ColumnType::Int32 => array.as_primitive::<Int32Type>().value(index).into(),
        ColumnType::Double => array.as_primitive::<Float64Type>().value(index).into(),
        ColumnType::Date => Value::Date(array.as_primitive::<Date32Type>().value(index)),
        ColumnType::Timestamp => {
            Value::Timestamp(array.as_primitive::<TimestampMicrosecondType>().value(index))
        }
    }
}

fn columns_of(schema: &Schema) -> String {
    let names: Vec<String> =
        schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema;

    use super::*;

    fn rows() -> (&'static Table, Vec<Row>) {
        let table = schema::table("Fact").unwrap();
        let first = table.sparse_row([
            ("identifier", "a".into()),
            ("value", "12.50".into()),
            ("numeric_value", 12.5.into()),
            ("occurrences", 2.into()),
            ("is_nil", false.into()),
        ]);
        let second = table.sparse_row([("identifier", "b".into()), ("value", "".into())]);
        (table, vec![first, second])
    }

    #[test]
    fn rows_come_back_as_they_were_with_nulls_apart_from_empty_text() {
        let (table, rows) = rows();
        let file = encode(table, &rows).unwrap();
        assert_eq!(decode(table, file).unwrap(), rows);
    }

    #[test]
    fn days_and_times_come_back_as_they_were() {
        let table = schema::table("flat/facts").unwrap();
        let whole = table.sparse_row([
            ("fact_id", "a".into()),
            ("filing_date", Value::Date(19_755)),
            ("accepted_at", Value::Timestamp(1_706_867_999_000_001)),
        ]);
        let rows = vec![whole, table.sparse_row([("fact_id", "b".into())])];
        assert_eq!(decode(table, encode(table, &rows).unwrap()).unwrap(), rows);
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        let (table, rows) = rows();
        assert_eq!(encode(table, &rows).unwrap(), encode(table, &rows).unwrap());
    }

    #[test]
    fn a_null_key_and_a_file_of_another_table_are_refused() {
        let (table, rows) = rows();
        let keyless = table.sparse_row([("value", "x".into())]);
        assert!(matches!(encode(table, &[keyless]), Err(Error::Arrow { .. })));
        let other = schema::table("Label").unwrap();
        let file = encode(table, &rows).unwrap();
        assert!(matches!(decode(other, file), Err(Error::Columns { .. })));
    }
}
