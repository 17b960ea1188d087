//! A statement that was read: what it is called, whose it is, which filings it is of. Plain data.

use super::sheet::Sheet;
use crate::facts::Filing;

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The company's name.
    pub company: String,
    /// What the filing calls the statement.
    pub title: String,
    /// Its role.
    pub role: String,
    /// The filings that columns are from, the newest first.
    pub filings: Vec<Filing>,
    /// The rows and columns.
    pub sheet: Sheet,
}

impl Statement {
    /// One of its filings.
    pub(crate) fn filing(&self, accession: &str) -> Option<&Filing> {
        self.filings.iter().find(|filing| filing.accession == accession)
    }
}
