//! `edgraph cancel`, `pause`, `resume` and `delete` of whole pipelines.

use std::process::ExitCode;

use clap::Args;

use super::print::print_line;
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe, json};

#[derive(Debug, Args)]
pub(super) struct SteerArgs {
    /// The pipeline.
    #[arg(value_name = "ID")]
    pub(super) pipeline: String,
    #[command(flatten)]
    pub(super) remote: RemoteArgs,
}

/// What is done to the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Cancel,
    Pause,
    Resume,
    Delete,
}

pub(super) async fn execute(args: SteerArgs, turn: Turn) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    let id = args.pipeline.as_str();
    let status = match turn {
        Turn::Cancel => client.cancel(id).await?,
        Turn::Pause => client.pause(id).await?,
        Turn::Resume => client.resume(id).await?,
        Turn::Delete => client.delete(id).await?,
    };
    match args.remote.format {
        OutputFormat::Text => {
            let forgotten = if turn == Turn::Delete { "deleted; it was " } else { "" };
            print_line(format_args!("{forgotten}{}", describe::progress(&status)))?;
        }
        OutputFormat::Json => print_line(json::pipeline(&status))?,
    }
    Ok(ExitCode::SUCCESS)
}
