//! Which of a filing's reports is read: the one that says it is of the filing's form.
//!
//! Nearly every filing holds one. Where there are more (a fee exhibit, a plan, a second instance, another target), all
//! are read as far as their facts, one is chosen and the others are named: none is left out without a word.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use edgraph_shared::failure::Failure;
use edgraph_shared::manifest::OtherReport;
use edgraph_xbrl::model::Instance;
use edgraph_xbrl::{Diagnostic, Error, inline, instance};

use super::own_files::{OwnFiles, parsing, readable};
use crate::filing::{Candidate, SourceKind};
use crate::rows;

/// Targets of one document set that are read; real ones have one or two, and each is a reading of all its documents.
const MAX_TARGETS: usize = 10;
/// Names shown when there is no instance.
const SHOWN_NAMES: usize = 20;

/// What a report was read from.
#[derive(Clone, Debug)]
pub struct Source {
    /// What its documents are.
    pub kind: SourceKind,
    /// Its documents by name, the primary document first.
    pub documents: Vec<String>,
    /// The reports that were not chosen.
    pub others: Vec<OtherReport>,
}

impl Source {
    /// The document that stands for the source in manifest and URIs.
    pub fn document(&self) -> &str {
        &self.documents[0]
    }
}

/// The report that was chosen.
pub(super) struct Choice {
    pub(super) source: Source,
    pub(super) instance: Instance,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// One report as read.
struct Reading<'a> {
    candidate: &'a Candidate,
    target: String,
    instance: Instance,
    diagnostics: Vec<Diagnostic>,
}

/// Reads the candidates and chooses.
///
/// # Errors
/// Permanent when there is none, and when one that cannot be read may be the one.
pub(super) fn read(
    filing: &str,
    own: &OwnFiles,
    candidates: &[Candidate],
    form: &str,
) -> Result<Choice, Failure> {
    let nothing =
        || Failure::permanent(format!("filing {filing} has no XBRL instance: found {}", shown(own)));
    let mut readings = Vec::new();
    let mut unreadable = Vec::new();
    for candidate in candidates {
        match read_all(own, candidate) {
            Ok(read) => readings.extend(read),
            Err(failure) => unreadable.push((candidate, failure)),
        }
    }
    // The first of the best: candidates come likeliest first.
    let best = (0..readings.len()).max_by_key(|index| {
        let reading: &Reading<'_> = &readings[*index];
        (reading.likeness(form), !reading.instance.facts.is_empty(), Reverse(*index))
    });
    let is_of_form = |index: usize| form.is_empty() || readings[index].likeness(form) > 0;
    let best = match (best, unreadable.is_empty()) {
        (Some(best), false) if is_of_form(best) => best,
        (_, false) => return Err(unreadable.swap_remove(0).1),
        (Some(best), true) => best,
        (None, true) => return Err(nothing()),
    };
    let Reading { candidate, instance, mut diagnostics, .. } = readings.remove(best);
    let others: Vec<OtherReport> = readings.iter().map(Reading::named).collect();
    let mut say = |name: &str, message: String| {
        diagnostics.push(Diagnostic::new("report-not-loaded", &own.url(name).into(), 0, message));
    };
    for other in &others {
        say(&other.documents[0], format!("a report beside the one of the filing's form: {other}"));
    }
    for (candidate, failure) in unreadable {
        say(&candidate.documents[0], format!("a report that cannot be read: {}", failure.message));
    }
    let source = Source { kind: candidate.kind, documents: candidate.documents.clone(), others };
    Ok(Choice { source, instance, diagnostics })
}

/// The reports of a candidate: one for each target.
fn read_all<'a>(own: &OwnFiles, candidate: &'a Candidate) -> Result<Vec<Reading<'a>>, Failure> {
    let Some(default) = read_target(own, candidate, "")? else { return Ok(Vec::new()) };
    let targets: Vec<_> = default.instance.other_targets.keys().cloned().collect();
    if targets.len() > MAX_TARGETS {
        let documents = candidate.documents.join(", ");
        let message = format!("{documents}: {} targets, the limit is {MAX_TARGETS}", targets.len());
        return Err(Failure::permanent(message));
    }
    let mut readings = vec![default];
    for target in targets {
        readings.extend(read_target(own, candidate, &target)?);
    }
    // A default target without facts is no report where another has them.
    if readings.len() > 1 && readings[0].instance.facts.is_empty() {
        readings.remove(0);
    }
    Ok(readings)
}

/// `None` for pages that declare Inline XBRL and use none of it.
fn read_target<'a>(
    own: &OwnFiles,
    candidate: &'a Candidate,
    target: &str,
) -> Result<Option<Reading<'a>>, Failure> {
    let mut documents = Vec::new();
    for name in &candidate.documents {
        let file = own.named(name);
        documents.push(file.ok_or_else(|| Failure::permanent(format!("the filing has no file {name}")))?);
    }
    let documents: Vec<(&str, &[u8])> = documents.iter().map(|(url, bytes)| (&**url, &**bytes)).collect();
    let parsed: Result<_, Error> = parsing(|| match candidate.kind {
        SourceKind::Inline => inline::parse_target(&documents, target),
        SourceKind::Instance => instance::parse(documents[0].0, documents[0].1),
    })?;
    match parsed {
        Ok((instance, diagnostics)) => {
            Ok(Some(Reading { candidate, target: target.to_owned(), instance, diagnostics }))
        }
        Err(Error::NotXbrl { .. }) => Ok(None),
        Err(error) => Err(Failure::permanent(readable(&error))),
    }
}

impl Reading<'_> {
    /// How well what it says of itself fits a form: 2 for the form, 1 but for an amendment's ending, 0 otherwise.
    fn likeness(&self, form: &str) -> u8 {
        let plain = |form: &str| form.trim().trim_end_matches("/A").to_ascii_uppercase();
        match rows::document_type(&self.instance) {
            Some(said) if said.trim().eq_ignore_ascii_case(form.trim()) => 2,
            Some(said) if plain(said) == plain(form) => 1,
            _ => 0,
        }
    }

    fn named(&self) -> OtherReport {
        OtherReport {
            documents: self.candidate.documents.clone(),
            target: self.target.clone(),
            document_type: rows::document_type(&self.instance).map(str::to_owned),
            facts: self.instance.facts.len() as u64,
        }
    }
}

fn shown(own: &OwnFiles) -> String {
    let names = own.names();
    let mut shown = names[..names.len().min(SHOWN_NAMES)].to_vec();
    if names.len() > SHOWN_NAMES {
        shown.push("…");
    }
    if shown.is_empty() { "no files".to_owned() } else { shown.join(", ") }
}
