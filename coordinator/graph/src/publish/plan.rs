//! The plan: what a table's next version says, given its last one and what it is to hold of some filings. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{Table, TableKind};
use serde_json::json;
use uuid::Uuid;

use super::action::{
    Add, CommitInfo, Format, Line, Metadata, Protocol, READER_VERSION, Remove, Txn, WRITER_VERSION,
};
use super::columns::{self, Fit, PARTITIONS};
use super::file_name::stems_of;
use super::snapshot::{Snapshot, TOMBSTONE_DAYS, TXN_DAYS, app_id};
use crate::error::Error;

/// Who publishes, and when.
pub(super) struct Stamp<'a> {
    pub pipeline: &'a str,
    pub round: u32,
    pub now_ms: i64,
}

/// What a table is to hold of one filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub accession: AccessionNumber,
    /// What it was made from.
    pub input_key: String,
    /// What tells this version of the filing from others, in the names of its files.
    pub stem: String,
    /// Its rows; none if it has no rows of this table.
    pub file: Option<DataFile>,
}

/// A file that lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DataFile {
    /// As the log names it.
    pub path: String,
    pub year: u16,
    pub month: u8,
    pub rows: u64,
    pub bytes: u64,
}

/// What a table holds, filing by filing.
pub(super) struct Holdings<'a> {
    by_filing: HashMap<AccessionNumber, Vec<Held<'a>>>,
    /// How its columns are to ours; `None` if it is not there.
    fit: Option<Fit>,
}

/// A version of a filing in a table.
struct Held<'a> {
    stem: Cow<'a, str>,
    add: &'a Add,
    /// Whether other filings are in the same file.
    is_shared: bool,
}

impl<'a> Holdings<'a> {
    /// # Errors
    /// [`Error::Invalid`] for a log that says what this program does not understand.
    pub(super) fn of(table: &Table, snapshot: &'a Snapshot) -> Result<Self, Error> {
        let mut by_filing: HashMap<_, Vec<_>> = HashMap::new();
        let fit = fit(table, snapshot)?;
        if !matches!(fit, Some(Fit::Other(_))) {
            for add in snapshot.adds.values() {
                let stems = stems_of(add).ok_or_else(|| {
                    let problem = "nobody can tell whose rows are in it, since another program wrote it: restore \
                                   the table to a version without it, or remove the table's _delta_log";
                    Error::invalid(format!("{}, {}", table.folder(), add.path), problem)
                })?;
                let is_shared = stems.len() > 1;
                for (accession, stem) in stems {
                    by_filing.entry(accession).or_default().push(Held { stem, add, is_shared });
                }
            }
        }
        Ok(Self { by_filing, fit })
    }

    /// Whether the table holds of a filing exactly this version, or nothing if that is what it should.
    pub(super) fn is_as(&self, accession: &AccessionNumber, stem: &str, has_rows: bool) -> bool {
        match self.versions(accession) {
            [] => !has_rows,
            [held] => has_rows && held.stem == stem,
            _ => false,
        }
    }

    /// The versions that would have to give way to this one.
    pub(super) fn superseded(&self, wanted: &Wanted) -> impl Iterator<Item = &str> {
        let others = self.versions(&wanted.accession).iter().filter(|held| held.stem != wanted.stem);
        others.map(|held| held.stem.as_ref())
    }

    /// Why nothing that the table holds can stay in it.
    pub(super) fn unfit(&self) -> Option<&str> {
        if let Some(Fit::Other(reason)) = &self.fit { Some(reason) } else { None }
    }

    fn versions(&self, accession: &AccessionNumber) -> &[Held<'a>] {
        self.by_filing.get(accession).map_or(&[], Vec::as_slice)
    }
}

/// The next version of a table.
pub(super) struct Next {
    pub lines: Vec<Line>,
    pub added: u64,
    pub removed: u64,
}

/// What the next version says, `None` if there is nothing to say. A table that is not there is made.
///
/// # Errors
/// [`Error::Invalid`] if a filing has to give way that shares its file with others.
pub(super) fn next(
    table: &Table,
    snapshot: &Snapshot,
    holdings: &Holdings<'_>,
    wanted: &[Wanted],
    stamp: &Stamp<'_>,
) -> Result<Option<Next>, Error> {
    let (mut adds, mut removes): (BTreeMap<&str, Add>, BTreeMap<&str, Remove>) = Default::default();
    for filing in wanted {
        let mut is_there = false;
        for held in holdings.versions(&filing.accession) {
            if held.stem == filing.stem && filing.file.is_some() && !is_there {
                is_there = true;
                continue;
            }
            if held.is_shared {
                let problem = format!(
                    "it holds {} among other filings, so that it cannot be replaced alone: compact its month again \
                     with that filing left out",
                    filing.accession
                );
                return Err(Error::invalid(format!("{}, {}", table.folder(), held.add.path), problem));
            }
            removes.insert(&held.add.path, removed(held.add, stamp));
        }
        // A file that the table had with other columns cannot come back: it still has them.
        let new = filing.file.iter().filter(|file| !is_there && !snapshot.adds.contains_key(&file.path));
        adds.extend(new.map(|file| (file.path.as_str(), added(table, filing, file, stamp))));
    }
    if holdings.unfit().is_some() {
        removes.extend(snapshot.adds.iter().map(|(path, add)| (path.as_str(), removed(add, stamp))));
    }
    let head = head(table, snapshot, holdings.fit.as_ref(), stamp);
    if head.is_empty() && adds.is_empty() && removes.is_empty() {
        return Ok(None);
    }
    let (added, removed) = (adds.len() as u64, removes.len() as u64);
    let mut lines = vec![said(added, removed, stamp).into()];
    lines.extend(head);
    let (app_id, version) = (app_id(stamp.pipeline), i64::from(stamp.round));
    lines.push(Txn { app_id, version, last_updated: Some(stamp.now_ms) }.into());
    lines.extend(removes.into_values().map(Line::from));
    lines.extend(adds.into_values().map(Line::from));
    Ok(Some(Next { lines, added, removed }))
}

/// How the table's columns are to ours; `None` for a table that is not there.
fn fit(table: &Table, snapshot: &Snapshot) -> Result<Option<Fit>, Error> {
    let Some(metadata) = &snapshot.metadata else { return Ok(None) };
    let invalid = |problem: String| Error::invalid(table.folder(), problem);
    if metadata.partition_columns != PARTITIONS {
        return Err(invalid(format!(
            "it is partitioned by {:?}, not by {PARTITIONS:?}",
            metadata.partition_columns
        )));
    }
    columns::fit(table, &metadata.schema_string).map(Some).map_err(invalid)
}

/// What the next version says of the table itself.
fn head(table: &Table, snapshot: &Snapshot, fit: Option<&Fit>, stamp: &Stamp<'_>) -> Vec<Line> {
    let with = |schema_string: String| {
        let known = snapshot.metadata.clone().unwrap_or_else(|| metadata(table, stamp));
        let description = Some(table.doc.to_owned());
        vec![Metadata { schema_string, description, ..known }.into()]
    };
    match fit {
        Some(Fit::Same) => Vec::new(),
        Some(Fit::Extended(schema)) => with(schema.clone()),
        Some(Fit::Other(_)) => with(columns::of(table)),
        None => {
            let (reader, writer) = (READER_VERSION, WRITER_VERSION);
            let protocol = Protocol { min_reader_version: reader, min_writer_version: writer };
            [vec![protocol.into()], with(columns::of(table))].concat()
        }
    }
}

fn metadata(table: &Table, stamp: &Stamp<'_>) -> Metadata {
    let days = |days: i64| format!("interval {days} days");
    let configuration = [
        ("delta.deletedFileRetentionDuration", days(TOMBSTONE_DAYS)),
        ("delta.setTransactionRetentionDuration", days(TXN_DAYS)),
    ];
    Metadata {
        id: Uuid::new_v4().to_string(),
        name: Some(table.name.to_owned()),
        description: None,
        format: Format { provider: "parquet".to_owned(), options: BTreeMap::new() },
        schema_string: String::new(),
        partition_columns: PARTITIONS.map(str::to_owned).to_vec(),
        configuration: configuration.map(|(key, value)| (key.to_owned(), value)).into(),
        created_time: Some(stamp.now_ms),
    }
}

fn said(added: u64, removed: u64, stamp: &Stamp<'_>) -> CommitInfo {
    CommitInfo {
        timestamp: stamp.now_ms,
        operation: "WRITE",
        operation_parameters: [
            ("mode", "Append".to_owned()),
            ("partitionBy", json!(PARTITIONS).to_string()),
            ("pipeline", stamp.pipeline.to_owned()),
            ("round", stamp.round.to_string()),
        ]
        .into(),
        operation_metrics: [("numAddedFiles", added.to_string()), ("numRemovedFiles", removed.to_string())]
            .into(),
        is_blind_append: false,
        engine_info: concat!("edgraph/", env!("CARGO_PKG_VERSION")),
    }
}

fn added(table: &Table, filing: &Wanted, file: &DataFile, stamp: &Stamp<'_>) -> Add {
    let partition = [file.year.to_string(), file.month.to_string()];
    Add {
        path: file.path.clone(),
        partition_values: PARTITIONS
            .iter()
            .zip(partition)
            .map(|(name, value)| ((*name).to_owned(), Some(value)))
            .collect(),
        size: file.bytes,
        modification_time: stamp.now_ms,
        data_change: true,
        stats: Some(stats(table, filing, file)),
        tags: None,
    }
}

/// What a reader may know of a file without opening it: how many rows, and of which filing.
fn stats(table: &Table, filing: &Wanted, file: &DataFile) -> String {
    // A shared row's accession is where it was taken from; of every other row it is the filing.
    let is_shared = matches!(table.kind, TableKind::Shared(_));
    if is_shared || table.column_index("accession").is_none() {
        return json!({ "numRecords": file.rows }).to_string();
    }
    let bound = json!({ "accession": filing.accession.as_str() });
    json!({
        "numRecords": file.rows, "minValues": bound, "maxValues": bound, "nullCount": { "accession": 0 },
    })
    .to_string()
}

fn removed(add: &Add, stamp: &Stamp<'_>) -> Remove {
    Remove {
        path: add.path.clone(),
        deletion_timestamp: Some(stamp.now_ms),
        data_change: true,
        extended_file_metadata: Some(true),
        partition_values: Some(add.partition_values.clone()),
        size: Some(add.size),
    }
}

#[cfg(test)]
mod tests;
