//! The filer's fiscal calendar, as far as one filing tells it.
//!
//! `dei:DocumentFiscalYearFocus` names the fiscal year, the document's period end and fiscal period say where in it
//! the document stands; every other date is placed from there. Years of 52 or 53 weeks end a few days away from their
//! anniversary, so dates are compared with a tolerance. What cannot be said is not guessed.

use chrono::{Days, NaiveDate};
use edgraph_xbrl::model::Period;

use super::period::{self, Span};

/// How far a 52/53-week calendar drifts from anniversaries and quarter ends.
const TOLERANCE_DAYS: i64 = 14;
const QUARTER_DAYS: f64 = 365.25 / 4.0;
const YEAR_DAYS: f64 = 365.25;

/// A filer's fiscal calendar around one filing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FiscalCalendar {
    /// The name of the year that ends at `year_end`.
    focus_year: i32,
    /// The end of the focus year, exact for an annual document, within the tolerance otherwise.
    year_end: NaiveDate,
}

impl FiscalCalendar {
    /// From what the cover page says: the fiscal year, the fiscal period (`FY`, `Q1` to `Q3`) and the period's end.
    pub(super) fn new(focus_year: i32, focus_period: &str, period_end: NaiveDate) -> Option<Self> {
        let quarters_to_go = match focus_period {
            "FY" | "Q4" => 0.0,
            "Q3" => 1.0,
            "Q2" => 2.0,
            "Q1" => 3.0,
            _ => return None,
        };
        // Truncation is harmless: the tolerance is two weeks.
        let days = (quarters_to_go * QUARTER_DAYS) as u64;
        Some(Self { focus_year, year_end: period_end.checked_add_days(Days::new(days))? })
    }

    /// Fiscal year and fiscal period in which a period ends.
    pub(super) fn place(&self, period: &Period) -> (Option<i32>, Option<&'static str>) {
        let last = match period {
            Period::Instant(at) => at.date,
            Period::Duration { end, .. } => end.date,
            Period::Forever => return (None, None),
        };
        let days_before_end = (self.year_end - last).num_days();
        let years_back = ((days_before_end + TOLERANCE_DAYS) as f64 / YEAR_DAYS).floor();
        let days_left = days_before_end as f64 - years_back * YEAR_DAYS;
        let quarters_left = (days_left / QUARTER_DAYS).round();
        let at_quarter_end = (days_left - quarters_left * QUARTER_DAYS).abs() <= TOLERANCE_DAYS as f64;
        let quarter = (4.0 - quarters_left) as usize;
        let fiscal_period = if at_quarter_end { Self::name(period, quarter) } else { None };
        (Some(self.focus_year - years_back as i32), fiscal_period)
    }

    fn name(period: &Period, quarter: usize) -> Option<&'static str> {
        const QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];
        let quarter_name = QUARTERS.get(quarter.checked_sub(1)?).copied();
        match (period::days(period).map(Span::of_days), quarter) {
            (None, 4) => Some("FY"),
            (None, _) => quarter_name,
            (Some(Span::Quarter), _) => quarter_name,
            (Some(Span::HalfYear), 2) => Some("H1"),
            (Some(Span::NineMonths), 3) => Some("M9"),
            (Some(Span::Year), 4) => Some("FY"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use edgraph_xbrl::model::Moment;

    use super::*;

    fn day(text: &str) -> Moment {
        Moment { date: text.parse().unwrap(), time: None }
    }

    fn calendar(year: i32, period: &str, end: &str) -> FiscalCalendar {
        FiscalCalendar::new(year, period, end.parse().unwrap()).unwrap()
    }

    #[track_caller]
    fn check(calendar: FiscalCalendar, period: &str, expected: (Option<i32>, Option<&str>)) {
        let period = match period.split_once('/') {
            Some((start, end)) => Period::Duration { start: day(start), end: day(end) },
            None => Period::Instant(day(period)),
        };
        assert_eq!(calendar.place(&period), expected, "{period:?}");
    }

    #[test]
    fn a_year_that_ends_in_september() {
        let annual = calendar(2023, "FY", "2023-09-30");
        check(annual, "2022-09-25/2023-09-30", (Some(2023), Some("FY")));
        check(annual, "2021-09-26/2022-09-24", (Some(2022), Some("FY")));
        check(annual, "2020-09-27/2021-09-25", (Some(2021), Some("FY")));
        check(annual, "2022-09-24", (Some(2022), Some("FY")));
        check(annual, "2023-07-02/2023-09-30", (Some(2023), Some("Q4")));
        check(annual, "2022-09-25/2022-12-31", (Some(2023), Some("Q1")));
        check(annual, "2023-10-20", (Some(2024), None));
    }

    #[test]
    fn a_quarterly_document_of_the_same_filer() {
        let third = calendar(2023, "Q3", "2023-07-01");
        check(third, "2023-04-02/2023-07-01", (Some(2023), Some("Q3")));
        check(third, "2022-09-25/2023-07-01", (Some(2023), Some("M9")));
        check(third, "2022-09-24", (Some(2022), Some("FY")));
        check(third, "2022-06-25", (Some(2022), Some("Q3")));
        check(third, "2023-05-01/2023-05-31", (Some(2023), None));
    }

    #[test]
    fn a_year_named_after_the_calendar_year_it_starts_in() {
        let retailer = calendar(2023, "FY", "2024-01-28");
        check(retailer, "2024-01-28", (Some(2023), Some("FY")));
        check(retailer, "2023-01-29", (Some(2022), Some("FY")));
    }

    #[test]
    fn what_cannot_be_said_is_not_guessed() {
        assert_eq!(FiscalCalendar::new(2023, "", "2023-09-30".parse().unwrap()), None);
        assert_eq!(calendar(2023, "FY", "2023-09-30").place(&Period::Forever), (None, None));
    }
}
