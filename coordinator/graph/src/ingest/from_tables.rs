//! A graph of what the store's tables hold: for one that was lost, or whose pipelines are not to be run again.
//!
//! ```text
//! table Report ▶ filings by stem ▶ marker of the graph in use, or manifest ▶ list, companies beside ▶ as any ingestion
//! ```
//! Tables name the version of every filing. Under which companies a filing was found they do not know: that is in the
//! markers of the graph in use and in the accepted lists, and where neither has the filing, it is its filer.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::Ingested;
use edgraph_shared::manifest::{Manifest, pointed_at};
use edgraph_shared::storage::{SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::runtime::Handle;

use super::attempt::Present;
use super::job::Ingestion;
use super::listed::Listed;
use super::lists::{self, Companies};
use super::plan::{Marker, Markers};
use super::run::{Brought, Target, bring, present};
use crate::database::folder::GraphFolder;
use crate::error::Error;
use crate::publish;

/// Filings whose manifests are looked for at a time: enough to hide a store's latency.
const CONCURRENT_FILINGS: usize = 16;

/// What becomes of the graph in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It is kept: what the tables hold otherwise is added and replaced, nothing else is removed.
    Kept,
    /// A new one is built beside it, and takes its place once it has every filing that the old one has.
    Anew,
    /// The same, though damaged filings are lost to the graph until they are made again.
    AnewWithoutDamaged,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromTables {
    /// Filings that the tables hold.
    pub filings: u64,
    /// What was done to the graph; its `rejected` are the filings that could not be loaded.
    pub ingested: Ingested,
    /// Filings that only the graph in use has: it was left as it was for their sake.
    pub lacking: BTreeSet<AccessionNumber>,
}

/// Brings the graph to what the tables of the store hold. Blocks; `runtime` serves the store.
///
/// # Errors
/// The graph in use is as it was, whatever the error.
pub fn from_tables(job: &Ingestion, basis: Basis, runtime: &Handle) -> Result<FromTables, Error> {
    let held = runtime.block_on(publish::held(&job.store))?;
    if held.is_empty() {
        let problem =
            "no filing is in them: give the store of a pipeline that has ended, or run one over this";
        return Err(Error::invalid("tables of the store", problem));
    }
    let filings = held.len() as u64;
    let folder = GraphFolder::open(&job.graph)?;
    let old = match present(&folder) {
        // A graph that cannot be read has to be built anew, and nobody knows what it held.
        Err(error @ (Error::SchemaVersion { .. } | Error::Database { .. })) if basis != Basis::Kept => {
            tracing::warn!(%error, "the graph in use cannot be read: it counts as one of all filings in the tables");
            None
        }
        present => Some(present?),
    };
    let markers = old.as_ref().map(|old| &old.markers);
    if basis != Basis::Kept {
        check_known(job, markers, &held)?;
    }
    let named = runtime.block_on(named(&job.store, &held, markers.unwrap_or(&Markers::new())))?;
    let keep: BTreeSet<AccessionNumber> = match (basis, markers) {
        (Basis::Anew, Some(markers)) => markers.keys().copied().collect(),
        (Basis::Anew, None) => held.keys().copied().collect(),
        _ => BTreeSet::new(),
    };
    let present = if basis == Basis::Kept { old.unwrap_or_default() } else { Present::default() };
    let target = Target { listed: named.listed, present, keep };
    let Brought { mut ingested, lacking, .. } = bring(job, &folder, &target, runtime)?;
    ingested.rejected.extend(named.missing);
    Ok(FromTables { filings, ingested, lacking })
}

/// A graph with filings that the tables do not know is not this store's, or the tables are not whole.
fn check_known(
    job: &Ingestion,
    markers: Option<&Markers>,
    held: &BTreeMap<AccessionNumber, String>,
) -> Result<(), Error> {
    let mut unknown =
        markers.into_iter().flat_map(Markers::keys).filter(|filing| !held.contains_key(*filing));
    let Some(first) = unknown.next() else { return Ok(()) };
    let problem = format!(
        "it has {} filings that the tables of the store do not hold, such as {first}, and they would be lost: give the \
         store that it was loaded from, or another folder for the new graph",
        1 + unknown.count()
    );
    Err(Error::invalid(format!("graph {}", job.graph.display()), problem))
}

/// What the tables name.
struct Named {
    listed: Vec<Listed>,
    /// Filings that have no manifest, with the reason.
    missing: BTreeMap<String, String>,
}

async fn named(
    store: &SharedStore,
    held: &BTreeMap<AccessionNumber, String>,
    markers: &Markers,
) -> Result<Named, Error> {
    let companies = &lists::companies(store).await?;
    let finding = held.iter().map(|(accession, stem)| async move {
        let found = match markers.get(accession).filter(|marker| is_of(accession, marker, stem)) {
            Some(marker) => Ok(marked(*accession, marker, companies)),
            None => found(store, *accession, stem, markers.get(accession), companies).await?,
        };
        Ok::<_, Error>((*accession, found))
    });
    let mut finding = stream::iter(finding.collect::<Vec<_>>()).buffer_unordered(CONCURRENT_FILINGS);
    let mut named = Named { listed: Vec::with_capacity(held.len()), missing: BTreeMap::new() };
    while let Some((accession, found)) = finding.try_next().await? {
        match found {
            Ok(listed) => named.listed.push(listed),
            Err(reason) => drop(named.missing.insert(accession.to_string(), reason)),
        }
    }
    Ok(named)
}

/// Whether the graph has a filing in this version.
fn is_of(accession: &AccessionNumber, marker: &Marker, stem: &str) -> bool {
    layout::file_stem(accession, &marker.input_key) == stem
}

/// A filing as the graph in use has it.
fn marked(accession: AccessionNumber, marker: &Marker, companies: &Companies) -> Listed {
    let named = companies.get(&accession).into_iter().flatten();
    Listed {
        accession,
        input_key: marker.input_key.clone(),
        manifest_sha256: None,
        rows: marker.rows.values().sum(),
        companies: marker.companies.iter().chain(named).copied().collect(),
    }
}

/// A filing by its manifest, or the reason why there is none. One that cannot be read is found damaged when it is staged.
async fn found(
    store: &SharedStore,
    accession: AccessionNumber,
    stem: &str,
    older: Option<&Marker>,
    companies: &Companies,
) -> Result<Result<Listed, String>, Error> {
    let Some(input_key) = input_key(store, &accession, stem).await? else {
        let folder = layout::manifests_of(&accession);
        let problem = format!("the tables name {stem}, and no manifest there is of it");
        return Ok(Err(Error::Damaged { key: folder.to_string(), problem }.to_string()));
    };
    let manifest = store.find(&layout::manifest(&accession, &input_key)).await?;
    let manifest: Option<Manifest> = manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let older = older.into_iter().flat_map(|marker| &marker.companies);
    let named = companies.get(&accession).into_iter().flatten();
    let mut companies: BTreeSet<_> = older.chain(named).copied().collect();
    if let Some(manifest) = manifest.as_ref().filter(|_| companies.is_empty())
        && store.head(&layout::submissions(manifest.owner)).await?.is_some()
    {
        companies.insert(manifest.owner);
    }
    let rows = manifest.map_or(0, |manifest| manifest.files.iter().map(|file| file.rows).sum());
    Ok(Ok(Listed { accession, input_key, manifest_sha256: None, rows, companies }))
}

/// The input key whose digits a stem ends with: the current one as a rule, an older one where the tables are behind.
async fn input_key(
    store: &SharedStore,
    accession: &AccessionNumber,
    stem: &str,
) -> Result<Option<String>, Error> {
    let is_it = |input_key: &&str| layout::file_stem(accession, input_key) == stem;
    let pointer = store.find(&layout::current_manifest(accession)).await?;
    if let Some(current) = pointer.as_deref().and_then(pointed_at).filter(is_it) {
        return Ok(Some(current.to_owned()));
    }
    let listed = store.list(&layout::manifests_of(accession)).await?;
    let names =
        listed.iter().filter_map(|object| object.key.as_str().rsplit('/').next()?.strip_suffix(".json"));
    Ok(names.into_iter().find(is_it).map(str::to_owned))
}
