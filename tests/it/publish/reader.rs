//! A reader of tables that knows the log's format alone: every version from the first, line by line.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_graph::publish;
use edgraph_shared::schema::{self, Row, Table, Value};
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};
use edgraph_worker::output::parquet;
use serde_json::Value as Json;

use super::kit::Filing;

/// What the log of a table says, as of its last version.
pub(super) struct Read {
    /// Versions there are.
    pub(super) versions: u64,
    /// The table's files by path.
    pub(super) files: BTreeMap<String, Json>,
    /// Lines by their kind.
    pub(super) lines: BTreeMap<String, Vec<Json>>,
}

/// Reads a log, and that it is one history: its versions follow each other, each file is added while it is not there
/// and removed while it is.
pub(super) async fn read(store: &SharedStore, table: &Table) -> Read {
    let mut read = Read { versions: 0, files: BTreeMap::new(), lines: BTreeMap::new() };
    let listed = store.list(&layout::table_log(&table.folder())).await.unwrap();
    for key in listed.iter().map(|meta| &meta.key).filter(|key| key.as_str().ends_with(".json")) {
        assert!(
            key.as_str().ends_with(&format!("/{:020}.json", read.versions)),
            "{key} is not the next version"
        );
        read.versions += 1;
        let version = store.get(key).await.unwrap();
        for line in version.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line: BTreeMap<String, Json> = serde_json::from_slice(line).unwrap();
            let [(kind, action)] = Vec::from_iter(line).try_into().expect("a line is one action");
            let path = action["path"].as_str().unwrap_or_default().to_owned();
            match kind.as_str() {
                "add" => assert_eq!(read.files.insert(path, action.clone()), None, "{key}: added twice"),
                "remove" => {
                    assert!(read.files.remove(&path).is_some(), "{key}: removed {path}, which is not there")
                }
                _ => {}
            }
            read.lines.entry(kind).or_default().push(action);
        }
    }
    read
}

/// The rows of a table, each with the year and month of its partition; that its files are what the log says of them.
pub(super) async fn rows(store: &SharedStore, table: &'static Table) -> Vec<(Row, String, String)> {
    let mut rows = Vec::new();
    for (path, add) in read(store, table).await.files {
        let key: ObjectKey = format!("{}/{path}", table.folder()).parse().unwrap();
        let bytes = store.get(&key).await.unwrap();
        assert_eq!(add["size"], bytes.len(), "{path}");
        let of_file = parquet::decode(table, bytes).unwrap();
        let stats: Json = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
        assert_eq!(stats["numRecords"], of_file.len(), "{path}");
        if let Some(bound) = stats["minValues"]["accession"].as_str() {
            let place = table.column_index("accession").unwrap();
            let (first, last) = (bound, stats["maxValues"]["accession"].as_str().unwrap());
            for row in &of_file {
                let Value::String(accession) = &row[place] else { panic!("{path}: {row:?}") };
                assert!((first..=last).contains(&&**accession), "{path} has rows of another filing");
            }
            assert!(first == last || add["tags"]["edgraph.filings"].is_string(), "{path}");
        }
        let partition = |name: &str| add["partitionValues"][name].as_str().unwrap().to_owned();
        let (year, month) = (partition("year"), partition("month"));
        assert!(path.starts_with(&format!("year={year}/month={month}/")), "{path} is not in its partition");
        rows.extend(of_file.into_iter().map(|row| (row, year.clone(), month.clone())));
    }
    rows
}

/// That the tables hold these versions of filings, all of them, each once, and nothing else: one history in every
/// table, which the program reads as this reader does.
pub(super) async fn check(store: &SharedStore, expected: &[Filing]) {
    for table in schema::all_tables() {
        let read = read(store, table).await;
        let stem =
            |path: &String| path.rsplit('/').next().unwrap().strip_suffix(".parquet").unwrap().to_owned();
        let found: BTreeSet<String> = read.files.keys().map(stem).collect();
        let has_rows = |filing: &&Filing| {
            super::kit::FILLED.contains(&table.name)
                || table.name == "text" && filing.version.is_multiple_of(2)
        };
        let filings = expected.iter().filter(has_rows);
        let expected: BTreeSet<String> =
            filings.map(|filing| layout::file_stem(&filing.accession(), &filing.input_key())).collect();
        assert_eq!(found, expected, "{}", table.name);
        let snapshot = publish::read(store, table).await.unwrap();
        assert_eq!(
            (snapshot.version(), snapshot.files()),
            (read.versions.checked_sub(1), read.files.len()),
            "{}",
            table.name
        );
    }
    let facts = schema::table("flat/facts").unwrap();
    let ids: Vec<Value> = rows(store, facts).await.into_iter().map(|(row, ..)| row[0].clone()).collect();
    let mut wanted: Vec<Value> = expected.iter().flat_map(|filing| filing.facts()).map(Value::from).collect();
    let sorted = |values: &mut Vec<Value>| values.sort_by(|one, other| one.partial_cmp(other).unwrap());
    let mut ids = ids;
    sorted(&mut ids);
    sorted(&mut wanted);
    assert_eq!(ids, wanted, "each fact is there once");
}
