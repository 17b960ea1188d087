//! What is common to the database and its stand-in: how it is opened and what it answers.

use super::cell::Cells;

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Shared with other readers; writes are refused.
    Read,
    /// Created if absent; nobody else may have it open.
    Write,
}

/// What a query answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, at most as many as asked for.
    pub rows: Vec<Cells>,
    /// Whether there were more.
    pub truncated: bool,
}
