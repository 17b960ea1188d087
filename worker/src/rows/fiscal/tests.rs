//! Fiscal names: on filers made from their calendars alone, and on covers that are missing, odd or wrong.

mod filers;

use edgraph_xbrl::model::{Moment, Period};

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(date: NaiveDate) -> Moment {
    Moment { date, time: None }
}

fn period(text: &str) -> Period {
    match text.split_once('/') {
        Some((start, end)) => Period::Duration { start: moment(date(start)), end: moment(date(end)) },
        None => Period::Instant(moment(date(text))),
    }
}

/// The calendar that a cover page alone tells.
fn calendar(year: &str, part: &str, end: &str) -> Option<FiscalCalendar> {
    let form = if part == "FY" { "10-K" } else { "10-Q" };
    let (year_focus, period_focus) = (Some(year), Some(part));
    let evidence =
        Evidence { form, period_end: Some(date(end)), year_focus, period_focus, ..Evidence::default() };
    evidence.weigh().calendar
}

#[track_caller]
fn check(calendar: &FiscalCalendar, text: &str, expected: (Option<i32>, Option<&str>)) {
    assert_eq!(calendar.place(&period(text)), expected, "{text}");
}

#[test]
fn a_year_that_ends_in_september() {
    let annual = &calendar("2023", "FY", "2023-09-30").unwrap();
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
    let third = &calendar("2023", "Q3", "2023-07-01").unwrap();
    check(third, "2023-04-02/2023-07-01", (Some(2023), Some("Q3")));
    check(third, "2022-09-25/2023-07-01", (Some(2023), Some("M9")));
    check(third, "2022-09-24", (Some(2022), Some("FY")));
    check(third, "2022-06-25", (Some(2022), Some("Q3")));
    check(third, "2023-05-01/2023-05-31", (Some(2023), None));
}

#[test]
fn a_year_named_after_the_calendar_year_it_starts_in() {
    let retailer = &calendar("2023", "FY", "2024-01-28").unwrap();
    check(retailer, "2024-01-28", (Some(2023), Some("FY")));
    check(retailer, "2023-01-29", (Some(2022), Some("FY")));
}

#[test]
fn what_cannot_be_said_is_not_guessed() {
    assert_eq!(calendar("2023", "", "2023-09-30"), None);
    assert_eq!(calendar("2023", "FY", "2023-09-30").unwrap().place(&Period::Forever), (None, None));
}

/// A report of six months, as its facts have them.
const SIX_MONTHS: [(&str, usize); 6] = [
    ("2024-01-01/2024-06-30", 40),
    ("2024-04-01/2024-06-30", 50),
    ("2023-01-01/2023-06-30", 40),
    ("2024-06-30", 60),
    ("2024-03-31", 9),
    ("2023-12-31", 60),
];
/// An annual report.
const YEAR: [(&str, usize); 5] = [
    ("2023-01-01/2023-12-31", 90),
    ("2022-01-01/2022-12-31", 80),
    ("2023-12-31", 70),
    ("2022-12-31", 60),
    ("2024-02-09", 1),
];

#[track_caller]
fn weigh(
    periods: &[(&str, usize)],
    evidence: Evidence<'_>,
    expected: (Option<i32>, Option<&str>),
    codes: &[&str],
) {
    let periods: Vec<(Period, usize)> = periods.iter().map(|(text, facts)| (period(text), *facts)).collect();
    let periods = periods.iter().map(|(period, facts)| (period, *facts)).collect();
    let findings = Evidence { periods, ..evidence }.weigh();
    assert_eq!((findings.year, findings.part), expected, "{:?}", findings.doubts);
    let doubts: Vec<&str> = findings.doubts.iter().map(|(code, _)| *code).collect();
    assert_eq!(doubts, codes, "{:?}", findings.doubts);
}

fn cover<'a>(form: &'a str, year: &'a str, part: &'a str) -> Evidence<'a> {
    Evidence { form, year_focus: Some(year), period_focus: Some(part), ..Evidence::default() }
}

#[test]
fn a_cover_is_checked_against_the_periods() {
    let second = (Some(2024), Some("Q2"));
    weigh(&SIX_MONTHS, cover("10-Q", "2024", "Q2"), second, &[]);
    weigh(&SIX_MONTHS, cover("10-Q", "2024", "q2"), second, &[]);
    weigh(&SIX_MONTHS, cover("10-Q", "2024", "2"), second, &[]);
    weigh(&SIX_MONTHS, cover("10-Q", "2024", "Q1"), second, &["fiscal-period-wrong"]);
    weigh(&SIX_MONTHS, cover("10-Q", "2023", "Q2"), second, &["fiscal-year-wrong"]);
    weigh(
        &SIX_MONTHS,
        cover("10-Q", "2032", "second"),
        second,
        &["fiscal-year-wrong", "fiscal-period-wrong"],
    );
    let nothing = Evidence { form: "10-Q", ..Evidence::default() };
    weigh(&SIX_MONTHS, nothing, second, &["fiscal-year-missing", "fiscal-period-missing"]);
    let annual = (Some(2023), Some("FY"));
    weigh(&YEAR, cover("10-K", "2023", "FY"), annual, &[]);
    weigh(&YEAR, cover("10-K/A", "2024", "Q4"), annual, &["fiscal-year-wrong", "fiscal-period-wrong"]);
    let year_off = Evidence { period_end: Some(date("2024-12-31")), ..cover("10-K", "2023", "FY") };
    weigh(&YEAR, year_off, annual, &["period-end-wrong"]);
    let said = Evidence { report_date: Some(date("2023-12-31")), ..cover("10-K", "2032", "FY") };
    weigh(&YEAR, said, annual, &["fiscal-year-wrong"]);
}

#[test]
fn a_wrong_year_end_on_the_cover_moves_nothing() {
    for year_end in ["--12-31", "--06-30", "12/31", "--13-45", ""] {
        let evidence = Evidence { year_end: Some(year_end), ..cover("10-Q", "2024", "Q2") };
        weigh(&SIX_MONTHS, evidence, (Some(2024), Some("Q2")), &[]);
    }
}

#[test]
fn a_year_that_ends_early_in_the_year_has_the_name_it_says_or_none() {
    let periods = [("2022-01-30/2023-01-28", 50), ("2021-01-31/2022-01-29", 50), ("2023-01-28", 40)];
    weigh(&periods, cover("10-K", "2022", "FY"), (Some(2022), Some("FY")), &[]);
    weigh(&periods, cover("10-K", "2023", "FY"), (Some(2023), Some("FY")), &[]);
    weigh(&periods, cover("10-K", "2021", "FY"), (None, Some("FY")), &["fiscal-year-wrong"]);
    let new_year = [("2021-01-03/2022-01-01", 50), ("2019-12-29/2021-01-02", 40), ("2022-01-01", 40)];
    weigh(
        &new_year,
        Evidence { form: "10-K", period_focus: Some("FY"), ..Evidence::default() },
        (Some(2021), Some("FY")),
        &["fiscal-year-missing"],
    );
}

#[test]
fn a_transition_period_is_a_year_of_its_own() {
    let periods = [
        ("2023-07-01/2023-12-31", 60),
        ("2022-07-01/2023-06-30", 60),
        ("2021-07-01/2022-06-30", 50),
        ("2023-12-31", 50),
        ("2023-06-30", 50),
    ];
    let owned: Vec<(Period, usize)> = periods.iter().map(|(text, facts)| (period(text), *facts)).collect();
    let periods = owned.iter().map(|(period, facts)| (period, *facts)).collect();
    let findings = Evidence { periods, ..cover("10-KT", "2023", "FY") }.weigh();
    let calendar = &findings.calendar.unwrap();
    check(calendar, "2023-07-01/2023-12-31", (Some(2023), Some("FY")));
    check(calendar, "2023-06-30", (Some(2023), Some("FY")));
    check(calendar, "2022-07-01/2023-06-30", (Some(2023), Some("FY")));
    check(calendar, "2021-07-01/2022-06-30", (Some(2022), Some("FY")));
}
