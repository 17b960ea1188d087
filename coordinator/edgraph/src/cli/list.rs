//! `edgraph list`.

use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::print::{print, print_line};
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe, json};

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(args: ListArgs) -> Result<ExitCode, CommandError> {
    let pipelines = args.remote.connect().await?.list().all().await?;
    match args.remote.format {
        OutputFormat::Text => print(describe::pipelines(&pipelines))?,
        OutputFormat::Json => print_line(pipelines.iter().map(json::pipeline).collect::<Value>())?,
    }
    Ok(ExitCode::SUCCESS)
}
