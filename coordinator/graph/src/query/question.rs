//! What is asked, how far it may go, and what comes back. Plain data.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::database::cell::{Cells, Parameter};

/// How far a query may go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Rows kept; the rest are left out and said to be.
    pub max_rows: usize,
    /// Bytes of values kept, likewise.
    pub max_bytes: u64,
    /// How long it may take.
    pub timeout: Duration,
}

impl Default for Limits {
    /// Enough for a person at a terminal, little enough that a mistake ends.
    fn default() -> Self {
        Self { max_rows: 10_000, max_bytes: 256 << 20, timeout: Duration::from_secs(60) }
    }
}

/// One question about a graph in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The graph's folder.
    pub graph: PathBuf,
    /// The statement, which reads.
    pub statement: String,
    /// Its parameters.
    pub parameters: Vec<(String, Parameter)>,
    /// How far it may go.
    pub limits: Limits,
}

impl Question {
    /// A statement without parameters, within the usual limits.
    pub fn new(graph: impl Into<PathBuf>, statement: impl Into<String>) -> Self {
        let (graph, statement) = (graph.into(), statement.into());
        Self { graph, statement, parameters: Vec::new(), limits: Limits::default() }
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
