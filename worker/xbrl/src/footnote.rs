//! Footnotes: notes, facts and the arcs between them, joined once everything is read.
//!
//! ```text
//! link:footnoteLink ──▶ link ─────┐
//!                                 ├──▶ Footnotes ──▶ resolve ──▶ Instance::footnotes, Instance::footnote_arcs
//! ix:footnote, ix:relationship ───┘
//! ```
//!
//! An arc of another arcrole may lead from one fact to another (`fact-explanatoryFact`) or between footnotes, and any from a
//! tuple or from a fact of a target that is not read: right, and no footnote of a fact. Arcs that lead nowhere and
//! footnotes that no arc leads to are reported; the latter are kept all the same.

pub(crate) mod link;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::diagnostic::Diagnostics;
use crate::model::{Footnote, FootnoteArc, Instance};
use crate::{Diagnostic, Error};

pub(crate) use text::plain;

/// The role of a footnote that does not say one (XBRL 2.1 section 4.11.1.2).
pub(crate) const STANDARD_ROLE: &str = "http://www.xbrl.org/2003/role/footnote";
/// The arcrole of an arc that does not say one: the footnote is about the fact.
pub(crate) const STANDARD_ARCROLE: &str = "http://www.xbrl.org/2003/arcrole/fact-footnote";

/// Pairs of a fact and a footnote in one report. An arc stands for every pair of what bears its labels, so a few
/// kilobytes can ask for billions.
const MAX_PAIRS: usize = 1 << 20;

/// The `order` of an arc, 1 where it says none that is a number.
pub(crate) fn order(written: Option<&str>) -> f64 {
    written.and_then(|text| text.trim().parse().ok()).filter(|order: &f64| order.is_finite()).unwrap_or(1.0)
}

/// Footnotes and arcs half read.
#[derive(Default)]
pub(crate) struct Footnotes {
    notes: Vec<Footnote>,
    by_id: HashMap<Arc<str>, usize>,
    pairs: Vec<Pair>,
    /// Ids of what arcs may lead from though it is no fact that is read: tuples, facts of other targets.
    others: HashSet<Arc<str>>,
}

/// One end of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// What has this id.
    Id(Arc<str>),
    /// The fact with this index.
    Fact(usize),
    /// The footnote with this number.
    Note(usize),
}

/// What an arc says of the pairs it stands for.
#[derive(Clone, Debug)]
pub(crate) struct ArcSays {
    pub(crate) arcrole: Arc<str>,
    pub(crate) order: f64,
    pub(crate) priority: i64,
    /// Whether it takes back equivalent ones of its own or a lower priority (XBRL 2.1 section 3.5.3.9.7).
    pub(crate) is_prohibiting: bool,
    pub(crate) file: usize,
    pub(crate) line: u32,
}

struct Pair {
    from: End,
    to: End,
    says: Arc<ArcSays>,
}

/// Where an end leads.
enum Found {
    Fact(usize),
    Note(usize),
    Other,
    Nothing,
}

impl Footnotes {
    /// Adds a footnote and gives its number. The first of several with one id has it.
    pub(crate) fn add(&mut self, note: Footnote, id: Option<Arc<str>>) -> usize {
        let number = self.notes.len();
        if let Some(id) = id {
            self.by_id.entry(id).or_insert(number);
        }
        self.notes.push(note);
        number
    }

    /// Adds what is no fact and may have footnotes.
    pub(crate) fn add_other(&mut self, id: Arc<str>) {
        self.others.insert(id);
    }

    /// Adds every pair of `from` and `to`.
    ///
    /// # Errors
    /// [`Error::Limit`] where there are more than a report can mean.
    pub(crate) fn join(
        &mut self,
        from: &[End],
        to: &[End],
        says: ArcSays,
        file: &Arc<str>,
    ) -> Result<(), Error> {
        if self.pairs.len() + from.len().saturating_mul(to.len()) > MAX_PAIRS {
            let what = "pairs of facts and footnotes";
            return Err(Error::Limit { file: file.clone(), line: says.line, what, limit: MAX_PAIRS });
        }
        let says = Arc::new(says);
        for from in from {
            for to in to {
                self.pairs.push(Pair { from: from.clone(), to: to.clone(), says: says.clone() });
            }
        }
        Ok(())
    }

    /// Puts footnotes and arcs into the instance whose facts are complete.
    pub(crate) fn resolve(&mut self, instance: &mut Instance, diagnostics: &mut Diagnostics) {
        let Self { notes, by_id, pairs, others } = std::mem::take(self);
        if notes.is_empty() && pairs.is_empty() {
            return;
        }
        let mut facts: HashMap<&str, usize> = HashMap::new();
        for (index, fact) in instance.facts.iter().enumerate() {
            if let Some(id) = &fact.id {
                facts.entry(id).or_insert(index);
            }
        }
        let find = |end: &End| match end {
            End::Fact(fact) => Found::Fact(*fact),
            End::Note(note) => Found::Note(*note),
            End::Id(id) => match (facts.get(&**id), by_id.get(id)) {
                (Some(fact), _) => Found::Fact(*fact),
                (None, Some(note)) => Found::Note(*note),
                (None, None) if others.contains(id) => Found::Other,
                (None, None) => Found::Nothing,
            },
        };
        let files = &instance.files;
        let mut report = |code, file: usize, line, message: String| {
            diagnostics.push(Diagnostic::new(code, &files[file], line, message));
        };
        let mut is_used = vec![false; notes.len()];
        let mut joined = Vec::new();
        for Pair { from, to, says } in &pairs {
            let (from_what, to_what) = (find(from), find(to));
            if let Found::Note(note) = to_what {
                is_used[note] = true;
            }
            match (from_what, to_what) {
                (Found::Fact(fact), Found::Note(note)) => joined.push((fact, note, says)),
                (Found::Nothing, _) => {
                    let message = format!("a footnote leads from {}, which is no fact", name(from));
                    report("footnote-fact-missing", says.file, says.line, message);
                }
                (Found::Note(_), _) if *says.arcrole == *STANDARD_ARCROLE => {
                    let message = format!("a footnote leads from {}, which is a footnote itself", name(from));
                    report("footnote-fact-missing", says.file, says.line, message);
                }
                (_, Found::Nothing) => {
                    let message =
                        format!("{} leads to footnote {}, which is not there", name(from), name(to));
                    report("footnote-missing", says.file, says.line, message);
                }
                (_, Found::Fact(_)) if *says.arcrole == *STANDARD_ARCROLE => {
                    let message = format!("{} leads to {}, which is no footnote", name(from), name(to));
                    report("footnote-missing", says.file, says.line, message);
                }
                (Found::Note(_) | Found::Fact(_) | Found::Other, _) => {}
            }
        }
        for (note, _) in notes.iter().zip(is_used).filter(|(_, is_used)| !is_used) {
            let start: String = note.text.chars().take(40).collect();
            report("footnote-unused", note.file, note.line, format!("no fact has the footnote {start:?}"));
        }
        instance.footnote_arcs = in_effect(&joined);
        instance.footnotes = notes;
    }
}

/// The pairs that no prohibition takes back, each once.
fn in_effect(joined: &[(usize, usize, &Arc<ArcSays>)]) -> Vec<FootnoteArc> {
    let mut prohibited: HashMap<(usize, usize, &str), i64> = HashMap::new();
    for (fact, note, says) in joined.iter().filter(|(_, _, says)| says.is_prohibiting) {
        let highest = prohibited.entry((*fact, *note, &says.arcrole)).or_insert(says.priority);
        *highest = says.priority.max(*highest);
    }
    let mut seen = HashSet::new();
    let mut arcs = Vec::new();
    for (fact, note, says) in joined.iter().filter(|(_, _, says)| !says.is_prohibiting) {
        let prohibition = prohibited.get(&(*fact, *note, &*says.arcrole));
        let is_in_effect = prohibition.is_none_or(|priority| *priority < says.priority);
        if is_in_effect && seen.insert((*fact, *note, &says.arcrole, says.order.to_bits())) {
            let arcrole = says.arcrole.clone();
            arcs.push(FootnoteArc { fact: *fact, footnote: *note, arcrole, order: says.order });
        }
    }
    arcs
}

/// An end as messages name it.
fn name(end: &End) -> String {
    match end {
        End::Id(id) => format!("{id:?}"),
        End::Fact(_) => "a fact".to_owned(),
        End::Note(_) => "one of its link".to_owned(),
    }
}
