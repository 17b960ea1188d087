//! `edgraph retry`, `cancel` and `run-now`: what is done to many items at once, or only counted.

use std::process::ExitCode;

use clap::Args;
use edgraph_client::{Client, Error, v1};

use super::filter::{CauseArgs, FilterArgs};
use super::print::print_line;
use super::steer::{self, SteerArgs, Turn};
use super::{CommandError, OutputFormat, describe, json};

#[derive(Debug, Args)]
pub(super) struct CancelArgs {
    #[command(flatten)]
    steer: SteerArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// Only say how many open items it would be.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct CauseSweepArgs {
    #[command(flatten)]
    steer: SteerArgs,
    #[command(flatten)]
    cause: CauseArgs,
    /// Only say how many items it would be.
    #[arg(long)]
    dry_run: bool,
}

/// What is done, in words.
struct Words {
    /// Of the count, in JSON.
    field: &'static str,
    done: &'static str,
    would: &'static str,
    /// Where there is none, with a filter and without.
    none: [&'static str; 2],
}

const RETRY: Words = Words {
    field: "retried",
    done: "are tried again",
    would: "would be tried again",
    none: ["nothing that failed is of that kind and reason", "nothing has failed"],
};
const CANCEL: Words = Words {
    field: "cancelled",
    done: "are cancelled",
    would: "would be cancelled",
    none: ["nothing that is open is selected", "nothing is open"],
};
const RUN_NOW: Words = Words {
    field: "advanced",
    done: "need not wait any more",
    would: "would not have to wait any more",
    none: ["nothing that waits is of that kind and reason", "nothing waits after an attempt"],
};

pub(super) async fn retry(args: CauseSweepArgs) -> Result<ExitCode, CommandError> {
    let (filter, dry_run) = (args.cause.filter(), args.dry_run);
    let act = async |client: &Client, id: &str, filter| client.retry_items(id, filter, dry_run).await;
    sweep(args.steer, filter, dry_run, &RETRY, act).await
}

pub(super) async fn run_now(args: CauseSweepArgs) -> Result<ExitCode, CommandError> {
    let (filter, dry_run) = (args.cause.filter(), args.dry_run);
    let act = async |client: &Client, id: &str, filter| client.run_items_now(id, filter, dry_run).await;
    sweep(args.steer, filter, dry_run, &RUN_NOW, act).await
}

/// Without a word about items, the whole pipeline.
pub(super) async fn cancel(args: CancelArgs) -> Result<ExitCode, CommandError> {
    let (filter, dry_run) = (args.filter.filter(), args.dry_run);
    if filter == v1::ItemFilter::default() && !dry_run {
        return steer::execute(args.steer, Turn::Cancel).await;
    }
    let act = async |client: &Client, id: &str, filter| client.cancel_items(id, filter, dry_run).await;
    sweep(args.steer, filter, dry_run, &CANCEL, act).await
}

async fn sweep(
    SteerArgs { pipeline: id, remote }: SteerArgs,
    filter: v1::ItemFilter,
    dry_run: bool,
    words: &Words,
    act: impl AsyncFnOnce(&Client, &str, v1::ItemFilter) -> Result<(v1::Pipeline, u64), Error>,
) -> Result<ExitCode, CommandError> {
    let client = remote.connect().await?;
    let [none_selected, none] = words.none;
    let none = if filter == v1::ItemFilter::default() { none } else { none_selected };
    let (status, items) = act(&client, &id, filter).await?;
    match remote.format {
        OutputFormat::Text => {
            let done = if dry_run { words.would } else { words.done };
            match items {
                0 => print_line(none)?,
                items => print_line(format_args!("{items} items {done}"))?,
            }
            print_line(describe::progress(&status))?;
        }
        OutputFormat::Json => {
            let mut object = json::pipeline(&status);
            object[words.field] = items.into();
            print_line(object)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
