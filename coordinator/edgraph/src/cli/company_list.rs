//! A user's own list of companies: text in, ticker symbols and CIKs out. Pure.
//!
//! One name a line, or CSV: the column headed ticker or symbol, else the one headed cik, else the first. Lines that
//! begin with `#` are comments.

use csv::{ReaderBuilder, Trim};

/// Headings of the column with ticker symbols, in small letters.
const TICKER_HEADINGS: [&str; 4] = ["ticker", "tickers", "symbol", "ticker symbol"];
/// Headings of the column with CIKs.
const CIK_HEADINGS: [&str; 2] = ["cik", "cik_str"];
/// The longest ticker symbols have some ten characters; a longer text is something else.
const MAX_NAME_LEN: usize = 16;

/// A text that is no list.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Not CSV, such as an open quote.
    #[error("not a list of companies: {0}")]
    Csv(#[from] csv::Error),
    /// Nothing in it.
    #[error(
        "no company in it; expected one ticker or CIK a line, or CSV with a column headed ticker, symbol or cik"
    )]
    Empty,
    /// Something else than a list.
    #[error(
        "line {line}: {text:?} is neither a ticker nor a CIK; of CSV, the column headed ticker, symbol or cik is read"
    )]
    Name {
        /// From 1.
        line: u64,
        /// What stands there, cut short.
        text: String,
    },
}

/// Reads a list, in its order.
pub(super) fn parse(text: &str) -> Result<Vec<String>, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter(text))
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut names = Vec::new();
    let mut column = None;
    for record in reader.records() {
        let record = record?;
        let is_first = column.is_none();
        let headed = is_first.then(|| heading(&record)).flatten();
        let column = *column.get_or_insert(headed.unwrap_or(0));
        let name = record.get(column).unwrap_or_default();
        if headed.is_some() || name.is_empty() {
            continue;
        }
        let valid =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '$' | '^' | '=' | '+');
        if name.len() > MAX_NAME_LEN || !name.chars().all(valid) {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(Error::Name { line, text: name.chars().take(40).collect() });
        }
        names.push(name.to_owned());
    }
    if names.is_empty() { Err(Error::Empty) } else { Ok(names) }
}

/// The column to read, if this is a line of headings.
fn heading(record: &csv::StringRecord) -> Option<usize> {
    let position = |headings: &[&str]| {
        record.iter().position(|field| headings.contains(&field.to_ascii_lowercase().as_str()))
    };
    position(&TICKER_HEADINGS).or_else(|| position(&CIK_HEADINGS))
}

/// The separator that the first line with content has; a comma where it has none.
fn delimiter(text: &str) -> u8 {
    let line =
        text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|separator| line.as_bytes().contains(separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_lines_or_csv() {
        let cases: [(&str, &[&str]); 10] = [
            ("ABC\nXYZ\n", &["ABC", "XYZ"]),
            ("\u{feff}# mine\r\n\r\nabc.b \r\n0000000042\r\n", &["abc.b", "0000000042"]),
            ("Symbol,Security\nABC,\"Abc, Inc.\"\n,nobody\nXYZ,Xyz", &["ABC", "XYZ"]),
            ("name,CIK,Ticker\nAbc,42,ABC\n", &["ABC"]),
            ("name;CIK\nAbc;42\n", &["42"]),
            ("ABC,Abc Inc.\nXYZ,Xyz\n", &["ABC", "XYZ"]),
            ("cik\n42\n", &["42"]),
            ("ticker\tname\nABC\tAbc\n", &["ABC"]),
            ("TICKER\nTICKER\n", &["TICKER"]),
            ("ABC", &["ABC"]),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_list_is_said() {
        for (text, part) in [
            ("", "no company in it"),
            ("# nothing\n\n", "no company in it"),
            ("ticker,name\n", "no company in it"),
            ("# mine\nABC\nAbc Holdings Incorporated\n", "line 3: \"Abc Holdings Incorporated\""),
            ("{\"a\": 1}", "line 1"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
