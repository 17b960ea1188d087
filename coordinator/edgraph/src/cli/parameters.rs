//! What a `sec_xbrl` pipeline is to do, as flags: `edgraph run` and `edgraph start` share them.

use std::time::Duration;

use chrono::{NaiveDate, Utc};
use clap::{Args, ValueEnum};
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::{
    DiscoverCompanies, FilingFilter, Graph, Processing, Refresh, TaxonomyMode, Universe,
};
use edgraph_shared::model::MAX_PARAMS_LEN;
use edgraph_worker::universe::own_list::{self, ListError};
use edgraph_worker::universe::sp500;

use super::{CommandError, company_list};

/// What `--universe` takes, for messages.
const CHOICES: &str = "--tickers ABC,XYZ, --ciks 123,456, --universe sp500, --universe all, or --universe FILE|URL (a list \
                       of your own, one ticker or CIK a line, or CSV)";

#[derive(Debug, Args)]
pub(super) struct ParameterArgs {
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
    #[arg(long, env = "EDGRAPH_UNIVERSE", value_name = "sp500|all|FILE|URL", help = universe_help())]
    universe: Option<String>,
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
    /// Only filings of this day or later, found by EDGAR's daily index: companies without one are not asked about. Next
    /// time give the day that the summary says the index reaches to.
    #[arg(long, value_name = "DATE")]
    new_since: Option<NaiveDate>,
    /// Use kept lists, of companies and of a company's filings, without asking EDGAR while they are younger than this,
    /// such as 12h; with --new-since they are asked for in any case.
    #[arg(long, env = "EDGRAPH_SUBMISSIONS_MAX_AGE", value_parser = humantime::parse_duration, default_value = "0s", value_name = "TIME")]
    submissions_max_age: Duration,
    /// The newest so many filings of each company.
    #[arg(long, value_name = "N")]
    max_filings_per_entity: Option<u32>,

    /// What to do when a schema cannot be had.
    #[arg(long, env = "EDGRAPH_TAXONOMY_MODE", value_enum, default_value_t = Mode::Strict)]
    taxonomy_mode: Mode,
    /// Which filings to process again though their output is there.
    #[arg(long, value_enum, default_value_t = RefreshArg::None)]
    refresh: RefreshArg,
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

impl ParameterArgs {
    async fn universe(&self, user_agent: Option<&str>) -> Result<Universe, CommandError> {
        match (self.tickers.as_slice(), self.ciks.as_slice(), self.universe.as_deref()) {
            ([], [], None) => Err(CommandError::usage(format!("which companies? Give {CHOICES}"))),
            ([], [], Some(universe)) => named(universe, user_agent).await,
            ([], ciks, _) => Ok(Universe::Ciks(ciks.to_vec())),
            (tickers, ..) => Ok(Universe::Tickers(tickers.to_vec())),
        }
    }

    fn filings(&self) -> Result<FilingFilter, CommandError> {
        let today = Utc::now().date_naive();
        if let Some(new_since) = self.new_since.filter(|new_since| *new_since > today) {
            return Err(CommandError::usage(format!(
                "--new-since {new_since} is still to come: today is {today} in UTC"
            )));
        }
        let late = [("--since", self.since), ("--new-since", self.new_since)].into_iter().find_map(
            |(flag, since)| {
                since.zip(self.until).filter(|(since, until)| since > until).map(|(since, _)| (flag, since))
            },
        );
        if let (Some((flag, since)), Some(until)) = (late, self.until) {
            return Err(CommandError::usage(format!(
                "{flag} {since} is after --until {until}: no filing is in between"
            )));
        }
        Ok(FilingFilter {
            forms: self.forms.clone(),
            amendments: self.amendments,
            since: self.since.map(|date| date.to_string()),
            until: self.until.map(|date| date.to_string()),
            max_filings_per_entity: self.max_filings_per_entity,
        })
    }

    /// The parameters of the pipeline. A list of companies is read here, so that workers need no access to it;
    /// `user_agent` is for its host.
    pub(super) async fn parameters(
        &self,
        user_agent: Option<&str>,
        graph: Graph,
    ) -> Result<DiscoverCompanies, CommandError> {
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
        let filings = self.filings()?;
        let parameters = DiscoverCompanies {
            universe: self.universe(user_agent).await?,
            skip_unknown: self.skip_unknown,
            max_companies: self.max_companies,
            filings,
            new_since: self.new_since.map(|date| date.to_string()),
            submissions_max_age_s: self.submissions_max_age.as_secs(),
            processing,
            graph,
        };
        let bytes = serde_json::to_string(&parameters).expect("strings and numbers always serialise").len();
        if bytes > MAX_PARAMS_LEN {
            return Err(CommandError::usage(format!(
                "a list of {bytes} bytes is more than the {MAX_PARAMS_LEN} that fit into one pipeline: run it in parts, \
                 or take --universe all"
            )));
        }
        Ok(parameters)
    }
}

fn universe_help() -> String {
    format!(
        "A set of companies: `sp500` (the members of the S&P 500 as of {}), `all` (everything in EDGAR's list of ticker \
         symbols), or a list of your own from a file or address: one ticker or CIK a line, or CSV with a column headed \
         ticker, symbol or cik",
        sp500::as_of()
    )
}

/// What `--universe` means.
async fn named(universe: &str, user_agent: Option<&str>) -> Result<Universe, CommandError> {
    match universe {
        "sp500" => Ok(Universe::Sp500),
        "all" => Ok(Universe::All),
        place if place.contains(['/', '.']) => {
            let text = own_list::read(place, user_agent).await.map_err(list_error)?;
            let names = company_list::parse(&text)
                .map_err(|error| CommandError::usage(format!("--universe {place}: {error}")))?;
            Ok(Universe::Tickers(names))
        }
        other => Err(CommandError::usage(format!(
            "there is no universe `{other}`. Give {CHOICES}; a file in this folder is written ./{other}"
        ))),
    }
}

/// A host that does not answer is nobody's typing error.
fn list_error(error: ListError) -> CommandError {
    let message = format!("--universe: {error}");
    if error.is_usage() { CommandError::usage(message) } else { CommandError::failure(message) }
}
