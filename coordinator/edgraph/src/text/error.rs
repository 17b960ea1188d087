//! Why there is no text.

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::storage;
use edgraph_worker::output::parquet;

/// Names that a message lists.
const MAX_LISTED: usize = 20;

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The filing is not in the store.
    #[error("filing {accession} is not in {store}; `edgraph run` processes filings")]
    NoFiling {
        /// The filing.
        accession: AccessionNumber,
        /// The store.
        store: String,
    },
    /// The filing says nothing of such a concept.
    #[error("filing {accession} says nothing of {concept}; its texts are {}", list(.available))]
    NoText {
        /// The filing.
        accession: AccessionNumber,
        /// The concept asked for.
        concept: String,
        /// Concepts that do have a text, those of nearly that name first.
        available: Vec<String>,
    },
    /// Several concepts have what was asked for as a part of their names.
    #[error("{concept} is in the names of several concepts of filing {accession}; give one of {}", list(.candidates))]
    Ambiguous {
        /// The filing.
        accession: AccessionNumber,
        /// What was asked for.
        concept: String,
        /// The concepts.
        candidates: Vec<String>,
    },
    /// The manifest cannot be read.
    #[error(
        "the manifest of {accession} cannot be read: {source}; process the filing again with --refresh all"
    )]
    Manifest {
        /// The filing.
        accession: AccessionNumber,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] parquet::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// The filing's table was compacted, and cannot be read.
    #[error(transparent)]
    Table(#[from] edgraph_graph::Error),
}

/// Why no concept is meant.
#[derive(Debug, PartialEq)]
pub(super) enum Unclear {
    /// There is none; these are near.
    None(Vec<String>),
    /// These all have it in their names.
    Several(Vec<String>),
}

impl Unclear {
    /// As it is told of a filing.
    pub(super) fn of(self, accession: AccessionNumber, concept: &str) -> TextError {
        let concept = concept.to_owned();
        match self {
            Unclear::None(available) => TextError::NoText { accession, concept, available },
            Unclear::Several(candidates) => TextError::Ambiguous { accession, concept, candidates },
        }
    }
}

fn list(concepts: &[String]) -> String {
    let listed = concepts.iter().take(MAX_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match concepts.len() {
        0 => "none at all".to_owned(),
        all if all > MAX_LISTED => format!("{listed}, and {} more", all - MAX_LISTED),
        _ => listed,
    }
}
