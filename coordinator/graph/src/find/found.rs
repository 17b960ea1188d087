//! What was found. Plain data: each hit has what the next command asks for.

use edgraph_shared::model::FindKind as Kind;
use serde::{Deserialize, Serialize};

/// That there is none of a kind, to begin a sentence with.
pub(super) fn none(kind: Kind) -> &'static str {
    match kind {
        Kind::Company => "no company",
        Kind::Concept => "no concept",
        Kind::Statement => "no statement or disclosure",
        Kind::Text => "no text block",
    }
}

/// Everything that has the words, the best first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What was looked for.
    pub text: String,
    /// Names of the standard map, which come with edgraph and not out of the graph.
    pub names: Section<Name>,
    /// Companies.
    pub companies: Section<Company>,
    /// Concepts.
    pub concepts: Section<Concept>,
    /// Statements and disclosures.
    pub statements: Section<Statement>,
    /// Text blocks.
    pub texts: Section<TextBlock>,
}

impl Found {
    /// Whether the graph has nothing of it.
    pub fn is_empty(&self) -> bool {
        self.companies.hits.is_empty()
            && self.concepts.hits.is_empty()
            && self.statements.hits.is_empty()
            && self.texts.hits.is_empty()
    }
}

/// Hits of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section<T> {
    /// The best of them.
    pub hits: Vec<T>,
    /// How many more there are.
    pub more: u64,
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self { hits: Vec::new(), more: 0 }
    }
}

/// A name that `edgraph series` takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// The concepts, or sums of names, that may stand for it, in order.
    pub concepts: Vec<String>,
}

/// A company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Company {
    /// The CIK, ten digits; of other schemes the identifier's address.
    pub cik: String,
    /// All its ticker symbols.
    pub tickers: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its filings in the graph.
    pub filings: u64,
}

/// A concept, in whatever years of its taxonomy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concept {
    /// `{prefix}:{name}`.
    pub concept: String,
    /// Its plain label, that of most filings.
    pub label: Option<String>,
    /// How many facts are of it.
    pub facts: u64,
    /// How many companies these are about: of a company's own concept one.
    pub companies: u64,
}

/// A statement or disclosure of one filing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The filing.
    pub accession: String,
    /// Who filed it: its first ticker symbol, or its name.
    pub company: String,
    /// The form.
    pub form: String,
    /// When it was filed, YYYY-MM-DD.
    pub filed: String,
    /// Its number, by which `edgraph statement` takes it.
    pub number: Option<String>,
    /// Statement, Disclosure, Document …
    pub kind: Option<String>,
    /// Its name.
    pub name: String,
}

/// A text block of one filing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextBlock {
    /// The filing.
    pub accession: String,
    /// Who filed it: its first ticker symbol, or its name.
    pub company: String,
    /// When it was filed, YYYY-MM-DD.
    pub filed: String,
    /// The concept.
    pub concept: String,
    /// The concept's plain label.
    pub label: Option<String>,
    /// The first words of the first that fits.
    pub text: String,
    /// How many facts of the concept fit in this filing.
    pub facts: u64,
}
