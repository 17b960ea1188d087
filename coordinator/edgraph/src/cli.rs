//! The command line: arguments in, text and an exit code out. What commands do is elsewhere.
//!
//! Exit codes: 0 when all went well, 1 when something failed, 2 when the command line is wrong, also where only
//! the fleet that it names can tell.

mod error;
mod format;
mod print;
mod parameters;
mod company_list;
mod setup;
mod run;
mod dev;
mod progress;
mod summary;
mod serve;
mod remote;
mod start;
mod spec;
mod status;
mod watch;
mod list;
mod filter;
mod items;
mod steer;
mod sweep;
mod workers;
mod requests;
mod reconcile;
mod describe;
mod json;
mod damage;
mod query;
mod answer;
mod statement;
mod series;
mod mcp;
mod find;
mod inspect;
mod text;
mod schema;
mod place;
mod gc;
mod compact;
mod verify;
mod ingest;
mod ingester;
mod worker;
mod doctor;
mod completions;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use edgraph_shared::console;
use edgraph_worker::config::WorkerArgs;
use tokio_util::sync::CancellationToken;

use error::CommandError;
use format::OutputFormat;
use steer::Turn;

/// SEC EDGAR filings in, a queryable financial graph out.
#[derive(Debug, Parser)]
#[command(name = "edgraph", version, propagate_version = true)]
pub struct Cli {
    /// What is logged to standard error, such as `info` or `warn,edgraph_worker=debug`.
    /// Warnings by default, and of `serve`, `worker` and `ingester` what they do.
    #[arg(long, global = true, env = "EDGRAPH_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Say nothing but results and errors: no progress, no remarks.
    #[arg(short, long, global = true, env = "EDGRAPH_QUIET")]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole pipeline in this process: discover, download, process and ingest filings.
    Run(Box<run::RunArgs>),
    /// Run a whole fleet in this process, to build on: coordinator, workers, ingester and page, without Redis.
    Dev(Box<dev::DevArgs>),
    /// Run a coordinator: lease work to workers, keep pipelines in Redis, launch ingestion.
    Serve(Box<serve::ServeArgs>),
    /// Start a pipeline on a coordinator.
    Start(Box<start::StartArgs>),
    /// Show where a pipeline stands.
    Status(status::StatusArgs),
    /// Follow a pipeline to its end; exit 1 unless everything succeeds.
    Watch(watch::WatchArgs),
    /// List the pipelines of a coordinator.
    List(list::ListArgs),
    /// List the work items of a pipeline, those that failed among them.
    Items(items::ItemsArgs),
    /// Try items again that failed for good: all, or those of a kind or a reason.
    Retry(sweep::CauseSweepArgs),
    /// Let items run at once that wait after an attempt that did not end well.
    RunNow(sweep::CauseSweepArgs),
    /// Cancel a pipeline, or some of its items.
    Cancel(sweep::CancelArgs),
    /// Stop handing out work of a pipeline; work under way goes on.
    Pause(steer::SteerArgs),
    /// Hand out work again; a held pipeline goes on without what failed.
    Resume(steer::SteerArgs),
    /// Forget a finished pipeline now; what it made stays in the store and in the graph.
    Delete(steer::SteerArgs),
    /// List the workers and how much work waits.
    Workers(workers::WorkersArgs),
    /// Let a worker finish what it holds and end.
    Drain(workers::DrainArgs),
    /// Ask hosts again that asked to slow down, before their pause is over.
    ResumeRequests(requests::ResumeRequestsArgs),
    /// Bring finished pipelines back that Redis has lost, from the coordinator's store; exit 1 if one is refused.
    Reconcile(reconcile::ReconcileArgs),
    /// Ask the graph a question in Cypher, read-only.
    Query(query::QueryArgs),
    /// Answer one question on standard input, for the process that started this one.
    #[command(hide = true)]
    Answer,
    /// Show a financial statement as a company filed it.
    Statement(statement::StatementArgs),
    /// Show one amount over time, under a name that means the same for every company.
    Series(series::SeriesArgs),
    /// Serve assistants: the graph and its texts by the Model Context Protocol, read-only.
    Mcp(Box<mcp::McpArgs>),
    /// Look up companies, concepts, statements and texts by a few words.
    Find(find::FindArgs),
    /// Count what is in a filing, and list its facts.
    Inspect(inspect::InspectArgs),
    /// Print what a filing says of a concept, such as a note: as plain text, its tables as tables.
    Text(text::TextArgs),
    /// Describe the tables of the graph and of the files.
    Schema(schema::SchemaArgs),
    /// Remove files of a store that nothing reads any more.
    Gc(gc::GcArgs),
    /// Make the small files of closed months into few large ones, without changing a row.
    Compact(compact::CompactArgs),
    /// Compare files, tables and graph of a store; exit 1 unless they are whole and agree.
    Verify(verify::VerifyArgs),
    /// Bring the graph on this machine to what the store's tables hold, or build it anew from them.
    Ingest(ingest::IngestArgs),
    /// Load accepted filings into the graph on this machine, for a coordinator elsewhere.
    Ingester(Box<ingester::IngesterArgs>),
    /// Take work from a coordinator, as the program edgraph-worker does.
    Worker(Box<WorkerArgs>),
    /// Look at everything a fleet or a run stands on, and say what is wrong and how to mend it; exit 1 if something is.
    Doctor(Box<doctor::DoctorArgs>),
    /// Print what a shell needs to complete commands, flags and values: `source <(edgraph completions bash)`.
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// What is to be logged.
    pub fn log_filter(&self) -> &str {
        let default = match self.command {
            _ if self.quiet => "error",
            Command::Serve(_) | Command::Ingester(_) | Command::Worker(_) => "info",
            _ => "warn",
        };
        self.log.as_deref().unwrap_or(default)
    }
}

/// Runs a command of this program. Whatever it has to say is printed; the exit code is for scripts.
pub async fn execute(cli: Cli, program: &Path, shutdown: CancellationToken) -> ExitCode {
    if cli.quiet {
        console::hush();
    }
    let outcome = match cli.command {
        Command::Run(args) => run::execute(*args, program, shutdown).await,
        Command::Dev(args) => dev::execute(*args, program, shutdown).await,
        Command::Start(args) => start::execute(*args, shutdown).await,
        Command::Serve(args) => serve::execute(*args, program, shutdown).await,
        Command::Status(args) => status::execute(args).await,
        Command::Watch(args) => watch::execute(args, shutdown).await,
        Command::List(args) => list::execute(args).await,
        Command::Items(args) => items::execute(args).await,
        Command::Retry(args) => sweep::retry(args).await,
        Command::RunNow(args) => sweep::run_now(args).await,
        Command::Cancel(args) => sweep::cancel(args).await,
        Command::Pause(args) => steer::execute(args, Turn::Pause).await,
        Command::Resume(args) => steer::execute(args, Turn::Resume).await,
        Command::Delete(args) => steer::execute(args, Turn::Delete).await,
        Command::Workers(args) => workers::execute(args).await,
        Command::Drain(args) => workers::drain(args).await,
        Command::ResumeRequests(args) => requests::resume(args).await,
        Command::Reconcile(args) => reconcile::execute(args).await,
        Command::Query(args) => query::execute(args, program, shutdown).await,
        Command::Answer => answer::execute(shutdown).await,
        Command::Statement(args) => statement::execute(args, program, shutdown).await,
        Command::Series(args) => series::execute(args, program, shutdown).await,
        Command::Mcp(args) => mcp::execute(*args, program, shutdown).await,
        Command::Find(args) => find::execute(args, program, shutdown).await,
        Command::Inspect(args) => inspect::execute(args).await,
        Command::Text(args) => text::execute(args).await,
        Command::Schema(args) => schema::execute(args),
        Command::Gc(args) => gc::execute(args).await,
        Command::Compact(args) => compact::execute(args, shutdown).await,
        Command::Verify(args) => verify::execute(args).await,
        Command::Ingest(args) => ingest::execute(args, shutdown).await,
        Command::Worker(args) => worker::execute(*args, shutdown).await,
        Command::Doctor(args) => doctor::execute(*args, program).await,
        Command::Completions(args) => completions::execute(args, Cli::command()),
        Command::Ingester(args) => Ok(ingester::execute(*args, shutdown).await),
    };
    outcome.unwrap_or_else(|error| {
        console::say(format_args!("error: {}", error.message));
        ExitCode::from(if error.is_usage { 2 } else { 1 })
    })
}
