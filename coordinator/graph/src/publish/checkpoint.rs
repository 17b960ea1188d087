//! Checkpoints: the lines of a whole version as one Parquet file, so that no reader begins at the first version. Pure.

use std::sync::Arc;

use arrow_json::reader::ReaderBuilder;
use arrow_json::writer::LineDelimitedWriter;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::action::{self, Line};

/// Lines that become columns at a time.
const BATCH_LINES: usize = 8_192;

/// A checkpoint of these lines.
///
/// # Errors
/// What the Parquet library said.
pub(super) fn encode(lines: &[Line]) -> Result<Bytes, ParquetError> {
    let schema = Arc::new(schema());
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("edgraph".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties))?;
    let mut columns = ReaderBuilder::new(schema).build_decoder()?;
    for lines in lines.chunks(BATCH_LINES) {
        columns.serialize(lines)?;
        if let Some(batch) = columns.flush()? {
            writer.write(&batch)?;
        }
    }
    Ok(writer.into_inner()?.into())
}

/// The lines of a checkpoint, whoever wrote it.
///
/// # Errors
/// What cannot be read of it.
pub(super) fn decode(file: Bytes) -> Result<Vec<Line>, String> {
    let parquet = |error: ParquetError| error.to_string();
    let arrow = |error: ArrowError| error.to_string();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
    // Others write the same again in columns of their own types, which nobody needs here.
    let ours = schema();
    let known = |name: &str| ours.field_with_name(name).is_ok();
    let columns = builder.schema().fields().iter().enumerate();
    let known = columns.filter(|(_, field)| known(field.name())).map(|(index, _)| index);
    let mask = ProjectionMask::roots(builder.parquet_schema(), known);
    let batches = builder.with_projection(mask).with_batch_size(BATCH_LINES).build().map_err(parquet)?;
    let mut lines = Vec::new();
    for batch in batches {
        let mut writer = LineDelimitedWriter::new(Vec::new());
        writer.write(&batch.map_err(arrow)?).map_err(arrow)?;
        writer.finish().map_err(arrow)?;
        lines.extend(action::decode(&writer.into_inner())?);
    }
    Ok(lines)
}

/// The columns of a checkpoint, as the protocol has them: one for each kind of line.
fn schema() -> Schema {
    let required = |name: &str, data_type: DataType| Field::new(name, data_type, false);
    let optional = |name: &str, data_type: DataType| Field::new(name, data_type, true);
    let structure = |fields: Vec<Field>| DataType::Struct(Fields::from(fields));
    let map = || {
        let entry = structure(vec![required("key", DataType::Utf8), optional("value", DataType::Utf8)]);
        DataType::Map(Arc::new(required("key_value", entry)), false)
    };
    let list = || DataType::List(Arc::new(optional("element", DataType::Utf8)));
    let (text, long, int, flag) = (DataType::Utf8, DataType::Int64, DataType::Int32, DataType::Boolean);
    Schema::new(vec![
        optional(
            "txn",
            structure(vec![
                required("appId", text.clone()),
                required("version", long.clone()),
                optional("lastUpdated", long.clone()),
            ]),
        ),
        optional(
            "add",
            structure(vec![
                required("path", text.clone()),
                required("partitionValues", map()),
                required("size", long.clone()),
                required("modificationTime", long.clone()),
                required("dataChange", flag.clone()),
                optional("stats", text.clone()),
                optional("tags", map()),
            ]),
        ),
        optional(
            "remove",
            structure(vec![
                required("path", text.clone()),
                optional("deletionTimestamp", long.clone()),
                required("dataChange", flag.clone()),
                optional("extendedFileMetadata", flag.clone()),
                optional("partitionValues", map()),
                optional("size", long.clone()),
            ]),
        ),
        optional(
            "metaData",
            structure(vec![
                required("id", text.clone()),
                optional("name", text.clone()),
                optional("description", text.clone()),
                required(
                    "format",
                    structure(vec![required("provider", text.clone()), optional("options", map())]),
                ),
                required("schemaString", text.clone()),
                required("partitionColumns", list()),
                optional("configuration", map()),
                optional("createdTime", long.clone()),
            ]),
        ),
        optional(
            "protocol",
            structure(vec![required("minReaderVersion", int.clone()), required("minWriterVersion", int)]),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_says_what_its_lines_say() {
        let log = r#"
            {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
            {"metaData":{"id":"x","name":"text","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\"}","partitionColumns":["year","month"],"configuration":{"a":"b"},"createdTime":7}}
            {"txn":{"appId":"edgraph/run","version":1,"lastUpdated":8}}
            {"remove":{"path":"a","deletionTimestamp":9,"dataChange":false,"extendedFileMetadata":true,"partitionValues":{"year":"2024"},"size":3}}
            {"remove":{"path":"c","dataChange":false}}
            {"add":{"path":"b","partitionValues":{"year":"2024","month":"2"},"size":3,"modificationTime":5,"dataChange":false,"stats":"{\"numRecords\":1}","tags":{"edgraph.filings":"x,y"}}}
            {"add":{"path":"d","partitionValues":{},"size":3,"modificationTime":5,"dataChange":false}}"#;
        let lines = action::decode(log.as_bytes()).unwrap();
        assert_eq!(lines.len(), 7);
        let again = decode(encode(&lines).unwrap()).unwrap();
        assert_eq!(again, lines);
    }

    #[test]
    fn a_checkpoint_may_be_larger_than_a_batch() {
        let add = |number: usize| {
            format!(
                r#"{{"add":{{"path":"{number}","partitionValues":{{"year":"2024"}},"size":3,"modificationTime":5,"dataChange":false}}}}"#
            )
        };
        let log: Vec<String> = (0..2 * BATCH_LINES + 7).map(add).collect();
        let lines = action::decode(log.join("\n").as_bytes()).unwrap();
        assert!(decode(encode(&lines).unwrap()).unwrap() == lines);
        assert!(decode(Bytes::from_static(b"PAR1 but no more")).is_err());
    }
}
