//! What is asked, how far it may go, and what comes back. Plain data.

use std::path::PathBuf;

use edgraph_shared::model::{GraphQuery, QueryLimits};
use serde::{Deserialize, Serialize};

use crate::database::cell::Cells;

/// One question about a graph in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The graph's folder.
    pub graph: PathBuf,
    /// What is asked.
    pub query: GraphQuery,
    /// Whether the parameters narrow an example: then the company and the filing that they name must be there, and are
    /// written as the graph has them.
    pub narrows: bool,
}

impl Question {
    /// A statement without parameters, within the usual limits.
    pub fn new(graph: impl Into<PathBuf>, statement: impl Into<String>) -> Self {
        let (parameters, limits) = (Vec::new(), QueryLimits::default());
        let query = GraphQuery { statement: statement.into(), parameters, limits };
        Self { graph: graph.into(), query, narrows: false }
    }
}

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Cells>,
    /// Whether rows beyond the limit were left out.
    pub truncated: bool,
}
