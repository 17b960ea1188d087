//! `edgraph text`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::storage::{LocalStore, SharedStore};

use super::print::{print_line, print_with};
use super::{CommandError, OutputFormat};
use crate::text;

#[derive(Debug, Args)]
pub(super) struct TextArgs {
    /// The filing.
    accession: AccessionNumber,
    /// The concept, with or without its prefix.
    concept: String,
    /// The folder a run wrote to.
    #[arg(long, env = "EDGRAPH_OUT", default_value = "data", value_name = "DIR")]
    out: PathBuf,
    /// Plain text, or a JSON array of texts.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) async fn execute(args: TextArgs) -> Result<ExitCode, CommandError> {
    let root = args.out.join("store");
    if !root.is_dir() {
        let message =
            format!("{} holds no store; give the folder of an earlier run with --out", args.out.display());
        return Err(CommandError::failure(message));
    }
    let store: SharedStore = Arc::new(LocalStore::reader(root));
    let texts = text::text(&store, args.accession, &args.concept).await.map_err(CommandError::failure)?;
    match args.format {
        OutputFormat::Text => print_with(|out| texts.iter().try_for_each(|text| writeln!(out, "{text}")))?,
        OutputFormat::Json => print_line(serde_json::json!(texts))?,
    }
    Ok(ExitCode::SUCCESS)
}
