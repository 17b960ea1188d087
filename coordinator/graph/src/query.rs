//! Queries: Cypher over a graph in use, read-only, and results for people and programs.
//!
//! ```text
//! statement + parameters ▶ checked as text ▶ database opened read-only ▶ Table ▶ table, JSON or CSV
//! ```
//! Not here: writing, which only ingestion does; and the graph's meaning, which is the schema's.

use std::path::Path;
use std::time::Duration;

use crate::database::Mode;
use crate::database::cell::{Cells, Parameter};
use crate::database::kuzu::Database;
use crate::database::{cypher, folder};

pub mod examples;
mod parameter;
mod render;

use crate::error::Error;
pub use parameter::parse as parse_parameter;
pub use render::{Format, render};

/// How far a query may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows kept; the rest are left out and said to be.
    pub max_rows: usize,
    /// How long the statement may run.
    pub timeout: Duration,
}

impl Default for Limits {
    /// Enough for a person at a terminal, little enough that a mistake ends.
    fn default() -> Self {
        Self { max_rows: 10_000, timeout: Duration::from_secs(60) }
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

/// Runs one reading statement on the graph in a folder. Blocks.
///
/// # Errors
/// [`Error::NoGraph`], [`Error::ReadOnly`] for a statement that writes or reaches out of the graph,
/// [`Error::Invalid`] for parameters that are missing or too many, [`Error::Database`] for what is not Cypher.
pub fn run(
    graph: &Path,
    statement: &str,
    parameters: &[(String, Parameter)],
    limits: Limits,
) -> Result<Table, Error> {
    cypher::check_reads(statement)?;
    cypher::check_parameters(statement, parameters.iter().map(|(name, _)| name.as_str()))?;
    let database = Database::open(&folder::database_in(graph)?, Mode::Read)?;
    let session = database.session()?;
    session.set_timeout(limits.timeout);
    let answer = session.query(statement, parameters, limits.max_rows)?;
    Ok(Table { columns: answer.columns, rows: answer.rows, truncated: answer.truncated })
}

#[cfg(test)]
mod tests;
