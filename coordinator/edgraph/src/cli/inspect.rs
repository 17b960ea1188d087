//! `edgraph inspect`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use edgraph_shared::console;
use serde::Serialize;

use super::CommandError;
use super::print::print_with;
use crate::inspect::Inspector;

#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// Filing folders, instances, inline documents or -xbrl.zip files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Where standard schemas lie, as {host}/{path}; may be given more than once.
    #[arg(long, env = "EDGRAPH_TAXONOMIES", value_delimiter = ',', value_name = "DIR")]
    taxonomies: Vec<String>,
    /// One JSON object per fact occurrence instead of one per filing.
    #[arg(long)]
    facts: bool,
}

/// Every path is inspected, whatever became of those before it.
pub(super) async fn execute(args: InspectArgs) -> Result<ExitCode, CommandError> {
    let inspector = Inspector::new(args.taxonomies).map_err(CommandError::usage)?;
    let mut code = ExitCode::SUCCESS;
    for path in &args.paths {
        match inspector.inspect(path).await {
            Ok((_, occurrences)) if args.facts => print_lines(&occurrences)?,
            Ok((inspection, _)) => print_lines(&[inspection])?,
            Err(error) => {
                console::say(format_args!("error: {error}"));
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn print_lines<T: Serialize>(objects: &[T]) -> Result<(), CommandError> {
    print_with(|out| {
        objects.iter().try_for_each(|object| {
            serde_json::to_writer(&mut *out, object)?;
            out.write_all(b"\n")
        })
    })
}
