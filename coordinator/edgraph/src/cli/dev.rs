//! `edgraph dev`: a fleet in this process, for whoever builds on it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use edgraph_shared::console;
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::run::{failed, page};
use super::setup::SetupArgs;
use crate::embedded::{self, DevConfig};

#[derive(Debug, Args)]
pub(super) struct DevArgs {
    #[command(flatten)]
    setup: SetupArgs,
    /// Where clients find the coordinator, on loopback; port 0 takes a free one and prints it.
    #[arg(long, env = "EDGRAPH_LISTEN", default_value = "127.0.0.1:50051", value_name = "HOST:PORT")]
    listen: SocketAddr,
    /// Where the page and the JSON are served, on loopback; port 0 takes a free one and prints it.
    #[arg(long, env = "EDGRAPH_HTTP", default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    ui: SocketAddr,
}

pub(super) async fn execute(
    args: DevArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let setup = args.setup.setup();
    let page = page(args.ui, setup.graph.as_deref(), program);
    let announce = |services: &str, page: &str| {
        // Whoever does not read it finds the addresses in the arguments.
        let _ = console::output(|out| {
            writeln!(out, "listening on {services}")?;
            writeln!(out, "the page is at {page}")
        });
        console::remark(format_args!(
            "start a pipeline with: edgraph start --coordinator {services} --tickers AAPL"
        ));
    };
    embedded::dev(DevConfig { setup, listen: args.listen, page }, announce, shutdown)
        .await
        .map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}
