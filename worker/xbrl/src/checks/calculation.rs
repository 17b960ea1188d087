//! Totals that are not the sum of their items.
//!
//! Two sets of rules, by arcrole. XBRL 2.1 section 5.2.5.2 sums up rounded items and compares the rounded sum with the
//! rounded total. Calculations 1.1 asks whether any numbers that the facts may have been rounded from add up; totals
//! that fail the first and pass the second are off by rounding alone, and have a code of their own. XBRL 2.1 binds no
//! duplicates at all. Inline documents state most of their facts twice, so here those that agree are one, the most
//! accurate; those that do not bind nothing, under either set of rules.

use std::sync::Arc;

use bigdecimal::{BigDecimal, One};
use foldhash::{HashMap, HashMapExt};

use super::amount::{Interval, decimal, plain};
use super::declared::shown;
use super::statement::{Stated, StatedAmount, Statement, Statements};
use crate::Tally;
use crate::taxonomy::{Dts, Network};

/// XBRL 2.1.
const SUMMATION_ITEM: &str = "http://www.xbrl.org/2003/arcrole/summation-item";
/// Calculations 1.1.
const SUMMATION_ITEM_1_1: &str = "https://xbrl.org/2023/arcrole/summation-item";

/// Items looked for in one filing, for all totals in all roles. A large filing takes some ten thousand; a hostile one
/// could have as many arcs from one concept as that has facts.
const MAX_LOOKUPS: usize = 2_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    Xbrl2_1,
    Calculations1_1,
}

pub(super) fn check(statements: &Statements<'_, '_>, dts: &Dts, tally: &mut Tally) {
    let mut left = MAX_LOOKUPS;
    for network in dts.networks() {
        let rules = match &**network.arcrole() {
            SUMMATION_ITEM => Rules::Xbrl2_1,
            SUMMATION_ITEM_1_1 => Rules::Calculations1_1,
            _ => continue,
        };
        for sum in sums(statements, network) {
            for total in statements.of_concept(sum.total).iter().filter(|total| total.is_numeric()) {
                let Some(rest) = left.checked_sub(sum.items.len()) else {
                    let file = &sum.file;
                    return tally.add("calculations-unchecked", file, 0, || {
                        format!("more than {MAX_LOOKUPS} items to sum up; the rest is not checked")
                    });
                };
                left = rest;
                if let Some(fault) = sum.fault(statements, total, rules) {
                    fault.say(statements, &sum, network, dts, tally);
                }
            }
        }
    }
}

/// A total and what it is the sum of, in one role.
struct Sum {
    /// The numbers of concepts; items without facts are left out.
    total: u32,
    items: Vec<(u32, BigDecimal)>,
    /// How many items there are, those without facts among them.
    of: usize,
    /// Where the first of its arcs is.
    file: Arc<str>,
}

/// The sums of a network of which the total and an item have facts.
fn sums(statements: &Statements<'_, '_>, network: Network<'_>) -> Vec<Sum> {
    let mut sums: Vec<Sum> = Vec::new();
    let mut by_total: HashMap<u32, usize> = HashMap::new();
    for relationship in network.relationships() {
        let Some((total, item)) = relationship.concepts() else { continue };
        let concept = |name| statements.subjects.concept(name);
        let Some(total) = concept(total) else { continue };
        let index = *by_total.entry(total).or_insert_with(|| {
            sums.push(Sum { total, items: Vec::new(), of: 0, file: relationship.document.url.clone() });
            sums.len() - 1
        });
        sums[index].of += 1;
        let Some(item) = concept(item) else { continue };
        // The shortest decimal that reads as a double is the one that was written, up to 15 digits of it.
        if let Some(weight) = relationship.arc.weight.and_then(|weight| decimal(&weight.to_string())) {
            sums[index].items.push((item, weight));
        }
    }
    sums.retain(|sum| !sum.items.is_empty());
    sums
}

/// An item that has an amount beside a total.
struct Item<'t> {
    stated: &'t StatedAmount,
    weight: &'t BigDecimal,
}

/// A total that its items do not add up to.
struct Fault<'t> {
    statement: &'t Statement,
    total: &'t StatedAmount,
    /// How many of the items have a value beside it.
    items: usize,
    /// What the items come to; `None` where nothing is known of one of them.
    sum: Option<BigDecimal>,
    /// What they may come to, for Calculations 1.1.
    range: Option<Interval>,
    is_rounding: bool,
}

impl Sum {
    /// What is wrong with a total; `None` also where there is nothing to compare it with.
    fn fault<'t>(
        &'t self,
        statements: &'t Statements<'_, '_>,
        statement: &'t Statement,
        rules: Rules,
    ) -> Option<Fault<'t>> {
        let Stated::Amount(total) = statements.stated(statement) else { return None };
        let items = self.items_beside(statements, statement)?;
        let (sum, range, is_rounding) = match rules {
            Rules::Xbrl2_1 => {
                let (sum, wanted) = (rounded_sum(&items), total.amount.rounded());
                // A sum that is the rounded total is as round as that.
                if sum.is_some() && sum.as_ref() == wanted.as_deref() {
                    return None;
                }
                let sum = sum.and_then(|sum| total.amount.round(&sum));
                // Where nothing is known of one of them, the calculation is inconsistent.
                if sum.is_some() && sum.as_ref() == wanted.as_deref() {
                    return None;
                }
                (sum, None, range(&items).is_some_and(|range| may_be(total, &range)))
            }
            Rules::Calculations1_1 => {
                // A fact of which nothing is known is outside of its model.
                let range = range(&items).filter(|_| total.interval().is_some())?;
                if may_be(total, &range) {
                    return None;
                }
                let sum = items.iter().map(|item| &item.stated.amount.value * item.weight).sum();
                (Some(sum), Some(range), false)
            }
        };
        Some(Fault { statement, total, items: items.len(), sum, range, is_rounding })
    }

    /// The items that have an amount beside a total, of which there must be one; `None` where an item binds nothing.
    fn items_beside<'t>(
        &'t self,
        statements: &'t Statements<'_, '_>,
        total: &Statement,
    ) -> Option<Vec<Item<'t>>> {
        let mut items = Vec::new();
        for (item, weight) in &self.items {
            let Some(item) = statements.beside(*item, total) else { continue };
            match statements.stated(item) {
                Stated::Nil => {}
                Stated::Amount(stated) => items.push(Item { stated, weight }),
                Stated::Contradiction | Stated::Unknown => return None,
            }
        }
        Some(items).filter(|items| !items.is_empty())
    }
}

/// The sum of the rounded items.
fn rounded_sum(items: &[Item<'_>]) -> Option<BigDecimal> {
    items.iter().try_fold(BigDecimal::from(0), |sum, Item { stated, weight }| {
        let rounded = stated.amount.rounded()?;
        Some(if weight.is_one() { sum + &*rounded } else { sum + &*rounded * *weight })
    })
}

/// What the items may add up to.
fn range(items: &[Item<'_>]) -> Option<Interval> {
    let nothing = Interval { low: BigDecimal::from(0), high: BigDecimal::from(0) };
    items.iter().try_fold(nothing, |sum, Item { stated, weight }| Some(sum.plus(&stated.interval()?, weight)))
}

fn may_be(total: &StatedAmount, range: &Interval) -> bool {
    total.interval().is_some_and(|total| total.with(range.clone()).is_some())
}

impl Fault<'_> {
    fn say(
        &self,
        statements: &Statements<'_, '_>,
        sum: &Sum,
        network: Network<'_>,
        dts: &Dts,
        tally: &mut Tally,
    ) {
        let code = if self.is_rounding { "calculation-rounding" } else { "calculation-inconsistent" };
        let instance = statements.instance();
        let Some(fact) = statements.facts(self.statement).nth(self.total.at) else { return };
        tally.add(code, &instance.files[fact.file], fact.line, || {
            let name = shown(dts, statements.subjects.concepts[sum.total as usize]);
            let id = fact.context.map_or("", |context| &*instance.contexts[context].id);
            let value = plain(&self.total.amount.value);
            let come_to = match (&self.sum, &self.range) {
                (Some(sum), Some(Interval { low, high })) => {
                    format!("{}, at least {} and at most {}", plain(sum), plain(low), plain(high))
                }
                (Some(sum), None) => plain(sum),
                (None, _) => "something unknown, by a precision of 0".to_owned(),
            };
            let (stated, of, role) = (self.items, sum.of, network.role());
            format!(
                "{name} of context {id:?} is {value}, its items, {stated} of {of} stated, come to {come_to} \
                 (role {role})"
            )
        });
    }
}
