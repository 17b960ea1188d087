//! Ten years of 10-Qs and 10-Ks of filers that are nothing but a calendar: every period of every report has the name
//! that the calendar gives it.

use chrono::{Datelike, Months, TimeDelta, Weekday};

use super::*;

/// How a filer's years end.
#[derive(Clone, Copy)]
enum Ends {
    /// On the last day of a month.
    Month(u32),
    /// On the last such weekday of a month.
    Last(Weekday, u32),
    /// On the weekday nearest to the end of a month.
    Nearest(Weekday, u32),
}

/// A filer.
#[derive(Clone, Copy)]
struct Filer {
    name: &'static str,
    ends: Ends,
    /// Weeks of the first three quarters; months where there are none.
    weeks: Option<[i64; 3]>,
    /// A year of 53 weeks has its extra week in the first quarter, not in the last.
    long_first: bool,
    /// Years are named after the calendar year they begin in.
    named_before: i32,
}

const FILERS: [Filer; 10] = [
    Filer { name: "calendar year", ends: Ends::Month(12), weeks: None, long_first: false, named_before: 0 },
    Filer { name: "June", ends: Ends::Month(6), weeks: None, long_first: false, named_before: 0 },
    Filer { name: "February", ends: Ends::Month(2), weeks: None, long_first: false, named_before: 1 },
    Filer {
        name: "13 weeks, last Saturday of September",
        ends: Ends::Last(Weekday::Sat, 9),
        weeks: Some([13, 13, 13]),
        long_first: true,
        named_before: 0,
    },
    Filer {
        name: "13 weeks, Saturday nearest to January's end",
        ends: Ends::Nearest(Weekday::Sat, 1),
        weeks: Some([13, 13, 13]),
        long_first: false,
        named_before: 1,
    },
    Filer {
        name: "13 weeks, Saturday nearest to December's end",
        ends: Ends::Nearest(Weekday::Sat, 12),
        weeks: Some([13, 13, 13]),
        long_first: false,
        named_before: 0,
    },
    Filer {
        name: "12, 12, 12 and 16 weeks, last Saturday of December",
        ends: Ends::Last(Weekday::Sat, 12),
        weeks: Some([12, 12, 12]),
        long_first: false,
        named_before: 0,
    },
    Filer {
        name: "12, 12, 12 and 16 weeks, Sunday nearest to August's end",
        ends: Ends::Nearest(Weekday::Sun, 8),
        weeks: Some([12, 12, 12]),
        long_first: false,
        named_before: 0,
    },
    Filer {
        name: "12, 12, 12 and 16 weeks, last Saturday of August",
        ends: Ends::Last(Weekday::Sat, 8),
        weeks: Some([12, 12, 12]),
        long_first: false,
        named_before: 0,
    },
    Filer {
        name: "16, 12, 12 and 12 weeks, Saturday nearest to January's end",
        ends: Ends::Nearest(Weekday::Sat, 1),
        weeks: Some([16, 12, 12]),
        long_first: false,
        named_before: 1,
    },
];

fn last_of_month(year: i32, month: u32) -> NaiveDate {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    NaiveDate::from_ymd_opt(next.0, next.1, 1).unwrap().pred_opt().unwrap()
}

impl Filer {
    /// The end of the year whose nominal end is in that calendar year.
    fn year_end(self, year: i32) -> NaiveDate {
        let back_to = |from: NaiveDate, weekday: Weekday| {
            from - TimeDelta::days(i64::from(from.weekday().days_since(weekday)))
        };
        match self.ends {
            Ends::Month(month) => last_of_month(year, month),
            Ends::Last(weekday, month) => back_to(last_of_month(year, month), weekday),
            Ends::Nearest(weekday, month) => {
                back_to(last_of_month(year, month) + TimeDelta::days(3), weekday)
            }
        }
    }

    /// The ends of a year's quarters; at 0 that of the year before.
    fn quarter_ends(self, year: i32) -> [NaiveDate; 5] {
        let (before, end) = (self.year_end(year - 1), self.year_end(year));
        let extra = if self.long_first { (end - before).num_days() - 364 } else { 0 };
        let quarter = |passed: usize| match self.weeks {
            Some(weeks) => before + TimeDelta::days(7 * weeks[..passed].iter().sum::<i64>() + extra),
            None => {
                let first = before.succ_opt().unwrap();
                first.checked_add_months(Months::new(3 * passed as u32)).unwrap().pred_opt().unwrap()
            }
        };
        [before, quarter(1), quarter(2), quarter(3), end]
    }

    fn name(self, year: i32) -> i32 {
        year - self.named_before
    }
}

/// A period with the number of facts it has, and its right name.
type Named = (Period, usize, (i32, Option<&'static str>));

fn stretch(filer: Filer, year: i32, from: usize, to: usize) -> Named {
    let ends = filer.quarter_ends(year);
    let period = Period::Duration { start: moment(ends[from].succ_opt().unwrap()), end: moment(ends[to]) };
    let facts = if to - from == 1 { 50 } else { 40 };
    (period, facts, (filer.name(year), super::super::name(from, to)))
}

fn balance(filer: Filer, year: i32, quarter: usize, facts: usize) -> Named {
    let (year, quarter) = if quarter == 0 { (year - 1, 4) } else { (year, quarter) };
    let period = Period::Instant(moment(filer.quarter_ends(year)[quarter]));
    (period, facts, (filer.name(year), AT_END[quarter]))
}

/// A 10-Q: the quarter and the year to date with those of the year before, and balances.
fn quarterly(filer: Filer, year: i32, quarter: usize) -> Vec<Named> {
    let mut periods = Vec::new();
    for of in [year, year - 1] {
        let mut report = |from: usize| {
            let (period, facts, name) = stretch(filer, of, from, quarter);
            // Notes and breakdowns are of this year more than of the last.
            periods.push((period, if of == year { 3 * facts } else { facts }, name));
        };
        report(0);
        if quarter > 1 {
            report(quarter - 1);
        }
        // Statements of equity go from balance to balance.
        periods.extend((0..=quarter).map(|quarter| balance(filer, of, quarter, 12)));
    }
    periods.push(balance(filer, year, quarter, 60));
    periods.push(balance(filer, year, 0, 60));
    periods
}

/// A 10-K: three years, two balances and two more that statements of equity begin with.
fn annual(filer: Filer, year: i32) -> Vec<Named> {
    let mut periods: Vec<Named> = (0..3).map(|back| stretch(filer, year - back, 0, 4)).collect();
    periods.extend((0..4).map(|back| balance(filer, year - back, 4, if back < 2 { 60 } else { 12 })));
    if year % 2 == 0 {
        // Some give their quarters.
        periods.extend((0..4).map(|quarter| stretch(filer, year, quarter, quarter + 1)));
    }
    periods
}

#[track_caller]
fn check_report(filer: Filer, year: i32, quarter: usize) {
    let (form, named) = match quarter {
        4 => ("10-K", annual(filer, year)),
        _ => ("10-Q", quarterly(filer, year, quarter)),
    };
    let focus = filer.name(year).to_string();
    let part = AT_END[quarter].unwrap();
    let end = filer.quarter_ends(year)[quarter];
    let nominal = match filer.ends {
        Ends::Month(month) | Ends::Last(_, month) | Ends::Nearest(_, month) => last_of_month(year, month),
    };
    let year_end = nominal.format("--%m-%d").to_string();
    for with_year_end in [true, false] {
        let evidence = Evidence {
            form,
            report_date: Some(end),
            period_end: Some(end),
            year_focus: Some(&focus),
            period_focus: Some(part),
            year_end: with_year_end.then_some(year_end.as_str()),
            periods: named.iter().map(|(period, facts, _)| (period, *facts)).collect(),
        };
        let findings = evidence.weigh();
        let what = format!("{}: {form} of {part} {focus}, to {end}", filer.name);
        assert_eq!(findings.doubts, [], "{what}");
        assert_eq!((findings.year, findings.part), (Some(filer.name(year)), Some(part)), "{what}");
        let calendar = findings.calendar.unwrap();
        for (period, _, (year, part)) in &named {
            assert_eq!(calendar.place(period), (Some(*year), *part), "{what}: {period:?}");
        }
    }
}

#[test]
fn every_period_of_ten_years_of_ten_calendars_has_its_name() {
    for filer in FILERS {
        for year in 2014..2024 {
            for quarter in 1..=4 {
                check_report(filer, year, quarter);
            }
        }
    }
}
