//! `edgraph worker`: the worker where there is one program only, such as that of the Python wheel.

use std::process::ExitCode;

use edgraph_shared::console;
use edgraph_worker::app;
use edgraph_worker::config::WorkerArgs;
use tokio_util::sync::CancellationToken;

use super::CommandError;

pub(super) async fn execute(args: WorkerArgs, shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let config = args.validate().map_err(CommandError::usage)?;
    match app::run(config, shutdown).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            // Its exit codes are more than those of commands: who starts it again goes by them.
            console::say(format_args!("error: {error}"));
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}
