//! `company_tickers.json`: the SEC's list of companies with tickers. Pure.

use std::collections::BTreeMap;

use edgraph_shared::ids::Cik;
use serde::Deserialize;

/// One ticker of one company; a company with several classes of shares has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The company.
    pub cik: Cik,
    /// The ticker, as the SEC writes it.
    pub ticker: String,
    /// The company's name.
    pub title: String,
}

/// A list that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the JSON expected.
    #[error("not a list of company tickers: {0}")]
    Json(#[from] serde_json::Error),
    /// A number that is no CIK.
    #[error("entry {entry:?} of the list of company tickers has the CIK {cik}, which is none")]
    Cik {
        /// The entry's key.
        entry: String,
        /// What stands there.
        cik: u64,
    },
}

#[derive(Deserialize)]
struct Entry {
    cik_str: u64,
    ticker: String,
    #[serde(default)]
    title: String,
}

/// Reads the list, in its own order: the largest companies first.
///
/// # Errors
/// [`Error`] if it is not such a list.
pub fn parse(bytes: &[u8]) -> Result<Vec<Listing>, Error> {
    let entries: BTreeMap<String, Entry> = serde_json::from_slice(bytes)?;
    // The keys are positions, and JSON objects have no order.
    let mut entries: Vec<(String, Entry)> = entries.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.parse().unwrap_or(u64::MAX));
    let listing = |(key, entry): (String, Entry)| {
        let cik = Cik::new(entry.cik_str).ok_or(Error::Cik { entry: key, cik: entry.cik_str })?;
        Ok(Listing { cik, ticker: entry.ticker, title: entry.title })
    };
    entries.into_iter().map(listing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_positions() {
        let list = parse(
            br#"{"10": {"cik_str": 3, "ticker": "C", "title": "Third"}, "2": {"cik_str": 2, "ticker": "B"},
                 "0": {"cik_str": 1, "ticker": "A", "title": "First", "more": []}}"#,
        );
        let tickers: Vec<String> = list.unwrap().into_iter().map(|listing| listing.ticker).collect();
        assert_eq!(tickers, ["A", "B", "C"]);
    }

    #[test]
    fn what_is_no_list_is_said() {
        let cases = [
            ("[]", "not a list of company tickers"),
            (r#"{"0": {"ticker": "A"}}"#, "missing field `cik_str`"),
            (
                r#"{"7": {"cik_str": 0, "ticker": "A"}}"#,
                "entry \"7\" of the list of company tickers has the CIK 0",
            ),
        ];
        for (text, part) in cases {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
