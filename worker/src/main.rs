//! The `edgraph-worker` program: arguments, logs and signals are read here and nowhere else.

use std::process::ExitCode;

use clap::Parser;
use edgraph_shared::telemetry::{self, LogFormat};
use edgraph_shared::{console, shutdown};
use edgraph_worker::app;
use edgraph_worker::config::Cli;

/// One thread is enough: what it waits for runs on others, and whatever those do, it hears signals.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        LogFormat::Terminal
    } else {
        LogFormat::Plain
    };
    if let Err(error) = telemetry::init(&cli.log, format) {
        console::say(format_args!("error: --log {}: {error}", cli.log));
        return ExitCode::from(2);
    }
    let config = match cli.worker.validate() {
        Ok(config) => config,
        Err(error) => {
            console::say(format_args!("error: {error}"));
            return ExitCode::from(2);
        }
    };
    let shutdown = match shutdown::on_signal() {
        Ok(shutdown) => shutdown,
        Err(error) => {
            console::say(format_args!("error: cannot watch for signals: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match app::run(config, shutdown).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::say(format_args!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
