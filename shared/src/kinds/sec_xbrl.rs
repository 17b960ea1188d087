//! Payloads and results of the work items of a `sec_xbrl` pipeline: the JSON that core and engine never read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{AccessionNumber, Cik, ItemKey};
use crate::manifest::{FilingMetadata, Manifest};
use crate::schema;
use crate::storage::layout;

/// The kind's name, as clients give it.
pub const NAME: &str = "sec_xbrl";

/// Kinds of work items, also the first segment of their keys.
pub mod kind {
    /// The root: which companies.
    pub const DISCOVER_COMPANIES: &str = "discover_companies";
    /// One company: which filings.
    pub const DISCOVER_FILINGS: &str = "discover_filings";
    /// One filing: download, parse, write.
    pub const PROCESS_FILING: &str = "process_filing";
    /// One round: load what was accepted.
    pub const INGEST: &str = "ingest";
}

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
    #[serde(default, skip_serializing_if = "is_zero")]
    pub submissions_max_age_s: u64,
    /// How to process them.
    #[serde(default)]
    pub processing: Processing,
}

impl DiscoverCompanies {
    /// How old a list may be that is used without asking. News are what a list of before them does not have.
    pub fn lists_max_age_s(&self) -> u64 {
        if self.new_since.is_some() { 0 } else { self.submissions_max_age_s }
    }
}

/// Absent where it says nothing, so that payloads stay as they were.
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Result of `discover_companies`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompaniesFound {
    /// Companies found and handed on.
    pub entities: u64,
    /// Names that nobody has, skipped as told.
    pub unknown: Vec<String>,
    /// Companies that filed nothing wanted since `new_since`, and were not asked about.
    #[serde(default)]
    pub without_news: u64,
    /// The newest day that EDGAR's indexes reached, `YYYY-MM-DD`: filings of later days may not have been seen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexed_to: Option<String>,
    /// The day as of which the list of companies is, where it is the one that comes with the workers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_as_of: Option<String>,
}

/// Payload of `discover_filings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoverFilings {
    /// The company.
    pub cik: Cik,
    /// Which filings.
    pub filings: FilingFilter,
    /// As in [`DiscoverCompanies`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub submissions_max_age_s: u64,
    /// How to process them.
    pub processing: Processing,
}

/// Result of `discover_filings`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingsFound {
    /// Filings found and handed on.
    pub filings: u64,
    /// Filings with XBRL that were left out, by reason.
    pub left_out: BTreeMap<String, u64>,
}

/// Payload of `process_filing`: the same from whichever company it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessFiling {
    /// The filing's record.
    pub metadata: FilingMetadata,
    /// How to process it.
    pub processing: Processing,
}

/// Result of `process_filing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingProcessed {
    /// Whether a current manifest was there already.
    pub skipped: bool,
    /// The input key.
    pub input_key: String,
    /// The manifest's address for people and programs.
    pub manifest_uri: String,
    /// The hash of the manifest's bytes.
    pub manifest_sha256: String,
    /// Whether a schema was missing.
    pub degraded: bool,
    /// Fact occurrences.
    pub occurrences: u64,
    /// Fact rows.
    pub facts: u64,
    /// Rows in all tables of the graph.
    pub rows: u64,
    /// Bytes in all files.
    pub bytes: u64,
    /// The filing's date, `YYYY-MM-DD`: files are partitioned by it.
    #[serde(default)]
    pub filing_date: String,
    /// The file of each table that has rows.
    #[serde(default)]
    pub tables: BTreeMap<String, TableFile>,
}

/// What a result says of one file; its address follows from the rest.
/// As JSON an array `[rows, bytes]`: a result has one for each of some thirty tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct TableFile {
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// A table, the address of the file with its rows, and how much is in it.
pub type FileLocation = (String, String, TableFile);

impl From<(u64, u64)> for TableFile {
    fn from((rows, bytes): (u64, u64)) -> Self {
        Self { rows, bytes }
    }
}

impl From<TableFile> for (u64, u64) {
    fn from(file: TableFile) -> Self {
        (file.rows, file.bytes)
    }
}

impl FilingProcessed {
    /// The files of a manifest, in short: addresses would be too long for a result.
    pub fn tables_of(manifest: &Manifest) -> BTreeMap<String, TableFile> {
        let short = |file: &crate::manifest::OutputFile| {
            (file.table.clone(), TableFile { rows: file.rows, bytes: file.bytes })
        };
        manifest.files.iter().map(short).collect()
    }

    /// The table, address and size of every file of the filing, in the order of the tables' names.
    pub fn locations(&self, accession: &AccessionNumber) -> Vec<FileLocation> {
        let manifest = layout::manifest(accession, &self.input_key);
        let Some(root) = self.manifest_uri.strip_suffix(manifest.as_str()) else { return Vec::new() };
        // Results of before there were locations have no date.
        if self.filing_date.len() != "YYYY-MM-DD".len() || !self.filing_date.is_ascii() {
            return Vec::new();
        }
        let location = |(table, file): (&String, &TableFile)| {
            let folder = schema::table(table)?.folder();
            let key = layout::table_file(&folder, &self.filing_date, accession, &self.input_key);
            Some((table.clone(), format!("{root}{key}"), *file))
        };
        self.tables.iter().filter_map(location).collect()
    }
}

/// Payload of `ingest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingest {
    /// The round.
    pub round: u32,
    /// The key of the accepted list.
    pub accepted: String,
}

/// One line of the accepted list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The item, `process_filing/{accession}`.
    pub key: ItemKey,
    /// The items that named it, `discover_filings/{cik10}`: every company the filing is listed under.
    pub parents: Vec<ItemKey>,
    /// Its [`FilingProcessed`].
    pub result: FilingProcessed,
}

/// Result of `ingest`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Filings that were not in the graph.
    pub added: u64,
    /// Filings whose rows were replaced.
    pub replaced: u64,
    /// Filings that were current in the graph.
    pub unchanged: u64,
    /// Filings refused for an error in their data, with the reason.
    pub rejected: BTreeMap<String, String>,
    /// Node rows written.
    pub nodes: u64,
    /// Relationship rows written.
    pub relationships: u64,
}
