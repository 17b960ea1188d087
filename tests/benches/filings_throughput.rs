//! Filings a second, end to end: raw cache warm, no limit on requests, graph rows, Parquet, manifests and Kuzu.
//!
//! `cargo bench --workspace --bench filings_throughput -- [--companies N] [--workers N] [--fleet] [--s3]`, for a fleet after
//! `cargo build --release --workspace`. A mirror of real filings is cloned to so many companies (of the sample filings
//! where real ones are not at hand), a first run fills the raw cache, and a second one, as another processor version
//! into a new graph, is measured: until the last filing settles, and with the ingestion. `--fleet` adds a coordinator on
//! Redis and worker processes on a folder, `--s3` the same on an S3 API; both servers share the cores.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use edgraph::embedded::{self, Config, Setup};
use edgraph_client::v1::start_pipeline_request::Input;
use edgraph_client::{Client, is_finished, v1};
use edgraph_graph::ingest::BatchLimits;
use edgraph_shared::kinds::sec_xbrl::{
    DiscoverCompanies, FilingFilter, Processing, Refresh, TaxonomyMode, Universe,
};
use edgraph_shared::model::PipelineState;
use edgraph_shared::wire::parameters::sec_xbrl_to;
use edgraph_tests::corpus::{self, Mirror};
use edgraph_tests::edgar::EdgarServer;
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::s3::S3Server;
use edgraph_worker::download::Rate;
use edgraph_worker::edgar::EdgarConfig;
use edgraph_worker::kinds::sec_xbrl::processor::ProcessorVersion;
use edgraph_worker::taxonomy_store::TaxonomyConfig;
use tokio_util::sync::CancellationToken;

/// As many as the cores that the target is for.
const WORKERS: usize = 2;
/// Some two hundred filings.
const COMPANIES: usize = 100;
/// Longer than a run of any size that is sensible here.
const PATIENCE: Duration = Duration::from_secs(3_600);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let value = args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
        value.map_or(Ok(default), |value| value.parse().with_context(|| format!("{name} {value}")))
    };
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let (companies, workers) = (number("--companies", COMPANIES)?, number("--workers", WORKERS)?);

    let (source, taxonomies) = match corpus::corpus() {
        // With the stand-ins every schema that a filing names is there.
        Some(corpus) => (corpus.clone(), vec![corpus.join("taxonomies"), corpus.join("taxonomies-stub")]),
        None => (corpus::fixture_edgar(), vec![corpus::fixture_taxonomies()]),
    };
    let scratch = tempfile::tempdir()?;
    let mirror = mirror_of(&source, companies)?;
    let server = EdgarServer::builder(mirror.path()).start()?;
    let taxonomies = taxonomies.iter().map(|folder| folder.display().to_string()).collect();
    let bench = Bench { edgar: server.url(), taxonomies, scratch: scratch.path().to_owned(), workers };

    let filled = bench.embedded("fill", "fill").await.context("the first run")?;
    let zips = zips_asked(&server);
    let (xml, archive) = mean_bytes(&bench.out().join("store/raw"))?;
    println!(
        "{} filings of {companies} companies; {:.0} KiB of XML in {:.0} KiB of archive on average; {workers} workers",
        filled.filings,
        xml / 1024.0,
        archive / 1024.0
    );
    println!("what                       filings   processing   filings/s   MiB XML/s   whole   filings/s");
    print("first run, downloading", &filled, xml);
    let warm = bench.embedded("warm", "warm").await.context("the measured run")?;
    print("raw cache warm, one process", &warm, xml);
    ensure!(zips_asked(&server) == zips, "the measured run asked for filings");
    if has("--fleet") {
        let store = bench.scratch.join("fleet-store");
        let settings = Settings { store: Some(store.display().to_string()), ..Settings::default() };
        print("fleet, Redis, a folder", &bench.fleet(mirror.path(), settings).await?, xml);
    }
    if has("--s3") {
        let s3 = S3Server::start()?;
        let settings =
            Settings { store: Some(s3.address("bench")), environment: s3.env(), ..Settings::default() };
        print("fleet, Redis, S3", &bench.fleet(mirror.path(), settings).await?, xml);
    }
    Ok(())
}

/// What a run came to.
struct Measured {
    filings: u64,
    /// Until the last filing settled.
    processing: Duration,
    /// With the ingestion.
    whole: Duration,
}

fn print(what: &str, measured: &Measured, xml: f64) {
    let Measured { filings, processing, whole } = measured;
    let per_second = |time: &Duration| *filings as f64 / time.as_secs_f64();
    let of_xml = per_second(processing) * xml / f64::from(1 << 20);
    println!(
        "{what:<27} {filings:>6} {:>10.1} s {:>11.1} {of_xml:>11.1} {:>5.1} s {:>11.1}",
        processing.as_secs_f64(),
        per_second(processing),
        whole.as_secs_f64(),
        per_second(whole)
    );
}

struct Bench {
    edgar: String,
    taxonomies: Vec<String>,
    scratch: PathBuf,
    workers: usize,
}

impl Bench {
    fn out(&self) -> PathBuf {
        self.scratch.join("out")
    }

    fn parameters(refresh: Refresh) -> DiscoverCompanies {
        DiscoverCompanies {
            filings: FilingFilter { amendments: true, ..FilingFilter::default() },
            processing: Processing { taxonomy_mode: TaxonomyMode::BestEffort, refresh },
            ..DiscoverCompanies::of(Universe::All)
        }
    }

    /// One process: engine, workers, store and graph.
    async fn embedded(&self, tag: &str, graph: &str) -> anyhow::Result<Measured> {
        let setup = Setup {
            out: self.out(),
            graph: Some(self.scratch.join(graph)),
            edgar: EdgarConfig {
                rate: Rate::Off,
                user_agent: Some("edgraph bench bench@example.com".to_owned()),
                ..EdgarConfig::at(&self.edgar)
            },
            taxonomies: TaxonomyConfig {
                sources: self.taxonomies.clone(),
                offline: true,
                ..TaxonomyConfig::default()
            },
            processor: ProcessorVersion::tagged(Some(&tag.parse()?)),
            workers: self.workers,
            batch: BatchLimits::default(),
        };
        let config =
            Config { setup, parameters: Self::parameters(Refresh::None), max_run: Vec::new(), page: None };
        let started = Instant::now();
        let mut settled = None;
        let mut observe = |status: &edgraph_shared::model::PipelineStatus| {
            if settled.is_none() && status.state == PipelineState::Finishing {
                settled = Some(started.elapsed());
            }
        };
        let outcome = embedded::run(config, &mut observe, CancellationToken::new()).await?;
        let whole = started.elapsed();
        ensure!(outcome.is_success(), "{outcome:?}");
        ensure!(outcome.skipped == 0, "filings were skipped: {outcome:?}");
        Ok(Measured { filings: outcome.processed, processing: settled.unwrap_or(whole), whole })
    }

    /// A coordinator on Redis, worker processes, and an ingester with a graph of its own for each run.
    async fn fleet(&self, mirror: &Path, settings: Settings) -> anyhow::Result<Measured> {
        let mut fleet = Fleet::with_coordinator(settings).await?;
        let edgar = format!("file://{}", mirror.display());
        let taxonomies = self.taxonomies.join(",");
        let more = ["--edgar", &edgar, "--taxonomies", &taxonomies, "--log", "warn"];
        for number in 1..=self.workers {
            fleet.add_worker(&format!("worker-{number}"), 1, &more)?;
        }
        fleet.add_ingester("fill", &self.graph(&fleet, "fill"), &[])?;
        let client = Client::connect(&fleet.endpoints().remove(0)).await?;
        Self::pipeline(&client, "fill", Refresh::None).await?;
        fleet.kill_worker("fill");
        fleet.add_ingester("warm", &self.graph(&fleet, "warm"), &[])?;
        Self::pipeline(&client, "warm", Refresh::All).await
    }

    fn graph(&self, fleet: &Fleet, name: &str) -> PathBuf {
        fleet.directory().join(name).join("graph")
    }

    async fn pipeline(client: &Client, id: &str, refresh: Refresh) -> anyhow::Result<Measured> {
        let request = v1::StartPipelineRequest {
            pipeline_id: id.to_owned(),
            kind: "sec_xbrl".to_owned(),
            input: Some(Input::SecXbrl(sec_xbrl_to(&Self::parameters(refresh)))),
            ..v1::StartPipelineRequest::default()
        };
        let started = Instant::now();
        client.start(request).await?;
        let (mut settled, mut watch) = (None, client.watch(id));
        while let Some(pipeline) = tokio::time::timeout(PATIENCE, watch.next()).await?? {
            if settled.is_none() && pipeline.state() == v1::PipelineState::Ingesting {
                settled = Some(started.elapsed());
            }
            if is_finished(&pipeline) {
                ensure!(pipeline.state() == v1::PipelineState::Completed, "{pipeline:?}");
                let whole = started.elapsed();
                let processing = settled.unwrap_or(whole);
                return Ok(Measured { filings: pipeline.completed_tasks, processing, whole });
            }
        }
        anyhow::bail!("the coordinator ended the watch of {id}")
    }
}

/// The companies of a mirror with filings that are there, cloned to so many.
fn mirror_of(source: &Path, companies: usize) -> anyhow::Result<Mirror> {
    let mirror = Mirror::copy_of(source)?;
    mirror.scale_to(companies)?;
    Ok(mirror)
}

fn zips_asked(server: &EdgarServer) -> usize {
    server.requests().iter().filter(|request| request.path.starts_with("/Archives/")).count()
}

/// Bytes of XML (instances, inline documents, schemas, linkbases) and of the archive, per filing.
fn mean_bytes(raw: &Path) -> anyhow::Result<(f64, f64)> {
    let (mut filings, mut xml, mut archives) = (0_u64, 0, 0);
    for entry in std::fs::read_dir(raw)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "zip") {
            continue;
        }
        let bytes = std::fs::read(&path)?;
        (filings, archives) = (filings + 1, archives + bytes.len() as u64);
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))?;
        for at in 0..archive.len() {
            xml += archive.by_index(at)?.size();
        }
    }
    ensure!(filings > 0, "{} has no archives", raw.display());
    Ok((xml as f64 / filings as f64, archives as f64 / filings as f64))
}
