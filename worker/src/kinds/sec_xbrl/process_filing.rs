//! One filing: download, parse, rows, Parquet, upload, manifest.
//!
//! ```text
//! skip::current? ──▶ filing::fetch ──▶ report::read ──▶ rows::build ──▶ output::parquet ──▶ store ──▶ manifest ──▶ current
//! ```
//!
//! Every stage may be killed and done again: files have names that depend on the input, the manifest is written after
//! the last of them, and `current` points to it last of all. An attempt whose lease was lost may write files and a
//! manifest of its own, which harm nobody, but does not move `current`: another one may have moved it on.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::ids::{Cik, ItemKey};
use edgraph_shared::kinds::sec_xbrl::{Damage, FilingProcessed, ProcessFiling, TaxonomyMode, kind};
use edgraph_shared::manifest::{Manifest, OutputFile, Sidecar, input_key, sha256_hex};
use edgraph_shared::storage::{Error as StoreError, Expect, ObjectKey, SharedStore, layout};
use tracing::{Instrument, info_span};

use super::damage::within_result;
use super::processor::ProcessorVersion;
use super::skip;
use super::submissions;
use crate::edgar::Edgar;
use crate::filing::{self, RawFiling};
use crate::handler::{Handler, Job};
use crate::output::parquet;
use crate::report::{self, Missing, Report};
use crate::rows::{self, Filing};
use crate::store_failure::{STORE, store_failure};
use crate::taxonomy_store::TaxonomyStore;

/// Times `current` is compared and set before the attempt is given up.
const POINTER_ATTEMPTS: usize = 5;
/// Diagnostics kept as text in a manifest; all are counted.
const SHOWN_DIAGNOSTICS: usize = 20;

/// The handler of `process_filing`.
pub struct ProcessFilingHandler {
    /// Where filings come from.
    pub edgar: Edgar,
    /// Where everything goes.
    pub store: SharedStore,
    /// Where standard schemas come from.
    pub taxonomies: TaxonomyStore,
    /// Stands in input keys and reports: another one processes every filing again.
    pub version: ProcessorVersion,
}

#[async_trait]
impl Handler for ProcessFilingHandler {
    fn kind(&self) -> &'static str {
        kind::PROCESS_FILING
    }

    /// Filings come from EDGAR and go to the store; whom their taxonomies come from differs.
    fn needs(&self, dependency: &str) -> bool {
        dependency == STORE || self.edgar.is_host(dependency)
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let payload: ProcessFiling = job.payload()?;
        let processed = self.process(&payload, &job).await?;
        Ok(serde_json::to_string(&processed).expect("strings and numbers always serialise"))
    }
}

/// The companies that named the filing, by the keys `discover_filings/{cik10}`.
fn ciks(parents: &[ItemKey]) -> Vec<Cik> {
    parents.iter().filter_map(|key| key.as_str().rsplit('/').next()?.parse().ok()).collect()
}

impl ProcessFilingHandler {
    async fn process(&self, payload: &ProcessFiling, job: &Job) -> Result<FilingProcessed, Failure> {
        let accession = &payload.metadata.accession;
        let version = self.version.as_str();
        let current = skip::current(&self.store, &self.taxonomies, accession, &payload.processing, version);
        if let Some((manifest, bytes)) = current.instrument(info_span!("skip_check")).await? {
            return Ok(self.outcome(&manifest, &bytes, true));
        }
        tracing::debug!(stage = "download");
        let ciks = ciks(&job.parents);
        let download = filing::fetch(&self.edgar, &self.store, &payload.metadata, &ciks);
        let RawFiling { files, sidecar, damage } = download.instrument(info_span!("download")).await?;
        let metadata = &sidecar.metadata;
        let candidates = filing::candidates(&files, &metadata.primary_document);
        tracing::debug!(stage = "parse");
        let read = report::read(accession.as_str(), &files, &candidates, &metadata.form, &self.taxonomies);
        let report = read.instrument(info_span!("parse")).await?;
        if payload.processing.taxonomy_mode == TaxonomyMode::Strict {
            refuse_missing(accession.as_str(), &report.missing)?;
        }
        let sec_tickers = match rows::filer(&report.instance) {
            Some(filer) => submissions::tickers(&self.store, filer).await?,
            None => Vec::new(),
        };
        let building = || build(sidecar, report, sec_tickers, self.version.as_str());
        let built = info_span!("build").in_scope(|| blocking::in_place(building));
        let (manifest, files) = built.unwrap_or_else(|panic| {
            Err(Failure::permanent(format!("building the rows panicked: {panic}")))
        })?;
        tracing::debug!(stage = "upload");
        let uploads = self.store.put_all(files).instrument(info_span!("upload"));
        uploads.await.map_err(store_failure)?;
        tracing::debug!(stage = "publish");
        let bytes = self.publish(&manifest, job).instrument(info_span!("publish")).await?;
        Ok(FilingProcessed { damage: within_result(damage), ..self.outcome(&manifest, &bytes, false) })
    }

    /// Writes the manifest and points `current` to it, if the item is still this attempt's. Its files are all there, so
    /// that no note says any more that some are gone.
    async fn publish(&self, manifest: &Manifest, job: &Job) -> Result<Bytes, Failure> {
        let accession = &manifest.accession;
        let bytes: Bytes =
            serde_json::to_vec_pretty(manifest).expect("strings and numbers always serialise").into();
        let note = layout::compacted(accession, &manifest.input_key);
        self.store.delete(&note).await.map_err(store_failure)?;
        let key = layout::manifest(accession, &manifest.input_key);
        self.store.put(&key, bytes.clone()).await.map_err(store_failure)?;

        let pointer = layout::current_manifest(accession);
        for _ in 0..POINTER_ATTEMPTS {
            let expect = match self.store.get_versioned(&pointer).await {
                Ok((current, _)) if *current == *manifest.input_key.as_bytes() => return Ok(bytes),
                Ok((_, version)) => Expect::Version(version),
                Err(StoreError::NotFound { .. }) => Expect::Absent,
                Err(error) => return Err(store_failure(error)),
            };
            // The pointer is read first, then the lease is proven, then the put is made on condition of what was read.
            // If another worker is given the item after the proof and moves the pointer, this put fails, however long
            // this process stands still in between. One case is left: the other worker is of another version, finds
            // the pointer at its own output already and so moves nothing. Then a late put makes this version's output
            // current again, as a whole, until the next run of the other version.
            if !job.validity.proven(&job.cancel).await {
                tracing::info!(%accession, "taken away before its manifest became the current one");
                return Err(Failure::preempted(format!("{} was taken away", job.key)));
            }
            match self.store.put_if(&pointer, manifest.input_key.clone().into(), expect).await {
                Ok(()) => return Ok(bytes),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(store_failure(error)),
            }
        }
        Err(Failure::transient(format!("{pointer} kept changing while it was set")))
    }

    fn outcome(&self, manifest: &Manifest, bytes: &[u8], skipped: bool) -> FilingProcessed {
        let in_graph = |file: &&OutputFile| file.key.starts_with("graph/");
        FilingProcessed {
            skipped,
            input_key: manifest.input_key.clone(),
            manifest_uri: self.store.uri(&layout::manifest(&manifest.accession, &manifest.input_key)),
            manifest_sha256: sha256_hex(bytes),
            degraded: manifest.is_degraded(),
            occurrences: manifest.occurrences,
            facts: manifest.rows("Fact"),
            rows: manifest.files.iter().filter(in_graph).map(|file| file.rows).sum(),
            bytes: manifest.files.iter().map(|file| file.bytes).sum(),
            filing_date: manifest.metadata.filing_date.clone(),
            tables: FilingProcessed::tables_of(manifest),
            damage: Damage::default(),
            other_reports: FilingProcessed::other_reports_of(manifest),
        }
    }
}

/// A strict run processes a filing with its whole DTS or not at all.
fn refuse_missing(accession: &str, missing: &[Missing]) -> Result<(), Failure> {
    let Some(first) = missing.first() else { return Ok(()) };
    // What to do comes first: there may be many, and whoever shows a message may cut it.
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for document in missing {
        by_reason.entry(&document.reason).or_default().push(&document.url);
    }
    let named: Vec<String> =
        by_reason.iter().map(|(reason, urls)| format!("{} ({reason})", urls.join(", "))).collect();
    let message = format!(
        "filing {accession}: schemas of it cannot be had; give them with --taxonomies, or use --taxonomy-mode \
         best-effort; missing are {}",
        named.join("; ")
    );
    // One that will never come decides; otherwise the first one's host says when to try again.
    let never = missing.iter().find(|document| document.class == FailureClass::Permanent);
    Err(Failure::new(never.unwrap_or(first).class.clone(), message))
}

/// Rows, files and the manifest of a filing: this is where the processor's time goes.
fn build(
    sidecar: Sidecar,
    report: Report,
    sec_tickers: Vec<String>,
    processor_version: &str,
) -> Result<(Manifest, Vec<(ObjectKey, Bytes)>), Failure> {
    let metadata = sidecar.metadata;
    let source = &report.source;
    let built = rows::build(Filing {
        metadata: &metadata,
        instance: &report.instance,
        dts: &report.dts,
        named_elements: &report.named_elements,
        source_document: source.document(),
        sec_tickers: &sec_tickers,
        processor_version,
        is_degraded: !report.missing.is_empty(),
    })
    .map_err(|error| Failure::permanent(error.to_string()))?;
    let input_key =
        input_key(&sidecar.sha256, &report.taxonomies, &metadata, &sec_tickers, processor_version);

    let mut listed = Vec::new();
    let mut files = Vec::new();
    for rows in built.tables.into_tables() {
        let (table, count) = (rows.table(), rows.count() as u64);
        let bytes = parquet::encode_rows(rows).map_err(|error| Failure::permanent(error.to_string()))?;
        let key = layout::table_file(&table.folder(), &metadata.filing_date, &metadata.accession, &input_key);
        listed.push(OutputFile {
            table: table.name.to_owned(),
            key: key.to_string(),
            rows: count,
            bytes: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
        });
        files.push((key, bytes));
    }
    let mut diagnostics = report.diagnostics;
    diagnostics.extend(built.diagnostics);
    let by_code = diagnostics.counts().iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
    let first = diagnostics.sample(SHOWN_DIAGNOSTICS).into_iter().map(ToString::to_string).collect();
    let manifest = Manifest {
        accession: metadata.accession,
        input_key,
        processor_version: processor_version.to_owned(),
        source: source.kind.as_str().to_owned(),
        source_document: source.document().to_owned(),
        owner: built.owner,
        metadata,
        sec_tickers,
        raw_sha256: sidecar.sha256,
        taxonomies: report.taxonomies,
        occurrences: report.instance.facts.len() as u64,
        other_reports: source.others.clone(),
        files: listed,
        diagnostics: by_code,
        first_diagnostics: first,
    };
    Ok((manifest, files))
}
