//! `submissions/CIK##########.json` and its older pages: a company and its filings. Pure.
//!
//! Filings come as columns of equal length, under `filings.recent` in the first file and at the top in older pages.

use chrono::NaiveDate;
use edgraph_shared::failure::shortened;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::Damage;
use edgraph_shared::manifest::FilingMetadata;
use serde_json::Value;

use super::{fields, text};
use crate::download::content::json_reason;
use crate::download::is_safe_name;

/// A company's first file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submissions {
    /// The company as it is now.
    pub company: Company,
    /// Its newest filings, in the file's order.
    pub filings: Vec<Filing>,
    /// Where the others are.
    pub older_pages: Vec<OlderPage>,
    /// Rows that cannot be read.
    pub damage: Damage,
}

/// The filings of an older page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Those that can be read, in the page's order.
    pub filings: Vec<Filing>,
    /// The others.
    pub damage: Damage,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderPage {
    /// Its name under `submissions/`.
    pub name: String,
    /// The earliest filing date in it, `YYYY-MM-DD`.
    pub from: String,
    /// The latest.
    pub to: String,
    /// How many filings are in it.
    pub count: Option<u64>,
}

impl OlderPage {
    /// Whether a page is the one that is announced: one that was kept is still the one that EDGAR has.
    pub fn announces(&self, page: &Page) -> bool {
        let dates = || page.filings.iter().map(|filing| filing.metadata.filing_date.as_str());
        self.count == Some(page.filings.len() as u64 + page.damage.rows)
            && dates().min() == Some(&self.from)
            && dates().max() == Some(&self.to)
    }
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the JSON expected.
    #[error("not a submissions file: {0}")]
    Json(String),
    /// Without this field the file is none.
    #[error("not a submissions file: {field} is {value}, expected {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

/// A file's object.
fn object(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_str::<serde_json::Map<String, Value>>(&text::of_json(bytes))
        .map(Value::Object)
        .map_err(|error| Error::Json(json_reason(&error)))
}

/// The name of a company's first file.
pub fn file_name(cik: Cik) -> String {
    format!("CIK{}.json", cik.cik10())
}

/// Reads a company's first file. What is not needed may be missing or of another type; a row that cannot be read costs
/// itself alone.
///
/// # Errors
/// [`Error`] if it is not such a file.
pub fn parse(bytes: &[u8]) -> Result<Submissions, Error> {
    let file = object(bytes)?;
    let said = |field: &str| fields::text(file.get(field));
    let cik = said("cik").and_then(|text| text.parse::<Cik>().ok()).ok_or_else(|| Error::Field {
        field: "cik",
        value: fields::shown(file.get("cik")),
        expected: "a CIK",
    })?;
    let name = file_name(cik);
    let filings = file.get("filings");
    let recent = Place { file: &name, prefix: "filings.recent." };
    let Page { filings: rows, mut damage } =
        rows(&recent, filings.and_then(|filings| filings.get("recent")))?;
    let (older_pages, lost) = older_pages(&name, filings.and_then(|filings| filings.get("files")));
    damage.extend(lost);
    let newest = rows.iter().map(|Filing { metadata, .. }| Newest {
        accepted_at: metadata.accepted_at.clone(),
        accession: metadata.accession,
    });
    let company = Company {
        cik,
        name: said("name").unwrap_or_else(|| format!("CIK {cik}")),
        tickers: fields::texts(file.get("tickers")),
        exchanges: fields::texts(file.get("exchanges")),
        sic: said("sic"),
        sic_description: said("sicDescription"),
        category: said("category"),
        entity_type: said("entityType"),
        state_of_incorporation: said("stateOfIncorporation"),
        fiscal_year_end: said("fiscalYearEnd"),
        ein: said("ein"),
        lei: said("lei"),
        phone: said("phone"),
        website: said("website"),
        investor_website: said("investorWebsite"),
        newest: newest.max(),
    };
    Ok(Submissions { company, filings: rows, older_pages, damage })
}

/// The tickers of a company's first file, without the rest of it.
///
/// # Errors
/// [`Error`] if it is not JSON.
pub fn tickers(bytes: &[u8]) -> Result<Vec<String>, Error> {
    #[derive(serde::Deserialize)]
    struct Head {
        tickers: Option<Value>,
    }
    let head: Head =
        serde_json::from_str(&text::of_json(bytes)).map_err(|error| Error::Json(json_reason(&error)))?;
    let mut tickers = fields::texts(head.tickers.as_ref());
    tickers.retain(|ticker| !ticker.is_empty());
    Ok(tickers)
}

/// The pages that are announced. One without a usable name is lost with its filings, and named.
fn older_pages(file: &str, list: Option<&Value>) -> (Vec<OlderPage>, Damage) {
    let (mut pages, mut damage) = (Vec::new(), Damage::default());
    let Some(entries) = fields::entries(list) else {
        damage.add(|| format!("{file}: filings.files is {}, expected a list", fields::shown(list)));
        return (pages, damage);
    };
    for (at, entry) in entries.iter().enumerate() {
        match older_page(entry) {
            Some(page) => pages.push(page),
            None => damage.add(|| {
                let (field, value) =
                    if entry.is_object() { (".name", entry.get("name")) } else { ("", Some(entry)) };
                let shown = fields::shown(value);
                format!("{file}: filings.files[{at}]{field} is {shown}, expected the name of a file")
            }),
        }
    }
    (pages, damage)
}

/// Without dates a page may hold filings of any.
fn older_page(page: &Value) -> Option<OlderPage> {
    let said = |field: &str| fields::text(page.get(field));
    let day = |field: &str| said(field).filter(|date| is_date(date));
    Some(OlderPage {
        name: said("name").filter(|name| is_safe_name(name))?,
        from: day("filingFrom").unwrap_or_else(|| "0000-00-00".to_owned()),
        to: day("filingTo").unwrap_or_else(|| "9999-99-99".to_owned()),
        count: said("filingCount").and_then(|count| count.parse().ok()),
    })
}

/// Reads an older page by its name.
///
/// # Errors
/// [`Error`] if it is not such a file.
pub fn parse_page(name: &str, bytes: &[u8]) -> Result<Page, Error> {
    rows(&Place { file: name, prefix: "" }, Some(&object(bytes)?))
}

/// Where columns stand, for messages.
struct Place<'a> {
    file: &'a str,
    /// Before the name of a column.
    prefix: &'static str,
}

/// Columns without which a row is none.
const NEEDED: [&str; 4] = ["accessionNumber", "form", "filingDate", "acceptanceDateTime"];

/// The rows of columns: as many as the longest of those that are needed has. Where a column is shorter, the rows beyond
/// its end have nothing of it.
fn rows(place: &Place<'_>, columns: Option<&Value>) -> Result<Page, Error> {
    let bad = |field, value, expected| Error::Field { field, value: fields::shown(value), expected };
    let whole = if place.prefix.is_empty() { "the page" } else { "filings.recent" };
    let columns =
        columns.filter(|columns| columns.is_object()).ok_or_else(|| bad(whole, columns, "columns"))?;
    let column = |name: &str| columns.get(name).and_then(Value::as_array);
    let [accessions, ..] = NEEDED;
    if column(accessions).is_none() {
        return Err(bad(accessions, columns.get(accessions), "a list"));
    }
    let count = NEEDED.iter().filter_map(|name| column(name)).map(Vec::len).max();
    let mut page = Page::default();
    for row in 0..count.unwrap_or(0) {
        match filing(place, columns, row) {
            Ok(filing) => page.filings.push(filing),
            Err(damage) => page.damage.add(|| damage),
        }
    }
    Ok(page)
}

fn filing(Place { file, prefix }: &Place<'_>, columns: &Value, row: usize) -> Result<Filing, String> {
    let at = |column: &str| columns.get(column).and_then(|column| column.get(row));
    let said = |column: &str| fields::text(at(column));
    let bad = |column: &str, expected: &str| {
        let accession = said("accessionNumber").filter(|_| column != "accessionNumber");
        let named = accession.map(|text| format!(" of {}", shortened(&text, fields::SHOWN_CHARS)));
        format!(
            "{file}: {prefix}{column}[{row}]{} is {}, expected {expected}",
            named.unwrap_or_default(),
            fields::shown(at(column))
        )
    };
    let accession = said("accessionNumber").and_then(|text| text.parse().ok());
    let metadata = FilingMetadata {
        accession: accession.ok_or_else(|| bad("accessionNumber", "NNNNNNNNNN-NN-NNNNNN"))?,
        form: said("form").ok_or_else(|| bad("form", "a form"))?,
        filing_date: said("filingDate")
            .filter(|date| is_date(date))
            .ok_or_else(|| bad("filingDate", "YYYY-MM-DD"))?,
        // Some forms have no period of report; a wrong one must not cost the filing.
        report_date: said("reportDate").filter(|date| is_date(date)).unwrap_or_default(),
        accepted_at: said("acceptanceDateTime").ok_or_else(|| bad("acceptanceDateTime", "a time"))?,
        primary_document: said("primaryDocument").unwrap_or_default(),
    };
    // Either flag counts. Where EDGAR gives neither column, only the filing itself can tell.
    let flags = ["isXBRL", "isInlineXBRL"];
    let has_xbrl = flags.iter().any(|flag| fields::flag(at(flag)))
        || flags.iter().all(|flag| columns.get(flag).is_none());
    Ok(Filing { metadata, has_xbrl })
}

/// Whether a text is a day of the calendar, written `YYYY-MM-DD`: object names and comparisons rely on the form.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.is_ascii() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests;
