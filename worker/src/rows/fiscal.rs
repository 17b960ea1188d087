//! The filer's fiscal calendar: which year and which part of it a period is.
//!
//! A year is a stretch between two year ends, as long as the filer made it: 52 or 53 weeks, twelve months, or a short
//! one between two calendars. Quarters are places in the year, told by the filer's own pattern of weeks and never by a
//! number of days. How the year ends are found out is [`evidence`]'s; what cannot be said is not guessed. Pure.

mod evidence;
mod pattern;

use chrono::{Datelike, Days, NaiveDate};
use edgraph_xbrl::model::Period;

pub(super) use evidence::{Evidence, Findings};
use pattern::Pattern;

/// How far a date may be from a year end that is known, to be that year end: a balance of the last day of the month
/// beside a year that ends on a Saturday.
const NEAR_KNOWN: i64 = 3;
/// The same for a year end that is reckoned: years of whole weeks end up to a week away from the anniversary.
const NEAR_RECKONED: i64 = 8;
/// Days into January in which a year still bears the name of the one before: 53 weeks may end on the 4th.
const NEW_YEAR_DAYS: u64 = 10;
/// Years on either side of the filing's that are reckoned: amounts due reach further, and are no periods of report.
const MAX_YEARS: usize = 40;

/// The end of a fiscal year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct YearEnd {
    date: NaiveDate,
    /// Whether the filing names the day.
    is_known: bool,
}

impl YearEnd {
    fn is_at(self, date: NaiveDate) -> bool {
        let near = if self.is_known { NEAR_KNOWN } else { NEAR_RECKONED };
        (date - self.date).num_days().abs() <= near
    }
}

/// A filer's fiscal calendar around one filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FiscalCalendar {
    /// From the earliest; each year begins the day after the one before ends.
    ends: Vec<YearEnd>,
    pattern: Pattern,
    /// How many years before the one it ends in a year is named after; `None` where the filing does not tell.
    named_before: Option<i32>,
}

/// The calendar year that a year ending then would be named after, if nobody says otherwise.
fn natural_name(end: NaiveDate) -> i32 {
    end.checked_sub_days(Days::new(NEW_YEAR_DAYS)).unwrap_or(end).year()
}

impl FiscalCalendar {
    /// Fiscal year and fiscal period in which a period ends.
    pub(super) fn place(&self, period: &Period) -> (Option<i32>, Option<&'static str>) {
        let (first, last) = match period {
            Period::Instant(at) => (None, at.date),
            Period::Duration { start, end } => (start.date.pred_opt(), end.date),
            Period::Forever => return (None, None),
        };
        let Some(year) = self.year_of(last) else { return (None, None) };
        let to = self.part(year, last);
        let name = match first {
            None => to.and_then(|to| AT_END.get(to).copied().flatten()),
            Some(first) => {
                let from = self.part(year, first);
                from.zip(to).and_then(|(from, to)| name(from, to))
            }
        };
        (self.named_before.map(|before| natural_name(self.ends[year].date) - before), name)
    }

    /// The year that a day is in, by its end's place.
    fn year_of(&self, day: NaiveDate) -> Option<usize> {
        let year = self.ends.iter().position(|end| end.is_at(day) || day < end.date)?;
        // Before the earliest end that is reckoned nothing is known.
        (year > 0).then_some(year)
    }

    /// How many quarters of a year have passed at the end of a day: 0 the day before it begins, 4 on its last; `None`
    /// between.
    fn part(&self, year: usize, day: NaiveDate) -> Option<usize> {
        let (before, end) = (self.ends[year - 1], self.ends[year]);
        if before.is_at(day) {
            return Some(0);
        }
        if end.is_at(day) {
            return Some(4);
        }
        self.pattern.quarters_after((day - before.date).num_days())
    }
}

/// What balances at the end of so many quarters are called: those at the end of a year are the year's.
const AT_END: [Option<&str>; 5] = [None, Some("Q1"), Some("Q2"), Some("Q3"), Some("FY")];

/// The name of a stretch of quarters.
fn name(from: usize, to: usize) -> Option<&'static str> {
    Some(match (from, to) {
        (0, 1) => "Q1",
        (1, 2) => "Q2",
        (2, 3) => "Q3",
        (3, 4) => "Q4",
        (0, 2) => "H1",
        (0, 3) => "M9",
        (0, 4) => "FY",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
