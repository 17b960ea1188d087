//! `edgraph series`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use edgraph_graph::asking::Which;
use edgraph_graph::series::{Basis, Entry, Length, Request, StandardMap};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::answer;
use super::format::RowsFormat;
use super::print::print_with;

#[derive(Debug, Args)]
pub(super) struct SeriesArgs {
    /// Companies, by ticker or CIK, with commas between them.
    #[arg(value_name = "TICKER|CIK[,…]", required_unless_present = "list")]
    companies: Option<String>,
    /// A name of the standard map, such as revenue; or a concept, such as us-gaap:Revenues.
    #[arg(value_name = "NAME|CONCEPT", required_unless_present = "list")]
    name: Option<String>,
    /// Fiscal years; balances at their ends. The default.
    #[arg(long, group = "length")]
    annual: bool,
    /// Discrete quarters, derived where they follow from what is told; balances at their ends.
    #[arg(long, group = "length")]
    quarterly: bool,
    /// Twelve months up to the end of each quarter.
    #[arg(long, group = "length")]
    ttm: bool,
    /// Of each period what was said first.
    #[arg(long, conflicts_with = "as_last_reported")]
    as_first_reported: bool,
    /// Of each period what was said last. The default.
    #[arg(long)]
    as_last_reported: bool,
    /// A CSV like the standard map, whose lines take the place of those of the same name, order and industry.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// List the names of the map with the concepts that stand for them.
    #[arg(long)]
    list: bool,
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// A table for people; JSON or CSV for programs, with operands and exact values.
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
}

pub(super) async fn execute(
    args: SeriesArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let map = map(&args)?;
    if args.list {
        let mut entries = map.entries().iter();
        print_with(|out| entries.try_for_each(|entry| writeln!(out, "{}", described(entry))))?;
        return Ok(ExitCode::SUCCESS);
    }
    let length = match (args.quarterly, args.ttm) {
        (true, _) => Length::Quarters,
        (_, true) => Length::TwelveMonths,
        _ => Length::Years,
    };
    let basis = if args.as_first_reported { Basis::First } else { Basis::Last };
    let named = args.companies.unwrap_or_default();
    let companies = named.split(',').map(str::trim).filter(|company| !company.is_empty()).map(str::to_owned);
    let request =
        Request { companies: companies.collect(), name: args.name.unwrap_or_default(), length, basis, map };
    answer::show(program, &args.graph, Which::Series(request), args.format, &shutdown).await
}

fn map(args: &SeriesArgs) -> Result<StandardMap, CommandError> {
    let Some(file) = &args.map else { return Ok(StandardMap::standard()) };
    let what = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("cannot read {what}: {error}")))?;
    StandardMap::standard().overridden(&what, &text).map_err(CommandError::usage)
}

/// A line of the map, for people.
fn described(entry: &Entry) -> String {
    let industry =
        if entry.industry.is_empty() { String::new() } else { format!(" [SIC {}]", entry.industry) };
    let note = if entry.note.is_empty() { String::new() } else { format!("  ({})", entry.note) };
    format!("{:26} {} {}{industry}{note}", entry.name, entry.order, entry.concept)
}
