//! Facts one by one: a concept somebody declares, a period of its kind, an accuracy.

use super::declared::{Declared, shown};
use super::subject::Subjects;
use crate::Tally;
use crate::model::{FactValue, Period};
use crate::taxonomy::{ElementDeclaration, PeriodType};

pub(super) fn check(subjects: &Subjects<'_>, declared: &mut Declared<'_>, tally: &mut Tally) {
    let instance = subjects.instance;
    // One look-up for each concept, however many facts it has.
    let mut declarations: Vec<Option<Option<&ElementDeclaration>>> = vec![None; subjects.concepts.len()];
    for (fact, concept) in instance.facts.iter().zip(&subjects.concept_of) {
        let file = &instance.files[fact.file];
        // A fraction and a text that is no number are kept as texts, and have no decimals.
        if fact.is_numeric && matches!(fact.value, FactValue::Number(_)) {
            let (code, has) = match (&fact.decimals, &fact.precision) {
                (None, None) => ("accuracy-missing", "neither decimals nor precision"),
                (Some(_), Some(_)) => ("accuracy-double", "both decimals and precision"),
                _ => ("", ""),
            };
            if !code.is_empty() {
                tally.add(code, file, fact.line, || {
                    format!("{} has {has}", shown(declared.dts, &fact.concept))
                });
            }
        }
        let declaration = *declarations[*concept as usize]
            .get_or_insert_with(|| declared.declaration(&fact.concept, (fact.file, fact.line)));
        let period_type = declaration.and_then(|declaration| declaration.period_type);
        let Some(context) = fact.context.map(|context| &instance.contexts[context]) else { continue };
        let is_instant = matches!(context.period, Period::Instant(_));
        if period_type.is_some_and(|wanted| (wanted == PeriodType::Instant) != is_instant) {
            tally.add("period-type-wrong", file, fact.line, || {
                let wanted = period_type.map_or("", PeriodType::as_str);
                let is = match context.period {
                    Period::Instant(_) => "an instant",
                    Period::Duration { .. } => "a duration",
                    Period::Forever => "forever",
                };
                let name = shown(declared.dts, &fact.concept);
                format!("{name} is of period type {wanted}, and its context {:?} is {is}", context.id)
            });
        }
    }
}
