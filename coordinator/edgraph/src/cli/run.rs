//! `edgraph run`: arguments to a configuration, progress while it runs, a summary at the end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use edgraph_coordinator::service::Queries;
use edgraph_shared::console;
use edgraph_shared::kinds::sec_xbrl::{Graph, kind};
use edgraph_shared::model::PipelineStatus;
use tokio_util::sync::CancellationToken;

use super::parameters::ParameterArgs;
use super::print::{print_line, print_with};
use super::progress::Progress;
use super::setup::SetupArgs;
use super::{CommandError, OutputFormat, answer, summary};
use crate::answers::OwnGraph;
use crate::embedded::{self, Config, Observe, Page, RunResult};

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    parameters: ParameterArgs,
    #[command(flatten)]
    setup: SetupArgs,

    /// Say what a run would do, ask for and write, and do none of it. Lists of companies and filings are read.
    #[arg(long)]
    dry_run: bool,

    /// Serve a page to watch it, and to look at what it made: at this address of loopback, or a free one. It stays until
    /// Ctrl-C.
    #[arg(long, value_name = "HOST:PORT", num_args = 0..=1, default_missing_value = "127.0.0.1:0", require_equals = true)]
    ui: Option<SocketAddr>,
    /// Longest time for one discovery, such as 10m.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    max_run_discovery: Option<Duration>,
    /// Longest time for one filing, such as 15m.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    max_run_filing: Option<Duration>,
    /// Longest time for the ingestion, such as 6h.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    max_run_ingest: Option<Duration>,
    /// A summary for people or for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// A duration as a number and a unit: 90s, 15m, 6h.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err("expected a number and s, m or h, such as 15m".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|error| format!("{error}; expected a number such as 15m"))?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "too long".to_owned())
}

impl RunArgs {
    async fn config(&self, program: &Path) -> Result<Config, CommandError> {
        let setup = self.setup.setup();
        let loading = if setup.graph.is_some() { Graph::Load } else { Graph::None };
        let limits = [
            (kind::DISCOVER_COMPANIES, self.max_run_discovery),
            (kind::DISCOVER_FILINGS, self.max_run_discovery),
            (kind::PROCESS_FILING, self.max_run_filing),
            (kind::INGEST, self.max_run_ingest),
        ];
        Ok(Config {
            parameters: self.parameters.parameters(self.setup.user_agent(), loading).await?,
            max_run: limits.into_iter().filter_map(|(kind, time)| Some((kind.to_owned(), time?))).collect(),
            page: self.ui.map(|listen| page(listen, setup.graph.as_deref(), program)),
            setup,
        })
    }
}

/// A page that asks the graph in a folder.
pub(super) fn page(listen: SocketAddr, graph: Option<&Path>, program: &Path) -> Page {
    let own = |graph: &Path| OwnGraph { graph: graph.to_owned(), asker: answer::asker(program) };
    Page { listen, graph: graph.map(own).map(Queries::new) }
}

/// An error of a fleet in this process, as the command line has it.
pub(super) fn failed(error: embedded::Error) -> CommandError {
    if error.is_usage() { CommandError::usage(error) } else { CommandError::failure(error) }
}

pub(super) async fn execute(
    args: RunArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let config = args.config(program).await?;
    if args.dry_run {
        let plan = embedded::plan(config, shutdown).await.map_err(failed)?;
        match args.format {
            OutputFormat::Text => print_with(|out| summary::write_plan(out, &plan))?,
            OutputFormat::Json => print_line(serde_json::json!(plan))?,
        }
        return Ok(if plan.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let (out, graph) = (config.setup.out.clone(), config.setup.graph.clone());
    let mut shown = Shown { progress: Progress::new(), format: args.format, out, graph, printed: None };
    let outcome = embedded::run(config, &mut shown, shutdown).await;
    shown.progress.finish();
    let outcome = outcome.map_err(failed)?;
    let printed = shown.printed.take();
    printed.unwrap_or_else(|| shown.print(&outcome))?;
    Ok(if outcome.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is shown of a run.
struct Shown {
    progress: Progress,
    format: OutputFormat,
    out: PathBuf,
    graph: Option<PathBuf>,
    /// How printing the summary went, where it was printed before the end.
    printed: Option<Result<(), CommandError>>,
}

impl Shown {
    fn print(&self, result: &RunResult) -> Result<(), CommandError> {
        match self.format {
            OutputFormat::Text => {
                print_with(|out| summary::write(out, result, &self.out, self.graph.as_deref()))
            }
            OutputFormat::Json => print_line(serde_json::json!(result)),
        }
    }
}

impl Observe for Shown {
    fn opens(&mut self, page: &str) {
        console::say(format_args!("the page is at {page}"));
    }

    fn sees(&mut self, status: &PipelineStatus) {
        self.progress.show(status);
    }

    fn stays(&mut self, result: &RunResult, page: &str) {
        self.progress.finish();
        self.printed = Some(self.print(result));
        console::say(format_args!("the page stays at {page} until Ctrl-C"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("6h"), Ok(Duration::from_secs(21_600)));
        for wrong in ["15", "m", "-1m", "1d", "1 m", ""] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
