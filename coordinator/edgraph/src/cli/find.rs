//! `edgraph find`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use edgraph_graph::asking::Which;
use edgraph_graph::find::{Kind, Request};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::answer;
use super::format::RowsFormat;

/// Hits of each kind that are shown.
const DEFAULT_LIMIT: u64 = 10;

#[derive(Debug, Args)]
pub(super) struct FindArgs {
    /// Words, all of which a hit has: as a part of a name in CamelCase, of a label, a symbol, a CIK or a text.
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// Hits of one kind alone.
    #[arg(long, value_enum)]
    kind: Option<HitKind>,
    /// Hits of each kind that are shown.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// Tables for people; JSON by kind, or CSV with all kinds in one table, for programs.
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
}

/// See [`Kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HitKind {
    /// By name, ticker symbol or CIK.
    Company,
    /// By name or label; names of the standard map, too.
    Concept,
    /// Statements and disclosures by name, number, kind or filing.
    Statement,
    /// Text blocks by concept, and by as much of their text as the graph has.
    Text,
}

pub(super) async fn execute(
    args: FindArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let kind = args.kind.map(|kind| match kind {
        HitKind::Company => Kind::Company,
        HitKind::Concept => Kind::Concept,
        HitKind::Statement => Kind::Statement,
        HitKind::Text => Kind::Text,
    });
    let request = Request { text: args.text.join(" "), kind, limit: args.limit as usize };
    answer::show(program, &args.graph, Which::Find(request), args.format, &shutdown).await
}
