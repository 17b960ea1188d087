//! `company_tickers.json`: the SEC's list of companies with tickers. Pure.

use std::collections::BTreeMap;

use edgraph_shared::failure::shortened;
use edgraph_shared::ids::Cik;
use serde_json::Value;

use super::fields;

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

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In its own order: the largest companies first.
    pub listings: Vec<Listing>,
    /// Entries that cannot be read, each as a sentence.
    pub damaged: Vec<String>,
}

/// A list that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the JSON expected.
    #[error("not a list of company tickers: {0}")]
    Json(String),
    /// None of its entries can be read.
    #[error("not a list of company tickers: of {entries} entries none can be read; {first}")]
    NoEntry {
        /// How many there are.
        entries: usize,
        /// What is wrong with the first.
        first: String,
    },
}

/// Reads the list. An entry without a CIK or a ticker costs itself alone.
///
/// # Errors
/// [`Error`] if it is not such a list.
pub fn parse(bytes: &[u8]) -> Result<List, Error> {
    let entries: BTreeMap<String, Value> =
        serde_json::from_slice(bytes).map_err(|error| Error::Json(fields::reason(&error)))?;
    // The keys are positions, and JSON objects have no order.
    let mut entries: Vec<(String, Value)> = entries.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.parse().unwrap_or(u64::MAX));
    let mut list = List::default();
    for (key, entry) in &entries {
        match listing(key, entry) {
            Ok(listing) => list.listings.push(listing),
            Err(damage) => list.damaged.push(damage),
        }
    }
    match list.damaged.first() {
        Some(first) if list.listings.is_empty() => {
            Err(Error::NoEntry { entries: entries.len(), first: first.clone() })
        }
        _ => Ok(list),
    }
}

fn listing(key: &str, entry: &Value) -> Result<Listing, String> {
    let of = |field: &str| fields::text(entry.get(field));
    let bad = |field: &str, expected: &str| {
        let shown = fields::shown(entry.get(field));
        shortened(&format!("entry {key:?}"), fields::SHOWN_CHARS)
            + &format!(" of the list of company tickers: {field} is {shown}, expected {expected}")
    };
    let cik =
        of("cik_str").and_then(|text| text.parse::<Cik>().ok()).ok_or_else(|| bad("cik_str", "a CIK"))?;
    let ticker = of("ticker").ok_or_else(|| bad("ticker", "a symbol"))?;
    Ok(Listing { cik, ticker, title: of("title").unwrap_or_default() })
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
        let tickers: Vec<String> = list.unwrap().listings.into_iter().map(|listing| listing.ticker).collect();
        assert_eq!(tickers, ["A", "B", "C"]);
    }

    #[test]
    fn an_odd_entry_costs_itself_alone() {
        let list = parse(
            br#"{"0": {"cik_str": 1, "ticker": "A", "title": null}, "1": {"cik_str": "0000000002", "ticker": "B"},
                 "2": {"cik_str": null, "ticker": "C"}, "3": {"cik_str": 4, "ticker": null}, "4": [], "5": {"cik_str": 0, "ticker": "F"}}"#,
        );
        let List { listings, damaged } = list.unwrap();
        let read: Vec<(u64, &str)> =
            listings.iter().map(|listing| (listing.cik.number(), listing.ticker.as_str())).collect();
        assert_eq!(read, [(1, "A"), (2, "B")]);
        let parts = [
            "\"2\" of the list of company tickers: cik_str is null",
            "ticker is null",
            "cik_str is missing",
            "cik_str is 0",
        ];
        assert_eq!(damaged.len(), parts.len());
        for (damage, part) in damaged.iter().zip(parts) {
            assert!(damage.contains(part), "{damage}");
        }
    }

    #[test]
    fn what_is_no_list_is_said() {
        let cases = [
            ("[]", "not a list of company tickers"),
            (r#"{"0": {"ticker": "A"}}"#, "cik_str is missing"),
            (
                r#"{"7": {"cik_str": 0, "ticker": "A"}}"#,
                "entry \"7\" of the list of company tickers: cik_str is 0",
            ),
            ("{", "not a list of company tickers: EOF"),
        ];
        for (text, part) in cases {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("column"), "{error}");
        }
        assert_eq!(parse(b"{}").unwrap(), List::default());
    }
}
