//! `edgraph statement`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use edgraph_graph::asking::Which;
use edgraph_graph::statement::{Breakdown, Proof, Request, Span, Wanted};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::answer;
use super::format::RowsFormat;

/// Periods that a table has room for.
const MAX_PERIODS: i64 = 40;

#[derive(Debug, Args)]
pub(super) struct StatementArgs {
    /// A ticker, a CIK or an accession number; of a company the newest 10-K or 10-Q is read.
    #[arg(value_name = "TICKER|CIK|ACCESSION")]
    company: String,
    /// income, balance, cash or equity; or any other role by its number, its name, or a part of name or address.
    #[arg(default_value = "income", value_name = "STATEMENT")]
    statement: String,
    /// So many years instead, out of as many annual reports: each as the newest filing says it that shows it.
    #[arg(long, value_name = "N", conflicts_with = "quarters", value_parser = clap::value_parser!(u32).range(1..=MAX_PERIODS))]
    years: Option<u32>,
    /// So many quarters instead, out of quarterly reports. A fourth quarter is in none: `edgraph series` derives it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_PERIODS))]
    quarters: Option<u32>,
    /// Below each line what its members come to, of the axes in the statement's own table.
    #[arg(long)]
    breakdown: bool,
    /// Below each number its filing and fact id; JSON and CSV always have them.
    #[arg(long)]
    proof: bool,
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// A table for people; JSON or CSV for programs, one row for each number, with its exact value.
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
}

pub(super) async fn execute(
    args: StatementArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let request = Request {
        company: args.company,
        wanted: Wanted::parse(&args.statement),
        span: match (args.years, args.quarters) {
            (Some(years), _) => Span::Years(years as usize),
            (None, Some(quarters)) => Span::Quarters(quarters as usize),
            (None, None) => Span::Report,
        },
        breakdown: if args.breakdown { Breakdown::Everywhere } else { Breakdown::WhereNeeded },
    };
    let proof = if args.proof { Proof::Below } else { Proof::None };
    answer::show(program, &args.graph, Which::Statement(request, proof), args.format, &shutdown).await
}
