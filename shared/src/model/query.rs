//! Questions to the graph: in Cypher with how far it may go, or for what is made of facts; what comes back in parts, and
//! why nothing does.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cell::{Cells, Parameter};

/// How far a query may go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryLimits {
    /// Rows kept; the rest are left out and said to be.
    pub max_rows: usize,
    /// Bytes of values kept, likewise.
    pub max_bytes: u64,
    /// How long it may take.
    pub timeout: Duration,
}

impl Default for QueryLimits {
    /// Enough for a person at a terminal, little enough that a mistake ends.
    fn default() -> Self {
        Self { max_rows: 10_000, max_bytes: 256 << 20, timeout: Duration::from_secs(60) }
    }
}

/// A statement that reads, with what it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphQuery {
    /// The statement.
    pub statement: String,
    /// Its parameters.
    pub parameters: Vec<(String, Parameter)>,
    /// How far it may go.
    pub limits: QueryLimits,
}

/// What a graph can be asked over the network.
#[derive(Clone, Debug, PartialEq)]
pub enum GraphQuestion {
    /// A statement in Cypher.
    Query(GraphQuery),
    /// A financial statement as filed.
    Statement(StatementQuestion),
    /// One amount over time.
    Series(SeriesQuestion),
    /// What there is to ask for.
    Find(FindQuestion),
}

/// Asks for a financial statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementQuestion {
    /// A ticker, a CIK or an accession number.
    pub company: String,
    /// `income`, `balance`, `cash`, `equity`, or any other role by its number, its name, or a part of these.
    pub statement: String,
    /// Which periods.
    pub span: StatementSpan,
    /// Whether members are shown below each line.
    pub breakdown: bool,
}

/// Which periods a statement shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatementSpan {
    /// Those of one report.
    Report,
    /// So many fiscal years, out of annual reports.
    Years(usize),
    /// So many quarters, out of quarterly reports; balances out of annual ones, too.
    Quarters(usize),
}

/// Asks for one amount over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesQuestion {
    /// Tickers or CIKs.
    pub companies: Vec<String>,
    /// A name of the standard map, or a concept.
    pub name: String,
    /// How long its periods are.
    pub length: SeriesLength,
    /// Of each period what was said first, not what was said last.
    pub as_first_reported: bool,
}

/// How long the periods of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeriesLength {
    /// Fiscal years, or balances at their ends.
    Years,
    /// Discrete quarters, or balances at their ends.
    Quarters,
    /// Twelve months up to the end of each quarter.
    TwelveMonths,
}

/// Asks what has some words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindQuestion {
    /// Words, all of which a hit has, as parts of words or of names.
    pub text: String,
    /// Hits of one kind alone.
    pub kind: Option<FindKind>,
    /// Hits of each kind at most.
    pub limit: usize,
}

/// What a hit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FindKind {
    /// A company.
    Company,
    /// A concept: what facts are of, or a heading, axis or member.
    Concept,
    /// A statement or disclosure of one filing.
    Statement,
    /// A text block of one filing.
    Text,
}

/// A part of an answer: columns first, rows as often as there are some, and an end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum QueryPart {
    /// Names of the columns.
    Columns(Vec<String>),
    /// Rows.
    Rows(Vec<Cells>),
    /// That was all, or there were more.
    End {
        /// Whether there were more.
        truncated: bool,
    },
}

/// Why a question is not answered. The graph is as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum QueryRefusal {
    /// The question is wrong: what is no Cypher, would write, or names what is not there.
    #[error("{0}")]
    Invalid(String),
    /// There is no graph that could be asked.
    #[error("{0}")]
    NoGraph(String),
    /// It took too long.
    #[error(
        "it took longer than {} s and was ended; narrow the statement, or give it more time",
        .0.as_secs_f64()
    )]
    TooLong(Duration),
    /// It, or one row of its answer, is larger than there is room for.
    #[error("{0}")]
    TooLarge(String),
    /// The database crashed on it.
    #[error("the database crashed on it ({0}); the graph is unharmed: write it differently")]
    Crashed(String),
    /// What failed is not the question.
    #[error("{0}")]
    Failed(String),
    /// Told to stop before it was answered.
    #[error("interrupted before it was answered")]
    Interrupted,
}
