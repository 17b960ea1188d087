//! `edgraph completions`.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::print::print_with;
use super::{Cli, CommandError};

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn execute(args: CompletionsArgs) -> Result<ExitCode, CommandError> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "edgraph", &mut script);
    print_with(|out| out.write_all(&script))?;
    Ok(ExitCode::SUCCESS)
}
