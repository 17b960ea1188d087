//! The lines of a table's log, as the Delta protocol spells them. Pure.
//!
//! Of what other writers may add to them only what we use is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a reader must understand: the first version of the protocol, tables without features.
pub(super) const READER_VERSION: i32 = 1;
/// What a writer must understand: tables that take appends alone and such with invariants. Ours are neither.
pub(super) const WRITER_VERSION: i32 = 2;

/// One line: exactly one of these is there. A line of a kind that is not ours has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    #[serde(skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub commit_info: Option<CommitInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_data: Option<Metadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txn: Option<Txn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<Remove>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<Add>,
}

/// What readers and writers of the table must understand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Protocol {
    pub min_reader_version: i32,
    pub min_writer_version: i32,
}

/// What the table is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    /// The same as long as the table lives.
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub format: Format,
    /// JSON text: [`super::columns`].
    pub schema_string: String,
    pub partition_columns: Vec<String>,
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<i64>,
}

/// What its files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Format {
    pub provider: String,
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// How far an application came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Txn {
    pub app_id: String,
    pub version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<i64>,
}

/// A file becomes part of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    /// Relative to the table's folder, percent-encoded.
    pub path: String,
    #[serde(default)]
    pub partition_values: BTreeMap<String, Option<String>>,
    pub size: u64,
    pub modification_time: i64,
    pub data_change: bool,
    /// JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, Option<String>>>,
}

/// A file is no part of the table any more; it stays where it is as long as older versions may be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remove {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_timestamp: Option<i64>,
    pub data_change: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_file_metadata: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_values: Option<BTreeMap<String, Option<String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Who wrote a version, for people who read the table's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitInfo {
    pub timestamp: i64,
    pub operation: &'static str,
    pub operation_parameters: BTreeMap<&'static str, String>,
    pub operation_metrics: BTreeMap<&'static str, String>,
    pub is_blind_append: bool,
    pub engine_info: &'static str,
}

macro_rules! lines {
    ($($action:ident in $field:ident,)*) => {
        $(impl From<$action> for Line {
            fn from(action: $action) -> Self {
                Self { $field: Some(action), ..Self::default() }
            }
        })*
    };
}

lines! {
    CommitInfo in commit_info,
    Protocol in protocol,
    Metadata in meta_data,
    Txn in txn,
    Remove in remove,
    Add in add,
}

/// A version as the object that it is in the log.
pub(super) fn encode(lines: &[Line]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line).expect("texts and numbers always serialise");
        bytes.push(b'\n');
    }
    bytes
}

/// The lines of a version.
///
/// # Errors
/// Which line cannot be read, and why.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let lines =
        bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let parse = |(number, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| format!("line {}: {error}", number + 1))
    };
    lines.map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_other_writers_are_read_as_far_as_they_matter() {
        let log = br#"{"commitInfo":{"timestamp":1,"operation":"OPTIMIZE","operationMetrics":{"numFiles":3}}}
{"add":{"path":"a%20b.parquet","partitionValues":{"year":"2024","month":null},"size":5,"modificationTime":7,"dataChange":false,"deletionVector":null,"baseRowId":4}}

{"domainMetadata":{"domain":"x","configuration":"","removed":false}}
"#;
        let lines = decode(log).unwrap();
        assert_eq!((lines[0].clone(), lines[2].clone()), (Line::default(), Line::default()));
        let add = lines[1].add.as_ref().unwrap();
        assert_eq!((add.path.as_str(), add.size, add.data_change), ("a%20b.parquet", 5, false));
        assert_eq!(add.partition_values["month"], None);
        assert!(decode(b"{}\n{\"add\":7}\n").unwrap_err().starts_with("line 2: "));
    }

    #[test]
    fn a_line_is_one_action_and_says_nothing_that_it_does_not_have() {
        let txn = Txn { app_id: "a".into(), version: 3, last_updated: None };
        let lines = [Line::from(txn)];
        assert_eq!(encode(&lines), b"{\"txn\":{\"appId\":\"a\",\"version\":3}}\n");
        assert_eq!(decode(&encode(&lines)).unwrap(), lines);
    }
}
