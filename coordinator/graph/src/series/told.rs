//! What filings say of one concept, period by period: the first of them or the last. Pure.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

use bigdecimal::BigDecimal;

use super::amount::Amount;
use crate::facts::{Dimensions, Fact, Period};

/// Which of several filings that say something of one period counts, by the time of acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// The first.
    First,
    /// The last.
    Last,
}

/// What makes amounts comparable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Measure {
    pub(crate) concept: String,
    pub(crate) unit: String,
    pub(crate) dimensions: Dimensions,
}

/// The amounts of one measure by period.
pub(crate) type Told = BTreeMap<Period, Amount>;

/// Puts facts into the order of time. `accepted` says when each filing was.
pub(crate) fn told(facts: &[Fact], accepted: &HashMap<&str, &str>, basis: Basis) -> BTreeMap<Measure, Told> {
    let mut ordered: Vec<&Fact> = facts.iter().filter(|fact| fact.is_numeric).collect();
    let when = |fact: &Fact| (accepted.get(fact.accession.as_str()).copied(), fact.accession.clone());
    ordered.sort_by_cached_key(|fact| when(fact));
    if basis == Basis::Last {
        ordered.reverse();
    }
    let mut told: BTreeMap<Measure, Told> = BTreeMap::new();
    for fact in ordered {
        let Some(amount) = Amount::reported(fact) else { continue };
        let measure = Measure {
            concept: amount.concept.clone(),
            unit: amount.unit.clone(),
            dimensions: amount.dimensions.clone(),
        };
        let known = told.entry(measure).or_default().entry(fact.period).or_insert_with(|| amount.clone());
        match (known.value == amount.value, is_rounded(known, &amount)) {
            (true, _) => {}
            // What notes say in billions is no restatement of what a statement says in millions.
            (false, Some(Rounded::Known)) => *known = Amount { restated: known.restated.take(), ..amount },
            (false, Some(Rounded::Other)) => {}
            // The farthest in time of those that say something else.
            (false, None) => known.restated = Some(fact.clone()),
        }
    }
    told
}

/// Which of two amounts is the other one, rounded.
enum Rounded {
    Known,
    Other,
}

/// Whether two amounts are one, told with different precision.
fn is_rounded(known: &Amount, other: &Amount) -> Option<Rounded> {
    let precision = |amount: &Amount| amount.sources[0].fact.decimals.as_deref()?.parse::<i64>().ok();
    let (of_known, of_other) = (precision(known)?, precision(other)?);
    let unit_in_the_last_place = BigDecimal::new(1.into(), of_known.min(of_other));
    let apart = (&known.value - &other.value).abs();
    let is_one = of_known != of_other && apart * BigDecimal::from(2) <= unit_in_the_last_place;
    is_one.then_some(if of_known < of_other { Rounded::Known } else { Rounded::Other })
}
