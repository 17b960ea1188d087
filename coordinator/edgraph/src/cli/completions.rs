//! `edgraph completions`.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::CommandError;
use super::print::print_with;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn execute(args: CompletionsArgs, mut program: Command) -> Result<ExitCode, CommandError> {
    let mut script = Vec::new();
    generate(args.shell, &mut program, "edgraph", &mut script);
    print_with(|out| out.write_all(&script))?;
    Ok(ExitCode::SUCCESS)
}
