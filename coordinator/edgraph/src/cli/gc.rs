//! `edgraph gc`.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use edgraph_graph::gc::{self, Grace};
use edgraph_shared::kinds::gc::Collected;
use indicatif::HumanBytes;

use super::place::StoreArgs;
use super::print::{print_line, print_with};
use super::{CommandError, OutputFormat};

#[derive(Debug, Args)]
pub(super) struct GcArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// What is younger, or was part of a table less long ago, stays: readers and work under way may need it.
    #[arg(long, env = "EDGRAPH_GC_GRACE", default_value = "24h", value_parser = humantime::parse_duration, value_name = "TIME")]
    grace: Duration,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
    /// A summary for people or for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) async fn execute(args: GcArgs) -> Result<ExitCode, CommandError> {
    let store = args.store.open().await?;
    let grace = Grace { time: args.grace, now: SystemTime::now() };
    let collected = if args.dry_run {
        gc::find(&store, grace).await.map(Collected::from)
    } else {
        gc::collect(&store, grace).await
    };
    let collected = collected.map_err(CommandError::failure)?;
    store.close();
    match args.format {
        OutputFormat::Text => print_with(|out| {
            let Collected { files, bytes, young, unsure } = &collected;
            let verb = if args.dry_run { "would be removed" } else { "removed" };
            writeln!(out, "{files} files of {} {verb}; nothing reads them", HumanBytes(*bytes))?;
            if *young > 0 {
                let grace = humantime::format_duration(args.grace);
                writeln!(out, "{young} more files are read by nothing, and younger than {grace}")?;
            }
            unsure.iter().try_for_each(|accession| {
                writeln!(out, "{accession}: its manifest cannot be read, so its files stay; process it again")
            })
        })?,
        OutputFormat::Json => print_line(serde_json::json!(collected))?,
    }
    Ok(if collected.unsure.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
