//! The plan: what a table's next version says, given its last one and what it is to hold of some filings. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::schema::{Table, TableKind};
use edgraph_shared::storage::layout;
use serde_json::json;
use uuid::Uuid;

use super::action::{
    Add, CommitInfo, Format, Line, Metadata, Protocol, READER_VERSION, Remove, Txn, WRITER_VERSION,
};
use super::columns::{self, Fit, PARTITIONS};
use super::file_name::{is_part, portions_in, portions_of};
use super::part::Share;
use super::snapshot::{Snapshot, TOMBSTONE_DAYS, TXN_DAYS, app_id};
use crate::error::Error;

/// Who writes.
const ENGINE: &str = concat!("edgraph/", env!("CARGO_PKG_VERSION"));

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
    /// Whether that file was just written: it counts more than rows of the same version in a part, which may be damaged.
    pub is_fresh: bool,
    /// Whether that file was removed, since a part had its rows.
    pub is_gone: bool,
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
}

impl<'a> Holdings<'a> {
    /// # Errors
    /// [`Error::Invalid`] for a log that says what this program does not understand.
    pub(super) fn of(table: &Table, snapshot: &'a Snapshot) -> Result<Self, Error> {
        let mut by_filing: HashMap<_, Vec<_>> = HashMap::new();
        let fit = fit(table, snapshot)?;
        if !matches!(fit, Some(Fit::Other(_))) {
            for add in snapshot.adds.values() {
                for portion in portions_in(table, add)? {
                    by_filing.entry(portion.accession).or_default().push(Held { stem: portion.stem, add });
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

    /// Whether the table has exactly this version in a part.
    pub(super) fn is_in_part(&self, accession: &AccessionNumber, stem: &str) -> bool {
        let is_it = |held: &Held<'_>| held.stem == stem && is_part(held.add);
        self.versions(accession).iter().any(is_it)
    }

    /// Whether the table lacks rows that it cannot be given: those of a part that it does not have any more.
    pub(super) fn is_lost(&self, wanted: &Wanted) -> bool {
        wanted.is_gone && wanted.file.is_some() && !self.settled(wanted).0
    }

    /// Parts with versions that have to give way and with filings that stay.
    pub(super) fn rewrites(&self, wanted: &[Wanted]) -> Vec<Rewrite<'a>> {
        let mut dropped: BTreeMap<&str, Rewrite<'a>> = BTreeMap::new();
        for filing in wanted {
            let (_, gone) = self.settled(filing);
            for held in gone.into_iter().filter(|held| is_part(held.add)) {
                let rewrite = Rewrite { part: held.add, without: BTreeSet::new() };
                dropped.entry(&held.add.path).or_insert(rewrite).without.insert(filing.accession);
            }
        }
        let stays = |rewrite: &Rewrite<'a>| {
            let mut portions = portions_of(rewrite.part).into_iter().flatten();
            portions.any(|portion| !rewrite.without.contains(&portion.accession))
        };
        dropped.into_values().filter(stays).collect()
    }

    /// Whether what is wanted is there, and the versions that have to give way.
    fn settled(&self, wanted: &Wanted) -> (bool, Vec<&Held<'a>>) {
        let mut is_there = false;
        let gone = self.versions(&wanted.accession).iter().filter(|held| {
            let is_it = held.stem == wanted.stem && wanted.file.is_some();
            let is_overruled = wanted.is_fresh && is_part(held.add);
            let stays = is_it && !is_overruled && !is_there;
            is_there |= stays;
            !stays
        });
        let gone = gone.collect();
        (is_there, gone)
    }

    /// Why nothing that the table holds can stay in it.
    pub(super) fn unfit(&self) -> Option<&str> {
        if let Some(Fit::Other(reason)) = &self.fit { Some(reason) } else { None }
    }

    fn versions(&self, accession: &AccessionNumber) -> &[Held<'a>] {
        self.by_filing.get(accession).map_or(&[], Vec::as_slice)
    }
}

/// A part that is to be made again without some of its filings.
#[derive(Debug)]
pub(super) struct Rewrite<'a> {
    pub part: &'a Add,
    pub without: BTreeSet<AccessionNumber>,
}

/// What stands for parts that were made again, by the path of the old one.
pub(super) type Rewritten = BTreeMap<String, Add>;

/// The next version of a table.
pub(super) struct Next {
    pub lines: Vec<Line>,
    pub added: u64,
    pub removed: u64,
}

/// What the next version says, `None` if there is nothing to say. A table that is not there is made. Parts of which
/// filings stay are in `rewritten`, or go with all that they have.
pub(super) fn next(
    table: &Table,
    snapshot: &Snapshot,
    holdings: &Holdings<'_>,
    wanted: &[Wanted],
    rewritten: &Rewritten,
    stamp: &Stamp<'_>,
) -> Option<Next> {
    let (mut adds, mut removes): (BTreeMap<&str, Add>, BTreeMap<&str, Remove>) = Default::default();
    for filing in wanted {
        let (is_there, gone) = holdings.settled(filing);
        for held in gone {
            removes.insert(&held.add.path, removed(held.add, stamp.now_ms));
            let instead = rewritten.get(&held.add.path);
            adds.extend(instead.map(|add| (add.path.as_str(), add.clone())));
        }
        // A file that the table had with other columns cannot come back: it still has them.
        let new = filing.file.iter().filter(|file| !is_there && !snapshot.adds.contains_key(&file.path));
        adds.extend(new.map(|file| (file.path.as_str(), added(table, filing, file, stamp))));
    }
    if holdings.unfit().is_some() {
        removes.extend(snapshot.adds.iter().map(|(path, add)| (path.as_str(), removed(add, stamp.now_ms))));
    }
    let head = head(table, snapshot, holdings.fit.as_ref(), stamp);
    if head.is_empty() && adds.is_empty() && removes.is_empty() {
        return None;
    }
    let (added, removed) = (adds.len() as u64, removes.len() as u64);
    let mut lines = vec![said(added, removed, stamp).into()];
    lines.extend(head);
    let (app_id, version) = (app_id(stamp.pipeline), i64::from(stamp.round));
    lines.push(Txn { app_id, version, last_updated: Some(stamp.now_ms) }.into());
    lines.extend(removes.into_values().map(Line::from));
    lines.extend(adds.into_values().map(Line::from));
    Some(Next { lines, added, removed })
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
        operation_metrics: metrics(added, removed),
        is_blind_append: false,
        engine_info: ENGINE,
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

fn stats(table: &Table, filing: &Wanted, file: &DataFile) -> String {
    bounds(table, file.rows, filing.accession.as_str(), filing.accession.as_str())
}

/// What a reader may know of a part.
pub(super) fn stats_of(table: &Table, shares: &[Share]) -> String {
    let accessions = || shares.iter().filter_map(|share| layout::of_file_stem(&share.stem)).map(|(it, _)| it);
    let rows = shares.iter().map(|share| share.rows).sum();
    let text = |accession: Option<AccessionNumber>| accession.map_or(String::new(), |it| it.to_string());
    bounds(table, rows, &text(accessions().min()), &text(accessions().max()))
}

/// What a reader may know of a file without opening it: how many rows, and of which filings.
fn bounds(table: &Table, rows: u64, first: &str, last: &str) -> String {
    // A shared row's accession is where it was taken from; of every other row it is the filing.
    let is_shared = matches!(table.kind, TableKind::Shared(_));
    if is_shared || table.column_index("accession").is_none() {
        return json!({ "numRecords": rows }).to_string();
    }
    json!({
        "numRecords": rows, "minValues": { "accession": first }, "maxValues": { "accession": last },
        "nullCount": { "accession": 0 },
    })
    .to_string()
}

/// The version that replaces files by parts with the same rows.
pub(super) fn optimized(replaced: &[Add], parts: Vec<Add>, now_ms: i64) -> Vec<Line> {
    let said = CommitInfo {
        timestamp: now_ms,
        operation: "OPTIMIZE",
        operation_parameters: BTreeMap::new(),
        operation_metrics: metrics(parts.len() as u64, replaced.len() as u64),
        is_blind_append: false,
        engine_info: ENGINE,
    };
    let mut lines = vec![said.into()];
    let unchanged = |add: &Add| Remove { data_change: false, ..removed(add, now_ms) };
    lines.extend(replaced.iter().map(unchanged).map(Line::from));
    lines.extend(parts.into_iter().map(|part| Add { data_change: false, ..part }.into()));
    lines
}

fn metrics(added: u64, removed: u64) -> BTreeMap<&'static str, String> {
    [("numAddedFiles", added.to_string()), ("numRemovedFiles", removed.to_string())].into()
}

fn removed(add: &Add, now_ms: i64) -> Remove {
    Remove {
        path: add.path.clone(),
        deletion_timestamp: Some(now_ms),
        data_change: true,
        extended_file_metadata: Some(true),
        partition_values: Some(add.partition_values.clone()),
        size: Some(add.size),
    }
}

#[cfg(test)]
mod tests;
