//! Who is meant by a ticker, a CIK or an accession number, and what that company filed.

use std::path::Path;

use chrono::NaiveDate;
use edgraph_shared::ids::{AccessionNumber, Cik};
use strsim::damerau_levenshtein;

use super::read::{MAX_SECONDS, date, rows, text};
use crate::database::cell::{Cell, Cells, Parameter};
use crate::database::kuzu::{Database, Session};
use crate::database::{Mode, folder};
use crate::error::Error;

/// Companies that an error names; of more it names those that are near.
const MAX_NAMED: usize = 20;
/// How many these are.
const MAX_NEAR: usize = 5;

/// How a company or a filing is named on a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A filing.
    Accession(AccessionNumber),
    /// A company, by the SEC's number.
    Cik(Cik),
    /// A company, by any of its symbols.
    Ticker(String),
}

impl Asked {
    /// Reads what was written: 18 digits with or without dashes are a filing, fewer a CIK, all else a ticker.
    pub fn parse(written: &str) -> Self {
        let written = written.trim();
        let digits: String = written.chars().filter(|character| *character != '-').collect();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits.len() == 18 && is_number(&digits) {
            let dashed = format!("{}-{}-{}", &digits[..10], &digits[10..12], &digits[12..]);
            if let Ok(accession) = dashed.parse() {
                return Self::Accession(accession);
            }
        }
        let number = if written.to_ascii_uppercase().starts_with("CIK") { &written[3..] } else { written };
        match number.parse() {
            Ok(cik) => Self::Cik(cik),
            // The SEC writes classes of shares with a dash.
            Err(_) => Self::Ticker(written.to_ascii_uppercase().replace('.', "-")),
        }
    }
}

/// A filing of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// Its accession number.
    pub accession: String,
    /// Its form.
    pub form: String,
    /// The end of its period.
    pub report_date: Option<NaiveDate>,
    /// When it was filed, YYYY-MM-DD.
    pub filed: String,
    /// When EDGAR accepted it, ISO 8601 UTC.
    pub accepted: String,
    /// Whether it amends another.
    pub is_amendment: bool,
}

impl Filing {
    /// Whether it is an annual report.
    pub fn is_annual(&self) -> bool {
        self.form.starts_with("10-K")
    }
}

/// A company and what it filed, the newest period first and of one period the newest filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filer {
    /// The name the SEC has.
    pub name: String,
    /// The CIK, ten digits; of other schemes the identifier's address.
    pub cik: String,
    /// Its first ticker symbol.
    pub ticker: Option<String>,
    /// Its industry, as the SIC has it.
    pub sic: Option<u32>,
    /// Its filings; the one alone that was asked for by its accession number.
    pub filings: Vec<Filing>,
}

/// Opens the graph in a folder for `work`.
pub(crate) fn open<T>(graph: &Path, work: impl FnOnce(&Session<'_>) -> Result<T, Error>) -> Result<T, Error> {
    let database = Database::open(&folder::database_in(graph)?, Mode::Read)?;
    let session = database.sorting_session()?;
    session.set_timeout(MAX_SECONDS);
    work(&session)
}

/// The same by what was written; with the one filing that was asked for, if it was one.
pub(crate) fn find(session: &Session<'_>, asked: &str) -> Result<Filer, Error> {
    let asked = Asked::parse(asked);
    let mut filer = look_up(session, &asked)?;
    if let Asked::Accession(accession) = &asked {
        filer.filings.retain(|filing| filing.accession == accession.as_str());
    }
    Ok(filer)
}

const COMPANY: &str = "RETURN DISTINCT e.uri AS uri, e.name AS name, e.cik AS cik, e.ticker AS ticker, e.sic AS sic ORDER BY uri";

/// Looks up who is meant, with all filings there are.
pub(crate) fn look_up(session: &Session<'_>, asked: &Asked) -> Result<Filer, Error> {
    let (condition, value) = match asked {
        Asked::Accession(accession) => ("r.accession = $asked AND h.role = 'filer'", accession.to_string()),
        Asked::Cik(cik) => ("e.cik = $asked", cik.cik10()),
        Asked::Ticker(ticker) => ("e.tickers CONTAINS $asked", format!("\"{ticker}\"")),
    };
    let statement = format!("MATCH (e:Entity)-[h:ENTITY_HAS_REPORT]->(r:Report) WHERE {condition} {COMPANY}");
    let mut found = rows(session, &statement, &[("asked", Parameter::Text(value))])?;
    match found.len() {
        0 => Err(unknown(session, asked)?),
        1 => filer(session, found.remove(0)),
        _ => {
            let named: Vec<String> = found.iter().map(named).collect();
            let problem = format!("that is {} companies: {}; give the CIK", found.len(), named.join(", "));
            Err(Error::invalid(written(asked), problem))
        }
    }
}

/// A company for an error: name and CIK.
fn named(row: &Cells) -> String {
    let cell = |index: usize| row.get(index).and_then(Cell::as_text).unwrap_or("?");
    format!("{} (CIK {}, {})", cell(1), cell(2).trim_start_matches('0'), cell(3))
}

fn written(asked: &Asked) -> String {
    match asked {
        Asked::Accession(accession) => format!("filing {accession}"),
        Asked::Cik(cik) => format!("CIK {cik}"),
        Asked::Ticker(ticker) => format!("ticker {ticker:?}"),
    }
}

fn unknown(session: &Session<'_>, asked: &Asked) -> Result<Error, Error> {
    let statement = format!("MATCH (e:Entity)-[h:ENTITY_HAS_REPORT]->(r:Report) {COMPANY}");
    let all = rows(session, &statement, &[])?;
    let there = match asked {
        _ if all.is_empty() => "which holds no company".to_owned(),
        Asked::Accession(accession) => {
            let statement = "MATCH (r:Report) RETURN DISTINCT r.accession AS accession ORDER BY accession";
            let known: Vec<String> =
                rows(session, statement, &[])?.into_iter().flatten().filter_map(text).collect();
            let near = nearest(accession.as_str(), known.iter().map(|known| (known.as_str(), known.clone())));
            format!("where {} come nearest", near.join(", "))
        }
        _ if all.len() <= MAX_NAMED => {
            format!("which holds {}", all.iter().map(named).collect::<Vec<_>>().join(", "))
        }
        Asked::Cik(cik) => near_companies(&cik.cik10(), &all, 2),
        Asked::Ticker(ticker) => near_companies(ticker, &all, 3),
    };
    Ok(Error::invalid(
        written(asked),
        format!("not in this graph, {there}; `edgraph find` looks companies up, `edgraph run` adds them"),
    ))
}

/// Of many companies those whose ticker or CIK differs least.
fn near_companies(asked: &str, all: &[Cells], column: usize) -> String {
    let cell = |row: &'_ Cells| row.get(column).and_then(Cell::as_text).unwrap_or_default().to_owned();
    let keys: Vec<(String, String)> = all.iter().map(|row| (cell(row), named(row))).collect();
    let near = nearest(asked, keys.iter().map(|(key, shown)| (key.as_str(), shown.clone())));
    format!("which holds {} companies, nearest {}", all.len(), near.join(", "))
}

/// What differs least, as it is shown.
fn nearest<'a>(asked: &str, known: impl Iterator<Item = (&'a str, String)>) -> Vec<String> {
    let mut near: Vec<(usize, String)> =
        known.map(|(key, shown)| (damerau_levenshtein(asked, key), shown)).collect();
    near.sort_unstable();
    near.into_iter().take(MAX_NEAR).map(|(_, shown)| shown).collect()
}

fn filer(session: &Session<'_>, row: Cells) -> Result<Filer, Error> {
    let [uri, name, cik, ticker, sic] = <[Cell; 5]>::try_from(row).expect("as many as the statement returns");
    let uri = text(uri).unwrap_or_default();
    let statement = "MATCH (e:Entity)-[h:ENTITY_HAS_REPORT]->(r:Report) WHERE e.uri = $uri
RETURN DISTINCT r.accession AS accession, r.form AS form, r.report_date AS report_date, r.filing_date AS filed,
       r.acceptance_date AS accepted, r.is_amendment AS is_amendment";
    let mut filings: Vec<Filing> = rows(session, statement, &[("uri", Parameter::Text(uri.clone()))])?
        .into_iter()
        .map(|row| {
            let [accession, form, report_date, filed, accepted, is_amendment] =
                <[Cell; 6]>::try_from(row).expect("as many as the statement returns");
            Filing {
                accession: text(accession).unwrap_or_default(),
                form: text(form).unwrap_or_default(),
                report_date: date(report_date),
                filed: text(filed).unwrap_or_default(),
                accepted: text(accepted).unwrap_or_default(),
                is_amendment: is_amendment == Cell::Boolean(true),
            }
        })
        .collect();
    filings.sort_by(|a, b| {
        (b.report_date, &b.accepted, &b.accession).cmp(&(a.report_date, &a.accepted, &a.accession))
    });
    Ok(Filer {
        name: text(name).unwrap_or_else(|| uri.clone()),
        cik: text(cik).unwrap_or(uri),
        ticker: text(ticker),
        sic: text(sic).and_then(|sic| sic.parse().ok()),
        filings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_named_in_any_of_its_ways() {
        let cik = |number| Asked::Cik(Cik::new(number).unwrap());
        let accession = || Asked::Accession("0000320193-23-000106".parse().unwrap());
        for (text, expected) in [
            ("320193", cik(320_193)),
            ("0000320193", cik(320_193)),
            ("CIK0000320193", cik(320_193)),
            ("0000320193-23-000106", accession()),
            ("000032019323000106", accession()),
            ("aapl", Asked::Ticker("AAPL".into())),
            (" brk.b ", Asked::Ticker("BRK-B".into())),
            ("0", Asked::Ticker("0".into())),
        ] {
            assert_eq!(Asked::parse(text), expected, "{text}");
        }
    }
}
