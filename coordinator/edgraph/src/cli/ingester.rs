//! `edgraph ingester`: arguments to a configuration.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio_util::sync::CancellationToken;

use edgraph_graph::ingest::{BatchLimits, Memory};
use edgraph_graph::ingester::{self, Config, ConnectionArgs};
use edgraph_shared::console;

#[derive(Debug, Args)]
pub(super) struct IngesterArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    /// The graph's folder, on this machine.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR")]
    graph: PathBuf,
    /// Memory that an ingestion may take, such as 3GiB.
    #[arg(long, env = "EDGRAPH_INGEST_MEMORY", default_value_t, value_name = "SIZE")]
    ingest_memory: Memory,
}

/// Runs until it is told to stop. Of the usual exit codes 2 says also that the coordinator refuses this ingester; beside
/// them 75 says that an ingestion does not stop.
pub(super) async fn execute(args: IngesterArgs, shutdown: CancellationToken) -> ExitCode {
    let batch = BatchLimits::within(args.ingest_memory);
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
