//! `edgraph start`: a pipeline on a coordinator.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use edgraph_client::prost_types::Struct;
use edgraph_client::v1::{self, start_pipeline_request::Input};
use edgraph_shared::console;
use edgraph_shared::kinds::sec_xbrl::{Graph, NAME as SEC_XBRL};
use edgraph_shared::wire::parameters::sec_xbrl_to;
use tokio_util::sync::CancellationToken;

use super::parameters::ParameterArgs;
use super::print::print_line;
use super::remote::RemoteArgs;
use super::watch::{WhenHeld, follow};
use super::{CommandError, OutputFormat, describe, json, spec};

#[derive(Debug, Args)]
pub(super) struct StartArgs {
    #[command(flatten)]
    parameters: ParameterArgs,
    /// What to run; gc takes --params '{"grace_s": 86400}', and kinds that are not known here --params and --spec.
    #[arg(long, default_value = SEC_XBRL, value_name = "KIND")]
    kind: String,
    /// Parameters as a JSON object, instead of the flags for companies and filings.
    #[arg(long, value_name = "JSON", conflicts_with_all = ["tickers", "ciks", "universe"])]
    params: Option<String>,
    /// Whether the graph takes what is processed, or the tables of the store alone.
    #[arg(long, value_enum, default_value_t = GraphArg::Load, conflicts_with = "params")]
    graph: GraphArg,
    /// Items, limits and policies as a JSON file; for a known kind, what differs from its own.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The pipeline's id, a-z, 0-9, `_` and `-`; made by the coordinator when absent.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Makes a start without an id repeatable.
    #[arg(long, value_name = "TEXT")]
    request_id: Option<String>,
    /// Wait for the end, with progress; exit 1 unless everything succeeds.
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GraphArg {
    /// The graph takes it, too.
    Load,
    /// The tables alone.
    None,
}

impl StartArgs {
    async fn request(&self) -> Result<v1::StartPipelineRequest, CommandError> {
        let input = match &self.params {
            Some(params) => Input::Params(object(params)?),
            None if self.kind == SEC_XBRL => {
                let graph = match self.graph {
                    GraphArg::Load => Graph::Load,
                    GraphArg::None => Graph::None,
                };
                Input::SecXbrl(sec_xbrl_to(&self.parameters.parameters(None, graph).await?))
            }
            None => Input::Params(Default::default()),
        };
        Ok(v1::StartPipelineRequest {
            pipeline_id: self.id.clone().unwrap_or_default(),
            request_id: self.request_id.clone().unwrap_or_default(),
            kind: self.kind.clone(),
            input: Some(input),
            spec: self.spec.as_deref().map(read_spec).transpose()?,
            ..Default::default()
        })
    }
}

/// Parameters that were written as JSON.
fn object(text: &str) -> Result<Struct, CommandError> {
    let read = serde_json::from_str(text);
    let failed = |error| CommandError::usage(format!("--params is not a JSON object: {error}"));
    read.map(edgraph_client::json::to_struct).map_err(failed)
}

fn read_spec(path: &Path) -> Result<v1::PipelineSpec, CommandError> {
    let failed = |what: &str, error: &dyn std::error::Error| {
        CommandError::usage(format!("--spec: {what} {}: {error}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed("cannot read", &error))?;
    spec::parse(&text).map_err(|error| failed("cannot understand", &error))
}

pub(super) async fn execute(args: StartArgs, shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let request = args.request().await?;
    let client = args.remote.connect().await?;
    let (started, created) = client.start_or_find(request).await?;
    let id = started.pipeline_id.as_str();
    if !created {
        console::remark(format_args!("pipeline {id} exists already: the same start made it before"));
    }
    if args.wait {
        console::remark(format_args!("pipeline {id}"));
        return follow(&client, id, args.remote.format, WhenHeld::End, shutdown).await;
    }
    match args.remote.format {
        OutputFormat::Text => {
            print_line(format_args!("{}\nwatch it: edgraph watch {id}", describe::progress(&started)))?;
        }
        OutputFormat::Json => print_line(json::pipeline(&started))?,
    }
    Ok(ExitCode::SUCCESS)
}
