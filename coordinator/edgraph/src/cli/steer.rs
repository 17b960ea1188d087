//! `edgraph retry`, `cancel`, `pause`, `resume` and `delete`.

use std::process::ExitCode;

use clap::Args;
use edgraph_client::v1;

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

#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    #[command(flatten)]
    steer: SteerArgs,
    /// Failed items of this kind only, such as process_filing.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Failed items only whose reason has these words.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only say how many items it would be.
    #[arg(long)]
    dry_run: bool,
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

pub(super) async fn retry(args: RetryArgs) -> Result<ExitCode, CommandError> {
    let SteerArgs { pipeline: id, remote } = args.steer;
    let client = remote.connect().await?;
    let is_some = args.kind.is_some() || args.reason.is_some();
    let filter = v1::ItemFilter {
        kind: args.kind.unwrap_or_default(),
        reason_contains: args.reason.unwrap_or_default(),
        ..Default::default()
    };
    let (status, retried) = client.retry_items(&id, filter, args.dry_run).await?;
    match remote.format {
        OutputFormat::Text => {
            let done = if args.dry_run { "would be tried again" } else { "are tried again" };
            match retried {
                0 if is_some => print_line("nothing that failed is of that kind and reason")?,
                0 => print_line("nothing has failed")?,
                items => print_line(format_args!("{items} items {done}"))?,
            }
            print_line(describe::progress(&status))?;
        }
        OutputFormat::Json => {
            let mut object = json::pipeline(&status);
            object["retried"] = retried.into();
            print_line(object)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
