//! Discrete quarters and twelve months, where they follow from what is told. Pure.
//!
//! ```text
//! year − nine months, nine months − half a year, half a year − first quarter; half a year − second quarter …
//! year − three quarters that adjoin; year + year to date − the year to date before; four quarters that adjoin
//! ```
//! Periods must meet to the day. A quarter is a quarter by its length: a year or nine months never pass for one.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use edgraph_shared::model::SeriesLength as Length;

use super::amount::{Amount, over_time};
use super::told::Told;
use crate::facts::Period;

/// Days of a quarter: 11 to 17 weeks, since some are 12 and some 16, and one of each 53 weeks is longer.
const QUARTER_DAYS: RangeInclusive<i64> = 77..=119;
/// Days of a year: 52 or 53 weeks, or twelve months.
const YEAR_DAYS: RangeInclusive<i64> = 350..=380;
/// How far apart the lengths of a year to date and of the one before may be: a week that one has more.
const NEARLY_DAYS: i64 = 8;

/// Amounts of one length, and by the last day of a period why there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Derived {
    pub(crate) amounts: Told,
    pub(crate) refused: BTreeMap<NaiveDate, String>,
}

impl Derived {
    fn take(&mut self, period: Period, derived: Result<Amount, String>) {
        match derived {
            Ok(amount) => {
                self.refused.remove(&period.last);
                self.amounts.insert(period, amount);
            }
            Err(why) => {
                self.refused.entry(period.last).or_insert(why);
            }
        }
    }
}

/// The amounts of a length, told or derived.
pub(crate) fn of_length(told: &Told, length: Length) -> Derived {
    match length {
        Length::Years => years(told),
        Length::Quarters => quarters(told),
        Length::TwelveMonths => twelve_months(told),
    }
}

fn is_quarter(period: &Period) -> bool {
    period.first.is_some() && QUARTER_DAYS.contains(&period.days())
}

fn is_year(period: &Period) -> bool {
    period.first.is_some() && YEAR_DAYS.contains(&period.days())
}

fn keep(told: &Told, is_wanted: impl Fn(&Period, &Amount) -> bool) -> Derived {
    let kept = told.iter().filter(|(period, amount)| is_wanted(period, amount));
    let amounts = kept.map(|(period, amount)| (*period, amount.clone())).collect();
    Derived { amounts, refused: BTreeMap::new() }
}

fn years(told: &Told) -> Derived {
    let is_named = |amount: &Amount| amount.fiscal.as_ref().is_some_and(|(_, name)| name == "FY");
    keep(told, |period, amount| is_year(period) || (period.first.is_none() && is_named(amount)))
}

fn quarters(told: &Told) -> Derived {
    let is_balance = |period: &Period, amount: &Amount| period.first.is_none() && amount.fiscal.is_some();
    let mut found = keep(told, |period, amount| is_quarter(period) || is_balance(period, amount));
    let flows: Vec<&Amount> = told.values().filter(|amount| amount.period.first.is_some()).collect();
    for whole in &flows {
        for part in flows.iter().filter(|part| whole.period.contains(&part.period)) {
            let Some(rest) = rest(whole.period, part.period).filter(is_quarter) else { continue };
            if !found.amounts.contains_key(&rest) && whole.period.quarters() == part.period.quarters() + 1 {
                let derived = over_time(&[(true, *whole), (false, *part)], rest);
                found.take(rest, derived.map(|amount| named(amount, whole, part)));
            }
        }
    }
    for year in flows.iter().filter(|amount| is_year(&amount.period)) {
        let Some((parts, rest)) = three_quarters(told, year.period) else { continue };
        if !found.amounts.contains_key(&rest) {
            let terms: Vec<(bool, &Amount)> =
                std::iter::once((true, *year)).chain(parts.iter().map(|part| (false, *part))).collect();
            let last = parts[2];
            found.take(rest, over_time(&terms, rest).map(|amount| named(amount, year, last)));
        }
    }
    found
}

/// What is left of a period without a part at its beginning or its end.
fn rest(whole: Period, part: Period) -> Option<Period> {
    if whole.first == part.first {
        Some(Period { first: part.last.succ_opt(), last: whole.last })
    } else if whole.last == part.last {
        Some(Period { first: whole.first, last: part.first?.pred_opt()? })
    } else {
        None
    }
}

/// A quarter's name, where what it was taken from has one that tells it.
fn named(amount: Amount, whole: &Amount, part: &Amount) -> Amount {
    let is_last = whole.period.last != part.period.last;
    let name = match whole.fiscal.as_ref().map(|(year, name)| (*year, name.as_str())) {
        Some((year, "FY")) if is_last => Some((year, "Q4".to_owned())),
        Some((year, "M9")) if is_last => Some((year, "Q3".to_owned())),
        Some((year, "H1")) => Some((year, if is_last { "Q2" } else { "Q1" }.to_owned())),
        _ => None,
    };
    Amount { fiscal: name, ..amount }
}

/// Three quarters that are told and follow each other from the first day of a year, and what is left of it.
fn three_quarters(told: &Told, year: Period) -> Option<(Vec<&Amount>, Period)> {
    let mut next = year.first?;
    let mut parts = Vec::new();
    for _ in 0..3 {
        let begins = |amount: &&Amount| amount.period.first == Some(next) && is_quarter(&amount.period);
        let part = told.values().find(begins)?;
        next = part.period.last.succ_opt()?;
        parts.push(part);
    }
    let rest = Period { first: Some(next), last: year.last };
    is_quarter(&rest).then_some((parts, rest))
}

fn twelve_months(told: &Told) -> Derived {
    let mut found = keep(told, |period, _| is_year(period));
    let quarters = quarters(told).amounts;
    let mut ends: Vec<NaiveDate> = told
        .keys()
        .chain(quarters.keys())
        .filter(|period| period.first.is_some())
        .map(|period| period.last)
        .collect();
    ends.sort_unstable();
    ends.dedup();
    for end in ends {
        if found.amounts.keys().any(|period| period.last == end) {
            continue;
        }
        if let Some((period, terms)) = year_moved_on(told, end).or_else(|| four_quarters(&quarters, end)) {
            found.take(period, over_time(&terms, period));
        }
    }
    found
}

/// Amounts with whether they are added, and the period that they come to.
type Terms<'a> = (Period, Vec<(bool, &'a Amount)>);

/// A year, what has followed it, and the same part of it that has passed.
fn year_moved_on(told: &Told, end: NaiveDate) -> Option<Terms<'_>> {
    let flows = || told.values().filter(|amount| amount.period.first.is_some());
    let ending = flows().filter(|amount| amount.period.last == end && amount.period.quarters() < 4);
    let mut found: Vec<Terms<'_>> = Vec::new();
    for to_date in ending {
        let years = flows()
            .filter(|year| is_year(&year.period) && year.period.last.succ_opt() == to_date.period.first);
        for year in years {
            let before = flows().find(|before| {
                before.period.first == year.period.first
                    && before.period.quarters() == to_date.period.quarters()
                    && (before.period.days() - to_date.period.days()).abs() <= NEARLY_DAYS
            });
            let Some(before) = before else { continue };
            let period = Period { first: before.period.last.succ_opt(), last: end };
            if is_year(&period) {
                found.push((period, vec![(true, year), (true, to_date), (false, before)]));
            }
        }
    }
    // The longest year to date reaches to the beginning of the fiscal year.
    found.into_iter().max_by_key(|(_, terms)| terms[1].1.period.days())
}

fn four_quarters(quarters: &Told, end: NaiveDate) -> Option<Terms<'_>> {
    let mut last = end;
    let mut terms = Vec::new();
    for _ in 0..4 {
        let quarter =
            quarters.values().find(|amount| amount.period.last == last && amount.period.first.is_some())?;
        last = quarter.period.first?.pred_opt()?;
        terms.push((true, quarter));
    }
    let period = Period { first: last.succ_opt(), last: end };
    is_year(&period).then_some((period, terms))
}
