//! `edgraph retry`, `cancel`, `pause`, `resume` and `delete`.

use std::process::ExitCode;

use clap::Args;

use super::print::print_line;
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe, json};

#[derive(Debug, Args)]
pub(super) struct SteerArgs {
    /// The pipeline.
    #[arg(value_name = "ID")]
    pipeline: String,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What is done to the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Retry,
    Cancel,
    Pause,
    Resume,
    Delete,
}

pub(super) async fn execute(args: SteerArgs, turn: Turn) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    let id = args.pipeline.as_str();
    let (status, retried) = match turn {
        Turn::Retry => {
            let (status, retried) = client.retry_failed(id).await?;
            (status, Some(retried))
        }
        Turn::Cancel => (client.cancel(id).await?, None),
        Turn::Pause => (client.pause(id).await?, None),
        Turn::Resume => (client.resume(id).await?, None),
        Turn::Delete => (client.delete(id).await?, None),
    };
    match args.remote.format {
        OutputFormat::Text => {
            match retried {
                Some(0) => print_line("nothing has failed")?,
                Some(items) => print_line(format_args!("{items} items are tried again"))?,
                None => {}
            }
            let forgotten = if turn == Turn::Delete { "deleted; it was " } else { "" };
            print_line(format_args!("{forgotten}{}", describe::progress(&status)))?;
        }
        OutputFormat::Json => {
            let mut object = json::pipeline(&status);
            if let Some(retried) = retried {
                object["retried"] = retried.into();
            }
            print_line(object)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
