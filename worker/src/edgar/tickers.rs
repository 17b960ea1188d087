//! `company_tickers.json`: the SEC's list of companies with tickers. Pure.

use std::fmt;

use edgraph_shared::failure::shortened;
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::Damage;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::{fields, text};
use crate::download::content::json_reason;

/// What messages call the list.
const FILE: &str = "company_tickers.json";

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
    /// Entries that cannot be read.
    pub damage: Damage,
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
        entries: u64,
        /// What is wrong with the first.
        first: String,
    },
}

/// The entries as they stand there: a key that is there twice is two entries.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// Reads the list. An entry without a CIK or a ticker costs itself alone.
///
/// # Errors
/// [`Error`] if it is not such a list.
pub fn parse(bytes: &[u8]) -> Result<List, Error> {
    let Entries(mut entries) =
        serde_json::from_str(&text::of_json(bytes)).map_err(|error| Error::Json(json_reason(&error)))?;
    // The keys are positions, and JSON objects have no order.
    entries.sort_by_key(|(key, _)| key.parse().unwrap_or(u64::MAX));
    let mut list = List::default();
    for (key, entry) in &entries {
        match listing(key, entry) {
            Ok(listing) => list.listings.push(listing),
            Err(damage) => list.damage.add(|| damage),
        }
    }
    match list.damage.named.first() {
        Some(first) if list.listings.is_empty() => {
            Err(Error::NoEntry { entries: list.damage.rows, first: first.clone() })
        }
        _ => Ok(list),
    }
}

fn listing(key: &str, entry: &Value) -> Result<Listing, String> {
    // Keys are text of others, too.
    let key = shortened(key, fields::SHOWN_CHARS);
    if !entry.is_object() {
        return Err(format!("{FILE}: {key} is {}, expected an object", fields::shown(Some(entry))));
    }
    let of = |field: &str| fields::text(entry.get(field));
    // Of an entry without the one, the other tells people which company it is.
    let bad = |field: &str, other: &str, expected: &str| {
        let named = of(other).map(|text| format!(" of {}", fields::shown(Some(&text.into()))));
        let named = named.unwrap_or_default();
        format!("{FILE}: {key}.{field}{named} is {}, expected {expected}", fields::shown(entry.get(field)))
    };
    let cik = of("cik_str").and_then(|text| text.trim().parse::<Cik>().ok());
    let cik = cik.ok_or_else(|| bad("cik_str", "ticker", "a CIK"))?;
    let ticker = of("ticker").ok_or_else(|| bad("ticker", "cik_str", "a symbol"))?;
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
                 "2": {"cik_str": null, "ticker": "C"}, "3": {"cik_str": 4, "ticker": null}, "4": [],
                 "5": {"cik_str": 0, "ticker": "F"}, "6": {"cik_str": 7.0, "ticker": "G", "title": ["x"]},
                 "7": {"cik_str": -8, "ticker": "H"}, "8": {"cik_str": 12345678901, "ticker": "I"},
                 "9": {"ticker": "J"}, "10": {"cik_str": 11.5, "ticker": "K"}, "11": {"cik_str": 1, "ticker": "A2"},
                 "11": {"cik_str": 12, "ticker": "L"}, "x": null, "\u0090y": null}"#,
        );
        let List { listings, damage } = list.unwrap();
        let read: Vec<(u64, &str)> =
            listings.iter().map(|listing| (listing.cik.number(), listing.ticker.as_str())).collect();
        assert_eq!(read, [(1, "A"), (2, "B"), (7, "G"), (1, "A2"), (12, "L")]);
        let expected = [
            r#"2.cik_str of "C" is null, expected a CIK"#,
            r#"3.ticker of "4" is null, expected a symbol"#,
            "4 is [], expected an object",
            r#"5.cik_str of "F" is 0, expected a CIK"#,
            r#"7.cik_str of "H" is -8, expected a CIK"#,
            r#"8.cik_str of "I" is 12345678901, expected a CIK"#,
            r#"9.cik_str of "J" is missing, expected a CIK"#,
            r#"10.cik_str of "K" is 11.5, expected a CIK"#,
            "x is null, expected an object",
            " y is null, expected an object",
        ];
        assert_eq!(damage.named, expected.map(|rest| format!("company_tickers.json: {rest}")));
    }

    #[test]
    fn a_title_that_is_no_text_costs_nothing() {
        let list = parse(
            b"\xef\xbb\xbf{\"0\": {\"cik_str\": 1, \"ticker\": \"A\", \"title\": \"Caf\xe9 SA\"},
              \"1\": {\"cik_str\": 2, \"ticker\": \"B\", \"title\": \"B \\ud83d Corp\"}}",
        );
        let titles: Vec<String> = list.unwrap().listings.into_iter().map(|listing| listing.title).collect();
        assert_eq!(titles, ["Caf\u{e9} SA", "B \u{fffd} Corp"]);
    }

    #[test]
    fn what_is_no_list_is_said() {
        let cases = [
            ("[]", "not a list of company tickers: invalid type: sequence, expected an object of entries"),
            (
                r#"{"0": {"ticker": "A"}}"#,
                "of 1 entries none can be read; company_tickers.json: 0.cik_str of \"A\" is missing",
            ),
            (r#"{"7": {"cik_str": 0, "ticker": "A"}}"#, "company_tickers.json: 7.cik_str of \"A\" is 0"),
            ("{", "not a list of company tickers: EOF"),
        ];
        for (text, part) in cases {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("column"), "{error}");
        }
        assert_eq!(parse(b"{}").unwrap(), List::default());
    }
}
