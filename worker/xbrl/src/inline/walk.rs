//! One pass over each document of a set, collecting drafts, captures, continuations, contexts and units.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::capture::{Captures, Flow, MAX_VALUE_BYTES, Span};
use super::draft::{Draft, Tag, diagnostic};
use super::footnote::{self, FactRefs, NoteDraft};
use crate::assembly::{Assembly, MAX_FACTS};
use crate::model::Source;
use crate::name::ns;
use crate::reader::{Event, MAX_TEXT_BYTES, XmlReader};
use crate::{Error, value_name};

/// Exclusions of one report. Every tag around one looks at it, and a thousand tags may be around all of them; real reports
/// have some hundreds.
const MAX_EXCLUDES: usize = 100_000;

/// What was collected so far.
pub(super) struct Walk {
    pub(super) assembly: Assembly,
    pub(super) captures: Captures,
    /// Facts in the order of their start tags.
    pub(super) drafts: Vec<Draft>,
    /// Footnotes in the order of their start tags.
    pub(super) notes: Vec<NoteDraft>,
    /// Facts that name their footnotes.
    pub(super) fact_refs: Vec<FactRefs>,
    pub(super) continuations: HashMap<Arc<str>, Continuation>,
    /// Continuations of facts of other targets.
    pub(super) other_chains: Vec<Arc<str>>,
    /// Whether there was any Inline XBRL element.
    pub(super) is_inline: bool,
    /// Flows of continuations that were announced.
    announced: HashMap<Arc<str>, Flow>,
    /// The target that is read; the default one has no name.
    target: Arc<str>,
    open: Vec<Open>,
}

/// An `ix:continuation`.
pub(super) struct Continuation {
    pub(super) span: Span,
    pub(super) flow: Flow,
    pub(super) continued_at: Option<Arc<str>>,
    pub(super) file: usize,
    pub(super) line: u32,
    /// Whether some chain has it.
    pub(super) is_used: bool,
}

/// An open element that means something to Inline XBRL.
struct Open {
    depth: usize,
    what: What,
}

enum What {
    /// A fact, by its index in the drafts.
    Fact(usize),
    /// A numerator or denominator of the draft with that index.
    Term(usize, Box<Draft>),
    /// A footnote, by its index.
    Note(usize),
    Continuation(Arc<str>),
    /// An `ix:exclude` or a header, by its number in the captures.
    Exclude(usize),
    /// `ix:references` of a target that is not read.
    OtherReferences,
    /// A fact of a target that is not read.
    OtherFact,
    /// An element of Inline XBRL without a value of its own.
    Plain,
}

impl Walk {
    pub(super) fn new(target: &str) -> Self {
        Self {
            assembly: Assembly::new(Source::Inline),
            captures: Captures::default(),
            drafts: Vec::new(),
            notes: Vec::new(),
            fact_refs: Vec::new(),
            continuations: HashMap::new(),
            other_chains: Vec::new(),
            is_inline: false,
            announced: HashMap::new(),
            target: target.into(),
            open: Vec::new(),
        }
    }

    /// Reads a whole document.
    pub(super) fn read(&mut self, reader: &mut XmlReader<'_>) -> Result<(), Error> {
        let file = self.assembly.add_file(reader);
        let mut is_root = true;
        while let Some(event) = reader.read()? {
            match event {
                Event::Text(text) if text.len() > MAX_TEXT_BYTES => {
                    return Err(reader.limit("text of one element", MAX_TEXT_BYTES));
                }
                Event::Text(text) => {
                    self.captures.text(text);
                    if self.captures.bytes() > MAX_VALUE_BYTES {
                        return Err(reader.limit("values in bytes", MAX_VALUE_BYTES));
                    }
                }
                Event::End(raw_name) => {
                    let is_ours = self.open.last().is_some_and(|open| open.depth == reader.depth());
                    match self.open.pop_if(|_| is_ours) {
                        Some(Open { what: What::Fact(index), .. }) => {
                            self.close(What::Fact(index));
                            self.read_name(reader, index);
                        }
                        Some(open) => self.close(open.what),
                        None => self.captures.end_element(raw_name),
                    }
                }
                Event::Start(element) => {
                    if is_root {
                        is_root = false;
                        self.assembly.add_prefixes(&element);
                    }
                    match element.namespace() {
                        ns::IX | ns::IX_1_0 => {
                            self.is_inline = true;
                            if let Some(what) = self.start(reader, file)? {
                                self.open.push(Open { depth: reader.depth(), what });
                            }
                        }
                        ns::XBRLI | ns::LINK => self.read_resource(reader, file)?,
                        _ => self.captures.start(&element),
                    }
                }
            }
        }
        Ok(())
    }

    /// An Inline XBRL element starts. `None` when it was read to its end here.
    fn start(&mut self, reader: &mut XmlReader<'_>, file: usize) -> Result<Option<What>, Error> {
        if self.drafts.len() + self.notes.len() + self.continuations.len() >= MAX_FACTS {
            return Err(reader.limit("number of tags with text", MAX_FACTS));
        }
        if self.captures.excludes() >= MAX_EXCLUDES {
            return Err(reader.limit("number of exclusions", MAX_EXCLUDES));
        }
        let mut element = reader.element();
        let line = element.line();
        let tag = match element.local() {
            "nonNumeric" => Tag::NonNumeric,
            "nonFraction" => Tag::NonFraction,
            "fraction" | "numerator" | "denominator" => Tag::Fraction,
            "continuation" => {
                let Some(id) = element.intern_attribute("id") else { return Ok(Some(What::Plain)) };
                let continued_at = element.intern_attribute("continuedAt");
                return Ok(Some(self.start_continuation(id, continued_at, file, line)));
            }
            "header" | "exclude" => return Ok(Some(What::Exclude(self.captures.open_exclude()))),
            "references" => {
                let is_other = element.attribute("target").unwrap_or_default().trim() != &*self.target;
                return Ok(Some(if is_other { What::OtherReferences } else { What::Plain }));
            }
            "relationship" => {
                footnote::read_relationship(&mut self.assembly.footnotes, reader, file)?;
                reader.skip()?;
                return Ok(None);
            }
            "tuple" => {
                if let Some(id) = element.intern_attribute("id") {
                    self.assembly.footnotes.add_other(id);
                }
                return Ok(Some(What::Plain));
            }
            "hidden" | "resources" => return Ok(Some(What::Plain)),
            "footnote" => {
                let mut note = NoteDraft::new(&mut element, file);
                note.span = self.captures.open(NoteDraft::FLOW);
                if let Some(next) = &note.continued_at {
                    self.announced.insert(next.clone(), NoteDraft::FLOW);
                }
                self.notes.push(note);
                return Ok(Some(What::Note(self.notes.len() - 1)));
            }
            unknown => {
                let message = format!("<{unknown}> is no element of Inline XBRL");
                self.assembly.report("inline-element-unknown", file, line, message);
                return Ok(Some(What::Plain));
            }
        };
        let is_term = tag == Tag::Fraction && element.local() != "fraction";
        // A numerator or denominator goes with its fraction, whatever it says itself.
        if !is_term && element.attribute("target").unwrap_or_default().trim() != &*self.target {
            let target = element.intern_attribute("target").unwrap_or_default();
            self.other_chains.extend(element.intern_attribute("continuedAt"));
            if let Some(id) = element.intern_attribute("id") {
                self.assembly.footnotes.add_other(id);
            }
            self.assembly.count_of_target(target);
            return Ok(Some(What::OtherFact));
        }
        let mut findings = Vec::new();
        let notes = footnote::ids(&mut element, "footnoteRefs");
        if !notes.is_empty() && !is_term {
            self.fact_refs.push(FactRefs { fact: self.drafts.len(), notes, file, line });
        }
        let mut draft = Draft::new(&mut element, tag, file, &mut findings);
        for finding in findings {
            self.assembly.diagnostics.push(diagnostic(finding, reader.file(), line));
        }
        draft.span = self.captures.open(draft.flow);
        if let Some(next) = &draft.continued_at {
            self.announced.insert(next.clone(), draft.flow);
        }
        if !is_term {
            self.drafts.push(draft);
            return Ok(Some(What::Fact(self.drafts.len() - 1)));
        }
        let fraction = self.open.iter().rev().find_map(|open| match open.what {
            What::Fact(index) if self.drafts[index].tag == Tag::Fraction => Some(index),
            _ => None,
        });
        match fraction {
            Some(index) => Ok(Some(What::Term(index, Box::new(draft)))),
            None if self.open.iter().any(|open| matches!(open.what, What::OtherFact)) => {
                self.captures.close(draft.flow, &mut draft.span);
                Ok(Some(What::Plain))
            }
            None => {
                self.captures.close(draft.flow, &mut draft.span);
                let message = "a numerator or denominator outside a fraction".to_owned();
                self.assembly.report("fraction-invalid", file, line, message);
                Ok(Some(What::Plain))
            }
        }
    }

    fn start_continuation(
        &mut self,
        id: Arc<str>,
        continued_at: Option<Arc<str>>,
        file: usize,
        line: u32,
    ) -> What {
        let flow = self.announced.get(&id).copied().unwrap_or(Flow::Both);
        if let Some(next) = &continued_at {
            self.announced.insert(next.clone(), flow);
        }
        if self.continuations.contains_key(&id) {
            let message = format!("continuation {id:?} is there twice; the first counts");
            self.assembly.report("continuation-duplicate", file, line, message);
            return What::Plain;
        }
        let span = self.captures.open(flow);
        let continuation = Continuation { span, flow, continued_at, file, line, is_used: false };
        self.continuations.insert(id.clone(), continuation);
        What::Continuation(id)
    }

    /// Contexts, units and references to schemas and linkbases; nothing else of those namespaces has a meaning here.
    fn read_resource(&mut self, reader: &mut XmlReader<'_>, file: usize) -> Result<(), Error> {
        let mut element = reader.element();
        match (element.namespace(), element.local()) {
            (ns::XBRLI, "context") => {
                let id = element.intern_attribute("id");
                self.assembly.read_context(reader, id, file)
            }
            (ns::XBRLI, "unit") => {
                let id = element.intern_attribute("id");
                self.assembly.read_unit(reader, id, file)
            }
            (ns::LINK, "schemaRef" | "linkbaseRef") => {
                if !self.open.iter().any(|open| matches!(open.what, What::OtherReferences)) {
                    self.assembly.add_reference(&element, file);
                }
                reader.skip()
            }
            _ => reader.skip(),
        }
    }

    /// Looks up what the content of the fact that just ended means where it is a name.
    fn read_name(&mut self, reader: &mut XmlReader<'_>, index: usize) {
        let draft = &self.drafts[index];
        if draft.tag != Tag::NonNumeric {
            return;
        }
        let content = self.captures.content(&[&draft.span], draft.flow);
        if let Some(name) = value_name::read(reader, &content) {
            self.assembly.instance.names_in_values.push((index, name));
        }
    }

    fn close(&mut self, what: What) {
        match what {
            What::Fact(index) => {
                let draft = &mut self.drafts[index];
                self.captures.close(draft.flow, &mut draft.span);
            }
            What::Term(index, mut draft) => {
                self.captures.close(draft.flow, &mut draft.span);
                self.drafts[index].terms.push(*draft);
            }
            What::Continuation(id) => {
                if let Some(continuation) = self.continuations.get_mut(&id) {
                    self.captures.close(continuation.flow, &mut continuation.span);
                }
            }
            What::Note(index) => self.captures.close(NoteDraft::FLOW, &mut self.notes[index].span),
            What::Exclude(number) => self.captures.close_exclude(number),
            What::OtherReferences | What::OtherFact | What::Plain => {}
        }
    }
}
