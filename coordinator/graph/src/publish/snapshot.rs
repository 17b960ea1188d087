//! A version of a table: all that its log says up to there. Pure.

use std::collections::BTreeMap;

use edgraph_shared::schema::Table;
use edgraph_shared::storage::ObjectKey;

use super::action::{Add, Line, Metadata, Protocol, READER_VERSION, Remove, Txn, WRITER_VERSION};
use super::file_name::{Portion, SHA256_TAG, is_part, key_of, portions_in, portions_of, tag, within};
use crate::error::Error;

/// How long a file that was removed is kept in mind: as long as older versions promise to be readable.
pub(super) const TOMBSTONE_DAYS: i64 = 7;
/// How long it is kept in mind how far a pipeline came. Every one has a name of its own in a fleet.
pub(super) const TXN_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A version of a table, or the absence of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The number of the version that would come next: 0 if there is none.
    pub(super) next: u64,
    /// The version that the last checkpoint holds.
    pub(super) checkpoint: Option<u64>,
    pub(super) protocol: Option<Protocol>,
    pub(super) metadata: Option<Metadata>,
    /// By application.
    pub(super) txns: BTreeMap<String, Txn>,
    /// By path.
    pub(super) adds: BTreeMap<String, Add>,
    /// By path.
    pub(super) removes: BTreeMap<String, Remove>,
}

/// A file that a table has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The object.
    pub key: ObjectKey,
    /// Its size, as the log says.
    pub bytes: u64,
    /// The hash of its bytes, where it is a part: has rows of many filings. That of others is in their manifest.
    pub sha256: Option<String>,
    /// Whose rows are in it.
    pub portions: Vec<Portion<'static>>,
}

impl Held {
    /// Whether it has rows of many filings.
    pub fn is_part(&self) -> bool {
        self.sha256.is_some()
    }
}

impl Snapshot {
    /// The number of the version, `None` where the table is not there yet.
    pub fn version(&self) -> Option<u64> {
        self.next.checked_sub(1)
    }

    /// How many files the table has.
    pub fn files(&self) -> usize {
        self.adds.len()
    }

    /// The round of a pipeline that the table was last changed by.
    pub fn round(&self, pipeline: &str) -> Option<i64> {
        self.txns.get(&app_id(pipeline)).map(|txn| txn.version)
    }

    /// The objects that versions of the table name which were the last one at some time after `since_ms` (milliseconds
    /// since 1970). What was removed more than seven days ago is forgotten at some point.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a path that leads out of the table's folder.
    pub fn retained(&self, table: &Table, since_ms: i64) -> Result<Vec<ObjectKey>, Error> {
        let is_retained = |remove: &&Remove| remove.deletion_timestamp.is_none_or(|time| time > since_ms);
        let removed = self.removes.values().filter(is_retained).map(|remove| &remove.path);
        self.adds.keys().chain(removed).map(|path| within(table, path)).collect()
    }

    /// The files that the table has.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one of which nobody can tell where it is, or whose rows it holds.
    pub fn held(&self, table: &Table) -> Result<Vec<Held>, Error> {
        let held = |add: &Add| {
            let owned = |portion: Portion<'_>| Portion { stem: portion.stem.into_owned().into(), ..portion };
            let portions = portions_in(table, add)?.into_iter().map(owned).collect();
            let sha256 = tag(add, SHA256_TAG).map(str::to_owned);
            Ok(Held { key: within(table, &add.path)?, bytes: add.size, sha256, portions })
        };
        self.adds.values().map(held).collect()
    }

    /// The own files of filings whose rows are in parts.
    pub(super) fn in_parts(&self, table: &Table) -> Vec<ObjectKey> {
        let parts = self.adds.values().filter(|add| is_part(add));
        let own = parts.flat_map(|add| {
            let folder = add.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let stems = portions_of(add).into_iter().flatten().map(|portion| portion.stem);
            stems.filter_map(move |stem| key_of(table, &format!("{folder}/{stem}.parquet")))
        });
        own.collect()
    }

    /// Takes in the lines of the next version, or of a checkpoint.
    pub(super) fn take(&mut self, lines: Vec<Line>) {
        for line in lines {
            let Line { commit_info: _, protocol, meta_data, txn, remove, add } = line;
            self.protocol = protocol.or(self.protocol.take());
            self.metadata = meta_data.or(self.metadata.take());
            if let Some(txn) = txn {
                self.txns.insert(txn.app_id.clone(), txn);
            }
            if let Some(remove) = remove {
                self.adds.remove(&remove.path);
                self.removes.insert(remove.path.clone(), remove);
            }
            if let Some(add) = add {
                self.removes.remove(&add.path);
                self.adds.insert(add.path.clone(), add);
            }
        }
    }

    /// What a checkpoint of it says: everything but what may be forgotten.
    pub(super) fn lines(&self, now_ms: i64) -> Vec<Line> {
        let is_kept = |time: Option<i64>, days: i64| time.is_none_or(|time| time >= now_ms - days * DAY_MS);
        let txns = self.txns.values().filter(|txn| is_kept(txn.last_updated, TXN_DAYS));
        let removes = self.removes.values();
        let removes = removes.filter(|remove| is_kept(remove.deletion_timestamp, TOMBSTONE_DAYS));
        // What a checkpoint repeats is no change.
        let adds = self.adds.values().cloned().map(|add| Add { data_change: false, ..add }.into());
        let removes = removes.cloned().map(|remove| Remove { data_change: false, ..remove }.into());
        let head = self.protocol.clone().map(Line::from).into_iter();
        let head = head.chain(self.metadata.clone().map(Line::from)).chain(txns.cloned().map(Line::from));
        head.chain(removes).chain(adds).collect()
    }

    /// What is wrong with it, for a program that writes as this one does.
    pub(super) fn fault(&self) -> Option<String> {
        let (Some(protocol), Some(_)) = (&self.protocol, &self.metadata) else {
            return (self.next > 0).then(|| "its log does not say what the table is".to_owned());
        };
        let Protocol { min_reader_version: reader, min_writer_version: writer } = *protocol;
        let is_known = reader <= READER_VERSION && writer <= WRITER_VERSION;
        (!is_known).then(|| {
            format!(
                "it needs a reader {reader} and a writer {writer} of the Delta protocol, and this program is \
                 {READER_VERSION} and {WRITER_VERSION}: another program has upgraded it"
            )
        })
    }
}

/// What a pipeline is called in the logs of tables.
pub(super) fn app_id(pipeline: &str) -> String {
    format!("edgraph/{pipeline}")
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema;

    use super::*;
    use crate::publish::action;

    fn of(log: &str) -> Snapshot {
        let mut snapshot = Snapshot { next: 1, ..Snapshot::default() };
        snapshot.take(action::decode(log.as_bytes()).unwrap());
        snapshot
    }

    const LOG: &str = r#"
        {"txn":{"appId":"edgraph/nightly","version":1,"lastUpdated":0}}
        {"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":0,"dataChange":true}}
        {"add":{"path":"b","partitionValues":{},"size":1,"modificationTime":0,"dataChange":true}}
        {"remove":{"path":"a","deletionTimestamp":86400000,"dataChange":true}}
        {"txn":{"appId":"edgraph/nightly","version":2,"lastUpdated":86400000}}
        {"remove":{"path":"c","deletionTimestamp":0,"dataChange":true}}
        {"remove":{"path":"b","deletionTimestamp":86400000,"dataChange":true}}
        {"add":{"path":"b","partitionValues":{},"size":2,"modificationTime":0,"dataChange":true}}"#;

    #[test]
    fn the_last_line_about_a_file_counts() {
        let snapshot = of(LOG);
        assert_eq!(snapshot.adds.keys().collect::<Vec<_>>(), ["b"]);
        assert_eq!(snapshot.adds["b"].size, 2);
        assert_eq!(snapshot.removes.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!((snapshot.round("nightly"), snapshot.round("other")), (Some(2), None));
    }

    #[test]
    fn what_a_version_that_is_kept_names_is_retained() {
        let (snapshot, table) = (of(LOG), schema::table("text").unwrap());
        for (since, expected) in [(-1, vec!["b", "a", "c"]), (0, vec!["b", "a"]), (86_400_000, vec!["b"])] {
            let retained = snapshot.retained(table, since).unwrap();
            let expected: Vec<String> = expected.iter().map(|name| format!("text/{name}")).collect();
            assert_eq!(retained.iter().map(ObjectKey::as_str).collect::<Vec<_>>(), expected, "{since}");
        }
    }

    #[test]
    fn a_checkpoint_forgets_what_is_old() {
        let snapshot = of(LOG);
        let forgotten = |days: i64| {
            let mut again = Snapshot { next: 1, ..Snapshot::default() };
            again.take(snapshot.lines(days * DAY_MS));
            (again.adds.len(), again.removes.len(), again.txns.len())
        };
        assert_eq!(forgotten(0), (1, 2, 1));
        assert_eq!(forgotten(TOMBSTONE_DAYS + 1), (1, 1, 1));
        assert_eq!(forgotten(TOMBSTONE_DAYS + 2), (1, 0, 1));
        assert_eq!(forgotten(TXN_DAYS + 2), (1, 0, 0));
    }

    #[test]
    fn a_table_of_a_newer_protocol_is_left_alone() {
        let with = |protocol: &str| {
            let metadata = r#"{"metaData":{"id":"x","format":{"provider":"parquet"},"schemaString":"","partitionColumns":[]}}"#;
            of(&format!("{protocol}\n{metadata}")).fault()
        };
        assert_eq!(with(r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#), None);
        let fault = with(r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[]}}"#);
        assert!(fault.unwrap().contains("a reader 3 and a writer 7"));
        assert!(with("").unwrap().contains("does not say what the table is"));
        assert_eq!(Snapshot::default().fault(), None);
    }
}
