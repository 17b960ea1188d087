//! What the tools are asked. Documentation comments are what an assistant reads of them.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;

/// A sort of hits.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "lowercase")]
pub(super) enum Sort {
    /// By name, ticker symbol or CIK.
    Company,
    /// By name or label; names of the standard map, too.
    Concept,
    /// Statements and disclosures of filings.
    Statement,
    /// Notes and policies.
    Text,
}

/// Asks what the graph has under a text.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    /// Words, all of which must match: of a company, ticker, concept, label, statement or note.
    pub(super) text: String,
    /// One sort of hits alone.
    pub(super) kind: Option<Sort>,
    /// Hits of each sort; 10 unless given, 100 at most.
    pub(super) limit: Option<u32>,
}

/// Asks for a statement as filed.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct StatementOf {
    /// A ticker, a CIK or an accession number; of a company the newest 10-K or 10-Q is read.
    pub(super) company: String,
    /// `income` (the default), `balance`, `cash`, `equity`, or any other role by its number, its name, or a part of these.
    pub(super) statement: Option<String>,
    /// So many fiscal years instead of one report's columns.
    pub(super) years: Option<u32>,
    /// So many quarters instead.
    pub(super) quarters: Option<u32>,
    /// Below each line what its members come to.
    #[serde(default)]
    pub(super) breakdown: bool,
}

/// How long the periods of a series are.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "lowercase")]
pub(super) enum Periods {
    /// Fiscal years.
    Annual,
    /// Discrete quarters, derived where they follow from what is told.
    Quarterly,
    /// Twelve months up to the end of each quarter.
    Ttm,
}

/// Asks for one amount over time.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesOf {
    /// Tickers or CIKs.
    pub(super) companies: Vec<String>,
    /// A name of the standard map, such as revenue, net_income, capex; or a concept, such as us-gaap:Revenues.
    pub(super) name: String,
    /// `annual` unless given.
    pub(super) periods: Option<Periods>,
    /// Of each period what was said first, not what was said last.
    #[serde(default)]
    pub(super) as_first_reported: bool,
}

/// Asks for the text of a note or another fact.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct TextOf {
    /// The filing's accession number.
    pub(super) accession: String,
    /// The concept, with or without its prefix, or a part of its name that no other text has.
    pub(super) concept: String,
    /// The character to begin with, where an earlier answer ended.
    #[serde(default)]
    pub(super) from: usize,
}

/// Asks the graph in Cypher.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Cypher {
    /// A statement that reads. Return `accession` beside every number: whoever reads it wants to know where it is from.
    pub(super) cypher: String,
    /// A value for each $parameter of the statement.
    #[serde(default)]
    pub(super) parameters: serde_json::Map<String, serde_json::Value>,
    /// Rows at most; 100 unless given, 1,000 at most.
    pub(super) max_rows: Option<u32>,
}

/// Asks for a part of the schema, or of the examples.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// One of them; all when absent.
    pub(super) name: Option<String>,
}
