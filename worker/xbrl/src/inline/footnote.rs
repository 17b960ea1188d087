//! Footnotes of inline documents: `ix:footnote` with `ix:relationship` (Inline XBRL 1.1 sections 6 and 13), and
//! `ix:footnote` with the `footnoteRefs` of facts (Inline XBRL 1.0).

use std::sync::Arc;

use super::capture::{Flow, Span};
use crate::Error;
use crate::footnote::{ArcSays, End, Footnotes, STANDARD_ARCROLE, STANDARD_ROLE, order, plain};
use crate::model::Footnote;
use crate::reader::{XmlElement, XmlReader};

/// A footnote whose content is not known yet.
pub(super) struct NoteDraft {
    pub(super) id: Option<Arc<str>>,
    language: Option<Arc<str>>,
    role: Arc<str>,
    /// What it is to the facts that name it, of Inline XBRL 1.0.
    arcrole: Arc<str>,
    pub(super) span: Span,
    pub(super) continued_at: Option<Arc<str>>,
    pub(super) file: usize,
    pub(super) line: u32,
}

/// The footnotes that a fact names itself, of Inline XBRL 1.0.
pub(super) struct FactRefs {
    /// Its index among the facts.
    pub(super) fact: usize,
    pub(super) notes: Vec<Arc<str>>,
    pub(super) file: usize,
    pub(super) line: u32,
}

impl NoteDraft {
    /// The flow that footnotes are taken from: their XHTML is kept.
    pub(super) const FLOW: Flow = Flow::Markup;

    /// Reads the attributes of an `ix:footnote` in file number `file`.
    pub(super) fn new(element: &mut XmlElement<'_, '_>, file: usize) -> Self {
        let mut said = |local: &str| element.intern_attribute(local).filter(|value| !value.is_empty());
        let id = said("footnoteID").or_else(|| said("id"));
        let (role, arcrole, continued_at) = (said("footnoteRole"), said("arcrole"), said("continuedAt"));
        Self {
            id,
            role: role.unwrap_or_else(|| element.intern(STANDARD_ROLE)),
            arcrole: arcrole.unwrap_or_else(|| element.intern(STANDARD_ARCROLE)),
            language: element.language(),
            span: Span::default(),
            continued_at,
            file,
            line: element.line(),
        }
    }

    /// The footnote with its content, which is markup; `None` when it says nothing.
    pub(super) fn finish(&self, content: &str) -> Option<Footnote> {
        let text = plain(content);
        (!text.is_empty()).then(|| Footnote {
            text: text.into(),
            markup: content.contains('<').then(|| content.into()),
            language: self.language.clone(),
            role: self.role.clone(),
            file: self.file,
            line: self.line,
        })
    }
}

/// The ids in a list of them.
pub(super) fn ids(element: &mut XmlElement<'_, '_>, local: &str) -> Vec<Arc<str>> {
    let list = element.intern_attribute(local);
    let ids = list.as_deref().unwrap_or_default().split_ascii_whitespace();
    ids.map(|id| element.intern(id)).collect()
}

/// Takes the arcs of the `ix:relationship` that was started last in file number `file`.
pub(super) fn read_relationship(
    footnotes: &mut Footnotes,
    reader: &mut XmlReader<'_>,
    file: usize,
) -> Result<(), Error> {
    let mut element = reader.element();
    let ends = |ids: Vec<Arc<str>>| ids.into_iter().map(End::Id).collect::<Vec<_>>();
    let (from, to) = (ends(ids(&mut element, "fromRefs")), ends(ids(&mut element, "toRefs")));
    let arcrole = element.intern_attribute("arcrole").filter(|arcrole| !arcrole.is_empty());
    let says = ArcSays {
        arcrole: arcrole.unwrap_or_else(|| element.intern(STANDARD_ARCROLE)),
        order: order(element.attribute("order")),
        priority: 0,
        is_prohibiting: false,
        file,
        line: element.line(),
    };
    footnotes.join(&from, &to, says, reader.file())
}

/// Takes the arcs that facts of Inline XBRL 1.0 say; each footnote says itself what it is to them.
pub(super) fn join_named(
    footnotes: &mut Footnotes,
    notes: &[NoteDraft],
    facts: Vec<FactRefs>,
    files: &[Arc<str>],
) -> Result<(), Error> {
    let arcroles: foldhash::HashMap<&str, &Arc<str>> =
        notes.iter().rev().filter_map(|note| Some((note.id.as_deref()?, &note.arcrole))).collect();
    for FactRefs { fact, notes, file, line } in facts {
        for note in notes {
            let arcrole =
                arcroles.get(&*note).map_or_else(|| STANDARD_ARCROLE.into(), |arcrole| (*arcrole).clone());
            let says = ArcSays { arcrole, order: 1.0, priority: 0, is_prohibiting: false, file, line };
            footnotes.join(&[End::Fact(fact)], &[End::Id(note)], says, &files[file])?;
        }
    }
    Ok(())
}
