//! `edgraph status`.

use std::process::ExitCode;

use clap::Args;

use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe, json};

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The pipeline.
    #[arg(value_name = "ID")]
    pipeline: String,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(args: StatusArgs) -> Result<ExitCode, CommandError> {
    let status = args.remote.connect().await?.get(&args.pipeline).await?;
    match args.remote.format {
        OutputFormat::Text => print!("{}", describe::pipeline(&status)),
        OutputFormat::Json => println!("{}", json::pipeline(&status)),
    }
    Ok(ExitCode::SUCCESS)
}
