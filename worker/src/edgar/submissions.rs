//! `submissions/CIK##########.json` and its older pages: a company and its filings. Pure.
//!
//! Filings come as columns of equal length, under `filings.recent` in the first file and at the top in older pages.

use chrono::NaiveDate;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::manifest::FilingMetadata;
use serde::{Deserialize, Deserializer};

/// A company's first file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submissions {
    /// The company as it is now.
    pub company: Company,
    /// Its newest filings, in the file's order.
    pub filings: Vec<Filing>,
    /// Where the others are.
    pub older_pages: Vec<OlderPage>,
}

/// A company as EDGAR describes it; what EDGAR leaves empty is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its number.
    pub cik: Cik,
    /// Its conformed name.
    pub name: String,
    /// Its tickers.
    pub tickers: Vec<String>,
    /// The exchange of each ticker, empty where there is none.
    pub exchanges: Vec<String>,
    /// Standard industrial classification.
    pub sic: Option<String>,
    /// The same in words.
    pub sic_description: Option<String>,
    /// For example `Large accelerated filer`.
    pub category: Option<String>,
    /// For example `operating`.
    pub entity_type: Option<String>,
    /// For example `DE`.
    pub state_of_incorporation: Option<String>,
    /// `MMDD`.
    pub fiscal_year_end: Option<String>,
    /// Employer identification number.
    pub ein: Option<String>,
    /// Legal entity identifier.
    pub lei: Option<String>,
    /// As given.
    pub phone: Option<String>,
    /// As given.
    pub website: Option<String>,
    /// As given.
    pub investor_website: Option<String>,
    /// The newest filing in the file: as of then the company was as described. `None` without filings.
    pub newest: Option<Newest>,
}

/// The newest filing by acceptance time, then accession number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Newest {
    /// When EDGAR accepted it, ISO 8601.
    pub accepted_at: String,
    /// Which it is.
    pub accession: AccessionNumber,
}

impl Company {
    /// The first ticker.
    pub fn ticker(&self) -> Option<&str> {
        self.tickers.first().map(String::as_str).filter(|ticker| !ticker.is_empty())
    }

    /// The exchange of the first ticker.
    pub fn exchange(&self) -> Option<&str> {
        self.exchanges.first().map(String::as_str).filter(|exchange| !exchange.is_empty())
    }
}

/// One filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// What every filer's file says alike.
    pub metadata: FilingMetadata,
    /// Whether EDGAR says that it has XBRL.
    pub has_xbrl: bool,
}

/// A further file with older filings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OlderPage {
    /// Its name under `submissions/`.
    pub name: String,
    /// The earliest filing date in it, `YYYY-MM-DD`.
    #[serde(rename = "filingFrom")]
    pub from: String,
    /// The latest.
    #[serde(rename = "filingTo")]
    pub to: String,
    /// How many filings are in it.
    #[serde(rename = "filingCount", default)]
    pub count: Option<u64>,
}

impl OlderPage {
    /// Whether filings are those that are announced: a page that was kept is still the one that EDGAR has.
    pub fn announces(&self, filings: &[Filing]) -> bool {
        let dates = || filings.iter().map(|filing| filing.metadata.filing_date.as_str());
        self.count == Some(filings.len() as u64)
            && dates().min() == Some(&self.from)
            && dates().max() == Some(&self.to)
    }
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the JSON expected; a missing column is named.
    #[error("not a submissions file: {0}")]
    Json(#[from] serde_json::Error),
    /// Columns that do not fit together.
    #[error("column {column} has {length} entries where accessionNumber has {expected}")]
    Uneven {
        /// The column.
        column: &'static str,
        /// Its length.
        length: usize,
        /// The length of the first column.
        expected: usize,
    },
    /// A value that cannot be what it stands for.
    #[error("entry {row} of column {column} is {value:?}, expected {expected}")]
    Value {
        /// The position in the column, from 0.
        row: usize,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(deserialize_with = "cik_from_text_or_number")]
    cik: Cik,
    name: String,
    #[serde(default)]
    tickers: Vec<Option<String>>,
    #[serde(default)]
    exchanges: Vec<Option<String>>,
    sic: Option<String>,
    sic_description: Option<String>,
    category: Option<String>,
    entity_type: Option<String>,
    state_of_incorporation: Option<String>,
    fiscal_year_end: Option<String>,
    ein: Option<String>,
    lei: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    investor_website: Option<String>,
    filings: Filings,
}

#[derive(Deserialize)]
struct Filings {
    recent: Columns,
    #[serde(default)]
    files: Vec<OlderPage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Columns {
    accession_number: Vec<String>,
    filing_date: Vec<String>,
    report_date: Vec<Option<String>>,
    acceptance_date_time: Vec<String>,
    form: Vec<String>,
    #[serde(rename = "isXBRL")]
    is_xbrl: Vec<u8>,
    primary_document: Vec<Option<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrNumber {
    Text(String),
    Number(u64),
}

fn cik_from_text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cik, D::Error> {
    match TextOrNumber::deserialize(deserializer)? {
        TextOrNumber::Text(text) => text.parse().map_err(serde::de::Error::custom),
        TextOrNumber::Number(number) => {
            Cik::new(number).ok_or_else(|| serde::de::Error::custom(format_args!("{number} is not a CIK")))
        }
    }
}

/// Reads a company's first file.
///
/// # Errors
/// [`Error`] if it is not such a file.
pub fn parse(bytes: &[u8]) -> Result<Submissions, Error> {
    let file: File = serde_json::from_slice(bytes)?;
    let filings = rows(file.filings.recent)?;
    let newest = filings.iter().map(|Filing { metadata, .. }| Newest {
        accepted_at: metadata.accepted_at.clone(),
        accession: metadata.accession,
    });
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let texts = |texts: Vec<Option<String>>| texts.into_iter().map(Option::unwrap_or_default).collect();
    let company = Company {
        cik: file.cik,
        name: file.name,
        tickers: texts(file.tickers),
        exchanges: texts(file.exchanges),
        sic: filled(file.sic),
        sic_description: filled(file.sic_description),
        category: filled(file.category),
        entity_type: filled(file.entity_type),
        state_of_incorporation: filled(file.state_of_incorporation),
        fiscal_year_end: filled(file.fiscal_year_end),
        ein: filled(file.ein),
        lei: filled(file.lei),
        phone: filled(file.phone),
        website: filled(file.website),
        investor_website: filled(file.investor_website),
        newest: newest.max(),
    };
    Ok(Submissions { company, filings, older_pages: file.filings.files })
}

/// Reads an older page.
///
/// # Errors
/// [`Error`] if it is not such a file.
pub fn parse_page(bytes: &[u8]) -> Result<Vec<Filing>, Error> {
    rows(serde_json::from_slice(bytes)?)
}

fn rows(columns: Columns) -> Result<Vec<Filing>, Error> {
    let expected = columns.accession_number.len();
    let lengths = [
        ("filingDate", columns.filing_date.len()),
        ("reportDate", columns.report_date.len()),
        ("acceptanceDateTime", columns.acceptance_date_time.len()),
        ("form", columns.form.len()),
        ("isXBRL", columns.is_xbrl.len()),
        ("primaryDocument", columns.primary_document.len()),
    ];
    if let Some((column, length)) = lengths.into_iter().find(|(_, length)| *length != expected) {
        return Err(Error::Uneven { column, length, expected });
    }
    (0..expected).map(|row| filing(&columns, row)).collect()
}

fn filing(columns: &Columns, row: usize) -> Result<Filing, Error> {
    let bad = |column, value: &str, expected| Error::Value { row, column, value: value.to_owned(), expected };
    let accession = &columns.accession_number[row];
    let date = &columns.filing_date[row];
    let metadata = FilingMetadata {
        accession: accession
            .parse()
            .map_err(|_| bad("accessionNumber", accession, "NNNNNNNNNN-NN-NNNNNN"))?,
        form: columns.form[row].clone(),
        filing_date: Some(date.clone())
            .filter(|date| is_date(date))
            .ok_or_else(|| bad("filingDate", date, "YYYY-MM-DD"))?,
        // Some forms have no period of report; a wrong one must not cost the others.
        report_date: columns.report_date[row].clone().filter(|date| is_date(date)).unwrap_or_default(),
        accepted_at: columns.acceptance_date_time[row].clone(),
        primary_document: columns.primary_document[row].clone().unwrap_or_default(),
    };
    Ok(Filing { metadata, has_xbrl: columns.is_xbrl[row] != 0 })
}

/// Whether a text is a day of the calendar, written `YYYY-MM-DD`: object names and comparisons rely on the form.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.is_ascii() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests;
