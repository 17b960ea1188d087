//! The dry run: what an embedded run would do, ask for and write, told without doing it.
//!
//! Companies and lists of filings are read as the run reads them, by the same code, and that costs the same requests.
//! No filing is downloaded and nothing is written: the output folder is only looked into, and need not be there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::{CompaniesFound, Processing, Refresh, kind};
use edgraph_shared::model::Backoff;
use edgraph_shared::schema;
use edgraph_shared::storage::{LocalStore, SharedStore};
use edgraph_worker::download::Rate;
use edgraph_worker::edgar::Edgar;
use edgraph_worker::filing::{self, select::Selection};
use edgraph_worker::kinds::sec_xbrl::discover_companies::{DiscoverCompaniesHandler, of_company};
use edgraph_worker::kinds::sec_xbrl::discover_filings::DiscoverFilingsHandler;
use edgraph_worker::kinds::sec_xbrl::skip;
use edgraph_worker::taxonomy_store::{TaxonomyConfig, TaxonomyStore};
use edgraph_worker::universe::{self, Company, SecList};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::outcome::FailedItem;
use super::retries::patiently;
use super::run::Config;
use super::untouched::Untouched;

/// Companies asked about, and filings looked for, at a time: enough to keep the rate whatever the latency is.
const AT_A_TIME: usize = 8;
/// Bytes of a filing's archive where the store has none to measure: an estimate, the mean of ten annual and quarterly
/// reports of five companies.
const TYPICAL_ARCHIVE: u64 = 185 << 10;
/// Bytes of a filing's output, likewise.
const TYPICAL_OUTPUT: u64 = 1_011 << 10;
/// Files of a filing's output, likewise: one for each table that has rows.
const TYPICAL_FILES: u64 = 32;
/// Beside the files: the manifest, and the pointer to it.
const MANIFEST_OBJECTS: u64 = 2;
/// The archive and its sidecar.
const RAW_OBJECTS: u64 = 2;
/// The list of what the ingestion is to load.
const ACCEPTED_OBJECTS: u64 = 1;

/// What a run would do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// The companies looked at. Its odd rows are those of all of EDGAR's lists.
    #[serde(flatten)]
    pub found: CompaniesFound,
    /// The filings that a run would look at.
    pub filings: Filings,
    /// Filings with XBRL that would be left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Companies that a run would fail at, each with the reason.
    pub failed: Vec<FailedItem>,
    /// Requests to EDGAR.
    pub requests: Requests,
    /// EDGAR requests per second; `None` is no limit.
    pub rate: Option<f64>,
    /// How long the requests take at this rate; `None` without a limit.
    pub minutes: Option<f64>,
    /// Objects that would be written to the store.
    pub writes: Writes,
}

/// Filings by what is to be done with them; each is counted once, whoever lists it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Filings {
    /// All.
    pub total: u64,
    /// Their output is there and current.
    pub current: u64,
    /// Processed from the archive that is kept, without a request.
    pub from_raw: u64,
    /// Downloaded and processed.
    pub download: u64,
    /// Of the current ones: those whose missing schemas `--refresh degraded` asks for again.
    pub degraded: u64,
}

/// Requests to EDGAR, each for one document; repeated attempts and standard schemas come on top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// For lists of companies and of filings: the dry run makes the same ones.
    pub discovery: u64,
    /// For filings: one each. A filing without an archive of its own takes one for each of its files.
    pub filings: u64,
}

/// What a run writes to the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Writes {
    /// Objects, those included that replace older ones.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Archives in the store whose mean size was taken; without any, a typical one was.
    pub measured_archives: u64,
    /// Outputs in the store, likewise.
    pub measured_outputs: u64,
}

/// Finds out what a run would do.
///
/// # Errors
/// [`Error`] as of a run that does not start. Companies that would fail are part of the [`Plan`].
pub async fn plan(config: Config, shutdown: CancellationToken) -> Result<Plan, Error> {
    tokio::select! {
        plan = make(&config) => plan,
        () = shutdown.cancelled() => Err(Error::Interrupted),
    }
}

async fn make(config: &Config) -> Result<Plan, Error> {
    let kept = Arc::new(Untouched::new(LocalStore::reader(config.setup.out.join("store"))));
    let store: SharedStore = kept.clone();
    let edgar = Edgar::new(config.setup.edgar.clone())?;
    // Schemas decide what is current; those that are not here are not asked for.
    let taxonomies = TaxonomyConfig { offline: true, ..config.setup.taxonomies.clone() };
    let taxonomies = TaxonomyStore::new(&taxonomies, store.clone(), &edgar)?;

    // As a run does: before it starts, so that unknown names cost nothing else, and again in its first item, which finds
    // the list fetched.
    let list = SecList::new(edgar.clone(), store.clone());
    universe::resolve(&list, &config.parameters).await?;
    let handler = DiscoverCompaniesHandler { edgar: edgar.clone(), list };
    let discover = async || handler.discover(&config.parameters).await;
    let (companies, found) = patiently(Backoff::default(), discover).await?;
    let mut plan = Plan {
        found,
        rate: match config.setup.edgar.rate {
            Rate::PerSecond(rate) => Some(rate),
            Rate::Off => None,
        },
        ..Plan::default()
    };
    let discovery = DiscoverFilingsHandler { edgar: edgar.clone(), store: store.clone() };
    let accessions = plan.discover(config, &discovery, &companies).await;
    plan.requests.discovery = edgar.asked();

    let shelf = Shelf { config, store, taxonomies };
    let looks = stream::iter(&accessions).map(|accession| shelf.look(accession)).buffer_unordered(AT_A_TIME);
    let looks: Vec<Look> = looks.try_collect().await?;
    plan.add_up(&looks, &kept, edgar.is_local());
    Ok(plan)
}

impl Plan {
    /// Whether a run would be asked for something that nobody has.
    pub fn is_success(&self) -> bool {
        self.failed.is_empty()
    }

    /// The filings of all companies, each once.
    async fn discover(
        &mut self,
        config: &Config,
        handler: &DiscoverFilingsHandler,
        companies: &[Company],
    ) -> BTreeSet<AccessionNumber> {
        let ask = async |company: &Company| {
            let wanted = of_company(company.cik, &config.parameters);
            let item = format!("{}/{}", kind::DISCOVER_FILINGS, company.cik.cik10());
            (item, patiently(Backoff::default(), async || handler.discover(&wanted).await).await)
        };
        let mut found = stream::iter(companies).map(ask).buffered(AT_A_TIME);
        let mut accessions = BTreeSet::new();
        while let Some((item, selection)) = found.next().await {
            match selection {
                Ok((Selection { chosen, left_out }, damage)) => {
                    accessions.extend(chosen.into_iter().map(|filing| filing.accession));
                    for (reason, count) in left_out {
                        *self.left_out.entry(reason).or_default() += count;
                    }
                    self.found.damage.extend(damage);
                }
                Err(failure) => self.failed.push(FailedItem { item, reason: failure.message }),
            }
        }
        accessions
    }

    fn add_up(&mut self, looks: &[Look], kept: &Untouched, is_local: bool) {
        let count = |wanted: fn(&Look) -> bool| looks.iter().filter(|look| wanted(look)).count() as u64;
        let current = count(|look| look.is_current);
        let download = count(|look| !look.is_current && look.archive.is_none());
        let total = looks.len() as u64;
        let from_raw = total - current - download;
        self.filings = Filings {
            total,
            current,
            from_raw,
            download,
            degraded: count(|look| look.is_current && look.is_degraded),
        };
        self.requests.filings = if is_local { 0 } else { download };
        let requests = (self.requests.discovery + self.requests.filings) as f64;
        self.minutes = self.rate.map(|rate| requests / rate / 60.0);

        let archives: Vec<u64> = looks.iter().filter_map(|look| look.archive).collect();
        let outputs: Vec<(u64, u64)> = looks.iter().filter_map(|look| look.output).collect();
        // The mean times so many, rounded once: where all are measured, the sum is exact.
        let times = |count: u64, sum: u64, of: usize, typical: u64| {
            if of == 0 { count * typical } else { count * sum / of as u64 }
        };
        let processed = from_raw + download;
        let raw_bytes = times(download, archives.iter().sum(), archives.len(), TYPICAL_ARCHIVE);
        let (of_files, of_bytes) =
            outputs.iter().fold((0, 0), |sum, output| (sum.0 + output.0, sum.1 + output.1));
        let files = times(processed, of_files, outputs.len(), TYPICAL_FILES);
        let bytes = times(processed, of_bytes, outputs.len(), TYPICAL_OUTPUT);
        let (lists, list_bytes) = kept.swallowed();
        self.writes = Writes {
            objects: lists
                + download * RAW_OBJECTS
                + files
                + processed * MANIFEST_OBJECTS
                + if processed > 0 { versions(looks) } else { 0 }
                + if total > 0 { ACCEPTED_OBJECTS } else { 0 },
            bytes: list_bytes + raw_bytes + bytes,
            measured_archives: archives.len() as u64,
            measured_outputs: outputs.len() as u64,
        };
    }
}

/// Tables that get a new version: those that the filings have rows for, and all where nobody knows.
fn versions(looks: &[Look]) -> u64 {
    let tables: BTreeSet<&str> = looks.iter().flat_map(|look| &look.tables).map(String::as_str).collect();
    if tables.is_empty() { schema::TABLES as u64 } else { tables.len() as u64 }
}

/// What the store has of a filing.
#[derive(Clone, Debug)]
struct Look {
    is_current: bool,
    is_degraded: bool,
    /// Bytes of the archive as downloaded.
    archive: Option<u64>,
    /// Files of the newest output and bytes of it all, manifest included; of whatever version.
    output: Option<(u64, u64)>,
    /// The tables that it has rows for.
    tables: Vec<String>,
}

struct Shelf<'a> {
    config: &'a Config,
    store: SharedStore,
    taxonomies: TaxonomyStore,
}

impl Shelf<'_> {
    async fn look(&self, accession: &AccessionNumber) -> Result<Look, Failure> {
        let processing = self.config.parameters.processing;
        // Asking hosts for what is missing is not for a dry run.
        let refresh =
            if processing.refresh == Refresh::Degraded { Refresh::None } else { processing.refresh };
        let (processing, version) =
            (Processing { refresh, ..processing }, self.config.setup.processor.as_str());
        let (store, taxonomies) = (&self.store, &self.taxonomies);
        let latest = skip::latest(store, accession).await?;
        let current = skip::current(store, taxonomies, accession, &processing, version).await?;
        let output = latest.as_ref().map(|(manifest, bytes)| {
            let of_files: u64 = manifest.files.iter().map(|file| file.bytes).sum();
            (manifest.files.len() as u64, of_files + bytes.len() as u64)
        });
        Ok(Look {
            is_current: current.is_some(),
            is_degraded: latest.as_ref().is_some_and(|(manifest, _)| manifest.is_degraded()),
            tables: latest
                .into_iter()
                .flat_map(|(manifest, _)| manifest.files)
                .map(|file| file.table)
                .collect(),
            archive: filing::kept_archive(store, accession).await?,
            output,
        })
    }
}
