//! A store of processed filings.

use std::path::Path;

use anyhow::{Context, ensure};
use edgraph::embedded::{self, Config, Setup};
use edgraph_graph::ingest::BatchLimits;
use edgraph_shared::kinds::sec_xbrl::{
    Accepted, DiscoverCompanies, FilingFilter, Processing, Refresh, TaxonomyMode, Universe,
};
use edgraph_shared::model::PipelineStatus;
use edgraph_shared::storage::{LocalStore, Store};
use edgraph_tests::corpus::{self, Mirror};
use edgraph_worker::download::Rate;
use edgraph_worker::edgar::EdgarConfig;
use edgraph_worker::kinds::sec_xbrl::processor::ProcessorVersion;
use edgraph_worker::taxonomy_store::TaxonomyConfig;
use tokio_util::sync::CancellationToken;

/// The accepted list of a run over so many companies, whose store is in a folder; the run is made if it is not there.
///
/// # Errors
/// When the run fails.
pub(crate) async fn filled(folder: &Path, companies: usize) -> anyhow::Result<Vec<Accepted>> {
    let list = folder.join(format!("accepted-{companies}.jsonl"));
    if !list.is_file() {
        let accepted = fill(folder, companies).await?;
        let lines = accepted.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        std::fs::write(&list, lines.join("\n"))?;
    }
    let text = std::fs::read_to_string(&list)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

async fn fill(folder: &Path, companies: usize) -> anyhow::Result<Vec<Accepted>> {
    let (source, taxonomies) = match corpus::corpus() {
        Some(corpus) => (corpus.clone(), vec![corpus.join("taxonomies"), corpus.join("taxonomies-stub")]),
        None => (corpus::fixture_edgar(), vec![corpus::fixture_taxonomies()]),
    };
    let mirror = Mirror::copy_of(&source)?;
    mirror.scale_to(companies)?;
    let setup = Setup {
        out: folder.to_owned(),
        graph: Some(folder.join("graph")),
        edgar: EdgarConfig {
            rate: Rate::Off,
            ..EdgarConfig::at(format!("file://{}", mirror.path().display()))
        },
        taxonomies: TaxonomyConfig {
            sources: taxonomies.iter().map(|folder| folder.display().to_string()).collect(),
            offline: true,
            ..TaxonomyConfig::default()
        },
        processor: ProcessorVersion::tagged(None),
        workers: 2,
        batch: BatchLimits::default(),
    };
    let parameters = DiscoverCompanies {
        filings: FilingFilter { amendments: true, ..FilingFilter::default() },
        processing: Processing { taxonomy_mode: TaxonomyMode::BestEffort, refresh: Refresh::None },
        ..DiscoverCompanies::of(Universe::All)
    };
    let config = Config { setup, parameters, max_run: Vec::new(), page: None };
    let outcome = embedded::run(config, &mut |_: &PipelineStatus| {}, CancellationToken::new()).await?;
    ensure!(outcome.is_success(), "{outcome:?}");
    let store = LocalStore::reader(folder.join("store"));
    let lists = store.list(&"pipelines".parse()?).await?;
    let newest = lists.last().context("the run left no accepted list")?;
    let list = store.get(&newest.key).await?;
    let lines = list.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
}
