//! Logs for processes: one subscriber, installed by `main` and by nothing else.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::console::Saying;
use crate::failure::one_line;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person at a terminal, in colour.
    Terminal,
    /// One plain line per event, for log collectors.
    Plain,
}

/// Installs the subscriber, writing to standard error so that standard output stays for results. A line that cannot
/// be written is lost, and nothing fails for it. `filter` has
/// `tracing_subscriber`'s directive syntax, for example `info,edgraph_worker=debug`. Panics become log lines, too. A
/// second call changes nothing.
pub fn init(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Saying);
    // An error here means that a subscriber is installed already, for example by a test.
    if builder.with_ansi(format == LogFormat::Terminal).try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
    Ok(())
}

/// The standard library's hook prints what a panic says whole, and a library may quote megabytes of its input.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let said = panic.payload_as_str().map_or_else(|| "no text".to_owned(), one_line);
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(thread, at, "panicked: {said}");
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        tracing::error!("{backtrace}");
    }
}

#[cfg(test)]
mod tests;
