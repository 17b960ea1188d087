//! `edgraph mcp`: the graph and the store for assistants, by the Model Context Protocol.
//!
//! Over standard input and output for a client that starts this program, or over streamable HTTP on loopback. The tools
//! are those of the command line, bounded to what an assistant can read, and change nothing.

mod requests;
mod bounds;
mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use edgraph_shared::console;
use rmcp::ServiceExt;
use rmcp::transport::stdio_pipes;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::place::StoreArgs;
use super::remote::RemoteArgs;
use super::{CommandError, answer};
use server::{Server, Sources};

/// The path that clients are given after the address.
const PATH: &str = "/mcp";

#[derive(Debug, Args)]
pub(super) struct McpArgs {
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
    /// Serve over HTTP at this address of loopback instead, at the path /mcp; port 0 takes a free one and prints it.
    #[arg(long, value_name = "HOST:PORT")]
    http: Option<SocketAddr>,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(
    args: McpArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let sources =
        Sources { graph: args.graph, store: args.store, asker: answer::asker(program), remote: args.remote };
    let server = Server::new(sources);
    match args.http {
        None => over_pipes(server, shutdown).await?,
        Some(address) => over_http(server, address, shutdown).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn over_pipes(server: Server, shutdown: CancellationToken) -> Result<(), CommandError> {
    let serving = server.serve_with_ct(stdio_pipes(), shutdown).await;
    let serving = serving.map_err(|error| {
        CommandError::failure(format!("the client did not begin as it must, with `initialize`: {error}"))
    })?;
    serving.waiting().await.map(drop).map_err(CommandError::failure)
}

async fn over_http(
    server: Server,
    address: SocketAddr,
    shutdown: CancellationToken,
) -> Result<(), CommandError> {
    if !address.ip().is_loopback() {
        return Err(CommandError::usage(format!(
            "--http {address}: nothing would keep strangers out; give an address of loopback, such as 127.0.0.1:0"
        )));
    }
    let failed = |error| CommandError::failure(format!("cannot listen at {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    // Pages of other sites in a browser on this machine are nobody who may ask.
    let config = StreamableHttpServerConfig::default()
        .enforce_origin_validation()
        .with_cancellation_token(shutdown.child_token());
    let service: StreamableHttpService<Server, LocalSessionManager> =
        StreamableHttpService::new(move || Ok(server.clone()), Default::default(), config);
    let router = axum::Router::new().nest_service(PATH, service);
    // Whoever does not read it finds the address in the arguments.
    let _ = console::output(|out| writeln!(out, "listening on http://{bound}{PATH}"));
    let serving = axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned());
    serving.await.map_err(CommandError::failure)
}
