//! `edgraph items`.

use std::process::ExitCode;

use clap::Args;
use edgraph_client::v1;
use serde_json::Value;

use super::filter::FilterArgs;
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
    #[command(flatten)]
    filter: FilterArgs,
    /// Also the files that items made.
    #[arg(long)]
    locations: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// Asked for at a time: a pipeline has millions of items.
const PAGE_SIZE: u32 = 1_000;

pub(super) async fn execute(args: ItemsArgs) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    let items = match &args.key {
        Some(key) => vec![client.item(&args.pipeline, key).await?],
        None => {
            let filter = v1::ListItemsRequest {
                filter: Some(args.filter.filter()),
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
