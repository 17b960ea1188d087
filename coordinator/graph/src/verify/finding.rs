//! What a verification comes to.

use std::collections::BTreeMap;

use serde::Serialize;

/// Findings that are listed; the others are counted.
const MAX_LISTED: usize = 1_000;

/// What mends a damaged or missing part of a filing's output.
pub(super) const MAKE_AGAIN: &str = "run the same pipeline again: it makes the filing again";

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about: an object's key, a filing in a table or in the graph.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What mends it.
    pub fix: &'static str,
}

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Filings with a current manifest that reads.
    pub filings: u64,
    /// Filings that tables have.
    pub published: u64,
    /// Filings that the graph has; `None` where none was looked at.
    pub in_graph: Option<u64>,
    /// Files that manifests name.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows of every table, by its name, as its log says.
    pub rows: BTreeMap<&'static str, u64>,
    /// What is wrong; a thousand at most.
    pub findings: Vec<Finding>,
    /// Findings that are not listed.
    pub more: u64,
}

impl Verified {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn found(&mut self, place: impl ToString, problem: impl ToString, fix: &'static str) {
        if self.findings.len() < MAX_LISTED {
            self.findings.push(Finding { place: place.to_string(), problem: problem.to_string(), fix });
        } else {
            self.more += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_beyond_what_anybody_reads_are_counted() {
        let mut verified = Verified::default();
        assert!(verified.is_clean());
        (0..MAX_LISTED + 7).for_each(|place| verified.found(place, "it is missing", MAKE_AGAIN));
        assert_eq!((verified.findings.len(), verified.more), (MAX_LISTED, 7));
        assert!(!verified.is_clean());
    }
}
