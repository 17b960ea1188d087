//! From drafts to facts: references looked up, content joined, transformed, scaled and signed.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use super::capture::{Flow, MAX_VALUE_BYTES, Span};
use super::draft::{Draft, Format, Tag};
use super::footnote::{self, NoteDraft};
use super::transform::{self, Transform};
use super::walk::Walk;
use crate::assembly::Assembly;
use crate::decimal::Sign;
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
                let Fact { concept, file, line, .. } = &draft.fact;
                let place = Place { what: concept, file: *file, line: *line };
                let chain = self.chain(draft.continued_at.clone(), place);
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
        // Facts nest: an inner one ends first.
        self.assembly.instance.names_in_values.sort_by_key(|(fact, _)| *fact);
        self.resolve_notes(total)?;
        self.report_left_over();
        Ok(self.assembly)
    }

    /// Turns the footnotes into such of the instance; values of facts have `total` bytes.
    fn resolve_notes(&mut self, mut total: usize) -> Result<(), Error> {
        let notes = std::mem::take(&mut self.notes);
        for note in &notes {
            let place = Place { what: &"a footnote", file: note.file, line: note.line };
            let chain = self.chain(note.continued_at.clone(), place);
            let spans: Vec<&Span> = std::iter::once(&note.span).chain(&chain).collect();
            total += self.captures.copied_bytes(&spans, NoteDraft::FLOW);
            let content = self.captures.content(&spans, NoteDraft::FLOW);
            total += content.len();
            if total > MAX_VALUE_BYTES {
                let (file, line) = (self.assembly.instance.files[note.file].clone(), note.line);
                return Err(Error::Limit { file, line, what: "values in bytes", limit: MAX_VALUE_BYTES });
            }
            match note.finish(&content) {
                Some(finished) => {
                    self.assembly.footnotes.add(finished, note.id.clone());
                }
                None => {
                    let message = "a footnote says nothing".to_owned();
                    self.assembly.report("footnote-empty", note.file, note.line, message);
                }
            }
        }
        let Assembly { footnotes, instance, .. } = &mut self.assembly;
        footnote::join_named(footnotes, &notes, std::mem::take(&mut self.fact_refs), &instance.files)
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

    /// The continuations from the first on, in order. No two facts share one, so all chains together are linear.
    fn chain(&mut self, mut next: Option<Arc<str>>, place: Place<'_>) -> Vec<Span> {
        let Place { what, file, line } = place;
        let mut spans = Vec::new();
        while let Some(id) = next {
            match self.continuations.get_mut(&id) {
                Some(continuation) if !continuation.is_used => {
                    continuation.is_used = true;
                    spans.push(continuation.span.clone());
                    next = continuation.continued_at.clone();
                }
                Some(_) => {
                    let message = format!("{what} goes on at {id:?}, which is used already");
                    self.assembly.report("continuation-shared", file, line, message);
                    break;
                }
                None => {
                    let message = format!("{what} goes on at {id:?}, which is not there");
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

/// Whose content goes on elsewhere, for messages.
struct Place<'a> {
    what: &'a dyn Display,
    file: usize,
    line: u32,
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
    let number = match (&draft.format, &problem) {
        (Some(_), None) => {
            decimal::scaled(&text, draft.scale, draft.sign).or_else(|| not_decimal(&text, draft.sign))
        }
        // A text that no transformation made may be of any notation; digits alone mean the same in all of them.
        (Some(_), Some(_)) if !text.bytes().all(|byte| byte.is_ascii_digit()) => None,
        // Two minuses: neither reading is what was meant.
        (None, _) if draft.sign == Sign::Negated && text.trim_start().starts_with('-') => None,
        _ => decimal::scaled(&text, draft.scale, draft.sign),
    };
    let problem = problem
        .or_else(|| is_empty.then(|| ("number-empty", "there is nothing between its tags".to_owned())))
        .or_else(|| draft.format.is_none().then(|| not_plain(&text)).flatten())
        .or_else(|| {
            number.is_none().then(|| ("number-invalid", format!("{:?} is no number", shorten(&text))))
        });
    match number {
        Some(number) => (FactValue::Number(Arc::from(&*number)), problem),
        None => (FactValue::Text(Arc::from(&*text)), problem),
    }
}

/// What a number without a format may not be, though it can be read: Inline XBRL 1.1 section 10.1.1 asks for a decimal
/// that is not negative.
fn not_plain(text: &str) -> Problem {
    let reason = match decimal::canonical(text)? {
        number if number.starts_with('-') => "has a minus, which belongs in the attribute sign",
        _ if text.contains(['e', 'E']) => "has an exponent",
        _ => return None,
    };
    Some(("number-invalid", format!("{:?} {reason}", shorten(text))))
}

/// What a transformation may make besides a decimal, with the sign as asked.
fn not_decimal(text: &str, sign: Sign) -> Option<Cow<'static, str>> {
    let value = match (text, sign) {
        ("INF", Sign::AsWritten) | ("-INF", Sign::Negated) => "INF",
        ("-INF", Sign::AsWritten) | ("INF", Sign::Negated) => "-INF",
        ("NaN", _) => "NaN",
        _ => return None,
    };
    Some(Cow::Borrowed(value))
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
