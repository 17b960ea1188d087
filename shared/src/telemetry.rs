//! Logs for processes: one subscriber, installed by `main` and by nothing else.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person at a terminal, in colour.
    Terminal,
    /// One plain line per event, for log collectors.
    Plain,
}

/// Installs the subscriber, writing to standard error so that standard output stays for results. `filter` has
/// `tracing_subscriber`'s directive syntax, for example `info,edgraph_worker=debug`. A second call changes nothing.
pub fn init(filter: &str, format: LogFormat) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error here means that a subscriber is installed already, for example by a test.
    let _ = builder.with_ansi(format == LogFormat::Terminal).try_init();
    Ok(())
}
