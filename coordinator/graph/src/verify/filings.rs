//! Filings: where their pointers lead, and, where hashes are asked for, what is in their files.

use std::collections::BTreeMap;

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::{Manifest, pointed_at, sha256_hex};
use edgraph_shared::schema;
use edgraph_shared::storage::{ObjectKey, SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};

use super::content;
use super::finding::{Finding, MAKE_AGAIN, Verified};
use crate::error::Error;
use crate::manifests;
use crate::publish::Filing;

/// Filings looked at at a time: enough to hide a store's latency. With hashes, all of their files are in memory.
const PARALLEL_FILINGS: usize = 8;

/// What mends a file that is as long as it should be, so that no run looks at its bytes.
const MAKE_ALL_AGAIN: &str = "run the same pipeline again with --refresh all; or remove `current` beside the filing's \
                              manifest before, and it makes that filing again alone";
/// What mends rows that were written so.
const REPORT: &str = "this is a fault of the program that made the filing: report it, and run the same pipeline with \
                      --refresh all and a program without it";

/// How closely files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// They are there, in their size.
    Sizes,
    /// Their bytes are read: they have the hash that they should have, and rows name rows that are there.
    Hashes,
}

/// What is current, by filing; `None` where it does not read, which is a finding already.
pub(super) type Current = BTreeMap<AccessionNumber, Option<Filing>>;

/// All filings that have a pointer, with findings about what it leads to.
pub(super) async fn verify(
    store: &SharedStore,
    depth: Depth,
    verified: &mut Verified,
) -> Result<Current, Error> {
    let listed = store.list(&layout::manifests_folder()).await?;
    let accessions = listed.iter().filter_map(|object| pointed_by(&object.key));
    let looks = accessions.map(|accession| async move {
        let looked = look(store, &accession, depth).await?;
        Ok::<_, Error>((accession, looked))
    });
    let mut looks = stream::iter(looks).buffered(PARALLEL_FILINGS);
    let mut current = Current::new();
    while let Some((accession, Looked { filing, findings })) = looks.try_next().await? {
        for Finding { place, problem, fix } in findings {
            verified.found(place, problem, fix);
        }
        verified.filings += u64::from(filing.is_some());
        current.insert(accession, filing);
    }
    Ok(current)
}

/// The filing whose pointer an object is.
fn pointed_by(key: &ObjectKey) -> Option<AccessionNumber> {
    let accession: AccessionNumber = key.as_str().rsplit('/').nth(1)?.parse().ok()?;
    (layout::current_manifest(&accession) == *key).then_some(accession)
}

/// What is current of one filing, and what is wrong with it.
#[derive(Default)]
struct Looked {
    filing: Option<Filing>,
    findings: Vec<Finding>,
}

impl Looked {
    fn at(place: impl ToString, problem: impl ToString) -> Self {
        let mut looked = Self::default();
        looked.found(place, problem, MAKE_AGAIN);
        looked
    }

    fn found(&mut self, place: impl ToString, problem: impl ToString, fix: &'static str) {
        self.findings.push(Finding { place: place.to_string(), problem: problem.to_string(), fix });
    }
}

async fn look(store: &SharedStore, accession: &AccessionNumber, depth: Depth) -> Result<Looked, Error> {
    let pointer = layout::current_manifest(accession);
    let found = store.find(&pointer).await?.unwrap_or_default();
    if found.is_empty() {
        return Ok(Looked::at(pointer, "it was withdrawn, since something of the output was damaged"));
    }
    let Some(input_key) = pointed_at(&found) else {
        return Ok(Looked::at(pointer, "it names no manifest"));
    };
    let read = manifests::read(store, accession, input_key, None).await;
    let read = read.and_then(|manifest| Ok((Filing::of(manifest.clone())?, manifest)));
    let (filing, manifest) = match read {
        Ok(read) => read,
        Err(Error::Damaged { key, problem }) => return Ok(Looked::at(key, problem)),
        Err(error) => return Err(error),
    };
    let mut looked = Looked { filing: Some(filing), findings: Vec::new() };
    if depth == Depth::Hashes {
        read_files(store, &manifest, &mut looked).await?;
    }
    Ok(looked)
}

/// Reads all files of a filing. One that is missing, or of another size, is found where tables are looked at.
async fn read_files(store: &SharedStore, manifest: &Manifest, looked: &mut Looked) -> Result<(), Error> {
    let mut files: BTreeMap<&'static str, Bytes> = BTreeMap::new();
    for file in &manifest.files {
        let Some(bytes) = store.find(&file.key.parse()?).await? else { continue };
        if bytes.len() as u64 != file.bytes {
            continue;
        }
        let hash = sha256_hex(&bytes);
        if hash != file.sha256 {
            let problem = format!("its sha256 is {hash} instead of {}", file.sha256);
            looked.found(&file.key, problem, MAKE_ALL_AGAIN);
        } else if let Some(table) = schema::table(&file.table) {
            files.insert(table.name, bytes);
        }
    }
    // Rows of a file that is not as it was written say nothing, and without it others lead nowhere.
    if files.len() < manifest.files.len() {
        return Ok(());
    }
    let problems = blocking::in_place(|| content::problems(&files));
    let problems =
        problems.map_err(|panic| Error::invalid(format!("files of {}", manifest.accession), panic))?;
    for (table, problem) in problems {
        let file = manifest.files.iter().find(|file| file.table == table);
        looked.found(file.map_or(table, |file| &file.key), problem, REPORT);
    }
    Ok(())
}
