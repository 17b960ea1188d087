//! Fiscal names of real filings, told again from their periods' dates and the filer's year end alone.

use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use serde_json::Value;

use crate::program::query;

/// The month in which each filer's fiscal year ends, and by how many days an end may miss its month's: weeks end on one
/// weekday.
const YEAR_ENDS: [(&str, u32, u64); 5] =
    [("AAPL", 9, 7), ("MSFT", 6, 0), ("NFLX", 12, 0), ("TSLA", 12, 0), ("GAHC", 12, 0)];

/// Compares every period of every fact; returns how many were compared.
pub(super) fn names_follow_from_the_dates(out: &Path) -> usize {
    let rows = query(
        out,
        "MATCH (e:Entity)-[:ENTITY_HAS_REPORT {role: 'filer'}]->(r:Report)-[:REPORT_HAS_FACT]->(f:Fact)\
         -[:FACT_HAS_PERIOD]->(p:Period) \
         RETURN DISTINCT e.ticker AS ticker, r.accession_number AS accession, p.start_date AS first, \
         coalesce(p.end_date, p.instant_date) AS last, f.fiscal_year AS year, f.fiscal_period AS part",
    );
    let mut compared = 0;
    for row in &rows {
        let filer = YEAR_ENDS.iter().find(|(ticker, ..)| row["ticker"] == *ticker);
        let Some((_, year_end, drift)) = filer else { continue };
        let date = |key: &str| row[key].as_str().and_then(|text| text.parse::<NaiveDate>().ok());
        let Some(last) = date("last") else { continue };
        let Some((year, part)) = name(date("first"), last, *year_end, *drift) else { continue };
        assert_eq!((&row["year"], &row["part"]), (&Value::from(year), &Value::from(part)), "{row}");
        compared += 1;
    }
    compared
}

/// The name of a period, where it is one that has a name.
fn name(first: Option<NaiveDate>, last: NaiveDate, year_end: u32, drift: u64) -> Option<(i32, &'static str)> {
    let month_end = month_end_near(last, drift)?;
    let months = (month_end.month() + 12 - year_end - 1) % 12 + 1;
    let year = month_end.year() + i32::from(month_end.month() > year_end);
    // In months of 30.4 days, rounded.
    let length = first.map(|first| ((last - first).num_days() * 10 + 152) / 304);
    let part = match (months, length) {
        (3, None | Some(3)) => "Q1",
        (6, None | Some(3)) => "Q2",
        (9, None | Some(3)) => "Q3",
        (12, Some(3)) => "Q4",
        (6, Some(6)) => "H1",
        (9, Some(9)) => "M9",
        (12, None | Some(12)) => "FY",
        _ => return None,
    };
    Some((year, part))
}

/// The end of a month that a day is near.
fn month_end_near(day: NaiveDate, drift: u64) -> Option<NaiveDate> {
    let ends = (0..=2 * drift).map(|ahead| day - Days::new(drift) + Days::new(ahead));
    ends.into_iter().find(|day| day.succ_opt().is_some_and(|next| next.day() == 1))
}
