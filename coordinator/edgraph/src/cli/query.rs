//! `edgraph query`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use edgraph_graph::database::cell::Parameter;
use edgraph_graph::query::examples::{self, Example};
use edgraph_graph::query::{self, Format, Question};
use edgraph_shared::console;
use edgraph_shared::model::{GraphQuery, QueryLimits as Limits};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::answer;
use super::format::RowsFormat;
use super::print::{print, print_with};

#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    /// The statement.
    #[arg(conflicts_with_all = ["example", "file"])]
    cypher: Option<String>,
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// A table for people, JSON or CSV for programs.
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
    /// Values for the $parameters of the statement; of an example those that narrow it, such as ticker=AAPL.
    #[arg(long = "param", value_name = "NAME=VALUE", num_args = 1..)]
    params: Vec<String>,
    /// A statement that comes with edgraph, by name.
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    example: Option<String>,
    /// A file with the statement.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// List the statements that come with edgraph.
    #[arg(long)]
    examples: bool,
    /// Rows printed at most.
    #[arg(long, default_value_t = Limits::default().max_rows, value_name = "N")]
    max_rows: usize,
    /// Seconds the statement may take.
    #[arg(long, default_value_t = Limits::default().timeout.as_secs(), value_name = "SECONDS")]
    timeout: u64,
}

pub(super) async fn execute(
    mut args: QueryArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    if args.examples {
        let mut listed = examples::all();
        print_with(|out| listed.try_for_each(|example| writeln!(out, "{}", described(example))))?;
        return Ok(ExitCode::SUCCESS);
    }
    args.give_back();
    let parameters: Result<Vec<_>, _> = args.params.iter().map(|text| query::parse_parameter(text)).collect();
    let parameters = parameters.map_err(CommandError::usage)?;
    let statement = statement(&args, &parameters)?;
    let timeout = Duration::from_secs(args.timeout);
    let limits = Limits { max_rows: args.max_rows, timeout, ..Limits::default() };
    let format = args.format.into();
    let narrows = args.example.is_some() && !parameters.is_empty();
    let query = GraphQuery { statement, parameters, limits };
    let question = Question { graph: args.graph, query, narrows };
    let table = answer::asker(program).query(question, &shutdown).await;
    let table = table.map_err(CommandError::failure)?;
    print(query::render(&table, format))?;
    if table.truncated && !matches!(format, Format::Table { .. }) {
        let more =
            format_args!("only the first {} rows are shown; raise --max-rows to see more", args.max_rows);
        console::remark(more);
    }
    Ok(ExitCode::SUCCESS)
}

impl QueryArgs {
    /// A statement that stands behind the values of --param was taken for one of them.
    fn give_back(&mut self) {
        let is_free = self.cypher.is_none() && self.example.is_none() && self.file.is_none();
        if is_free && self.params.last().is_some_and(|last| !query::names_parameter(last)) {
            self.cypher = self.params.pop();
        }
    }
}

/// An example, for people.
fn described(example: &Example) -> String {
    let takes = example.takes();
    let narrowed =
        if takes.is_empty() { String::new() } else { format!("  (--param {}=…)", takes.join("=… ")) };
    format!("{:24} {}{narrowed}", example.name, example.doc)
}

/// What is asked: of an example as much as the parameters narrow.
fn statement(args: &QueryArgs, parameters: &[(String, Parameter)]) -> Result<String, CommandError> {
    if let Some(name) = &args.example {
        let known = examples::find(name);
        let names: Vec<&str> = examples::all().map(|example| example.name).collect();
        let unknown =
            || CommandError::usage(format!("no example is called `{name}`; there are {}", names.join(", ")));
        let given: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        return known.ok_or_else(unknown)?.narrowed(&given).map_err(CommandError::usage);
    }
    if let Some(file) = &args.file {
        let read = std::fs::read_to_string(file);
        return read.map_err(|error| CommandError::usage(format!("cannot read {}: {error}", file.display())));
    }
    let missing = || {
        CommandError::usage(
            "ask something: a statement, --file FILE, or --example NAME; --examples lists these",
        )
    };
    args.cypher.clone().ok_or_else(missing)
}
