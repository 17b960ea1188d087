//! `edgraph workers` and `edgraph drain`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::print::{print, print_line};
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe};

#[derive(Debug, Args)]
pub(super) struct WorkersArgs {
    #[command(flatten)]
    remote: RemoteArgs,
}

#[derive(Debug, Args)]
pub(super) struct DrainArgs {
    /// The worker.
    #[arg(value_name = "WORKER")]
    worker: String,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(args: WorkersArgs) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    let workers = client.list_workers().all().await?;
    let signal = client.scaling_signal().await?;
    match args.remote.format {
        OutputFormat::Text => print(describe::workers(&workers, &signal))?,
        OutputFormat::Json => {
            let workers: Value = workers.iter().map(super::json::worker).collect();
            print_line(json!({"workers": workers, "scaling": super::json::scaling(&signal)}))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn drain(args: DrainArgs) -> Result<ExitCode, CommandError> {
    let worker = args.remote.connect().await?.drain_worker(&args.worker).await?;
    match args.remote.format {
        OutputFormat::Text => {
            let (id, state) = (&worker.worker_id, describe::worker_state(&worker));
            print_line(format_args!("{id} is {state}: it finishes {} leases and ends", worker.leases))?;
        }
        OutputFormat::Json => print_line(super::json::worker(&worker))?,
    }
    Ok(ExitCode::SUCCESS)
}
