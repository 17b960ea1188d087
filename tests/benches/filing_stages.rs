//! Where the time of one filing goes, on one thread: unpacking, reading, rows, Parquet, beside a bare scan of its XML.
//!
//! `cargo bench --workspace --bench filing_stages -- [--rounds N]`; no server, no store, no Kuzu. Real filings where they
//! are at hand, the sample filings otherwise. Standard schemas are parsed before, as they are in a worker that has
//! processed a filing. The scan is quick-xml over the same bytes, every event read and nothing done with it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bytes::Bytes;
use edgraph_shared::manifest::{FilingMetadata, sha256_hex};
use edgraph_shared::storage::LocalStore;
use edgraph_tests::corpus;
use edgraph_worker::edgar::{Edgar, EdgarConfig};
use edgraph_worker::filing::{archive, candidates};
use edgraph_worker::output::parquet;
use edgraph_worker::report;
use edgraph_worker::rows::{self, Filing};
use edgraph_worker::taxonomy_store::{TaxonomyConfig, TaxonomyStore};

/// Enough for the mean to settle.
const ROUNDS: u32 = 20;

/// Time by stage, in the order of the stages.
type Times = BTreeMap<(usize, &'static str), Duration>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let rounds = args.iter().position(|arg| arg == "--rounds").and_then(|at| args.get(at + 1));
    let rounds: u32 = rounds.map_or(Ok(ROUNDS), |rounds| rounds.parse()).context("--rounds")?;

    let (source, sources) = match corpus::corpus() {
        Some(corpus) => (corpus.clone(), vec![corpus.join("taxonomies"), corpus.join("taxonomies-stub")]),
        None => (corpus::fixture_edgar(), vec![corpus::fixture_taxonomies()]),
    };
    let sources = sources.iter().map(|folder| folder.display().to_string()).collect();
    let folder = tempfile::tempdir()?;
    let store = Arc::new(LocalStore::open(folder.path())?);
    let edgar = Edgar::new(EdgarConfig::at(source.display().to_string()))?;
    let taxonomies = TaxonomyStore::new(
        &TaxonomyConfig { sources, offline: true, ..TaxonomyConfig::default() },
        store,
        &edgar,
    )?;
    let archives = archives(&source)?;
    ensure!(!archives.is_empty(), "no filings at {}", source.display());

    let mut xml = 0;
    for archive in &archives {
        xml += process(archive, &taxonomies, &mut Times::new()).await?;
    }
    let mut times = Times::new();
    for _ in 0..rounds {
        for archive in &archives {
            process(archive, &taxonomies, &mut times).await?;
        }
    }

    let filings = archives.len() as f64;
    let mib = xml as f64 / f64::from(1 << 20);
    println!("{filings} filings, {:.2} MiB of XML each, {rounds} rounds, one thread", mib / filings);
    println!("stage        ms/filing   MiB XML/s   of the scan");
    let per_round = |time: &Duration| time.as_secs_f64() / f64::from(rounds);
    let scan: f64 =
        times.iter().filter(|((_, stage), _)| *stage == SCAN).map(|(_, time)| per_round(time)).sum();
    let print = |stage: &str, seconds: f64| {
        println!(
            "{stage:<12} {:>9.2} {:>11.1} {:>13.2}",
            seconds * 1_000.0 / filings,
            mib / seconds,
            seconds / scan
        );
    };
    times.iter().for_each(|((_, stage), time)| print(stage, per_round(time)));
    let all = |stages: &[&str]| -> f64 {
        times.iter().filter(|((_, stage), _)| stages.contains(stage)).map(|(_, time)| per_round(time)).sum()
    };
    print("zip to rows", all(&["unpack", "read", "rows"]));
    print("all", all(&["unpack", "read", "rows", "parquet", "sha256"]));
    Ok(())
}

const SCAN: &str = "scan";

/// An archive, and the accession number in its name.
struct Archive {
    accession: String,
    bytes: Bytes,
}

/// Every filing's archive in a mirror, in order.
fn archives(mirror: &Path) -> anyhow::Result<Vec<Archive>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for company in std::fs::read_dir(mirror.join("Archives/edgar/data"))? {
        for filing in std::fs::read_dir(company?.path())? {
            for file in std::fs::read_dir(filing?.path())? {
                paths.push(file?.path());
            }
        }
    }
    paths.sort();
    let archive = |path: &PathBuf| {
        let accession = path.file_name()?.to_str()?.strip_suffix("-xbrl.zip")?.to_owned();
        Some(std::fs::read(path).map(|bytes| Archive { accession, bytes: bytes.into() }))
    };
    Ok(paths.iter().filter_map(archive).collect::<Result<_, _>>()?)
}

/// Does to a filing what a worker does between download and upload; gives the bytes of its XML.
async fn process(archive: &Archive, taxonomies: &TaxonomyStore, times: &mut Times) -> anyhow::Result<u64> {
    let mut stages = 0;
    let mut started = Instant::now();
    let mut lap = |stage: &'static str, times: &mut Times| {
        *times.entry((stages, stage)).or_default() += started.elapsed();
        (stages, started) = (stages + 1, Instant::now());
    };
    let files = archive::unpack(&archive.bytes)?;
    let raw_sha256 = sha256_hex(&archive.bytes);
    lap("unpack", times);
    let candidates = candidates(&files, "");
    let report = report::read(&archive.accession, &files, &candidates, "", taxonomies).await;
    let report = report.map_err(|failure| anyhow::anyhow!(failure.message))?;
    lap("read", times);
    let metadata = FilingMetadata {
        accession: archive.accession.parse()?,
        form: "10-K".to_owned(),
        filing_date: "2025-01-01".to_owned(),
        report_date: "2024-12-31".to_owned(),
        accepted_at: "2025-01-01T00:00:00.000Z".to_owned(),
        primary_document: report.source.document().to_owned(),
    };
    let built = rows::build(Filing {
        metadata: &metadata,
        instance: &report.instance,
        dts: &report.dts,
        named_elements: &report.named_elements,
        source_document: report.source.document(),
        sec_tickers: &[],
        processor_version: &raw_sha256,
        is_degraded: false,
    })?;
    lap("rows", times);
    let encoded: Vec<Bytes> =
        built.tables.into_tables().map(parquet::encode_rows).collect::<Result<_, _>>()?;
    lap("parquet", times);
    let hashes: Vec<String> = encoded.iter().map(|bytes| sha256_hex(bytes)).collect();
    std::hint::black_box(hashes);
    lap("sha256", times);
    drop(report);
    lap("drop", times);

    let mut bytes = 0;
    let is_xml = |name: &str| [".htm", ".xml", ".xsd"].iter().any(|extension| name.ends_with(extension));
    for (_, content) in files.iter().filter(|(name, _)| is_xml(name)) {
        bytes += content.len() as u64;
        std::hint::black_box(scan(content)?);
    }
    lap(SCAN, times);
    Ok(bytes)
}

/// Reads every event of a document; gives their number.
fn scan(document: &[u8]) -> anyhow::Result<usize> {
    // One of the sample filings is not UTF-8.
    let text =
        std::str::from_utf8(document).map_or_else(|_| String::from_utf8_lossy(document), Cow::Borrowed);
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    let mut events = 0;
    while !matches!(reader.read_event()?, quick_xml::events::Event::Eof) {
        events += 1;
    }
    Ok(events)
}
