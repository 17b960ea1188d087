//! One schema per table over all files, whatever a filing lacks, and partitions that every reader takes for numbers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use edgraph_shared::schema::{self, ColumnType, Table};
use edgraph_tests::corpus::{self, Mirror};
use edgraph_worker::output::parquet::arrow_schema;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::printer::print_schema;

use crate::program::{Run, parquet_files};

const LIKE: &str = "0009900002-11-000033";
const POOREST: &str = "0009900002-12-000001";
/// Files of a filing and what EDGAR lists of it: a report of one fact that says nothing, in no unit, whose concept no
/// schema declares.
const INSTANCE: &str = r#"<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:u="http://unknown" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><context id="c"><entity><identifier scheme="http://www.sec.gov/CIK">0009900002</identifier></entity><period><forever/></period></context><u:A contextRef="c" xsi:nil="true"/></xbrl>"#;

/// The sample filings, and one that lacks whatever a filing may lack, of a company without a ticker.
fn poor_mirror() -> Mirror {
    let mirror = Mirror::copy_of(&corpus::fixture_edgar()).unwrap();
    mirror.add_filing(LIKE, POOREST, "2012-02-03").unwrap();
    let folder = corpus::filing_folder(mirror.path(), POOREST).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let name = format!("{POOREST}-xbrl.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.join(&name)).unwrap());
    zip.start_file("poor.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(INSTANCE.as_bytes()).unwrap();
    zip.finish().unwrap();
    let index = format!(r#"{{"directory":{{"item":[{{"name":"{name}","size":""}}]}}}}"#);
    fs::write(folder.join("index.json"), index).unwrap();
    let company = mirror.path().join("submissions/CIK0009900002.json");
    let text = fs::read_to_string(&company).unwrap();
    let text = text.replace("2012-02-03T12:00:00.000Z", "soon").replace("\"QUIL\"", "");
    fs::write(company, text).unwrap();
    mirror
}

/// A table's schema in Parquet's own words.
fn expected(table: &Table) -> String {
    let mut text = "message arrow_schema {\n".to_owned();
    for (place, column) in table.columns.iter().enumerate() {
        let (physical, logical) = match column.column_type {
            ColumnType::String => ("BYTE_ARRAY", " (STRING)"),
            ColumnType::Boolean => ("BOOLEAN", ""),
            ColumnType::Int32 => ("INT32", ""),
            ColumnType::Double => ("DOUBLE", ""),
            ColumnType::Date => ("INT32", " (DATE)"),
            ColumnType::Timestamp => ("INT64", " (TIMESTAMP(MICROS,true))"),
        };
        let repetition = if place < table.keys() { "REQUIRED" } else { "OPTIONAL" };
        let _ = writeln!(text, "  {repetition} {physical} {}{logical};", column.name);
    }
    text + "}\n"
}

/// The table of a file by its place in the store: `{folder}/year=…/month=…/{name}`.
fn table_of(name: &str) -> &'static Table {
    let folder = name.split("/year=").next().unwrap();
    schema::all_tables().find(|table| table.folder() == folder).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn every_file_of_a_table_has_the_tables_schema_whatever_the_filing_lacks() {
    let (rich, poor) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Run::samples(rich.path()).ok();
    let mirror = poor_mirror();
    let best_effort = ["--amendments", "--offline", "--taxonomy-mode", "best-effort"];
    let summary = Run::over(mirror.path(), poor.path()).with(best_effort).ok();
    assert_eq!(summary["processed"], 7, "{summary}");

    let mut seen = BTreeSet::new();
    for (name, bytes) in [rich.path(), poor.path()].into_iter().flat_map(parquet_files) {
        let table = table_of(&name);
        seen.insert(table.name);
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let file = reader.metadata().file_metadata();
        let mut printed = Vec::new();
        print_schema(&mut printed, file.schema());
        assert_eq!(String::from_utf8(printed).unwrap(), expected(table), "{name}");
        let arrow = parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata()).unwrap();
        assert_eq!(arrow.fields(), arrow_schema(table).fields(), "{name}");
        assert_eq!(
            file.created_by(),
            Some("edgraph"),
            "{name}: the writer's name would be part of its bytes"
        );
    }
    let unseen = schema::all_tables().map(|table| table.name).filter(|name| !seen.contains(name));
    // No sample names elements by extensible enumerations.
    assert_eq!(unseen.collect::<Vec<_>>(), ["FACT_HAS_VALUE_ELEMENT"]);
}

#[test]
fn a_month_is_written_as_a_number() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let partitions: BTreeSet<String> = parquet_files(out.path())
        .into_iter()
        .filter(|(name, _)| name.starts_with("flat/facts/"))
        .map(|(name, _)| name.split('/').skip(2).take(2).collect::<Vec<_>>().join("/"))
        .collect();
    // DuckDB takes a month of `02` for a text.
    let expected = [
        "year=2011/month=11",
        "year=2024/month=11",
        "year=2025/month=2",
        "year=2025/month=5",
        "year=2025/month=6",
    ];
    assert!(partitions.iter().map(String::as_str).eq(expected), "{partitions:?}");
}
