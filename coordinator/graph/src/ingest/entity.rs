//! A company's Entity row, from its submissions snapshot. Pure.
//!
//! Facts' contexts give only unresolved rows (a CIK and nothing else); this is the authority that resolves them.

use edgraph_shared::graph_id;
use edgraph_shared::ids::Cik;
use edgraph_shared::schema::{self, Row, Table, Value};
use edgraph_worker::edgar::submissions;

use crate::error::Error;

/// Digits of an employer identification number.
const EIN_DIGITS: usize = 9;

/// The Entity row of a company.
///
/// # Errors
/// [`Error::Invalid`] if the snapshot is not a submissions file, or names no filing.
pub(super) fn row(cik: Cik, snapshot: &[u8]) -> Result<Row, Error> {
    let what = || format!("submissions of CIK {cik}");
    let company = submissions::parse(snapshot).map_err(|error| Error::invalid(what(), error))?.company;
    let newest = company.newest.clone().ok_or_else(|| Error::invalid(what(), "names no filing"))?;
    let uri = graph_id::company_uri(cik);
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    let ein = company.ein.as_ref().map(|digits| format!("{digits:0>EIN_DIGITS$}"));
    let name = Some(company.name.clone()).filter(|name| !name.trim().is_empty());
    Ok(table().row([
        ("identifier", graph_id::entity(&uri).into()),
        ("uri", uri.into()),
        ("scheme", graph_id::CIK_SCHEME.into()),
        ("cik", cik.cik10().into()),
        ("ticker", company.ticker().into()),
        ("exchange", company.exchange().into()),
        ("name", text(&name)),
        ("legal_name", text(&name)),
        ("industry", text(&company.sic_description)),
        ("entity_type", text(&company.entity_type)),
        ("sic", text(&company.sic)),
        ("sic_description", text(&company.sic_description)),
        ("category", text(&company.category)),
        ("state_of_incorporation", text(&company.state_of_incorporation)),
        ("fiscal_year_end", text(&company.fiscal_year_end)),
        ("ein", text(&ein)),
        ("tax_id", text(&ein)),
        ("lei", text(&company.lei)),
        ("phone", text(&company.phone)),
        ("website", text(&company.website)),
        ("status", "active".into()),
        // EDGAR says none of these.
        ("is_parent", Value::Null),
        ("parent_entity_id", Value::Null),
        ("created_at", Value::Null),
        ("tickers", tickers(&company.tickers)),
        ("updated_at", newest.accepted_at.as_str().into()),
        ("is_resolved", true.into()),
        ("as_of", newest.accepted_at.as_str().into()),
        ("accession", newest.accession.as_str().into()),
    ]))
}

/// All tickers as a JSON array.
fn tickers(tickers: &[String]) -> Value {
    let said: Vec<&str> =
        tickers.iter().map(|ticker| ticker.trim()).filter(|ticker| !ticker.is_empty()).collect();
    if said.is_empty() { Value::Null } else { serde_json::Value::from(said).to_string().into() }
}

/// The Entity table.
pub(super) fn table() -> &'static Table {
    schema::table("Entity").expect("the schema has entities")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNAPSHOT: &str = r#"{"cik": "12", "entityType": "operating", "sic": "3571", "sicDescription": "Computers",
        "name": "Example Inc.", "tickers": ["EXA", "EXB"], "exchanges": [null], "ein": "1234567", "lei": null,
        "website": "", "category": "Large accelerated filer", "fiscalYearEnd": "0930", "stateOfIncorporation": "CA",
        "phone": "1-2", "filings": {"recent": {
            "accessionNumber": ["0000000012-23-000009", "0000000012-24-000001"],
            "acceptanceDateTime": ["2023-11-03T16:30:42.000Z", "2024-02-01T00:00:00.000Z"],
            "filingDate": ["2023-11-03", "2024-02-01"], "reportDate": ["2023-09-30", "2023-12-31"],
            "form": ["10-K", "10-Q"], "isXBRL": [1, 1], "primaryDocument": ["a.htm", "b.htm"]}, "files": []}}"#;

    fn cell(row: &Row, column: &str) -> Value {
        row[table().column_index(column).unwrap()].clone()
    }

    #[test]
    fn a_snapshot_becomes_a_resolved_row_as_of_its_newest_filing() {
        let row = row("12".parse().unwrap(), SNAPSHOT.as_bytes()).unwrap();
        for (column, expected) in [
            ("uri", "http://www.sec.gov/CIK#0000000012"),
            ("cik", "0000000012"),
            ("ticker", "EXA"),
            ("tickers", r#"["EXA","EXB"]"#),
            ("industry", "Computers"),
            ("ein", "001234567"),
            ("fiscal_year_end", "0930"),
            ("as_of", "2024-02-01T00:00:00.000Z"),
            ("accession", "0000000012-24-000001"),
        ] {
            assert_eq!(cell(&row, column), expected.into(), "{column}");
        }
        for column in ["exchange", "lei", "website", "is_parent", "created_at"] {
            assert_eq!(cell(&row, column), Value::Null, "{column}");
        }
        assert_eq!(cell(&row, "is_resolved"), true.into());
    }

    #[test]
    fn an_ein_of_zeros_stays_as_delivered_and_nonsense_is_refused() {
        let zeros = SNAPSHOT.replace("1234567", "000000000");
        let row_of = |text: &str| row("12".parse().unwrap(), text.as_bytes());
        assert_eq!(cell(&row_of(&zeros).unwrap(), "ein"), "000000000".into());
        assert!(row_of("[]").is_err());
    }
}
