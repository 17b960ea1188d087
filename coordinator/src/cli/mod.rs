//! The command line: arguments in, text and an exit code out. What commands do is elsewhere.
//!
//! Exit codes: 0 when all went well, 1 when something failed, 2 when the command line is wrong.

mod run;
mod progress;
mod summary;
mod query;
mod inspect;
mod text;
mod schema;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use tokio_util::sync::CancellationToken;

/// SEC EDGAR filings in, a queryable financial graph out.
#[derive(Debug, Parser)]
#[command(name = "edgraph", version, propagate_version = true)]
pub struct Cli {
    /// What is logged to standard error, such as `info` or `warn,edgraph_worker=debug`.
    #[arg(long, global = true, env = "EDGRAPH_LOG", default_value = "warn", value_name = "FILTER")]
    pub log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole pipeline in this process: discover, download, process and ingest filings.
    Run(Box<run::RunArgs>),
    /// Ask the graph a question in Cypher, read-only.
    Query(query::QueryArgs),
    /// Count what is in a filing, and list its facts.
    Inspect(inspect::InspectArgs),
    /// Print the whole text of a fact that is too long for the graph.
    Text(text::TextArgs),
    /// Describe the tables of the graph and of the files.
    Schema(schema::SchemaArgs),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Why a command failed: what is said and whether the command line is to blame.
#[derive(Debug)]
struct CommandError {
    message: String,
    is_usage: bool,
}

impl CommandError {
    fn usage(message: impl ToString) -> Self {
        Self { message: message.to_string(), is_usage: true }
    }

    fn failure(message: impl ToString) -> Self {
        Self { message: message.to_string(), is_usage: false }
    }
}

/// Runs a command. Whatever it has to say is printed; the exit code is for scripts.
pub async fn execute(cli: Cli, shutdown: CancellationToken) -> ExitCode {
    let outcome = match cli.command {
        Command::Run(args) => run::execute(*args, shutdown).await,
        Command::Query(args) => query::execute(args).await,
        Command::Inspect(args) => inspect::execute(args).await,
        Command::Text(args) => text::execute(args).await,
        Command::Schema(args) => Ok(schema::execute(args)),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {}", error.message);
        ExitCode::from(if error.is_usage { 2 } else { 1 })
    })
}
