//! One file of a table from the files of many filings, without decoding a value: encoded columns are spliced together.
//!
//! The database opens one file instead of one per filing, and finds in it only the columns that it has.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use edgraph_shared::schema::{self, Table};
use edgraph_worker::output::parquet::arrow_schema;
use parquet::arrow::ArrowSchemaConverter;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{SchemaDescriptor, Type};

use crate::error::Error;

/// Rows of a file of a table.
///
/// # Errors
/// What is wrong with it: it is not Parquet, or its columns are not the table's.
pub(super) fn rows(table: &'static Table, file: &Bytes) -> Result<u64, String> {
    let footer = footer(table, file).map_err(|error| error.to_string())?;
    Ok(footer.row_groups().iter().map(|group| group.num_rows().unsigned_abs()).sum())
}

/// Writes a file with the rows of all files of a table, in their order, and of its columns those that the graph has.
pub(super) fn splice(table: &'static Table, inputs: &[PathBuf], output: &Path) -> Result<(), Error> {
    let file = File::create(output).map_err(Error::io("create", output))?;
    let wrong = |error: ParquetError| Error::invalid(format!("rows of {}", table.name), error);
    let columns: Vec<usize> =
        (0..table.columns.len()).filter(|at| schema::is_in_graph(table, &table.columns[*at])).collect();
    let whole = descriptor(table).map_err(wrong)?;
    let fields = columns.iter().map(|at| whole.root_schema().get_fields()[*at].clone()).collect();
    let root = Type::group_type_builder(table.name).with_fields(fields).build().map_err(wrong)?;
    let properties = WriterProperties::builder().set_offset_index_disabled(true).build();
    let mut writer = SerializedFileWriter::new(BufWriter::new(file), Arc::new(root), Arc::new(properties))
        .map_err(wrong)?;
    for input in inputs {
        let bytes = Bytes::from(std::fs::read(input).map_err(Error::io("read", input))?);
        append(&mut writer, table, &columns, &bytes).map_err(wrong)?;
    }
    writer.close().map(drop).map_err(wrong)
}

fn append(
    writer: &mut SerializedFileWriter<BufWriter<File>>,
    table: &'static Table,
    columns: &[usize],
    input: &Bytes,
) -> Result<(), ParquetError> {
    for group in footer(table, input)?.row_groups() {
        let mut rows = writer.next_row_group()?;
        for at in columns {
            let metadata = group.column(*at).clone();
            let column = ColumnCloseResult {
                bytes_written: metadata.compressed_size().unsigned_abs(),
                rows_written: group.num_rows().unsigned_abs(),
                metadata,
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            rows.append_column(input, column)?;
        }
        rows.close()?;
    }
    Ok(())
}

fn footer(table: &'static Table, file: &Bytes) -> Result<ParquetMetaData, ParquetError> {
    let footer = ParquetMetaDataReader::new().parse_and_finish(file)?;
    let (found, expected) = (footer.file_metadata().schema_descr(), descriptor(table)?);
    if found.columns() == expected.columns() {
        return Ok(footer);
    }
    let names = |descriptor: &SchemaDescriptor| {
        descriptor.columns().iter().map(|column| column.name().to_owned()).collect::<Vec<_>>().join(", ")
    };
    Err(ParquetError::General(format!(
        "expected columns {} of table {}, found {}",
        names(&expected),
        table.name,
        names(found)
    )))
}

fn descriptor(table: &'static Table) -> Result<SchemaDescriptor, ParquetError> {
    ArrowSchemaConverter::new().convert(&arrow_schema(table))
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema::Row;
    use edgraph_worker::output::parquet::encode;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;

    fn link(from: &str, to: &str) -> Row {
        schema::table("FACT_HAS_UNIT").unwrap().sparse_row([
            ("from", from.into()),
            ("to", to.into()),
            ("unit_context", "Unit: USD".into()),
            ("accession", "a".into()),
        ])
    }

    #[test]
    fn rows_of_all_files_come_in_order_with_the_columns_of_the_graph() {
        let folder = tempfile::tempdir().unwrap();
        let table = schema::table("FACT_HAS_UNIT").unwrap();
        let mut inputs = Vec::new();
        for (number, rows) in
            [vec![link("a", "x"), link("b", "x")], vec![], vec![link("c", "y")]].iter().enumerate()
        {
            let path = folder.path().join(format!("{number}.parquet"));
            let bytes = encode(table, rows).unwrap();
            assert_eq!(super::rows(table, &bytes).unwrap(), rows.len() as u64);
            std::fs::write(&path, bytes).unwrap();
            inputs.push(path);
        }
        let output = folder.path().join("all.parquet");
        splice(table, &inputs, &output).unwrap();
        let reader = SerializedFileReader::new(File::open(output).unwrap()).unwrap();
        let columns: Vec<_> = reader
            .metadata()
            .file_metadata()
            .schema_descr()
            .columns()
            .iter()
            .map(|c| c.name().to_owned())
            .collect();
        assert_eq!(columns, ["from", "to"]);
        let rows: Vec<(String, String)> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                (row.get_string(0).unwrap().clone(), row.get_string(1).unwrap().clone())
            })
            .collect();
        let expected =
            [("a", "x"), ("b", "x"), ("c", "y")].map(|(from, to)| (from.to_owned(), to.to_owned()));
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_file_that_is_not_of_the_table_is_refused() {
        let units = schema::table("FACT_HAS_UNIT").unwrap();
        let periods = encode(schema::table("FACT_HAS_PERIOD").unwrap(), &[]).unwrap();
        let error = rows(units, &periods).unwrap_err();
        assert!(error.contains("unit_context") && error.contains("period_context"), "{error}");
        assert!(rows(units, &Bytes::from_static(b"PAR1")).is_err());
    }
}
