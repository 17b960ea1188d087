//! A series that was read: rows, and whose each is. Plain data.

use super::answer::Row;

/// A series of one or several companies.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What was asked for.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// By company as they were given, the oldest period first.
    pub lines: Vec<Line>,
}

/// A row, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The company's name.
    pub company: String,
    /// Its CIK.
    pub cik: String,
    /// Its first ticker symbol.
    pub ticker: Option<String>,
    /// The row.
    pub row: Row,
}
