//! A series: for every period what is told or follows, what is in dispute, and why there is nothing. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use edgraph_shared::model::SeriesLength as Length;

use super::amount::{Amount, sum};
use super::derive::{Derived, of_length};
use super::map::StandardMap;
use super::told::{Measure, Told};
use crate::facts::{Filer, Period};

/// How far the last day of a period may be from the date of a report, to be its period: years of weeks are said to end
/// with a month.
const NEAR_DAYS: i64 = 7;

/// How a row came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A filing says it.
    Reported,
    /// It follows from what filings say.
    Derived,
    /// One of several candidates that differ.
    Disputed,
    /// A member's amount, where nobody tells the whole.
    Member,
    /// There is none.
    Absent,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Derived => "derived",
            Self::Disputed => "disputed",
            Self::Member => "by member",
            Self::Absent => "absent",
        }
    }
}

/// A row of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The last day of the period.
    pub last: NaiveDate,
    /// How it came about.
    pub status: Status,
    /// The amount, unless it is absent.
    pub amount: Option<Amount>,
    /// What is to be known of it: why it is absent or in dispute.
    pub reason: Option<String>,
}

/// What one may ask for: concepts themselves, or a name of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Concepts(Vec<String>),
    Name(String),
}

/// One company's amounts and what they are asked by.
pub(crate) struct Company<'a> {
    pub(crate) filer: &'a Filer,
    pub(crate) map: &'a StandardMap,
    pub(crate) told: &'a BTreeMap<Measure, Told>,
    pub(crate) length: Length,
}

/// All concepts that may be needed, those of sums among them.
pub(crate) fn concepts(map: &StandardMap, sic: Option<u32>, asked: &Asked) -> Vec<String> {
    let name = match asked {
        Asked::Concepts(concepts) => return concepts.clone(),
        Asked::Name(name) => name,
    };
    let (mut concepts, mut open, mut seen) = (Vec::new(), vec![name.clone()], BTreeSet::new());
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for entry in map.candidates(&name, sic) {
            match entry.terms() {
                Some(terms) => open.extend(terms.into_iter().map(|(_, name)| name)),
                None => concepts.push(entry.concept.clone()),
            }
        }
    }
    concepts
}

/// Amounts by period and unit, in the order of the map, and what else was found.
#[derive(Default)]
struct Found {
    amounts: BTreeMap<(Period, String), Vec<Amount>>,
    members: BTreeMap<Period, Vec<Amount>>,
    /// Why there is none, by the last day.
    refused: BTreeMap<NaiveDate, String>,
    /// Concepts that were looked for.
    wanted: Vec<String>,
}

impl Found {
    /// The one amount of a period, if its candidates agree.
    fn settled(&self, key: &(Period, String)) -> Option<&Amount> {
        let candidates = self.amounts.get(key)?;
        let first = candidates.iter().find(|amount| !amount.is_derived()).or(candidates.first())?;
        candidates.iter().all(|amount| amount.value == first.value).then_some(first)
    }
}

impl Company<'_> {
    /// The rows of a series, the oldest first.
    pub(crate) fn rows(&self, asked: &Asked) -> Vec<Row> {
        let found = match asked {
            Asked::Concepts(concepts) => {
                let mut found = Found::default();
                concepts.iter().for_each(|concept| self.look_up(&mut found, concept, None));
                found
            }
            Asked::Name(name) => self.named(name),
        };
        let mut rows: Vec<Row> = found.amounts.keys().flat_map(|key| of_period(&found, key)).collect();
        self.fill_gaps(&found, &mut rows);
        rows.sort_by_key(|row| row.last);
        rows
    }

    fn named(&self, name: &str) -> Found {
        let mut found = Found::default();
        let candidates = self.map.candidates(name, self.filer.sic);
        for entry in candidates.iter().filter(|entry| entry.terms().is_none()) {
            self.look_up(&mut found, &entry.concept, Some(entry.period == "instant"));
        }
        // Sums are for the periods in which no concept stands for the name.
        for entry in candidates {
            let Some(terms) = entry.terms() else { continue };
            let expression = entry.concept.trim_start_matches('=').trim();
            self.add_up(&mut found, expression, &terms);
        }
        found
    }

    fn look_up(&self, found: &mut Found, concept: &str, is_instant: Option<bool>) {
        found.wanted.push(concept.to_owned());
        for (measure, told) in self.told.iter().filter(|(measure, _)| measure.concept == concept) {
            let is_wanted =
                |period: &Period| is_instant.is_none_or(|is_instant| is_instant == period.first.is_none());
            let told: Told = told
                .iter()
                .filter(|(period, _)| is_wanted(period))
                .map(|(at, amount)| (*at, amount.clone()))
                .collect();
            let Derived { amounts, refused } = of_length(&told, self.length);
            if !measure.dimensions.is_empty() {
                // Members of one axis are parts of a whole; those of several cut it again.
                if measure.dimensions.len() == 1 {
                    for (period, amount) in amounts {
                        found.members.entry(period).or_default().push(amount);
                    }
                }
                continue;
            }
            for (period, amount) in amounts {
                found.amounts.entry((period, measure.unit.clone())).or_default().push(amount);
            }
            for (last, why) in refused {
                found.refused.entry(last).or_insert(why);
            }
            for period in told.keys() {
                let others = format!("{concept} is told of {period} alone");
                found.refused.entry(period.last).or_insert(others);
            }
        }
    }

    fn add_up(&self, found: &mut Found, expression: &str, terms: &[(bool, String)]) {
        let parts: Vec<(bool, &str, Found)> =
            terms.iter().map(|(is_added, name)| (*is_added, name.as_str(), self.named(name))).collect();
        for (_, _, part) in &parts {
            found.wanted.extend(part.wanted.iter().cloned());
            for (last, why) in &part.refused {
                found.refused.entry(*last).or_insert_with(|| why.clone());
            }
        }
        let keys: BTreeSet<&(Period, String)> =
            parts.iter().flat_map(|(_, _, part)| part.amounts.keys()).collect();
        for key in keys {
            if found.amounts.contains_key(key) {
                continue;
            }
            let missing: Vec<&str> = parts
                .iter()
                .filter(|(_, _, part)| part.settled(key).is_none())
                .map(|(_, name, _)| *name)
                .collect();
            let added = if missing.is_empty() {
                let operands: Vec<(bool, &Amount)> = parts
                    .iter()
                    .filter_map(|(is_added, _, part)| Some((*is_added, part.settled(key)?)))
                    .collect();
                sum(&operands, expression.to_owned(), key.0)
                    .map(|amount| Amount { fiscal: operands[0].1.fiscal.clone(), ..amount })
            } else {
                let why = |name: &&str| {
                    let part = parts.iter().find(|(_, other, _)| other == name);
                    let is_there = part.is_some_and(|(_, _, part)| part.amounts.contains_key(key));
                    format!("{name} is {}", if is_there { "in dispute" } else { "absent" })
                };
                Err(format!("{expression}: {}", missing.iter().map(why).collect::<Vec<_>>().join(", ")))
            };
            match added {
                Ok(amount) => found.amounts.entry(key.clone()).or_default().push(amount),
                Err(why) => {
                    found.refused.insert(key.0.last, why);
                }
            }
        }
    }

    /// Says of every report's period that has no row why, with what members say of it.
    fn fill_gaps(&self, found: &Found, rows: &mut Vec<Row>) {
        let filings = self.filer.filings.iter().filter(|filing| {
            filing.is_annual() || (self.length != Length::Years && filing.form.starts_with("10-Q"))
        });
        let ends: BTreeSet<NaiveDate> = filings.filter_map(|filing| filing.report_date).collect();
        // A company that has filed nothing of the kind is no reason to say nothing.
        let newest = self.filer.filings.iter().find_map(|filing| filing.report_date);
        if let (true, true, Some(last)) = (rows.is_empty(), ends.is_empty(), newest) {
            let reason = Some("no report of such periods is in this graph; ask for --quarterly".to_owned());
            rows.push(Row { last, status: Status::Absent, amount: None, reason });
        }
        for end in ends {
            let is_near = |day: NaiveDate| (day - end).num_days().abs() <= NEAR_DAYS;
            if rows.iter().any(|row| is_near(row.last)) {
                continue;
            }
            let members: Vec<&Amount> = found
                .members
                .iter()
                .filter(|(period, _)| is_near(period.last))
                .flat_map(|(_, amounts)| amounts)
                .collect();
            let refused = found.refused.iter().find(|(last, _)| is_near(**last)).map(|(_, why)| why.clone());
            let reason = match (refused, members.is_empty()) {
                (_, false) => "told by members alone, which nothing says are all".to_owned(),
                (Some(why), true) => why,
                (None, true) => format!("no filing in this graph tells {}", found.wanted.join(", ")),
            };
            rows.push(Row { last: end, status: Status::Absent, amount: None, reason: Some(reason) });
            let by_member = |amount: &&Amount| Row {
                last: amount.period.last,
                status: Status::Member,
                amount: Some((*amount).clone()),
                reason: None,
            };
            rows.extend(members.iter().map(by_member));
        }
    }
}

/// One row where candidates agree, else one for each that differs from those before it.
fn of_period(found: &Found, key: &(Period, String)) -> Vec<Row> {
    let row = |amount: &Amount, status, reason| Row {
        last: amount.period.last,
        status,
        amount: Some(amount.clone()),
        reason,
    };
    let of = |amount: &Amount| if amount.is_derived() { Status::Derived } else { Status::Reported };
    if let Some(amount) = found.settled(key) {
        return vec![row(amount, of(amount), None)];
    }
    let mut different: Vec<&Amount> = Vec::new();
    for amount in &found.amounts[key] {
        if different.iter().all(|known| known.value != amount.value) {
            different.push(amount);
        }
    }
    let names: Vec<&str> = different.iter().map(|amount| amount.concept.as_str()).collect();
    let reason = format!("{} differ; ask for the one that is meant", names.join(" and "));
    let disputed = different.iter().map(|amount| {
        let how = if amount.is_derived() { "derived; " } else { "" };
        row(amount, Status::Disputed, Some(format!("{how}{reason}")))
    });
    disputed.collect()
}
