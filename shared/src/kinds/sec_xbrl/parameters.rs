//! What a client asks for: the parameters of a pipeline, which are the payload of its root, `discover_companies`.

use serde::{Deserialize, Serialize};

use crate::ids::Cik;

/// Which companies to start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Universe {
    /// Ticker symbols, resolved by `company_tickers.json`; what is digits alone is a CIK, since no ticker is.
    Tickers(Vec<String>),
    /// CIKs, taken as they are: also of companies that have no ticker any more.
    Ciks(Vec<Cik>),
    /// The members of the S&P 500 as of the date of the list that comes with the workers.
    Sp500,
    /// Every company in `company_tickers.json`.
    All,
}

/// What to do when a schema of a filing's DTS cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxonomyMode {
    /// The filing fails and names every missing URL.
    #[default]
    Strict,
    /// Every fact is kept; what only the schema says is NULL.
    BestEffort,
}

/// Which filings to process though there is output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refresh {
    /// Those whose input key has changed.
    #[default]
    None,
    /// Also ask hosts again for schemas that were missing.
    Degraded,
    /// All.
    All,
}

/// Where the accepted filings go besides the tables of the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Graph {
    /// Into the graph.
    #[default]
    Load,
    /// Nowhere: for universes larger than a graph should hold, and where nobody queries one.
    None,
}

/// Which filings of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilingFilter {
    /// Forms without amendments, such as `10-K`.
    pub forms: Vec<String>,
    /// Whether `10-K/A` counts as `10-K`.
    pub amendments: bool,
    /// Earliest filing date, `YYYY-MM-DD`.
    pub since: Option<String>,
    /// Latest filing date, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// The newest so many.
    pub max_filings_per_entity: Option<u32>,
}

impl Default for FilingFilter {
    /// Annual and quarterly reports, however old, without amendments.
    fn default() -> Self {
        Self {
            forms: vec!["10-K".to_owned(), "10-Q".to_owned()],
            amendments: false,
            since: None,
            until: None,
            max_filings_per_entity: None,
        }
    }
}

/// How filings are processed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Processing {
    /// What to do when a schema is missing.
    pub taxonomy_mode: TaxonomyMode,
    /// Which filings to process again.
    pub refresh: Refresh,
}

/// Payload of `discover_companies`: the parameters of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoverCompanies {
    /// Which companies.
    pub universe: Universe,
    /// Go on without names that nobody has.
    #[serde(default)]
    pub skip_unknown: bool,
    /// The first so many companies.
    #[serde(default)]
    pub max_companies: Option<u32>,
    /// Which filings of each.
    #[serde(default)]
    pub filings: FilingFilter,
    /// Only filings of this day or later, `YYYY-MM-DD`, found by EDGAR's daily index: companies without one are not
    /// asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_since: Option<String>,
    /// How old the kept lists of companies and of a company's filings may be, in seconds, to be used without asking; 0
    /// asks always, and so does `new_since`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub submissions_max_age_s: u64,
    /// How to process them.
    #[serde(default)]
    pub processing: Processing,
    /// Whether the graph takes them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub graph: Graph,
}

impl DiscoverCompanies {
    /// All wanted filings of these companies, and everything else at its default.
    pub fn of(universe: Universe) -> Self {
        Self {
            universe,
            skip_unknown: false,
            max_companies: None,
            filings: FilingFilter::default(),
            new_since: None,
            submissions_max_age_s: 0,
            processing: Processing::default(),
            graph: Graph::default(),
        }
    }

    /// How old a list may be that is used without asking. With `new_since` none may: a list that was kept before a filing
    /// was made does not have it.
    pub fn lists_max_age_s(&self) -> u64 {
        if self.new_since.is_some() { 0 } else { self.submissions_max_age_s }
    }
}

/// Whether two texts are the same parameters, whatever their spelling.
pub fn are_same_parameters(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<DiscoverCompanies>(text).ok();
    read(one).is_some_and(|one| read(other) == Some(one))
}

/// For fields that are left out at their default, so that payloads stay as they were before there were such fields.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
