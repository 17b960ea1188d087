//! `edgraph compact`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Args;
use edgraph_client::v1::{self, start_pipeline_request::Input};
use edgraph_graph::gc::{self, Grace};
use edgraph_graph::publish::{Compaction, PART_BYTES};
use edgraph_shared::console;
use edgraph_shared::kinds::compact::{Compacted, Month};
use edgraph_shared::storage::SharedStore;
use futures::FutureExt;
use indicatif::HumanBytes;
use tokio_util::sync::CancellationToken;

use super::place::StoreArgs;
use super::print::{print_line, print_with};
use super::remote::RemoteArgs;
use super::watch::{WhenHeld, follow};
use super::{CommandError, OutputFormat};
use crate::embedded;

#[derive(Debug, Args)]
pub(super) struct CompactArgs {
    /// Months of filing before this one are made into few large files.
    #[arg(long, value_name = "YYYY-MM")]
    before: Month,
    #[command(flatten)]
    store: StoreArgs,
    /// Have the fleet of --coordinator do it in its store, an item for every month of a table.
    #[arg(long, conflicts_with = "store")]
    fleet: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(
    args: CompactArgs,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let CompactArgs { before, store, fleet, remote } = args;
    if fleet {
        return by_fleet(before, &remote, shutdown).await;
    }
    // In a folder that a run made nobody else is at work then, so that what is read by nothing can go at once.
    let folder = store.folder()?;
    let lock =
        folder.as_deref().map(embedded::take_store).transpose().map_err(CommandError::failure)?.flatten();
    let store = store.open().await?;
    let done = shutdown.run_until_cancelled(here(&store, before, shutdown.clone())).await;
    let done = done.unwrap_or_else(|| Err(CommandError::failure("interrupted; what is done is kept")))?;
    if lock.is_some() {
        let at_once = Grace { time: Duration::ZERO, now: SystemTime::now() };
        gc::collect(&store, at_once).await.map_err(CommandError::failure)?;
    }
    store.close();
    match remote.format {
        OutputFormat::Text => print_with(|out| {
            let Compacted { parts, bytes, files, rows, left } = &done;
            writeln!(out, "{files} files are {parts} now, {} with {rows} rows", HumanBytes(*bytes))?;
            if lock.is_none() && *files > 0 {
                writeln!(out, "they are read by nothing any more: `edgraph gc` removes them")?;
            }
            left.iter().try_for_each(|(path, reason)| writeln!(out, "{path} stays as it is: {reason}"))
        })?,
        OutputFormat::Json => print_line(serde_json::json!(done))?,
    }
    Ok(if done.left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn here(
    store: &SharedStore,
    before: Month,
    stop: CancellationToken,
) -> Result<Compacted, CommandError> {
    let permit = move || {
        let permit = if stop.is_cancelled() { Err("interrupted".to_owned()) } else { Ok(()) };
        std::future::ready(permit).boxed()
    };
    let compaction = Compaction { store: store.clone(), part_bytes: PART_BYTES, permit: Arc::new(permit) };
    let mut total = Compacted::default();
    for (table, month) in compaction.due(before).await.map_err(CommandError::failure)? {
        let done = compaction.run(table, month).await.map_err(CommandError::failure)?;
        console::remark(format_args!("{} {month}: {} files are {} now", table.name, done.files, done.parts));
        total.append(done);
    }
    Ok(total)
}

async fn by_fleet(
    before: Month,
    remote: &RemoteArgs,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let input = Input::Compact(v1::CompactParameters { before: before.to_string() });
    let request = v1::StartPipelineRequest { input: Some(input), ..Default::default() };
    let client = remote.connect().await?;
    let (started, _) = client.start_or_find(request).await?;
    let id = started.pipeline_id.as_str();
    console::remark(format_args!("pipeline {id}"));
    follow(&client, id, remote.format, WhenHeld::End, shutdown).await
}
