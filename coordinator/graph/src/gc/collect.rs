//! Finding what nobody reads, and removing it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::gc::Collected;
use edgraph_shared::manifest::{Compacted, pointed_at};
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{ObjectKey, ObjectMeta, SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};

use super::candidates::Candidates;
use crate::error::Error;
use crate::manifests;
use crate::publish;

/// Tables listed at a time.
const PARALLEL_TABLES: usize = 4;
/// Manifests read, and files removed, at a time.
const PARALLEL_OBJECTS: usize = 16;

/// How long what may still be read or accepted is kept.
#[derive(Clone, Copy, Debug)]
pub struct Grace {
    /// The time itself.
    pub time: Duration,
    /// From when it counts back.
    pub now: SystemTime,
}

/// What nobody reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Garbage {
    /// Files that may go.
    pub files: Vec<ObjectMeta>,
    /// What has to be noted before they do: beside which manifests, and of which tables the files go.
    notes: Vec<(ObjectKey, BTreeSet<String>)>,
    /// Files that nobody reads and that are younger than the grace time.
    pub young: u64,
    /// Files that stay because the current manifest of their filing cannot be read, by filing.
    pub unsure: Vec<String>,
}

impl From<Garbage> for Collected {
    fn from(Garbage { files, young, unsure, .. }: Garbage) -> Self {
        let bytes = files.iter().map(|object| object.bytes).sum();
        Self { files: files.len() as u64, bytes, young, unsure }
    }
}

/// Finds what nobody reads, and removes it.
///
/// # Errors
/// The store's, and of a table whose log cannot be read: then nothing of any table was removed.
pub async fn collect(store: &SharedStore, grace: Grace) -> Result<Collected, Error> {
    let garbage = find(store, grace).await?;
    remove(store, &garbage).await?;
    Ok(garbage.into())
}

/// Removes what was found, once it is noted where somebody may look for it.
///
/// # Errors
/// The store's. What is left is found the next time.
pub(super) async fn remove(store: &SharedStore, garbage: &Garbage) -> Result<(), Error> {
    let noting = garbage.notes.iter().map(|(key, tables)| note(store, key, tables));
    stream::iter(noting.collect::<Vec<_>>()).buffer_unordered(PARALLEL_OBJECTS).try_collect::<()>().await?;
    let remove = garbage.files.iter().map(|object| store.delete(&object.key));
    stream::iter(remove.collect::<Vec<_>>()).buffer_unordered(PARALLEL_OBJECTS).try_collect::<()>().await?;
    Ok(())
}

/// Finds what nobody reads.
///
/// # Errors
/// As [`collect`].
pub async fn find(store: &SharedStore, grace: Grace) -> Result<Garbage, Error> {
    // Listed first: what is published meanwhile is in the versions that are read afterwards.
    let listings: Vec<_> = schema::all_tables().map(|table| listed(store, table)).collect();
    let listings: Vec<(ObjectKey, Vec<ObjectMeta>)> =
        stream::iter(listings).buffer_unordered(PARALLEL_TABLES).try_collect().await?;
    let since = grace.now.checked_sub(grace.time).unwrap_or(SystemTime::UNIX_EPOCH);
    let since_ms = since.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let retained = publish::retained(store, i64::try_from(since_ms).unwrap_or(i64::MAX)).await?;
    let mut candidates = Candidates::default();
    for (folder, listed) in listings {
        candidates.append(Candidates::of(&folder, listed, &retained.named, since));
    }

    let mut garbage = Garbage { young: candidates.young, ..Garbage::default() };
    let filings: Vec<AccessionNumber> = candidates.filings.keys().copied().collect();
    let current = filings
        .into_iter()
        .map(|accession| async move { Ok::<_, Error>((accession, current_files(store, &accession).await?)) });
    let current: Vec<(AccessionNumber, Current)> =
        stream::iter(current).buffer_unordered(PARALLEL_OBJECTS).try_collect().await?;
    for (accession, current) in current {
        match current {
            Current::None => {}
            Current::Files { input_key, files } => {
                let gone = candidates.keep(&accession, &files, &retained.in_parts);
                if !gone.is_empty() {
                    garbage.notes.push((layout::compacted(&accession, &input_key), gone));
                }
            }
            Current::Unsure => {
                candidates.filings.remove(&accession);
                garbage.unsure.push(accession.to_string());
            }
        }
    }
    garbage.unsure.sort_unstable();
    garbage.files = candidates.filings.into_values().flatten().chain(candidates.parts).collect();
    Ok(garbage)
}

async fn listed(store: &SharedStore, table: &'static Table) -> Result<(ObjectKey, Vec<ObjectMeta>), Error> {
    let folder: ObjectKey = table.folder().parse()?;
    let listed = store.list(&folder).await?;
    Ok((folder, listed))
}

/// The files that a filing's current manifest names.
enum Current {
    None,
    Files {
        input_key: String,
        /// With their tables.
        files: BTreeMap<String, String>,
    },
    /// There is one, and it cannot be read.
    Unsure,
}

async fn current_files(store: &SharedStore, accession: &AccessionNumber) -> Result<Current, Error> {
    let pointer = store.find(&layout::current_manifest(accession)).await?;
    // An empty one was withdrawn, since something of its output was damaged.
    let Some(pointer) = pointer.filter(|pointer| !pointer.is_empty()) else { return Ok(Current::None) };
    let Some(input_key) = pointed_at(&pointer) else { return Ok(Current::Unsure) };
    match manifests::read(store, accession, input_key, None).await {
        Ok(manifest) => {
            let files = manifest.files.into_iter().map(|file| (file.key, file.table)).collect();
            Ok(Current::Files { input_key: input_key.to_owned(), files })
        }
        Err(Error::Damaged { .. }) => Ok(Current::Unsure),
        Err(error) => Err(error),
    }
}

/// Notes beside a manifest which of its files are gone, besides those that are already.
async fn note(store: &SharedStore, key: &ObjectKey, gone: &BTreeSet<String>) -> Result<(), Error> {
    let mut note = Compacted::of(store.find(key).await?.as_deref());
    note.tables.extend(gone.iter().cloned());
    let note = serde_json::to_vec(&note).expect("names always serialise");
    Ok(store.put(key, note.into()).await?)
}
