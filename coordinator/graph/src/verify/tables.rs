//! Tables: the files that manifests name, those that are there, and those that each table's log has, held against each
//! other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};

use super::filings::{Current, Depth};
use super::finding::{MAKE_AGAIN, Verified};
use crate::error::Error;
use crate::publish::{self, Filing, Held, Portion};

/// Tables looked at at a time: each has its folder's listing and its last version in memory.
const PARALLEL_TABLES: usize = 4;

/// What mends a table that is behind.
const PUBLISH: &str = "run the same pipeline again: it publishes what is current";
/// What mends a log that says what a publication would leave as it is.
const LOG_ANEW: &str =
    "remove the table's _delta_log and run all pipelines again: they publish into a new one";

/// What mends a part: what was in it is made again.
const PARTS_ANEW: &str = "run the pipelines of its filings with --refresh all: they are made again";

/// Findings about every table.
pub(super) async fn verify(
    store: &SharedStore,
    depth: Depth,
    current: &Current,
    verified: &mut Verified,
) -> Result<(), Error> {
    let looks = schema::all_tables().map(|table| look(store, table));
    let mut looks = stream::iter(looks).buffered(PARALLEL_TABLES);
    let mut published: BTreeMap<AccessionNumber, u64> = BTreeMap::new();
    let mut lacking: BTreeMap<AccessionNumber, Vec<&Table>> = BTreeMap::new();
    while let Some(Looked { table, listed, held }) = looks.try_next().await? {
        let files = current.values().flatten();
        let files = files.filter_map(|filing| Some((filing.stem(), filing.file(table)?)));
        let in_parts = held.as_ref().map(|held| in_parts(held)).unwrap_or_default();
        for (stem, (key, file)) in files {
            if in_parts.contains(stem) && !listed.contains_key(&key) {
                continue;
            }
            verified.files += 1;
            verified.bytes += file.bytes;
            if let Some(problem) = of_size(&listed, &key, file.bytes) {
                verified.found(key, problem, MAKE_AGAIN);
            }
        }
        let held = match held {
            Ok(held) => held,
            Err(error) => {
                verified.found(table.folder(), error, LOG_ANEW);
                continue;
            }
        };
        let portions = held.iter().flat_map(|file| &file.portions);
        verified.rows.insert(table.name, portions.filter_map(|portion| portion.rows).sum());
        let by_filing = by_filing(&held);
        for (accession, files) in &by_filing {
            *published.entry(*accession).or_default() += 1;
            if let Some((problem, fix)) = of_filing(table, files, current.get(accession)) {
                verified.found(place(table, accession), problem, fix);
            }
        }
        for file in held.iter().filter(|file| file.is_part()) {
            let problem = match of_size(&listed, &file.key, file.bytes) {
                None if depth == Depth::Hashes => of_hash(store, file).await?,
                problem => problem,
            };
            if let Some(problem) = problem {
                verified.found(&file.key, problem, PARTS_ANEW);
            }
        }
        for (accession, filing) in current {
            let has_rows = filing.as_ref().is_some_and(|filing| filing.file(table).is_some());
            if has_rows && !by_filing.contains_key(accession) {
                lacking.entry(*accession).or_default().push(table);
            }
        }
    }
    verified.published = published.len() as u64;
    for (accession, tables) in lacking {
        if published.contains_key(&accession) {
            for table in tables {
                verified.found(place(table, &accession), "the table lacks its rows", PUBLISH);
            }
        } else {
            let pointer = layout::current_manifest(&accession);
            verified.found(pointer, "no table has what it leads to", PUBLISH);
        }
    }
    Ok(())
}

/// What there is of a table.
struct Looked {
    table: &'static Table,
    /// Sizes of what lies in its folder.
    listed: HashMap<ObjectKey, u64>,
    /// The files that it has, or why nobody can tell.
    held: Result<Vec<Held>, Error>,
}

async fn look(store: &SharedStore, table: &'static Table) -> Result<Looked, Error> {
    // The log is read first: what is published meanwhile is there when the folder is listed.
    let held = match publish::read(store, table).await.and_then(|snapshot| snapshot.held(table)) {
        Err(error) if !matches!(error, Error::Invalid { .. }) => return Err(error),
        held => held,
    };
    let listed = store.list(&table.folder().parse()?).await?.into_iter();
    let listed = listed.map(|object| (object.key, object.bytes)).collect();
    Ok(Looked { table, listed, held })
}

/// The versions of filings whose rows are in parts: their own files may be gone.
fn in_parts(held: &[Held]) -> BTreeSet<&str> {
    let parts = held.iter().filter(|file| file.is_part());
    parts.flat_map(|file| &file.portions).map(|portion| &*portion.stem).collect()
}

/// What is wrong with the bytes of a part.
async fn of_hash(store: &SharedStore, file: &Held) -> Result<Option<String>, Error> {
    let Some(bytes) = store.find(&file.key).await? else { return Ok(Some("it is missing".to_owned())) };
    let (found, expected) = (sha256_hex(&bytes), file.sha256.as_deref().unwrap_or_default());
    Ok((found != expected).then(|| format!("its sha256 is {found} instead of {expected}")))
}

fn of_size(listed: &HashMap<ObjectKey, u64>, key: &ObjectKey, bytes: u64) -> Option<String> {
    match listed.get(key) {
        None => Some("it is missing".to_owned()),
        Some(found) if *found != bytes => Some(format!("it has {found} bytes instead of {bytes}")),
        Some(_) => None,
    }
}

/// The files that a table has of each filing, and its rows in them.
fn by_filing(held: &[Held]) -> BTreeMap<AccessionNumber, Vec<(&Held, &Portion<'static>)>> {
    let mut by_filing: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for file in held {
        for portion in &file.portions {
            by_filing.entry(portion.accession).or_default().push((file, portion));
        }
    }
    by_filing
}

/// What is wrong with what a table has of a filing, and what mends it.
fn of_filing(
    table: &Table,
    files: &[(&Held, &Portion<'_>)],
    current: Option<&Option<Filing>>,
) -> Option<(String, &'static str)> {
    let [(held, portion)] = files else {
        let names: Vec<&str> = files.iter().map(|(file, _)| file.key.as_str()).collect();
        return Some((format!("the table has it {} times: {}", files.len(), names.join(", ")), PUBLISH));
    };
    let filing = match current {
        None => return Some(("the table has it, and it has no current manifest".to_owned(), MAKE_AGAIN)),
        // A filing whose manifest does not read is a finding already.
        Some(filing) => filing.as_ref()?,
    };
    let Some((key, file)) = filing.file(table) else {
        return Some((format!("the table has {}, and its manifest no such rows", held.key), PUBLISH));
    };
    let stem = &*portion.stem;
    if stem != filing.stem() {
        return Some((format!("the table has {stem} of it, and {} is current", filing.stem()), PUBLISH));
    }
    let is_part = held.is_part();
    if !is_part && key != held.key {
        return Some((format!("the table has {} instead of {key}", held.key), LOG_ANEW));
    }
    let rows = portion.rows.filter(|rows| *rows != file.rows)?;
    let fix = if is_part { PARTS_ANEW } else { LOG_ANEW };
    Some((format!("the table says {rows} rows, and its manifest {}", file.rows), fix))
}

fn place(table: &Table, accession: &AccessionNumber) -> String {
    format!("{}, {accession}", table.folder())
}
