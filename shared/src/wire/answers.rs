//! GraphService: what is asked for that is made of facts. The answers are parts as those of [`super::graph`].

use edgraph_proto::v1;
use v1::get_statement_request::Span;

use super::error::WireError;
use super::field::{limit_bytes, limit_len};
use crate::model::{FindKind, FindQuestion, SeriesLength, SeriesQuestion, StatementQuestion, StatementSpan};

/// Longest name of anything in bytes: names of roles have some hundred.
const MAX_NAME_LEN: usize = 4 << 10;
/// Periods that one may ask for.
const MAX_PERIODS: u32 = 40;
/// Companies that one may ask for.
const MAX_COMPANIES: usize = 100;
/// Hits of each kind that one gets unasked.
const USUAL_HITS: u32 = 10;
/// Hits of each kind that one may ask for.
const MAX_HITS: u32 = 1_000;

/// Reads what statement is asked for.
///
/// # Errors
/// [`WireError`] without a company, and for periods beyond what is allowed.
pub fn statement_from(request: v1::GetStatementRequest) -> Result<StatementQuestion, WireError> {
    let periods = |field, count: u32| match count {
        1..=MAX_PERIODS => Ok(count as usize),
        _ => Err(WireError::Invalid { field, reason: format!("from 1 to {MAX_PERIODS}") }),
    };
    let span = match request.span {
        None => StatementSpan::Report,
        Some(Span::Years(years)) => StatementSpan::Years(periods("years", years)?),
        Some(Span::Quarters(quarters)) => StatementSpan::Quarters(periods("quarters", quarters)?),
    };
    let company = named("company", request.company)?;
    limit_bytes("statement", &request.statement, MAX_NAME_LEN)?;
    let statement = match request.statement.trim() {
        "" => "income".to_owned(),
        statement => statement.to_owned(),
    };
    Ok(StatementQuestion { company, statement, span, breakdown: request.breakdown })
}

/// Reads what series is asked for.
///
/// # Errors
/// [`WireError`] without a company or a name, and for more companies than are allowed.
pub fn series_from(request: v1::GetSeriesRequest) -> Result<SeriesQuestion, WireError> {
    let length = match v1::SeriesLength::try_from(request.length) {
        Ok(v1::SeriesLength::Unspecified | v1::SeriesLength::Years) => SeriesLength::Years,
        Ok(v1::SeriesLength::Quarters) => SeriesLength::Quarters,
        Ok(v1::SeriesLength::TwelveMonths) => SeriesLength::TwelveMonths,
        Err(_) => return Err(unknown("length", request.length, "SERIES_LENGTH")),
    };
    if request.companies.is_empty() {
        return Err(WireError::Missing { field: "companies" });
    }
    limit_len("companies", request.companies.len(), MAX_COMPANIES, "entries")?;
    let companies = request.companies.into_iter().map(|company| named("companies", company));
    Ok(SeriesQuestion {
        companies: companies.collect::<Result<_, _>>()?,
        name: named("name", request.name)?,
        length,
        as_first_reported: request.as_first_reported,
    })
}

/// Reads what is looked for.
///
/// # Errors
/// [`WireError`] without words, and for more hits than are allowed.
pub fn find_from(request: v1::FindRequest) -> Result<FindQuestion, WireError> {
    let kind = match v1::FindKind::try_from(request.kind) {
        Ok(v1::FindKind::Unspecified) => None,
        Ok(v1::FindKind::Company) => Some(FindKind::Company),
        Ok(v1::FindKind::Concept) => Some(FindKind::Concept),
        Ok(v1::FindKind::Statement) => Some(FindKind::Statement),
        Ok(v1::FindKind::Text) => Some(FindKind::Text),
        Err(_) => return Err(unknown("kind", request.kind, "FIND_KIND")),
    };
    let limit = match request.limit {
        0 => USUAL_HITS,
        limit @ 1..=MAX_HITS => limit,
        _ => return Err(WireError::Invalid { field: "limit", reason: format!("at most {MAX_HITS}") }),
    };
    Ok(FindQuestion { text: named("text", request.text)?, kind, limit: limit as usize })
}

fn named(field: &'static str, text: String) -> Result<String, WireError> {
    limit_bytes(field, &text, MAX_NAME_LEN)?;
    match text.trim() {
        "" => Err(WireError::Missing { field }),
        trimmed => Ok(trimmed.to_owned()),
    }
}

/// What a newer client asks for is not answered as if it had asked for something else.
fn unknown(field: &'static str, number: i32, of: &str) -> WireError {
    WireError::Invalid { field, reason: format!("{number} is no {of}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(company: &str, span: Option<Span>) -> Result<StatementQuestion, WireError> {
        let company = company.to_owned();
        statement_from(v1::GetStatementRequest { company, span, ..Default::default() })
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let asked = statement(" AAPL ", None).unwrap();
        let expected = StatementQuestion {
            company: "AAPL".into(),
            statement: "income".into(),
            span: StatementSpan::Report,
            breakdown: false,
        };
        assert_eq!(asked, expected);
        let found = find_from(v1::FindRequest { text: "debt".into(), ..Default::default() }).unwrap();
        assert_eq!((found.kind, found.limit), (None, 10));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let series = |companies: usize, name: &str, length| {
            let companies = vec!["AAPL".to_owned(); companies];
            series_from(v1::GetSeriesRequest {
                companies,
                name: name.into(),
                length,
                as_first_reported: false,
            })
            .map(drop)
        };
        let find = |limit, kind| find_from(v1::FindRequest { text: "x".into(), kind, limit }).map(drop);
        for (refused, field) in [
            (statement(" ", None).map(drop), "company"),
            (statement(&"A".repeat(5_000), None).map(drop), "company"),
            (statement("A", Some(Span::Years(0))).map(drop), "years"),
            (statement("A", Some(Span::Quarters(41))).map(drop), "quarters"),
            (series(0, "revenue", 0), "companies"),
            (series(101, "revenue", 0), "companies"),
            (series(1, "", 0), "name"),
            (series(1, "revenue", 9), "length"),
            (find(1_001, 0), "limit"),
            (find(1, 9), "kind"),
        ] {
            assert_eq!(refused.unwrap_err().field(), field);
        }
        assert_eq!(series(1, "revenue", 3), Ok(()));
    }
}
