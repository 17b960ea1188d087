//! What a `sec_xbrl` pipeline is to do, as flags: `edgraph run` and `edgraph start` share them.

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use edgraph_shared::ids::Cik;
use edgraph_shared::work::{DiscoverCompanies, FilingFilter, Processing, Refresh, TaxonomyMode, Universe};

use super::CommandError;

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

    /// What to do when a schema cannot be had.
    #[arg(long, env = "EDGRAPH_TAXONOMY_MODE", value_enum, default_value_t = Mode::Strict)]
    taxonomy_mode: Mode,
    /// Which filings to process again though their output is there.
    #[arg(long, value_enum, default_value_t = RefreshArg::None)]
    refresh: RefreshArg,
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

impl ParameterArgs {
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

    /// The parameters of the pipeline.
    pub(super) fn parameters(&self) -> Result<DiscoverCompanies, CommandError> {
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
        Ok(DiscoverCompanies {
            universe: self.universe()?,
            skip_unknown: self.skip_unknown,
            max_companies: self.max_companies,
            filings,
            processing,
        })
    }
}
