//! `edgraph items`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use edgraph_client::v1;
use serde_json::Value;

use super::print::{print, print_line};
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe, json};

#[derive(Debug, Args)]
pub(super) struct ItemsArgs {
    /// The pipeline.
    #[arg(value_name = "ID")]
    pipeline: String,
    /// One item, with the files it made.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["state", "kind", "worker", "retrying", "reason"])]
    key: Option<String>,
    /// Items in this state only.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Items of this kind only, such as process_filing.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Items that this worker holds only.
    #[arg(long, value_name = "ID")]
    worker: Option<String>,
    /// Items only that wait after an attempt that did not end well.
    #[arg(long)]
    retrying: bool,
    /// Items only whose reason has these words.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Also the files that items made.
    #[arg(long)]
    locations: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    /// Waiting, backoff included.
    Ready,
    /// With a worker.
    Leased,
    /// Done.
    Succeeded,
    /// Failed for good, until retried.
    Dead,
    /// Cancelled with its pipeline.
    Cancelled,
}

impl From<State> for v1::ItemState {
    fn from(state: State) -> Self {
        match state {
            State::Ready => Self::Ready,
            State::Leased => Self::Leased,
            State::Succeeded => Self::Succeeded,
            State::Dead => Self::Dead,
            State::Cancelled => Self::Cancelled,
        }
    }
}

/// Asked for at a time: a pipeline has millions of items.
const PAGE_SIZE: u32 = 1_000;

pub(super) async fn execute(args: ItemsArgs) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    let items = match &args.key {
        Some(key) => vec![client.item(&args.pipeline, key).await?],
        None => {
            let state = args.state.map_or(v1::ItemState::Unspecified, v1::ItemState::from);
            let filter = v1::ListItemsRequest {
                filter: Some(v1::ItemFilter {
                    state: state.into(),
                    kind: args.kind.unwrap_or_default(),
                    worker_id: args.worker.unwrap_or_default(),
                    retrying: args.retrying,
                    reason_contains: args.reason.unwrap_or_default(),
                }),
                page_size: PAGE_SIZE,
                with_locations: args.locations,
                ..Default::default()
            };
            client.items(&args.pipeline, filter).all().await?
        }
    };
    match args.remote.format {
        OutputFormat::Text => print(describe::items(&items))?,
        OutputFormat::Json => print_line(items.iter().map(json::item).collect::<Value>())?,
    }
    Ok(ExitCode::SUCCESS)
}
