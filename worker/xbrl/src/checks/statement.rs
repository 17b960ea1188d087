//! Facts that are about one thing, together: same concept, equal contexts, equal units, one language.
//!
//! Sorted once, so that any of them is found by search, however many facts one concept has.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use bigdecimal::BigDecimal;
use foldhash::{HashMap, HashMapExt};

use super::amount::{Accuracy, Amount, Interval};
use super::subject::{Subjects, count};
use crate::model::{Fact, FactValue, Instance};

/// What stands for a unit or a language where there is none.
const NONE: u32 = u32::MAX;

/// All facts with a context, by what they are about.
pub(super) struct Statements<'s, 'a> {
    pub(super) subjects: &'s Subjects<'a>,
    /// The facts, those of one statement beside each other and in document order.
    facts: Vec<u32>,
    /// Sorted by concept, context, unit and language.
    all: Vec<Statement>,
    /// Those of each concept.
    by_concept: Vec<Range<u32>>,
}

/// Facts that are about one thing.
pub(super) struct Statement {
    context: u32,
    unit: u32,
    facts: Range<u32>,
    stated: OnceCell<Stated>,
}

/// What the facts of a statement come to.
#[derive(Clone, Debug)]
pub(super) enum Stated {
    /// All are nil.
    Nil,
    /// An amount that they agree on.
    Amount(StatedAmount),
    /// They contradict each other.
    Contradiction,
    /// One of them is no number, or does not say how accurate it is.
    Unknown,
}

/// The amount that the facts of a statement agree on.
#[derive(Clone, Debug)]
pub(super) struct StatedAmount {
    /// The most accurate, of those as accurate the first.
    pub(super) amount: Amount,
    /// What all of them may have been rounded from, where they are not one amount again and again.
    narrowed: Option<Interval>,
    /// Which of the facts is the most accurate.
    pub(super) at: usize,
}

impl StatedAmount {
    /// What all of the facts may have been rounded from; `None` when nothing is known of it.
    pub(super) fn interval(&self) -> Option<Interval> {
        self.narrowed.clone().or_else(|| self.amount.interval())
    }
}

impl<'s, 'a> Statements<'s, 'a> {
    pub(super) fn of(subjects: &'s Subjects<'a>) -> Self {
        let instance = subjects.instance;
        let mut languages: HashMap<&str, u32> = HashMap::new();
        let mut keyed: Vec<([u32; 4], u32)> = Vec::with_capacity(instance.facts.len());
        for (index, fact) in instance.facts.iter().enumerate() {
            let Some(context) = fact.context else { continue };
            let unit = match fact.unit {
                Some(unit) => subjects.unit(unit),
                // Of what it is a number, nobody knows.
                None if fact.is_numeric => continue,
                None => NONE,
            };
            let next = count(languages.len());
            let language = match fact.language.as_deref().filter(|_| !fact.is_numeric) {
                Some(language) => *languages.entry(language).or_insert(next),
                None => NONE,
            };
            keyed.push((
                [subjects.concept_of[index], subjects.context(context), unit, language],
                count(index),
            ));
        }
        keyed.sort_unstable();
        let mut statements = Self {
            subjects,
            facts: keyed.iter().map(|(_, fact)| *fact).collect(),
            all: Vec::with_capacity(keyed.len()),
            by_concept: vec![0..0; subjects.concepts.len()],
        };
        let mut at = 0;
        for together in keyed.chunk_by(|a, b| a.0 == b.0) {
            let [concept, context, unit, _] = together[0].0;
            let facts = at..at + count(together.len());
            at = facts.end;
            let place = count(statements.all.len());
            let of_concept = &mut statements.by_concept[concept as usize];
            let start = if of_concept.start == of_concept.end { place } else { of_concept.start };
            *of_concept = start..place + 1;
            statements.all.push(Statement { context, unit, facts, stated: OnceCell::new() });
        }
        statements
    }

    pub(super) fn instance(&self) -> &'a Instance {
        self.subjects.instance
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Statement] {
        &self.all
    }

    /// Those with facts of a concept.
    pub(super) fn of_concept(&self, concept: u32) -> &[Statement] {
        let Range { start, end } = self.by_concept[concept as usize];
        &self.all[start as usize..end as usize]
    }

    /// The one of a concept with the context and unit of another; numbers have no language.
    pub(super) fn beside(&self, concept: u32, other: &Statement) -> Option<&Statement> {
        let of_concept = self.of_concept(concept);
        let at =
            of_concept.binary_search_by_key(&(other.context, other.unit), |it| (it.context, it.unit)).ok()?;
        Some(&of_concept[at])
    }

    /// Its facts in document order; there is at least one.
    pub(super) fn facts(&self, statement: &Statement) -> impl ExactSizeIterator<Item = &'a Fact> + Clone {
        let instance = self.instance();
        let Range { start, end } = statement.facts;
        self.facts[start as usize..end as usize].iter().map(|index| &instance.facts[*index as usize])
    }

    /// What its facts come to.
    pub(super) fn stated<'t>(&self, statement: &'t Statement) -> &'t Stated {
        statement.stated.get_or_init(|| merge(self.facts(statement)))
    }
}

impl Statement {
    /// Whether it has a unit, as numbers have.
    pub(super) fn is_numeric(&self) -> bool {
        self.unit != NONE
    }
}

/// Duplicates agree as the EDGAR Filer Manual, 6.5.12, and XBRL International's note on duplicates have it: values of one
/// accuracy are equal, and there is a number that all of them may have been rounded from.
fn merge<'a>(facts: impl Iterator<Item = &'a Fact> + Clone) -> Stated {
    let has_nil = facts.clone().any(|fact| fact.value == FactValue::Nil);
    let mut merged: Option<StatedAmount> = None;
    let mut by_accuracy: BTreeMap<Accuracy, BigDecimal> = BTreeMap::new();
    for (at, fact) in facts.enumerate().filter(|(_, fact)| fact.value != FactValue::Nil) {
        // A value beside nil is a contradiction, whatever it is.
        if has_nil {
            return Stated::Contradiction;
        }
        let Some(amount) = Amount::of(fact) else { return Stated::Unknown };
        let Some(known) = &mut merged else {
            merged = Some(StatedAmount { amount, narrowed: None, at });
            continue;
        };
        // The same again says nothing new.
        if known.amount == amount {
            continue;
        }
        if by_accuracy.is_empty() {
            by_accuracy.insert(known.amount.accuracy, known.amount.value.clone());
        }
        let of_accuracy = by_accuracy.entry(amount.accuracy).or_insert_with(|| amount.value.clone());
        if *of_accuracy != amount.value && amount.accuracy != Accuracy::Nothing {
            return Stated::Contradiction;
        }
        known.narrowed = match (known.interval(), amount.interval()) {
            (Some(one), Some(other)) => match one.with(other) {
                Some(both) => Some(both),
                None => return Stated::Contradiction,
            },
            (one, other) => one.or(other),
        };
        if amount.accuracy > known.amount.accuracy {
            (known.amount, known.at) = (amount, at);
        }
    }
    merged.map_or(Stated::Nil, Stated::Amount)
}
