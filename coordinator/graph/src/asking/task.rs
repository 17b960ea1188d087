//! What can be asked of a graph, checked before a process is started for it.

use std::path::{Path, PathBuf};

use edgraph_shared::model::{QueryLimits, QueryRefusal};
use serde::{Deserialize, Serialize};

use crate::database::folder;
use crate::error::Error;
use crate::find;
use crate::query::{self, Format, Question, Table};
use crate::series;
use crate::statement::{self, Proof};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Rows.
    Query(Question),
    /// Rows of what is made of facts.
    Rows {
        /// The graph's folder.
        graph: PathBuf,
        /// Which.
        which: Which,
    },
    /// The same as text.
    Text {
        /// The graph's folder.
        graph: PathBuf,
        /// Which.
        which: Which,
        /// How it is written.
        format: Format,
    },
}

/// What is made of facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Which {
    /// A statement as filed.
    Statement(statement::Request, Proof),
    /// One amount over time.
    Series(series::Request),
    /// What there is to ask for.
    Find(find::Request),
}

impl Task {
    /// How far it may go.
    pub(super) fn limits(&self) -> QueryLimits {
        match self {
            Self::Query(question) => question.query.limits,
            Self::Rows { .. } | Self::Text { .. } => QueryLimits::default(),
        }
    }

    /// Refuses what needs no process to be refused.
    pub(super) fn check(&self) -> Result<(), QueryRefusal> {
        let checked = match self {
            Self::Query(question) => query::check(question),
            Self::Rows { graph, .. } | Self::Text { graph, .. } => folder::database_in(graph).map(drop),
        };
        checked.map_err(refusal)
    }
}

impl Which {
    /// The rows. Blocks.
    pub(super) fn rows(&self, graph: &Path) -> Result<Table, Error> {
        Ok(match self {
            Self::Statement(request, _) => statement::run(graph, request)?.table(),
            Self::Series(request) => series::run(graph, request)?.table(),
            Self::Find(request) => find::run(graph, request)?.table(),
        })
    }

    /// The text. Blocks.
    pub(super) fn text(&self, graph: &Path, format: Format) -> Result<String, Error> {
        Ok(match self {
            Self::Statement(request, proof) => statement::run(graph, request)?.render(format, *proof),
            Self::Series(request) => series::run(graph, request)?.render(format),
            Self::Find(request) => find::run(graph, request)?.render(format),
        })
    }
}

/// An error as those who ask are told it.
pub(super) fn refusal(error: Error) -> QueryRefusal {
    let message = error.to_string();
    match error {
        Error::Invalid { .. } | Error::ReadOnly { .. } | Error::Database { .. } | Error::Rows { .. } => {
            QueryRefusal::Invalid(message)
        }
        Error::NoGraph { .. } => QueryRefusal::NoGraph(message),
        Error::Interrupted => QueryRefusal::Interrupted,
        _ => QueryRefusal::Failed(message),
    }
}
