//! `edgraph run`: arguments to a configuration, progress while it runs, a summary at the end.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use edgraph_graph::ingest::{BatchLimits, Memory};
use edgraph_shared::kinds::sec_xbrl::{Graph, kind};
use edgraph_worker::download::Rate;
use edgraph_worker::edgar::EdgarConfig;
use edgraph_worker::kinds::sec_xbrl::processor::{ProcessorTag, ProcessorVersion};
use edgraph_worker::taxonomy_store::TaxonomyConfig;
use tokio_util::sync::CancellationToken;

use super::parameters::ParameterArgs;
use super::print::{print_line, print_with};
use super::progress::Progress;
use super::{CommandError, OutputFormat, summary};
use crate::embedded::{self, Config, Options};

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    parameters: ParameterArgs,

    /// The folder for everything that is made.
    #[arg(long, env = "EDGRAPH_OUT", default_value = "data", value_name = "DIR")]
    out: PathBuf,
    /// The graph's folder, where it is not `graph` in the output; `none` makes the tables alone, without a graph.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR|none")]
    graph: Option<PathBuf>,
    /// Where EDGAR is, both its bases: an http(s) mirror or a file:// directory in EDGAR's layout.
    #[arg(long, env = "EDGRAPH_EDGAR", value_name = "URL")]
    edgar: Option<String>,
    /// Where EDGAR's data base is (submissions/, api/), if elsewhere.
    #[arg(long, env = "EDGRAPH_EDGAR_DATA", value_name = "URL")]
    edgar_data: Option<String>,
    /// Who asks, as the SEC requires: "Name mail@example.com".
    #[arg(long, env = "EDGRAPH_USER_AGENT", value_name = "TEXT")]
    user_agent: Option<String>,
    /// EDGAR requests per second, or `off` for a mirror of your own.
    #[arg(long, env = "EDGRAPH_EDGAR_RATE", default_value = "8", value_name = "N|off")]
    edgar_rate: Rate,

    /// Where standard schemas lie, as {host}/{path}: a folder or an address; may be given more than once.
    #[arg(long, env = "EDGRAPH_TAXONOMIES", value_delimiter = ',', value_name = "DIR|URL")]
    taxonomies: Vec<String>,
    /// Download no standard schemas; implied by a file:// EDGAR.
    #[arg(long, env = "EDGRAPH_OFFLINE")]
    offline: bool,

    /// A suffix of the processor's version, for a build of your own: filings processed without it are processed again.
    #[arg(long, env = "EDGRAPH_PROCESSOR_TAG", value_name = "TEXT")]
    processor_tag: Option<ProcessorTag>,
    /// Say what a run would do, ask for and write, and do none of it. Lists of companies and filings are read.
    #[arg(long)]
    dry_run: bool,

    /// Workers in this process; as many as there are cores by default.
    #[arg(long, env = "EDGRAPH_WORKERS", value_name = "N")]
    workers: Option<usize>,
    /// Longest time for one discovery, such as 10m.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    max_run_discovery: Option<Duration>,
    /// Longest time for one filing, such as 15m.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    max_run_filing: Option<Duration>,
    /// Longest time for the ingestion, such as 6h.
    #[arg(long, value_parser = duration, value_name = "TIME")]
    max_run_ingest: Option<Duration>,
    /// Memory that the ingestion may take, such as 3GiB.
    #[arg(long, env = "EDGRAPH_INGEST_MEMORY", default_value_t, value_name = "SIZE")]
    ingest_memory: Memory,
    /// Rows loaded in one transaction of the graph, where that shall not follow from the memory.
    #[arg(long, env = "EDGRAPH_BATCH_ROWS", value_name = "N", hide = true)]
    batch_rows: Option<u64>,
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
    fn batch(&self) -> BatchLimits {
        let within = BatchLimits::within(self.ingest_memory);
        BatchLimits { rows: self.batch_rows.unwrap_or(within.rows), ..within }
    }

    async fn config(&self) -> Result<Config, CommandError> {
        let defaults = EdgarConfig::default();
        let archives = self.edgar.clone().unwrap_or(defaults.archives);
        let data = self.edgar_data.clone().or_else(|| self.edgar.clone()).unwrap_or(defaults.data);
        let edgar = EdgarConfig {
            archives,
            data,
            user_agent: self.user_agent.clone(),
            rate: self.edgar_rate,
            timeouts: defaults.timeouts,
        };
        let graph = match self.graph.as_deref() {
            Some(none) if none == Path::new("none") => None,
            Some(folder) => Some(folder.to_owned()),
            None => Some(self.out.join("graph")),
        };
        let loading = if graph.is_some() { Graph::Load } else { Graph::None };
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let limits = [
            (kind::DISCOVER_COMPANIES, self.max_run_discovery),
            (kind::DISCOVER_FILINGS, self.max_run_discovery),
            (kind::PROCESS_FILING, self.max_run_filing),
            (kind::INGEST, self.max_run_ingest),
        ];
        Ok(Config {
            out: self.out.clone(),
            graph,
            edgar,
            taxonomies: TaxonomyConfig {
                sources: self.taxonomies.clone(),
                offline: self.offline,
                ..TaxonomyConfig::default()
            },
            parameters: self.parameters.parameters(self.user_agent.as_deref(), loading).await?,
            processor: ProcessorVersion::tagged(self.processor_tag.as_ref()),
            options: Options {
                workers: self.workers.unwrap_or_else(cores),
                max_run: limits
                    .into_iter()
                    .filter_map(|(kind, time)| Some((kind.to_owned(), time?)))
                    .collect(),
                batch: self.batch(),
            },
        })
    }
}

pub(super) async fn execute(args: RunArgs, shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let config = args.config().await?;
    let of_error = |error: embedded::Error| {
        if error.is_usage() { CommandError::usage(error) } else { CommandError::failure(error) }
    };
    if args.dry_run {
        let plan = embedded::plan(config, shutdown).await.map_err(of_error)?;
        match args.format {
            OutputFormat::Text => print_with(|out| summary::write_plan(out, &plan))?,
            OutputFormat::Json => print_line(serde_json::json!(plan))?,
        }
        return Ok(if plan.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let graph = config.graph.clone();
    let mut progress = Progress::new();
    let outcome = embedded::run(config, |status| progress.show(status), shutdown).await;
    progress.finish();
    let outcome = outcome.map_err(of_error)?;
    match args.format {
        OutputFormat::Text => print_with(|out| summary::write(out, &outcome, &args.out, graph.as_deref()))?,
        OutputFormat::Json => print_line(serde_json::json!(outcome))?,
    }
    Ok(if outcome.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
