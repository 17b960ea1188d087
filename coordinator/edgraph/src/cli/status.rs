//! `edgraph status`.

use std::process::ExitCode;

use clap::Args;

use super::print::{print, print_line};
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, damage, describe, json};

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The pipeline.
    #[arg(value_name = "ID")]
    pipeline: String,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(args: StatusArgs) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    let status = client.get(&args.pipeline).await?;
    let damage = damage::of_pipeline(&client, &status).await?;
    match args.remote.format {
        OutputFormat::Text => {
            print(format_args!("{}{}", describe::pipeline(&status), describe::damage(&damage)))?;
        }
        OutputFormat::Json => print_line(json::pipeline_with(&status, &damage))?,
    }
    Ok(ExitCode::SUCCESS)
}
