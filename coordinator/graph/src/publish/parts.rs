//! Parts in the store: written, read, found by filing, and made anew without filings that are replaced.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::{SharedStore, layout};
use uuid::Uuid;

use super::action::Add;
use super::file_name::{self, SHA256_TAG, portions_of, tag, within};
use super::log::Log;
use super::part::{self, Part, PartWriter, Share};
use super::plan;
use crate::error::Error;

/// Writes a part beside `beside`, of the same month. It is in no version yet.
pub(super) async fn put(
    store: &SharedStore,
    table: &'static Table,
    beside: &Add,
    part: Part,
    now_ms: i64,
) -> Result<Add, Error> {
    let folder = beside.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = format!("{folder}/{}", layout::part_name(Uuid::new_v4()));
    let sha256 = sha256_hex(&part.bytes);
    let size = part.bytes.len() as u64;
    store.put(&within(table, &path)?, part.bytes).await?;
    Ok(Add {
        path,
        partition_values: beside.partition_values.clone(),
        size,
        modification_time: now_ms,
        data_change: true,
        stats: Some(plan::stats_of(table, &part.shares)),
        tags: Some(file_name::tags_of(&part.shares, sha256)),
    })
}

/// The bytes of a part.
///
/// # Errors
/// [`Error::Damaged`] if it is not what was written.
pub(super) async fn get(store: &SharedStore, table: &'static Table, add: &Add) -> Result<Bytes, Error> {
    let key = within(table, &add.path)?;
    let damaged = |problem: String| Error::Damaged { key: key.to_string(), problem };
    let bytes = store.find(&key).await?.ok_or_else(|| damaged("it is missing".to_owned()))?;
    if bytes.len() as u64 != add.size {
        return Err(damaged(format!("it has {} bytes instead of {}", bytes.len(), add.size)));
    }
    let expected = tag(add, SHA256_TAG);
    let sha256 = sha256_hex(&bytes);
    if let Some(expected) = expected.filter(|expected| *expected != sha256) {
        return Err(damaged(format!("its sha256 is {sha256} instead of {expected}")));
    }
    Ok(bytes)
}

/// A part with the rows of another one but for those of these filings. It is in no version yet.
///
/// # Errors
/// [`Error::Damaged`] if the other one is not what was written.
pub(super) async fn without(
    store: &SharedStore,
    table: &'static Table,
    add: &Add,
    dropped: &BTreeSet<AccessionNumber>,
    now_ms: i64,
) -> Result<Add, Error> {
    let bytes = get(store, table, add).await?;
    let part = in_place(|| {
        let mut runs: Vec<(u64, Vec<Share>)> = Vec::new();
        let mut was_kept = false;
        for (accession, first, share) in placed(add) {
            let is_kept = !dropped.contains(&accession);
            match runs.last_mut() {
                Some((_, shares)) if is_kept && was_kept => shares.push(share),
                _ if is_kept => runs.push((first, vec![share])),
                _ => {}
            }
            was_kept = is_kept;
        }
        let mut writer = PartWriter::new(table)?;
        for (first, shares) in runs {
            writer.append(&bytes, first, shares).map_err(|error| damaged(table, add, error))?;
        }
        writer.finish()
    })?;
    put(store, table, add, part, now_ms).await
}

/// Rows of a filing that are wanted in a file of their own.
#[derive(Clone, Debug)]
pub struct WantedRows {
    /// What tells the filing's version from others, [`layout::file_stem`].
    pub stem: String,
    /// How many there are.
    pub rows: u64,
}

/// Takes rows of filings from the parts of a table, for filings whose own files are gone since it was compacted, and
/// hands over a Parquet file for each, with its number. Answers for each whether that was so; `Err` says what is wrong
/// with the part.
///
/// # Errors
/// The store's, the taker's, and [`Error::Invalid`] for a log that cannot be read.
pub async fn extract(
    store: &SharedStore,
    table: &'static Table,
    wanted: &[WantedRows],
    mut take: impl FnMut(usize, Bytes) -> Result<(), Error>,
) -> Result<Vec<Result<bool, String>>, Error> {
    let snapshot = Log::new(store, table).read().await?;
    let mut by_stem: BTreeMap<&str, usize> =
        wanted.iter().enumerate().map(|(number, wanted)| (wanted.stem.as_str(), number)).collect();
    let mut answers: Vec<Result<bool, String>> = wanted.iter().map(|_| Ok(false)).collect();
    for add in snapshot.adds.values().filter(|add| file_name::is_part(add)) {
        let (mut numbers, mut ranges) = (Vec::new(), Vec::new());
        for (_, first, share) in placed(add) {
            let Some(number) = by_stem.remove(share.stem.as_str()) else { continue };
            if share.rows == wanted[number].rows {
                numbers.push(number);
                ranges.push(first..first + share.rows);
            } else {
                let problem =
                    format!("it has {} rows of {}, not {}", share.rows, share.stem, wanted[number].rows);
                answers[number] = Err(format!("{}/{}: {problem}", table.folder(), add.path));
            }
        }
        if numbers.is_empty() {
            continue;
        }
        let outcome = match get(store, table, add).await {
            Ok(part) => {
                let taken =
                    in_place(|| part::extract(table, &part, &ranges, |at, file| take(numbers[at], file)))?;
                taken.map_err(|error| format!("{}/{}: {error}", table.folder(), add.path))
            }
            Err(Error::Damaged { key, problem }) => Err(format!("{key}: {problem}")),
            Err(error) => return Err(error),
        };
        for number in numbers {
            answers[number] = outcome.clone().map(|()| true);
        }
    }
    Ok(answers)
}

/// The rows of one filing, as [`extract`] takes them; `None` if no part of the table has them.
///
/// # Errors
/// As there, and [`Error::Damaged`] for the part.
pub async fn extract_one(
    store: &SharedStore,
    table: &'static Table,
    wanted: WantedRows,
) -> Result<Option<Bytes>, Error> {
    let mut taken = None;
    let take = |_, file| {
        taken = Some(file);
        Ok(())
    };
    let stem = wanted.stem.clone();
    let answers = extract(store, table, &[wanted], take).await?;
    let wrong = answers.into_iter().find_map(Result::err);
    match wrong {
        Some(problem) => Err(Error::Damaged { key: format!("{}, {stem}", table.folder()), problem }),
        None => Ok(taken),
    }
}

/// Appends rows of a file to a part in the making.
pub(super) fn append(
    writer: &mut PartWriter,
    table: &'static Table,
    from: &Add,
    file: &Bytes,
    first: u64,
    shares: Vec<Share>,
) -> Result<(), Error> {
    in_place(|| writer.append(file, first, shares).map_err(|error| damaged(table, from, error)))
}

/// Removes a part that no version names.
pub(super) async fn remove(store: &SharedStore, table: &'static Table, part: &Add) -> Result<(), Error> {
    Ok(store.delete(&within(table, &part.path)?).await?)
}

/// Whose rows a part has, and from which row on.
fn placed(add: &Add) -> impl Iterator<Item = (AccessionNumber, u64, Share)> {
    let mut next = 0;
    portions_of(add).into_iter().flatten().map(move |portion| {
        let rows = portion.rows.unwrap_or_default();
        let first = next;
        next += rows;
        (portion.accession, first, Share { stem: portion.stem.into_owned(), rows })
    })
}

fn damaged(table: &Table, add: &Add, problem: impl ToString) -> Error {
    Error::Damaged { key: format!("{}/{}", table.folder(), add.path), problem: problem.to_string() }
}

/// Works on this thread; libraries may panic over bytes of others.
fn in_place<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    blocking::in_place(work).unwrap_or_else(|panic| Err(Error::invalid("a part", panic)))
}
