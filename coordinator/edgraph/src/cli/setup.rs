//! What a fleet in one process is made of, as flags: `edgraph run` and `edgraph dev` share them.

use std::path::{Path, PathBuf};

use clap::Args;
use edgraph_graph::ingest::{BatchLimits, Memory};
use edgraph_worker::config::SourceArgs;
use edgraph_worker::download::Rate;

use crate::embedded::Setup;

#[derive(Debug, Args)]
pub(super) struct SetupArgs {
    /// The folder for everything that is made.
    #[arg(long, env = "EDGRAPH_OUT", default_value = "data", value_name = "DIR")]
    out: PathBuf,
    /// The graph's folder, where it is not `graph` in the output; `none` makes the tables alone, without a graph.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR|none")]
    graph: Option<PathBuf>,
    #[command(flatten)]
    sources: SourceArgs,
    /// EDGAR requests per second, or `off` for a mirror of your own.
    #[arg(long, env = "EDGRAPH_EDGAR_RATE", default_value = "8", value_name = "N|off")]
    edgar_rate: Rate,

    /// Workers in this process; as many as there are cores by default.
    #[arg(long, env = "EDGRAPH_WORKERS", value_name = "N")]
    workers: Option<usize>,
    /// Memory that the ingestion may take, such as 3GiB.
    #[arg(long, env = "EDGRAPH_INGEST_MEMORY", default_value_t, value_name = "SIZE")]
    ingest_memory: Memory,
    /// Rows loaded in one transaction of the graph, where that shall not follow from the memory.
    #[arg(long, env = "EDGRAPH_BATCH_ROWS", value_name = "N", hide = true)]
    batch_rows: Option<u64>,
}

impl SetupArgs {
    /// Who asks EDGAR, as given.
    pub(super) fn user_agent(&self) -> Option<&str> {
        self.sources.user_agent()
    }

    pub(super) fn setup(&self) -> Setup {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Setup {
            out: self.out.clone(),
            graph: match self.graph.as_deref() {
                Some(none) if none == Path::new("none") => None,
                Some(folder) => Some(folder.to_owned()),
                None => Some(self.out.join("graph")),
            },
            edgar: self.sources.edgar_at(self.edgar_rate),
            taxonomies: self.sources.taxonomies(),
            processor: self.sources.processor(),
            workers: self.workers.unwrap_or_else(cores),
            batch: self.batch(),
        }
    }

    fn batch(&self) -> BatchLimits {
        let within = BatchLimits::within(self.ingest_memory);
        BatchLimits { rows: self.batch_rows.unwrap_or(within.rows), ..within }
    }
}
