//! Rows of the Period table: what follows from the period alone, whoever the filer is.

use chrono::Datelike;
use edgraph_shared::graph_id::{NodeId, node_id};
use edgraph_xbrl::model::Period;

use super::tables::{Collector, row, table};
use super::uris;

/// The kind of duration by its length in days, both ends counted; 52/53-week years are inside the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Quarter,
    HalfYear,
    NineMonths,
    Year,
    Other,
}

impl Span {
    pub(super) fn of_days(days: i64) -> Self {
        match days {
            80..=100 => Span::Quarter,
            170..=190 => Span::HalfYear,
            260..=280 => Span::NineMonths,
            350..=380 => Span::Year,
            _ => Span::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Span::Quarter => "quarterly",
            Span::HalfYear => "semi_annual",
            Span::NineMonths => "nine_months",
            Span::Year => "annual",
            Span::Other => "other",
        }
    }
}

/// Days of a duration, both ends counted; `None` for other periods.
pub(super) fn days(period: &Period) -> Option<i64> {
    match period {
        Period::Duration { start, end } => Some((end.date - start.date).num_days() + 1),
        _ => None,
    }
}

/// Writes a period, unless it was written before; gives its identifier.
pub(super) fn write(rows: &mut Collector, period: &Period) -> NodeId {
    let table = const { table("Period") };
    let uri = uris::period_uri(period);
    let identifier = node_id("period", &uri);
    if !rows.is_new(table, identifier) {
        return identifier;
    }
    let span = days(period).map(Span::of_days);
    let (instant, start, end) = match period {
        Period::Instant(at) => (Some(*at), None, None),
        Period::Duration { start, end } => (None, Some(*start), Some(*end)),
        Period::Forever => (None, None, None),
    };
    let last = instant.or(end).map(|moment| moment.date);
    let period_type = match period {
        Period::Instant(_) => "instant",
        Period::Duration { .. } => span.unwrap_or(Span::Other).name(),
        Period::Forever => "forever",
    };
    let days_in_period = match period {
        Period::Instant(_) => Some(0),
        Period::Duration { .. } => days(period).and_then(|days| i32::try_from(days).ok()),
        Period::Forever => None,
    };
    row!(
        rows,
        "Period",
        [
            ("identifier", identifier),
            ("uri", uri),
            ("instant_date", instant.map(uris::moment)),
            ("start_date", start.map(uris::moment)),
            ("end_date", end.map(uris::moment)),
            ("forever_date", matches!(period, Period::Forever)),
            ("fiscal_year", last.map(|date| date.year())),
            ("fiscal_quarter", last.map(|date| format!("Q{}", date.month0() / 3 + 1))),
            ("is_annual", span == Some(Span::Year)),
            ("is_quarterly", span == Some(Span::Quarter)),
            ("days_in_period", days_in_period),
            ("period_type", period_type),
            ("is_ytd", matches!(span, Some(Span::HalfYear | Span::NineMonths))),
        ]
    );
    identifier
}

#[cfg(test)]
mod tests {
    use edgraph_xbrl::model::Moment;

    use super::super::datum::Datum;
    use super::*;

    fn day(text: &str) -> Moment {
        Moment { date: text.parse().unwrap(), time: None }
    }

    fn duration(start: &str, end: &str) -> Period {
        Period::Duration { start: day(start), end: day(end) }
    }

    fn check(period: &Period, expected: &[(&str, Datum<'_>)]) {
        let mut rows = Collector::new("");
        write(&mut rows, period);
        let tables = rows.finish();
        let periods = tables.into_tables().next().unwrap();
        for (column, value) in expected {
            assert_eq!(&periods.cell(0, column), value, "{column} of {period:?}");
        }
    }

    #[test]
    fn identifiers_are_the_predecessors() {
        let mut rows = Collector::new("");
        let mut check = |period, expected| assert_eq!(write(&mut rows, &period).to_string(), expected);
        check(Period::Instant(day("2024-09-28")), "0d412878-1ae7-5806-ba01-3ab8c8477dd1");
        check(duration("2023-10-01", "2024-09-28"), "868dbfdb-5142-531d-87bf-ccbf0700a2f7");
    }

    #[test]
    fn durations_are_told_by_their_length() {
        check(
            &duration("2023-07-01", "2023-09-30"),
            &[
                ("period_type", "quarterly".into()),
                ("days_in_period", 92.into()),
                ("fiscal_quarter", "Q3".into()),
                ("is_ytd", false.into()),
                ("is_quarterly", true.into()),
            ],
        );
        check(
            &duration("2023-01-01", "2023-09-30"),
            &[("period_type", "nine_months".into()), ("is_ytd", true.into()), ("days_in_period", 273.into())],
        );
        check(
            &duration("2022-09-25", "2023-09-30"),
            &[("is_annual", true.into()), ("days_in_period", 371.into())],
        );
        check(&duration("2023-01-01", "2023-01-31"), &[("period_type", "other".into())]);
    }

    #[test]
    fn an_instant_has_neither_start_nor_end() {
        check(
            &Period::Instant(day("2023-09-30")),
            &[
                ("instant_date", "2023-09-30".into()),
                ("start_date", Datum::Null),
                ("end_date", Datum::Null),
                ("days_in_period", 0.into()),
                ("period_type", "instant".into()),
                ("is_annual", false.into()),
            ],
        );
    }
}
