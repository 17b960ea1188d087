//! The log of one table in the store: its last version is read from it, the next one written to it.
//!
//! ```text
//! _delta_log/00000000000000000007.json                  version 7: a line per change
//! _delta_log/00000000000000000010.checkpoint.parquet    all of version 10
//! _delta_log/_last_checkpoint                           leads to it
//! ```
//! The last version is found by asking for one after the other, from the last checkpoint on: no folder is listed, whose
//! length grows with the table's age, but where that hint is missing. So log entries may only ever be removed behind
//! the checkpoint that the hint names.

use std::time::SystemTime;

use edgraph_shared::blocking;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::{self, Expect, ObjectKey, SharedStore, layout};
use serde::{Deserialize, Serialize};

use super::action::{self, Line};
use super::checkpoint;
use super::snapshot::Snapshot;
use crate::error::Error;

/// Versions between checkpoints: so many small objects are read at most to know a table.
const VERSIONS_PER_CHECKPOINT: u64 = 10;

/// The log of a table.
pub(super) struct Log<'a> {
    store: &'a SharedStore,
    folder: ObjectKey,
}

/// What leads to the last checkpoint.
#[derive(Debug, Serialize, Deserialize)]
struct Hint {
    version: u64,
    /// Lines in it.
    size: u64,
}

impl<'a> Log<'a> {
    pub(super) fn new(store: &'a SharedStore, table: &Table) -> Self {
        Self { store, folder: layout::table_log(&table.folder()) }
    }

    /// The last version.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a log that cannot be read, or that only a newer program may write to.
    pub(super) async fn read(&self) -> Result<Snapshot, Error> {
        let mut snapshot = self.last_checkpoint().await?;
        self.advance(&mut snapshot).await?;
        Ok(snapshot)
    }

    /// Takes in the versions that were written since.
    pub(super) async fn advance(&self, snapshot: &mut Snapshot) -> Result<(), Error> {
        while let Some(bytes) = self.store.find(&self.version(snapshot.next)).await? {
            let key = self.version(snapshot.next).to_string();
            let lines = decoded(&key, || action::decode(&bytes))?;
            snapshot.take(lines);
            snapshot.next += 1;
        }
        snapshot.fault().map_or(Ok(()), |problem| Err(Error::invalid(self.folder.to_string(), problem)))
    }

    /// Writes the next version. `false` if another publisher wrote one meanwhile; then nothing was written.
    pub(super) async fn commit(&self, snapshot: &mut Snapshot, lines: Vec<Line>) -> Result<bool, Error> {
        let bytes = action::encode(&lines).into();
        match self.store.put_if(&self.version(snapshot.next), bytes, Expect::Absent).await {
            Ok(()) => {
                snapshot.take(lines);
                snapshot.next += 1;
                Ok(true)
            }
            Err(storage::Error::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// That another publisher wrote the next version, as an error.
    pub(super) fn lost(&self, snapshot: &Snapshot) -> Error {
        storage::Error::Conflict { key: self.version(snapshot.next) }.into()
    }

    /// Writes a checkpoint of the version if the last one is far behind. Two publishers may: theirs say the same.
    pub(super) async fn checkpoint(&self, snapshot: &mut Snapshot, now_ms: i64) -> Result<(), Error> {
        let covered = snapshot.checkpoint.map_or(0, |version| version + 1);
        let Some(version) = snapshot.version() else { return Ok(()) };
        if snapshot.next - covered < VERSIONS_PER_CHECKPOINT {
            return Ok(());
        }
        let lines = snapshot.lines(now_ms);
        let size = lines.len() as u64;
        let key = self.checkpoint_of(version);
        let bytes = decoded(key.as_str(), || checkpoint::encode(&lines).map_err(|error| error.to_string()))?;
        self.store.put(&key, bytes).await?;
        let hint = serde_json::to_vec(&Hint { version, size }).expect("numbers always serialise");
        self.store.put(&self.hint(), hint.into()).await?;
        snapshot.checkpoint = Some(version);
        Ok(())
    }

    /// The version of the last checkpoint, or none at all.
    async fn last_checkpoint(&self) -> Result<Snapshot, Error> {
        let hint = self.store.find(&self.hint()).await?;
        let hint: Option<Hint> = hint.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some(hint) = hint
            && let Some(snapshot) = self.checkpoint_at(hint.version).await?
        {
            return Ok(snapshot);
        }
        // A hint that is not there, or leads nowhere: of a young table, or lost.
        let listed = self.store.list(&self.folder).await?;
        let names = listed.iter().filter_map(|meta| meta.key.as_str().rsplit('/').next());
        let versions = |suffix: &'static str| {
            names.clone().filter_map(move |name| name.strip_suffix(suffix)?.parse::<u64>().ok())
        };
        let Some(version) = versions(".checkpoint.parquet").max() else {
            return match versions(".json").min() {
                Some(first) if first > 0 => {
                    let problem = format!("it begins with version {first} and has no checkpoint before it");
                    Err(Error::invalid(self.folder.to_string(), problem))
                }
                _ => Ok(Snapshot::default()),
            };
        };
        let snapshot = self.checkpoint_at(version).await?;
        snapshot.ok_or_else(|| Error::invalid(self.checkpoint_of(version).to_string(), "it was just there"))
    }

    async fn checkpoint_at(&self, version: u64) -> Result<Option<Snapshot>, Error> {
        let key = self.checkpoint_of(version);
        let Some(bytes) = self.store.find(&key).await? else { return Ok(None) };
        let mut snapshot = Snapshot { next: version + 1, checkpoint: Some(version), ..Snapshot::default() };
        snapshot.take(decoded(key.as_str(), || checkpoint::decode(bytes))?);
        Ok(Some(snapshot))
    }

    fn version(&self, version: u64) -> ObjectKey {
        self.named(&format!("{version:020}.json"))
    }

    fn checkpoint_of(&self, version: u64) -> ObjectKey {
        self.named(&format!("{version:020}.checkpoint.parquet"))
    }

    fn hint(&self) -> ObjectKey {
        self.named("_last_checkpoint")
    }

    fn named(&self, name: &str) -> ObjectKey {
        format!("{}/{name}", self.folder).parse().expect("built from validated parts")
    }
}

/// Milliseconds since 1970, as logs have times.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Reads or makes an object, which may be large, on this thread; libraries may panic over bytes of others.
fn decoded<T>(key: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, Error> {
    let outcome = blocking::in_place(work).unwrap_or_else(|panic| Err(panic.to_string()));
    outcome.map_err(|problem| Error::invalid(key, problem))
}
