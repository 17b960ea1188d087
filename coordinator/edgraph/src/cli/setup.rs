//! What a fleet in one process is made of, as flags: `edgraph run` and `edgraph dev` share them.

use std::path::{Path, PathBuf};

use clap::Args;
use edgraph_graph::ingest::{BatchLimits, Memory};
use edgraph_worker::download::Rate;
use edgraph_worker::edgar::EdgarConfig;
use edgraph_worker::kinds::sec_xbrl::processor::{ProcessorTag, ProcessorVersion};
use edgraph_worker::taxonomy_store::TaxonomyConfig;

use crate::embedded::Setup;

#[derive(Debug, Args)]
pub(super) struct SetupArgs {
    /// The folder for everything that is made.
    #[arg(long, env = "EDGRAPH_OUT", default_value = "data", value_name = "DIR")]
    out: PathBuf,
    /// The graph's folder, where it is not `graph` in the output; `none` makes the tables alone, without a graph.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR|none")]
    graph: Option<PathBuf>,
    /// Where EDGAR is, both its bases: an http(s) mirror or a file:// directory in EDGAR's layout.
    #[arg(long, env = "EDGRAPH_EDGAR", value_name = "URL")]
    edgar: Option<String>,
    /// Where EDGAR's data base is (submissions/, api/), if elsewhere.
    #[arg(long, env = "EDGRAPH_EDGAR_DATA", value_name = "URL")]
    edgar_data: Option<String>,
    /// Who asks, as the SEC requires: "Name mail@example.com".
    #[arg(long, env = "EDGRAPH_USER_AGENT", value_name = "TEXT")]
    user_agent: Option<String>,
    /// EDGAR requests per second, or `off` for a mirror of your own.
    #[arg(long, env = "EDGRAPH_EDGAR_RATE", default_value = "8", value_name = "N|off")]
    edgar_rate: Rate,

    /// Where standard schemas lie, as {host}/{path}: a folder or an address; may be given more than once.
    #[arg(long, env = "EDGRAPH_TAXONOMIES", value_delimiter = ',', value_name = "DIR|URL")]
    taxonomies: Vec<String>,
    /// Download no standard schemas; implied by a file:// EDGAR.
    #[arg(long, env = "EDGRAPH_OFFLINE")]
    offline: bool,

    /// A suffix of the processor's version, for a build of your own: filings processed without it are processed again.
    #[arg(long, env = "EDGRAPH_PROCESSOR_TAG", value_name = "TEXT")]
    processor_tag: Option<ProcessorTag>,

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
        self.user_agent.as_deref()
    }

    pub(super) fn setup(&self) -> Setup {
        let defaults = EdgarConfig::default();
        let archives = self.edgar.clone().unwrap_or(defaults.archives);
        let data = self.edgar_data.clone().or_else(|| self.edgar.clone()).unwrap_or(defaults.data);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Setup {
            out: self.out.clone(),
            graph: match self.graph.as_deref() {
                Some(none) if none == Path::new("none") => None,
                Some(folder) => Some(folder.to_owned()),
                None => Some(self.out.join("graph")),
            },
            edgar: EdgarConfig {
                archives,
                data,
                user_agent: self.user_agent.clone(),
                rate: self.edgar_rate,
                timeouts: defaults.timeouts,
            },
            taxonomies: TaxonomyConfig {
                sources: self.taxonomies.clone(),
                offline: self.offline,
                ..TaxonomyConfig::default()
            },
            processor: ProcessorVersion::tagged(self.processor_tag.as_ref()),
            workers: self.workers.unwrap_or_else(cores),
            batch: self.batch(),
        }
    }

    fn batch(&self) -> BatchLimits {
        let within = BatchLimits::within(self.ingest_memory);
        BatchLimits { rows: self.batch_rows.unwrap_or(within.rows), ..within }
    }
}
