//! Facts that say something else of the same thing.
//!
//! Numbers contradict each other when there is none that all of them may have been rounded from, texts when they differ
//! in more than white space. Of values that may be written in more ways than that, dates are compared, and booleans, of
//! which values by type have one spelling.

use foldhash::{HashSet, HashSetExt};

use super::declared::shown;
use super::statement::{Stated, Statement, Statements};
use crate::Tally;
use crate::model::{Fact, FactValue};
use crate::taxonomy::{BaseType, Dts};

/// Values that a message names.
const SHOWN_VALUES: usize = 4;
/// Characters of a value that a message shows.
const SHOWN_CHARS: usize = 40;

pub(super) fn check(statements: &Statements<'_, '_>, dts: &Dts, tally: &mut Tally) {
    for statement in statements.all() {
        let mut facts = statements.facts(statement);
        if facts.len() < 2 {
            continue;
        }
        let Some(first) = facts.next() else { continue };
        // Mostly they are the same in every letter, and then nothing is reckoned.
        if facts.all(|fact| fact.value == first.value) || !contradict(statements, statement, dts) {
            continue;
        }
        let file = &statements.instance().files[first.file];
        tally.add("duplicates-inconsistent", file, first.line, || {
            let id = first.context.map_or("", |context| &*statements.instance().contexts[context].id);
            let values = values(statements.facts(statement));
            format!("{} is stated differently for context {id:?}: {values}", shown(dts, &first.concept))
        });
    }
}

fn contradict(statements: &Statements<'_, '_>, statement: &Statement, dts: &Dts) -> bool {
    if statement.is_numeric() {
        return matches!(statements.stated(statement), Stated::Contradiction);
    }
    let mut facts = statements.facts(statement);
    let Some(first) = facts.next() else { return false };
    if facts.clone().any(|fact| (fact.value == FactValue::Nil) != (first.value == FactValue::Nil)) {
        return true;
    }
    let base = dts.concept(&first.concept).and_then(|concept| concept.item_type.base);
    let differ: fn(&str, &str) -> bool = match base {
        Some((_, BaseType::String | BaseType::Uri | BaseType::Boolean)) => {
            |a, b| !a.split_whitespace().eq(b.split_whitespace())
        }
        Some((_, BaseType::Date)) => |a, b| date(a) != date(b),
        _ => return false,
    };
    facts.any(|fact| differ(fact.value.as_str(), first.value.as_str()))
}

/// A day is one without its midnight, and time zones say nothing in filings.
fn date(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_suffix('Z').unwrap_or(text);
    text.strip_suffix("T00:00:00").unwrap_or(text)
}

/// The distinct values with the lines of their first facts.
fn values<'a>(facts: impl Iterator<Item = &'a Fact>) -> String {
    let mut seen = HashSet::new();
    let mut shown = Vec::new();
    for fact in facts.filter(|fact| seen.insert((fact.value.as_str(), fact.value == FactValue::Nil))) {
        if shown.len() == SHOWN_VALUES {
            shown.push("…".to_owned());
            break;
        }
        let value = match &fact.value {
            FactValue::Nil => "nil".to_owned(),
            FactValue::Number(number) => cut(number),
            FactValue::Text(text) => format!("{:?}", cut(text)),
        };
        let decimals = fact.decimals.as_deref().map(|decimals| format!(", decimals {decimals}"));
        shown.push(format!("{value} (line {}{})", fact.line, decimals.unwrap_or_default()));
    }
    shown.join(", ")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
