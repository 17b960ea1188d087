//! `edgraph query`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use edgraph_graph::query::{self, Format, Question, examples};
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
    #[arg(required_unless_present_any = ["example", "file", "examples"], conflicts_with_all = ["example", "file"])]
    cypher: Option<String>,
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// A table for people, JSON or CSV for programs.
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
    /// A value for a $parameter of the statement; may be given more than once.
    #[arg(long = "param", value_name = "NAME=VALUE")]
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
    args: QueryArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    if args.examples {
        let mut listed = examples::EXAMPLES.iter();
        print_with(|out| {
            listed.try_for_each(|example| writeln!(out, "{:24} {}", example.name, example.doc))
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let statement = statement(&args)?;
    let parameters: Result<Vec<_>, _> = args.params.iter().map(|text| query::parse_parameter(text)).collect();
    let parameters = parameters.map_err(CommandError::usage)?;
    let timeout = Duration::from_secs(args.timeout);
    let limits = Limits { max_rows: args.max_rows, timeout, ..Limits::default() };
    let format = args.format.into();
    let question = Question { graph: args.graph, query: GraphQuery { statement, parameters, limits } };
    let table = answer::asker(program).query(question, &shutdown).await;
    let table = table.map_err(CommandError::failure)?;
    print(query::render(&table, format))?;
    if table.truncated && format != Format::Table {
        let more =
            format_args!("only the first {} rows are shown; raise --max-rows to see more", args.max_rows);
        console::say(more);
    }
    Ok(ExitCode::SUCCESS)
}

fn statement(args: &QueryArgs) -> Result<String, CommandError> {
    if let Some(file) = &args.file {
        let read = std::fs::read_to_string(file);
        return read.map_err(|error| CommandError::usage(format!("cannot read {}: {error}", file.display())));
    }
    if let Some(name) = &args.example {
        let known = examples::find(name);
        let names: Vec<&str> = examples::EXAMPLES.iter().map(|example| example.name).collect();
        let unknown =
            || CommandError::usage(format!("no example is called `{name}`; there are {}", names.join(", ")));
        return known.map(|example| example.cypher.to_owned()).ok_or_else(unknown);
    }
    Ok(args.cypher.clone().unwrap_or_default())
}
