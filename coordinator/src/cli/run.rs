//! `edgraph run`: arguments to a configuration, progress while it runs, a summary at the end.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use edgraph_shared::ids::Cik;
use edgraph_shared::work::{
    DiscoverCompanies, FilingFilter, Processing, Refresh, TaxonomyMode, Universe, kind,
};
use tokio_util::sync::CancellationToken;

use super::progress::Progress;
use super::{CommandError, OutputFormat, summary};
use crate::embedded::{self, Config, EdgarConfig, Options, Rate, TaxonomyConfig};
use crate::ingest::BatchLimits;

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Companies by ticker symbol, such as ABC,XYZ.
    #[arg(long, env = "EDGRAPH_TICKERS", value_delimiter = ',', value_name = "LIST", conflicts_with_all = ["ciks", "universe"])]
    tickers: Vec<String>,
    /// Companies by CIK.
    #[arg(
        long,
        env = "EDGRAPH_CIKS",
        value_delimiter = ',',
        value_name = "LIST",
        conflicts_with = "universe"
    )]
    ciks: Vec<Cik>,
    /// A named set of companies.
    #[arg(long, env = "EDGRAPH_UNIVERSE", value_enum)]
    universe: Option<NamedUniverse>,
    /// The first so many companies.
    #[arg(long, value_name = "N")]
    max_companies: Option<u32>,
    /// Go on without names that nobody has.
    #[arg(long)]
    skip_unknown: bool,

    /// Forms to process.
    #[arg(
        long,
        env = "EDGRAPH_FORMS",
        value_delimiter = ',',
        default_value = "10-K,10-Q",
        value_name = "LIST"
    )]
    forms: Vec<String>,
    /// Amendments of these forms too.
    #[arg(long)]
    amendments: bool,
    /// Filed on this day or later, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// Filed on this day or earlier, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
    /// The newest so many filings of each company.
    #[arg(long, value_name = "N")]
    max_filings_per_entity: Option<u32>,

    /// The folder for everything that is made.
    #[arg(long, env = "EDGRAPH_OUT", default_value = "data", value_name = "DIR")]
    out: PathBuf,
    /// The graph's folder, where it is not `graph` in the output.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR")]
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
    /// What to do when a schema cannot be had.
    #[arg(long, env = "EDGRAPH_TAXONOMY_MODE", value_enum, default_value_t = Mode::Strict)]
    taxonomy_mode: Mode,
    /// Download no standard schemas; implied by a file:// EDGAR.
    #[arg(long, env = "EDGRAPH_OFFLINE")]
    offline: bool,
    /// Which filings to process again though their output is there.
    #[arg(long, value_enum, default_value_t = RefreshArg::None)]
    refresh: RefreshArg,

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
    /// Rows loaded in one transaction of the graph.
    #[arg(long, env = "EDGRAPH_BATCH_ROWS", default_value_t = BatchLimits::default().rows, value_name = "N", hide = true)]
    batch_rows: u64,
    /// A summary for people or for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum NamedUniverse {
    /// Every company in EDGAR's list of ticker symbols.
    All,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// The filing fails and names every missing schema.
    Strict,
    /// Every fact is kept; what only the schema says is NULL.
    BestEffort,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RefreshArg {
    /// Those whose input has changed.
    None,
    /// Also ask again for schemas that were missing.
    Degraded,
    /// All.
    All,
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
    fn universe(&self) -> Result<Universe, CommandError> {
        match (self.tickers.as_slice(), self.ciks.as_slice(), self.universe) {
            ([], [], None) => Err(CommandError::usage(
                "which companies? Give --tickers ABC,XYZ, --ciks 123,456 or --universe all",
            )),
            ([], [], Some(NamedUniverse::All)) => Ok(Universe::All),
            ([], ciks, _) => Ok(Universe::Ciks(ciks.to_vec())),
            (tickers, ..) => Ok(Universe::Tickers(tickers.to_vec())),
        }
    }

    fn config(&self) -> Result<Config, CommandError> {
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
        let processing = Processing {
            taxonomy_mode: match self.taxonomy_mode {
                Mode::Strict => TaxonomyMode::Strict,
                Mode::BestEffort => TaxonomyMode::BestEffort,
            },
            refresh: match self.refresh {
                RefreshArg::None => Refresh::None,
                RefreshArg::Degraded => Refresh::Degraded,
                RefreshArg::All => Refresh::All,
            },
        };
        let filings = FilingFilter {
            forms: self.forms.clone(),
            amendments: self.amendments,
            since: self.since.map(|date| date.to_string()),
            until: self.until.map(|date| date.to_string()),
            max_filings_per_entity: self.max_filings_per_entity,
        };
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let limits = [
            (kind::DISCOVER_COMPANIES, self.max_run_discovery),
            (kind::DISCOVER_FILINGS, self.max_run_discovery),
            (kind::PROCESS_FILING, self.max_run_filing),
            (kind::INGEST, self.max_run_ingest),
        ];
        Ok(Config {
            out: self.out.clone(),
            graph: self.graph.clone().unwrap_or_else(|| self.out.join("graph")),
            edgar,
            taxonomies: TaxonomyConfig { sources: self.taxonomies.clone(), offline: self.offline },
            parameters: DiscoverCompanies {
                universe: self.universe()?,
                skip_unknown: self.skip_unknown,
                max_companies: self.max_companies,
                filings,
                processing,
            },
            options: Options {
                workers: self.workers.unwrap_or_else(cores),
                max_run: limits
                    .into_iter()
                    .filter_map(|(kind, time)| Some((kind.to_owned(), time?)))
                    .collect(),
                batch: BatchLimits { rows: self.batch_rows, ..BatchLimits::default() },
            },
        })
    }
}

pub(super) async fn execute(args: RunArgs, shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let config = args.config()?;
    let graph = config.graph.clone();
    let mut progress = Progress::new();
    let outcome = embedded::run(config, |status| progress.show(status), shutdown).await;
    progress.finish();
    let outcome = outcome.map_err(|error| {
        if error.is_usage() { CommandError::usage(error) } else { CommandError::failure(error) }
    })?;
    match args.format {
        OutputFormat::Text => summary::print(&outcome, &args.out, &graph),
        OutputFormat::Json => println!("{}", serde_json::json!(outcome)),
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
