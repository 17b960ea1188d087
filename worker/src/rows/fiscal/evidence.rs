//! A filer's calendar from one filing: the cover page and EDGAR are witnesses, the periods of the facts are the proof.
//!
//! ```text
//! report's end ─▶ its year's beginning ─▶ ends of the years before and after ─▶ pattern of quarters ─▶ names
//! ```
//! Whatever a witness says is checked against the periods, corrected where they prove it, and dropped where nothing
//! does; either is said.

use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta};
use edgraph_xbrl::model::Period;

use super::pattern::Pattern;
use super::{FiscalCalendar, MAX_YEARS, NEAR_RECKONED, YearEnd, natural_name};

/// Lengths of whole years, in days: 52 or 53 weeks, or twelve months.
const YEAR: std::ops::RangeInclusive<i64> = 357..=378;
/// The longest a part of a year that a quarterly report covers: three quarters of 16, 12 and 13 weeks.
const LONGEST_TO_DATE: i64 = 300;
/// Shorter periods are no periods of report.
const SHORTEST: i64 = 25;
/// How far a context's end may be from the day that EDGAR or the cover page names: months beside weeks.
const NEAR_REPORT: i64 = 10;
/// The last month in which a year may end that is named after the calendar year it began in.
const LAST_NAMED_BEFORE: u32 = 5;
/// The last month in which a year that nobody names may end with either name.
const LAST_AMBIGUOUS: u32 = 2;

/// What there is to go by.
#[derive(Debug, Default)]
pub(in crate::rows) struct Evidence<'a> {
    /// EDGAR's form, such as `10-KT/A`.
    pub(in crate::rows) form: &'a str,
    /// EDGAR's period of report.
    pub(in crate::rows) report_date: Option<NaiveDate>,
    /// `dei:DocumentPeriodEndDate`.
    pub(in crate::rows) period_end: Option<NaiveDate>,
    /// `dei:DocumentFiscalYearFocus`, as written.
    pub(in crate::rows) year_focus: Option<&'a str>,
    /// `dei:DocumentFiscalPeriodFocus`, as written.
    pub(in crate::rows) period_focus: Option<&'a str>,
    /// `dei:CurrentFiscalYearEndDate`, as written: `--12-31`.
    pub(in crate::rows) year_end: Option<&'a str>,
    /// The periods of facts, with how many facts each has.
    pub(in crate::rows) periods: Vec<(&'a Period, usize)>,
}

/// What follows from it.
#[derive(Debug, Default)]
pub(in crate::rows) struct Findings {
    /// The calendar, where there is enough to tell one.
    pub(in crate::rows) calendar: Option<FiscalCalendar>,
    /// The fiscal year the report is about.
    pub(in crate::rows) year: Option<i32>,
    /// And the part of it: `Q1` to `Q4` or `FY`.
    pub(in crate::rows) part: Option<&'static str>,
    /// What was missing, odd or wrong, as codes and sentences.
    pub(in crate::rows) doubts: Vec<(&'static str, String)>,
}

/// Whether a report is of a year or of a part of one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Year,
    Part,
}

impl Evidence<'_> {
    /// Weighs it.
    pub(in crate::rows) fn weigh(&self) -> Findings {
        let mut findings = Findings::default();
        let Some(end) = self.end(&mut findings) else { return findings };
        let scope = self.scope(end);
        let Some(begin) = self.begin(end, scope) else { return findings };
        let ends = self.year_ends(begin, end, scope);
        let pattern = self.pattern(&ends);
        let year_end = match scope {
            Scope::Year => end,
            Scope::Part => ends.iter().map(|year| year.date).find(|date| *date >= end).unwrap_or(end),
        };
        let named_before = self.named_before(year_end, &mut findings);
        let calendar = FiscalCalendar { ends, pattern, named_before };
        findings.year = named_before.map(|before| natural_name(year_end) - before);
        findings.part = self.part(&calendar, begin, end, scope, &mut findings);
        findings.calendar = Some(calendar);
        findings
    }

    fn durations(&self) -> impl Iterator<Item = (NaiveDate, NaiveDate, usize)> + Clone + '_ {
        self.periods.iter().filter_map(|(period, facts)| match period {
            // Days between the ends of the days before and on which it ends.
            Period::Duration { start, end } => Some((start.date.pred_opt()?, end.date, *facts)),
            _ => None,
        })
    }

    fn instants(&self) -> impl Iterator<Item = (NaiveDate, usize)> + Clone + '_ {
        self.periods.iter().filter_map(|(period, facts)| match period {
            Period::Instant(at) => Some((at.date, *facts)),
            _ => None,
        })
    }

    /// The day the report's period ends: the one near what EDGAR, or else the cover page, says that most facts end on.
    fn end(&self, findings: &mut Findings) -> Option<NaiveDate> {
        let ends = || {
            let durations = self.durations().filter(|(from, to, _)| (*to - *from).num_days() >= SHORTEST);
            durations.map(|(_, to, facts)| (to, facts)).chain(self.instants())
        };
        let near = |said: NaiveDate| {
            let near = ends().filter(move |(day, _)| (*day - said).num_days().abs() <= NEAR_REPORT);
            most(near)
        };
        let of_edgar = self.report_date.and_then(near);
        let of_cover = self.period_end.and_then(near);
        let most_facts = || {
            most(
                self.durations()
                    .filter(|(from, to, _)| (*to - *from).num_days() >= SHORTEST)
                    .map(|(_, to, facts)| (to, facts)),
            )
        };
        let end = of_edgar.or(of_cover).or_else(most_facts).or(self.report_date).or(self.period_end)?;
        if let Some(said) = self.period_end
            && (said - end).num_days().abs() > NEAR_REPORT
        {
            let message = format!("the cover page ends the period on {said}, the facts end on {end}");
            findings.doubts.push(("period-end-wrong", message));
        }
        Some(end)
    }

    fn scope(&self, end: NaiveDate) -> Scope {
        let form = self.form.to_ascii_uppercase();
        if form.starts_with("10-K")
            || form.starts_with("20-F")
            || form.starts_with("40-F")
            || form.starts_with("ARS")
        {
            return Scope::Year;
        }
        if form.starts_with("10-Q") {
            return Scope::Part;
        }
        let is_year = |(from, to, _): (NaiveDate, NaiveDate, usize)| {
            to == end && YEAR.contains(&(to - from).num_days())
        };
        if self.durations().any(is_year) { Scope::Year } else { Scope::Part }
    }

    /// The last day of the year before the one that the report's period is in.
    fn begin(&self, end: NaiveDate, scope: Scope) -> Option<NaiveDate> {
        let to_end = || self.durations().filter(move |(_, to, _)| (*to - end).num_days().abs() <= 3);
        let length = |from: NaiveDate| (end - from).num_days();
        if scope == Scope::Year {
            let whole = to_end().filter(|(from, ..)| YEAR.contains(&length(*from)));
            let short = to_end().filter(|(from, ..)| (SHORTEST..*YEAR.start()).contains(&length(*from)));
            return most(whole.map(|(from, _, facts)| (from, facts)))
                // A year of less than twelve months: the first of a company, or one between two calendars.
                .or_else(|| short.map(|(from, ..)| from).min())
                .or(Some(year_before(end)));
        }
        let to_date = || to_end().filter(|(from, ..)| (SHORTEST..=LONGEST_TO_DATE).contains(&length(*from)));
        let longest = to_date().map(|(from, ..)| from).min();
        let said = self.year_end().and_then(|(month, day)| last_before(end, month, day));
        let focus = self.period_focus.and_then(quarter_of);
        let balances = self
            .instants()
            .map(|(day, _)| day)
            .filter(|day| (SHORTEST..=LONGEST_TO_DATE).contains(&length(*day)));
        let candidates = to_date().map(|(from, ..)| from).chain(balances).chain(said);
        // Each is a witness for a day; the longest period and the balances beside it are worth more than the cover page.
        let worth = |from: &NaiveDate| {
            let is_near = |day: NaiveDate, near: i64| (day - *from).num_days().abs() <= near;
            let spans = to_date().any(|(start, ..)| start == *from);
            let has_balance = self.instants().any(|(day, _)| is_near(day, 1));
            let is_said = said.is_some_and(|said| is_near(said, NEAR_RECKONED));
            let is_longest = longest.is_some_and(|longest| is_near(longest, 1));
            let is_focus = focus.is_some() && Pattern::any_quarters_after(length(*from)) == focus;
            3 * i32::from(spans)
                + 3 * i32::from(has_balance)
                + 4 * i32::from(is_said)
                + 2 * i32::from(is_longest)
                + i32::from(is_focus)
        };
        // Of equal ones the earliest: a year to date contains its quarters.
        let mut candidates: Vec<NaiveDate> = candidates.collect();
        candidates.sort();
        let best = candidates.iter().rev().max_by_key(|from| worth(from)).copied();
        // Without any period there is only the cover page's word.
        best.or_else(|| Some(end - TimeDelta::days(Pattern::EVEN.days(focus?))))
    }

    /// The year ends around the report's year, as far as the filing names them and reckoned from there.
    fn year_ends(&self, begin: NaiveDate, end: NaiveDate, scope: Scope) -> Vec<YearEnd> {
        let is_named = |day: NaiveDate| {
            self.durations().any(|(from, to, _)| from == day || to == day)
                || self.instants().any(|(at, _)| at == day)
        };
        let known = |date| YearEnd { date, is_known: true };
        let mut before = vec![YearEnd { date: begin, is_known: is_named(begin) }];
        let mut after = Vec::new();
        match scope {
            Scope::Year => after.push(known(end)),
            Scope::Part => after.push(self.anniversary(begin, Direction::After)),
        }
        for _ in 0..MAX_YEARS {
            before.push(self.anniversary(before[before.len() - 1].date, Direction::Before));
            after.push(self.anniversary(after[after.len() - 1].date, Direction::After));
        }
        before.reverse();
        before.extend(after);
        before
    }

    /// The year end next to another: the day that the filing's long periods begin or end on near the anniversary, or
    /// its balances, or the anniversary itself.
    fn anniversary(&self, of: NaiveDate, direction: Direction) -> YearEnd {
        let reckoned = match direction {
            Direction::Before => year_before(of),
            Direction::After => of.checked_add_months(Months::new(12)).unwrap_or(of),
        };
        let is_near = |day: NaiveDate| (day - reckoned).num_days().abs() <= NEAR_RECKONED;
        let bounds = self.durations().flat_map(|(from, to, facts)| {
            let days = (to - from).num_days();
            let begins = (days >= SHORTEST).then_some((from, facts));
            let ends = YEAR.contains(&days).then_some((to, facts));
            begins.into_iter().chain(ends)
        });
        let bound = most(bounds.filter(|(day, _)| is_near(*day)));
        let balance = || most(self.instants().filter(|(day, _)| is_near(*day)));
        match bound.or_else(balance) {
            Some(date) => YearEnd { date, is_known: true },
            None => YearEnd { date: reckoned, is_known: false },
        }
    }

    fn pattern(&self, ends: &[YearEnd]) -> Pattern {
        let stretch = |(from, to, facts): (NaiveDate, NaiveDate, usize)| {
            let before = ends.iter().rev().find(|end| end.date < to && !end.is_at(to))?;
            let from = if before.is_at(from) { 0 } else { (from - before.date).num_days() };
            let to = (to - before.date).num_days();
            // Whole years have no quarters in them.
            (from >= 0 && to < *YEAR.start()).then_some((from, to, facts))
        };
        let until_end = self.durations().filter_map(|(from, to, facts)| {
            // The last quarter of a year tells where the third one ends.
            let end = ends.iter().find(|end| end.is_at(to))?;
            let before = ends.iter().rev().find(|before| before.date < end.date)?;
            let from = (from - before.date).num_days();
            (from > *YEAR.start() / 2).then_some((0, from, facts))
        });
        Pattern::told_by(self.durations().filter_map(stretch).chain(until_end))
    }

    /// How many years before the one it ends in the report's year is named after.
    fn named_before(&self, year_end: NaiveDate, findings: &mut Findings) -> Option<i32> {
        let natural = natural_name(year_end);
        let month = year_end.checked_sub_days(Days::new(super::NEW_YEAR_DAYS)).unwrap_or(year_end).month();
        let said = self.year_focus.map(str::trim).filter(|text| !text.is_empty());
        let year = said.and_then(|text| text.trim_matches('-').parse::<i32>().ok());
        match year {
            Some(year) if year == natural => return Some(0),
            Some(year) if year == natural - 1 && month <= LAST_NAMED_BEFORE => return Some(1),
            _ => {}
        }
        let what = match said {
            Some(text) => ("fiscal-year-wrong", format!("the cover page's fiscal year is `{text}`")),
            None => ("fiscal-year-missing", "the cover page names no fiscal year".to_owned()),
        };
        let proven = month > LAST_AMBIGUOUS;
        let then = if proven {
            format!("the report's year ends on {year_end} and is {natural}")
        } else {
            format!("the report's year ends on {year_end} and may be {natural} or {}", natural - 1)
        };
        findings.doubts.push((what.0, format!("{}; {then}", what.1)));
        proven.then_some(0)
    }

    /// The part of the year that the report is about.
    fn part(
        &self,
        calendar: &FiscalCalendar,
        begin: NaiveDate,
        end: NaiveDate,
        scope: Scope,
        findings: &mut Findings,
    ) -> Option<&'static str> {
        const QUARTERS: [&str; 4] = ["Q1", "Q2", "Q3", "Q4"];
        let said = self.period_focus.map(str::trim).filter(|text| !text.is_empty());
        let told = said.and_then(part_of);
        let proven = match scope {
            Scope::Year => Some("FY"),
            Scope::Part => {
                let quarters = calendar.pattern.quarters_after((end - begin).num_days());
                quarters.and_then(|quarters| QUARTERS.get(quarters - 1).copied())
            }
        };
        match (proven, said) {
            (Some(part), Some(text)) if told != Some(part) => {
                let message =
                    format!("the cover page's fiscal period is `{text}`, the report's periods are of {part}");
                findings.doubts.push(("fiscal-period-wrong", message));
            }
            (_, None) => {
                let part = proven.unwrap_or("not told by its periods either");
                let message = format!("the cover page names no fiscal period; it is {part}");
                findings.doubts.push(("fiscal-period-missing", message));
            }
            (None, Some(text)) if told.is_none() => {
                let message = format!("the cover page's fiscal period is `{text}`, which is none");
                findings.doubts.push(("fiscal-period-wrong", message));
            }
            _ => {}
        }
        proven.or(told)
    }

    /// Month and day of `dei:CurrentFiscalYearEndDate`, however it is written.
    fn year_end(&self) -> Option<(u32, u32)> {
        let text = self.year_end?.trim().trim_start_matches('-');
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        let (month, day) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        ((1..=12).contains(&month) && (1..=31).contains(&day) && numbers.next().is_none())
            .then_some((month, day))
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Before,
    After,
}

/// The day that most facts have; the latest on a tie.
fn most(days: impl Iterator<Item = (NaiveDate, usize)>) -> Option<NaiveDate> {
    let mut counts = std::collections::BTreeMap::<NaiveDate, usize>::new();
    for (day, facts) in days {
        *counts.entry(day).or_default() += facts;
    }
    counts.into_iter().max_by_key(|(day, facts)| (*facts, *day)).map(|(day, _)| day)
}

fn year_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_months(Months::new(12)).unwrap_or(day)
}

/// The last such day of a year before `day`; in February of a common year the 28th stands for the 29th.
fn last_before(day: NaiveDate, month: u32, of_month: u32) -> Option<NaiveDate> {
    let in_year =
        |year: i32| (0..4).find_map(|less| NaiveDate::from_ymd_opt(year, month, of_month.checked_sub(less)?));
    let this = in_year(day.year())?;
    // A year of weeks may end some days behind the day that names it.
    if (day - this).num_days() > NEAR_RECKONED { Some(this) } else { in_year(day.year() - 1) }
}

/// The part of a year that a text names: `FY`, `q2`, `2`, `Q4`.
fn part_of(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_uppercase();
    Some(match text.trim_start_matches('Q') {
        "1" => "Q1",
        "2" => "Q2",
        "3" => "Q3",
        "4" => "Q4",
        "FY" | "YEAR" | "ANNUAL" => "FY",
        _ => return None,
    })
}

fn quarter_of(text: &str) -> Option<usize> {
    ["Q1", "Q2", "Q3"].iter().position(|quarter| Some(*quarter) == part_of(text)).map(|place| place + 1)
}
