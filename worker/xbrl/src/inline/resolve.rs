//! From drafts to facts: references looked up, content joined, transformed, scaled and signed.

use std::borrow::Cow;
use std::sync::Arc;

use super::MAX_VALUE_BYTES;
use super::capture::{Flow, Span};
use super::draft::{Draft, Format, Tag};
use super::transform::{self, Transform};
use super::walk::Walk;
use crate::assembly::Assembly;
use crate::model::{Fact, FactValue};
use crate::{Error, decimal};

impl Walk {
    /// Turns everything that was collected into an instance.
    pub(super) fn resolve(mut self) -> Result<Assembly, Error> {
        let mut total = 0;
        for mut draft in std::mem::take(&mut self.drafts) {
            self.look_up(&mut draft);
            let over = |total: usize, walk: &Self| {
                let (file, line) = (walk.assembly.instance.files[draft.fact.file].clone(), draft.fact.line);
                let limit = Error::Limit { file, line, what: "values in bytes", limit: MAX_VALUE_BYTES };
                if total > MAX_VALUE_BYTES { Err(limit) } else { Ok(()) }
            };
            if !draft.is_nil {
                let chain = self.chain(&draft);
                let spans: Vec<&Span> = std::iter::once(&draft.span).chain(&chain).collect();
                // What is copied counts too, though a transformation may make little of it.
                total += self.captures.copied_bytes(&spans, draft.flow);
                over(total, &self)?;
                let value = self.value(&draft, &spans);
                total += value.as_str().len();
                over(total, &self)?;
                draft.fact.value = value;
            }
            self.assembly.instance.facts.push(draft.fact);
        }
        self.report_left_over();
        Ok(self.assembly)
    }

    fn look_up(&mut self, draft: &mut Draft) {
        let fact = &mut draft.fact;
        match draft.context.as_deref().map(|id| (id, self.assembly.context(id))) {
            Some((_, Some(context))) => fact.context = context,
            Some((id, None)) => {
                let message = format!("{} refers to context {id:?}, which is not there", fact.concept);
                self.assembly.report("context-missing", fact.file, fact.line, message);
            }
            None => {
                let message = format!("{} has no contextRef", fact.concept);
                self.assembly.report("context-missing", fact.file, fact.line, message);
            }
        }
        match draft.unit.as_deref().map(|id| (id, self.assembly.unit(id))) {
            Some((_, Some(unit))) => fact.unit = Some(unit),
            Some((id, None)) => {
                let message = format!("{} refers to unit {id:?}, which is not there", fact.concept);
                self.assembly.report("unit-missing", fact.file, fact.line, message);
            }
            None if fact.is_numeric => {
                let message = format!("{} is numeric and has no unitRef", fact.concept);
                self.assembly.report("unit-missing", fact.file, fact.line, message);
            }
            None => {}
        }
    }

    fn value(&mut self, draft: &Draft, spans: &[&Span]) -> FactValue {
        let written = self.captures.content(spans, draft.flow);
        let (value, problem) = match draft.tag {
            Tag::NonNumeric => text_value(draft, written),
            Tag::NonFraction => number_value(draft, written),
            Tag::Fraction => {
                let term = |term: &Draft| {
                    let (value, problem) =
                        number_value(term, self.captures.content(&[&term.span], Flow::Plain));
                    (value.as_str().to_owned(), problem)
                };
                let terms: Vec<_> = draft.terms.iter().map(term).collect();
                let problem = match terms.len() {
                    2 => {
                        let kept = ("number-invalid", decimal::KEPT_FRACTION.to_owned());
                        terms.iter().find_map(|(_, problem)| problem.clone()).or(Some(kept))
                    }
                    count => Some(("fraction-invalid", format!("a fraction of {count} terms"))),
                };
                let texts: Vec<_> = terms.into_iter().map(|(text, _)| text).collect();
                (FactValue::Text(Arc::from(texts.join("/"))), problem)
            }
        };
        if let Some((code, reason)) = problem {
            let Fact { concept, file, line, .. } = &draft.fact;
            self.assembly.report(code, *file, *line, format!("{concept}: {reason}"));
        }
        value
    }

    /// The continuations of a fact, in order. No two facts share one, so all chains together are linear.
    fn chain(&mut self, draft: &Draft) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut next = draft.continued_at.clone();
        while let Some(id) = next {
            let (file, line) = (draft.fact.file, draft.fact.line);
            match self.continuations.get_mut(&id) {
                Some(continuation) if !continuation.is_used => {
                    continuation.is_used = true;
                    spans.push(continuation.span.clone());
                    next = continuation.continued_at.clone();
                }
                Some(_) => {
                    let message = format!("{} goes on at {id:?}, which is used already", draft.fact.concept);
                    self.assembly.report("continuation-shared", file, line, message);
                    break;
                }
                None => {
                    let message = format!("{} goes on at {id:?}, which is not there", draft.fact.concept);
                    self.assembly.report("continuation-missing", file, line, message);
                    break;
                }
            }
        }
        spans
    }

    fn report_left_over(&mut self) {
        for chain in std::mem::take(&mut self.other_chains) {
            let mut next = Some(chain);
            while let Some(continuation) = next.and_then(|id| self.continuations.get_mut(&id)) {
                if std::mem::replace(&mut continuation.is_used, true) {
                    break;
                }
                next = continuation.continued_at.clone();
            }
        }
        let mut unused: Vec<_> = self
            .continuations
            .iter()
            .filter(|(_, continuation)| !continuation.is_used)
            .map(|(id, continuation)| (continuation.file, continuation.line, id.clone()))
            .collect();
        unused.sort();
        for (file, line, id) in unused {
            self.assembly.report("continuation-unused", file, line, format!("no fact goes on at {id:?}"));
        }
    }
}

/// Why a value is not what its tag promised: a diagnostic's code, and a reason.
type Problem = Option<(&'static str, String)>;

fn text_value(draft: &Draft, written: Cow<'_, str>) -> (FactValue, Problem) {
    let (text, problem) = transformed(draft, written);
    (FactValue::Text(Arc::from(&*text)), problem)
}

fn number_value(draft: &Draft, written: Cow<'_, str>) -> (FactValue, Problem) {
    // Inline XBRL 1.1 section 10.1.1. A transformation such as fixed-zero may make a number of it all the same.
    let is_empty = written.is_empty();
    let (text, problem) = transformed(draft, written);
    let problem = problem
        .or_else(|| is_empty.then(|| ("number-empty", "there is nothing between its tags".to_owned())));
    match decimal::scaled(&text, draft.scale, draft.sign) {
        Some(number) => (FactValue::Number(Arc::from(&*number)), problem),
        None => {
            let reason = format!("{:?} is no number", shorten(&text));
            (FactValue::Text(Arc::from(&*text)), problem.or(Some(("number-invalid", reason))))
        }
    }
}

/// Applies the format. Text that it does not accept is kept as written.
fn transformed<'t>(draft: &Draft, written: Cow<'t, str>) -> (Cow<'t, str>, Problem) {
    let name = match &draft.format {
        None => return (written, None),
        Some(Format::Known(name)) => name,
        Some(Format::Unknown(raw)) => {
            let problem = ("transform-unknown", format!("the prefix of format {raw:?} is not declared"));
            return (written, Some(problem));
        }
    };
    let Some(transform) = transform::find(name) else {
        return (written, Some(("transform-unknown", format!("no transformation {name}"))));
    };
    match Transform::apply(transform, &written) {
        Some(text) => (Cow::Owned(text.into_owned()), None),
        None => {
            let reason = format!("{} does not accept {:?}", name.local, shorten(&written));
            (written, Some(("transform-failed", reason)))
        }
    }
}

fn shorten(text: &str) -> String {
    text.trim().chars().take(40).collect()
}
