//! `edgraph verify`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use edgraph_graph::gc::Grace;
use edgraph_graph::verify::{self, Depth, Finding, Scope, Verified};
use indicatif::HumanBytes;

use super::place::StoreArgs;
use super::print::{print_line, print_with};
use super::{CommandError, OutputFormat};

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The graph's folder: `graph` in what a run wrote; none is looked at when absent.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR")]
    graph: Option<PathBuf>,
    /// Read every file: compare its hash, and whether what its rows name is there.
    #[arg(long)]
    hashes: bool,
    /// Files that nothing reads are found when they are older.
    #[arg(long, env = "EDGRAPH_GC_GRACE", default_value = "24h", value_parser = humantime::parse_duration, value_name = "TIME")]
    grace: Duration,
    /// A report for people or for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) async fn execute(args: VerifyArgs) -> Result<ExitCode, CommandError> {
    let store = args.store.open().await?;
    let scope = Scope {
        depth: if args.hashes { Depth::Hashes } else { Depth::Sizes },
        graph: args.graph,
        grace: Grace { time: args.grace, now: SystemTime::now() },
    };
    let verified = verify::verify(&store, &scope).await.map_err(CommandError::failure)?;
    store.close();
    match args.format {
        OutputFormat::Text => print_with(|out| write(out, &verified, scope.depth))?,
        OutputFormat::Json => print_line(serde_json::json!(verified))?,
    }
    Ok(if verified.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(out: &mut dyn Write, verified: &Verified, depth: Depth) -> io::Result<()> {
    let Verified { filings, published, in_graph, files, bytes, rows, findings, more } = verified;
    writeln!(out, "{filings} filings with a manifest, {published} in the tables")?;
    match in_graph {
        Some(in_graph) => writeln!(out, "{in_graph} filings in the graph")?,
        None => writeln!(out, "no graph was looked at")?,
    }
    let compared = match depth {
        Depth::Sizes => "sizes; --hashes reads them",
        Depth::Hashes => "hashes, and rows with each other",
    };
    writeln!(out, "{files} files of {}, compared by {compared}", HumanBytes(*bytes))?;
    let width = rows.keys().map(|table| table.len()).max().unwrap_or_default();
    rows.iter().try_for_each(|(table, rows)| writeln!(out, "  {table:width$}  {rows} rows"))?;
    for Finding { place, problem, fix } in findings {
        writeln!(out, "{place}: {problem}; {fix}")?;
    }
    match (findings.len(), more) {
        (0, _) => writeln!(out, "nothing is wrong"),
        (1, 0) => writeln!(out, "1 finding"),
        (found, 0) => writeln!(out, "{found} findings"),
        (found, more) => writeln!(out, "{found} findings, and {more} more that are not listed"),
    }
}
