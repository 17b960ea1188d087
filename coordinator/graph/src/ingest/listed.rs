//! The filings that a graph is to have, each with what is known of it before its manifest is read. Pure.

use std::collections::BTreeSet;

use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::{Accepted, kind};

use crate::accepted::named_by;
use crate::error::Error;

/// A filing in the version that the graph is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// The filing.
    pub accession: AccessionNumber,
    /// Which manifest.
    pub input_key: String,
    /// The hash of that manifest's bytes, where it was accepted by it.
    pub manifest_sha256: Option<String>,
    /// Rows in all its tables, as far as that is known.
    pub rows: u64,
    /// Every company it is known to be listed under.
    pub companies: BTreeSet<Cik>,
}

/// What a round accepted.
///
/// # Errors
/// [`Error::Invalid`] if a key of the list is not one of ours, or a filing is in it twice.
pub(super) fn of_round(accepted: &[Accepted]) -> Result<Vec<Listed>, Error> {
    let mut seen = BTreeSet::new();
    let listed = |line: &Accepted| {
        let accession = filing(line.key.as_str())?;
        if !seen.insert(accession) {
            return Err(Error::invalid(format!("accepted list, {}", line.key), "named twice"));
        }
        let companies = line.parents.iter().map(|parent| company(parent.as_str()));
        Ok(Listed {
            accession,
            input_key: line.result.input_key.clone(),
            manifest_sha256: Some(line.result.manifest_sha256.clone()),
            rows: line.result.rows,
            companies: companies.collect::<Result<_, Error>>()?,
        })
    };
    accepted.iter().map(listed).collect()
}

/// The filing that a line of an accepted list is of, by its key.
pub(super) fn filing(key: &str) -> Result<AccessionNumber, Error> {
    named_by(key, kind::PROCESS_FILING)
}

/// The company under which a filing was found, by the key of the item that found it.
pub(super) fn company(key: &str) -> Result<Cik, Error> {
    named_by(key, kind::DISCOVER_FILINGS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use edgraph_shared::kinds::sec_xbrl::FilingProcessed;

    use super::*;

    fn accepted(key: &str) -> Accepted {
        Accepted {
            key: key.parse().unwrap(),
            parents: vec!["discover_filings/0000000007".parse().unwrap()],
            result: FilingProcessed {
                skipped: false,
                input_key: "k".into(),
                manifest_uri: String::new(),
                manifest_sha256: "hash".into(),
                degraded: false,
                occurrences: 0,
                facts: 0,
                rows: 9,
                bytes: 0,
                filing_date: String::new(),
                tables: BTreeMap::new(),
                damage: Default::default(),
                other_reports: Vec::new(),
            },
        }
    }

    #[test]
    fn a_line_says_which_filing_in_which_version_under_which_companies() {
        let accession = "0000000001-24-000001";
        let listed = of_round(&[accepted(&format!("process_filing/{accession}"))]).unwrap();
        let expected = Listed {
            accession: accession.parse().unwrap(),
            input_key: "k".into(),
            manifest_sha256: Some("hash".into()),
            rows: 9,
            companies: BTreeSet::from([Cik::new(7).unwrap()]),
        };
        assert_eq!(listed, [expected]);
    }

    #[test]
    fn a_list_that_is_not_ours_is_refused() {
        for (lines, problem) in [
            (&["process_filing/0000000001-24-000001"; 2][..], "twice"),
            (&["process_filing/nonsense"], "accession"),
            (&["ingest/1"], "process_filing"),
        ] {
            let lines: Vec<Accepted> = lines.iter().map(|key| accepted(key)).collect();
            let refused = of_round(&lines).unwrap_err().to_string();
            assert!(refused.contains(problem), "{refused}");
        }
    }
}
