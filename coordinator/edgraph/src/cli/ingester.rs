//! `edgraph ingester`: arguments to a configuration.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use edgraph_graph::ingest::BatchLimits;
use edgraph_graph::ingester::{self, Config, ConnectionArgs};
use edgraph_shared::console;

#[derive(Debug, Args)]
pub(super) struct IngesterArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    /// The graph's folder, on this machine.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR")]
    graph: PathBuf,
    /// Rows loaded in one transaction of the graph.
    #[arg(long, env = "EDGRAPH_BATCH_ROWS", default_value_t = BatchLimits::default().rows, value_name = "N", hide = true)]
    batch_rows: u64,
}

/// Runs until it is told to stop. Of the usual exit codes 2 says also that the coordinator refuses this ingester; beside
/// them 75 says that an ingestion does not stop.
pub(super) async fn execute(args: IngesterArgs, shutdown: CancellationToken) -> ExitCode {
    let batch = BatchLimits { rows: args.batch_rows, ..BatchLimits::default() };
    let ended = match Config::new(args.connection, args.graph, batch) {
        Ok(config) => ingester::run(config, shutdown).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::say(format_args!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
