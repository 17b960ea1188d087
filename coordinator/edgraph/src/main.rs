//! The `edgraph` program: arguments, logs and signals are read here and nowhere else.

use std::process::ExitCode;

use clap::Parser;
use edgraph::cli::{self, Cli};
use edgraph_shared::telemetry::{self, LogFormat};
use edgraph_shared::{console, shutdown};

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            console::say(format_args!("error: cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run());
    // A read of standard input that nothing answers must not hold up the end.
    runtime.shutdown_background();
    code
}

async fn run() -> ExitCode {
    let cli = Cli::parse();
    let format = if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        LogFormat::Terminal
    } else {
        LogFormat::Plain
    };
    if let Err(error) = telemetry::init(cli.log_filter(), format) {
        console::say(format_args!("error: --log {}: {error}", cli.log_filter()));
        return ExitCode::from(2);
    }
    match (shutdown::on_signal(), std::env::current_exe()) {
        (Ok(token), Ok(program)) => cli::execute(cli, &program, token).await,
        (Err(error), _) => {
            console::say(format_args!("error: cannot watch for signals: {error}"));
            ExitCode::FAILURE
        }
        (_, Err(error)) => {
            console::say(format_args!("error: cannot tell where this program lies: {error}"));
            ExitCode::FAILURE
        }
    }
}
