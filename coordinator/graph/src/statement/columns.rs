//! Which periods are columns: those in which most lines have values. Pure.
//!
//! A filing's facts hold in many periods, and a line's concept stands in notes, too. A reader of the statement sees the
//! few in which it is filled: of a cash flow statement the year to date, of an income statement the quarter also.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::Parts;
use crate::facts::{Fact, Period};

/// Which facts are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// Those of the whole company; in a statement of equity those of its columns.
    Whole,
    /// Those of the table's members: a company that reports by them alone.
    Members,
}

/// The columns, in the order they are read: the shortest durations first, of these the newest.
pub(crate) fn columns(parts: &Parts<'_>, facts: &[Fact]) -> Vec<Period> {
    let filled = filled(parts, facts, Counted::Whole);
    let filled = if filled.is_empty() { self::filled(parts, facts, Counted::Members) } else { filled };
    let concepts = |is_wanted: fn(&Period) -> bool| {
        let of = filled.iter().filter(|(period, _)| is_wanted(period)).flat_map(|(_, concepts)| concepts);
        of.collect::<BTreeSet<_>>().len()
    };
    let has_flows = concepts(|period| period.first.is_some());
    let has_balances = concepts(|period| period.first.is_none());
    let counts = filled.iter().map(|(period, concepts)| (*period, concepts.len()));
    if has_flows > 0 && has_flows >= has_balances {
        durations(counts.filter(|(period, _)| period.first.is_some()).collect())
    } else {
        instants(counts.filter(|(period, _)| period.first.is_none()).collect())
    }
}

/// For every period the concepts that have a value in it.
fn filled<'a>(parts: &Parts<'a>, facts: &'a [Fact], counted: Counted) -> BTreeMap<Period, BTreeSet<&'a str>> {
    let lines: BTreeSet<&str> = parts.body.iter().map(|line| line.concept.as_str()).collect();
    let equity = parts.equity_axis().map(|axis| axis.concept);
    let is_counted = |fact: &&Fact| {
        let has_place = || parts.place(&fact.dimensions).is_some();
        let counts = match counted {
            Counted::Whole => fact.dimensions.keys().all(|axis| Some(axis.as_str()) == equity) && has_place(),
            Counted::Members => has_place(),
        };
        counts && fact.is_numeric && lines.contains(fact.concept.as_str())
    };
    let mut filled: BTreeMap<Period, BTreeSet<&str>> = BTreeMap::new();
    for fact in facts.iter().filter(is_counted) {
        filled.entry(fact.period).or_default().insert(&fact.concept);
    }
    filled
}

/// A length counts when one of its periods is nearly as full as the fullest; of such a length the periods that are not
/// nearly empty. What lies inside of a period like the fullest is a part of it, such as the quarters in the notes of an
/// annual report, unless it is the report's newest.
fn durations(counts: Vec<(Period, usize)>) -> Vec<Period> {
    let Some((fullest, most)) =
        counts.iter().copied().max_by_key(|(period, count)| (*count, period.days(), period.last))
    else {
        return Vec::new();
    };
    let length_of_fullest = fullest.quarters();
    let fullest_of = |quarters: i64| {
        counts.iter().filter(|(period, _)| period.quarters() == quarters).map(|(_, count)| *count).max()
    };
    let is_full = |quarters: i64| fullest_of(quarters).is_some_and(|count| count * 5 >= most * 4);
    let is_part = |period: &Period| {
        let mut wholes = counts
            .iter()
            .filter(|(whole, count)| whole.quarters() == length_of_fullest && *count * 3 >= most);
        length_of_fullest >= 4 && wholes.any(|(whole, _)| whole.contains(period))
    };
    let mut columns: Vec<Period> = counts
        .iter()
        .filter(|(period, count)| is_full(period.quarters()) && count * 3 >= most && !is_part(period))
        .map(|(period, _)| *period)
        .collect();
    columns.sort_by_key(|period| (period.quarters(), std::cmp::Reverse((period.last, period.first))));
    columns
}

/// A balance sheet repeats few of its lines at other dates: equity, cash.
fn instants(counts: Vec<(Period, usize)>) -> Vec<Period> {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let full = counts.into_iter().filter(|(_, count)| count * 2 >= most);
    full.map(|(period, _)| period).rev().collect()
}
