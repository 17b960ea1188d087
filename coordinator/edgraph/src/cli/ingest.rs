//! `edgraph ingest`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use edgraph_graph::database::cypher::check_path;
use edgraph_graph::ingest::{Basis, BatchLimits, FromTables, Ingestion, Memory, from_tables};
use edgraph_shared::kinds::sec_xbrl::kind;
use edgraph_worker::handler::ProgressReporter;
use edgraph_worker::scratch::Scratch;
use serde_json::json;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::place::StoreArgs;
use super::print::{print_line, print_with};
use super::progress::Progress;
use super::{CommandError, OutputFormat};

/// How often the progress is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub(super) struct IngestArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The graph's folder, on this machine.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// Build a new graph beside the one in use, which it then replaces, instead of adding to that one.
    #[arg(long)]
    rebuild: bool,
    /// Replace the graph in use though filings of it are damaged in the store and cannot be loaded.
    #[arg(long, requires = "rebuild")]
    without_damaged: bool,
    /// Memory that the ingestion may take, such as 3GiB.
    #[arg(long, env = "EDGRAPH_INGEST_MEMORY", default_value_t, value_name = "SIZE")]
    ingest_memory: Memory,
    /// Rows loaded in one transaction of the graph, where that shall not follow from the memory.
    #[arg(long, env = "EDGRAPH_BATCH_ROWS", value_name = "N", hide = true)]
    batch_rows: Option<u64>,
    /// Where temporary files go, in a directory of their own; the system's place by default.
    #[arg(long, env = "EDGRAPH_SCRATCH", value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// A summary for people or for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

impl IngestArgs {
    fn basis(&self) -> Basis {
        match (self.rebuild, self.without_damaged) {
            (false, _) => Basis::Kept,
            (true, false) => Basis::Anew,
            (true, true) => Basis::AnewWithoutDamaged,
        }
    }

    fn limits(&self) -> BatchLimits {
        let within = BatchLimits::within(self.ingest_memory);
        BatchLimits { rows: self.batch_rows.unwrap_or(within.rows), ..within }
    }
}

pub(super) async fn execute(args: IngestArgs, shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let started = Instant::now();
    let root = args.scratch.clone().unwrap_or_else(tempfile::env::temp_dir);
    check_path(&root).and_then(|_| check_path(&args.graph)).map_err(CommandError::usage)?;
    let store = args.store.open().await?;
    let scratch = Scratch::open(&root).map_err(|error| {
        let root = root.display();
        CommandError::failure(format!(
            "--scratch: cannot make a directory in {root}: {error}; give a writable one"
        ))
    })?;
    let progress = ProgressReporter::default();
    let job = Ingestion {
        graph: args.graph.clone(),
        scratch: scratch.path().to_owned(),
        store: store.clone(),
        limits: args.limits(),
        cancel: shutdown,
        progress: progress.clone(),
        refusals: Default::default(),
        // Nobody else may take this work away.
        lease_check: Arc::new(|| Ok(())),
    };
    let (basis, runtime) = (args.basis(), Handle::current());
    let work = tokio::task::spawn_blocking(move || from_tables(&job, basis, &runtime));
    let done = shown(work, &progress).await.map_err(CommandError::failure)?;
    store.close();
    let done = done.map_err(|error| match error {
        edgraph_graph::Error::Database { message } if args.basis() == Basis::Kept => CommandError::failure(
            format!("{message}; where the graph itself is damaged, --rebuild makes it anew"),
        ),
        error => CommandError::failure(error),
    })?;
    tell(&args, &done, started.elapsed())?;
    let is_whole = done.ingested.rejected.is_empty() && done.lacking.is_empty();
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows how far the work is until it is done.
async fn shown<T>(work: impl Future<Output = T>, reported: &ProgressReporter) -> T {
    let mut progress = Progress::new();
    let mut look = tokio::time::interval(LOOK_EVERY);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                progress.finish();
                return done;
            }
            _ = look.tick() => {
                if let Some(news) = reported.take_news() {
                    progress.show_phase(kind::INGEST, (news.done, news.total), &format!(", {}", news.text));
                }
            }
        }
    }
}

fn tell(args: &IngestArgs, done: &FromTables, took: Duration) -> Result<(), CommandError> {
    let FromTables { filings, ingested, lacking } = done;
    let seconds = took.as_secs_f64();
    if args.format == OutputFormat::Json {
        let mut summary = json!(ingested);
        summary["filings"] = json!(filings);
        summary["rows"] = json!(ingested.nodes + ingested.relationships);
        summary["lacking"] = json!(lacking);
        summary["seconds"] = json!(seconds);
        return print_line(summary);
    }
    print_with(|out| {
        let graph = args.graph.display();
        writeln!(out, "{filings} filings are in the tables; done in {seconds:.1} s")?;
        if lacking.is_empty() {
            writeln!(
                out,
                "  graph      {} filings added, {} replaced, {} unchanged; {} nodes and {} relationships written",
                ingested.added, ingested.replaced, ingested.unchanged, ingested.nodes, ingested.relationships
            )?;
        }
        for (accession, reason) in &ingested.rejected {
            writeln!(out, "  rejected   {accession}: {reason}")?;
        }
        if lacking.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "{graph} is as it was: {} of its filings would be lost. Run a pipeline over them, which makes them again, \
             or give --without-damaged.",
            lacking.len()
        )
    })
}
