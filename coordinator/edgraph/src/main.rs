//! The `edgraph` program: arguments, logs and signals are read here and nowhere else.

use std::process::ExitCode;

use clap::Parser;
use edgraph::cli::{self, Cli};
use edgraph_shared::telemetry::{self, LogFormat};
use edgraph_shared::{console, shutdown};

#[tokio::main]
async fn main() -> ExitCode {
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
