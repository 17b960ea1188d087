//! Classic XBRL 2.1 instances, and EDGAR's extraction of inline ones.
//!
//! One pass over the document. Everything below the root that refers to a context is a fact, whatever its namespace
//! and whether a taxonomy declares it; elements around facts are tuples, of which only the facts are kept.

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use crate::assembly::{Assembly, MAX_FACTS};
use crate::footnote;
use crate::markup::{self, ElementContent};
use crate::model::{Fact, FactValue, Instance, Source};
use crate::name::ns;
use crate::reader::{self, Event, XmlElement, XmlReader};
use crate::{Diagnostic, Error, decimal, value_name};

/// Parses an instance. `file` names it in diagnostics and is the base of relative references: a URL or a plain name.
///
/// # Errors
/// [`Error::NotXbrl`] when the root is not `xbrli:xbrl`; [`Error::Malformed`] and [`Error::Limit`] for the XML.
pub fn parse(file: &str, bytes: &[u8]) -> Result<(Instance, Vec<Diagnostic>), Error> {
    let text = reader::decode(file, bytes)?;
    let mut reader = XmlReader::new(file, &text);
    let mut parser =
        Parser { assembly: Assembly::new(Source::Instance), late: Vec::new(), text: String::new() };
    let index = parser.assembly.add_file(&reader);
    match reader.read()? {
        Some(Event::Start(root)) if root.is(ns::XBRLI, "xbrl") => parser.assembly.add_prefixes(&root),
        _ => return Err(reader.not_xbrl("an xbrli:xbrl document")),
    }
    parser.read_body(&mut reader, index)?;
    parser.look_up();
    Ok(parser.assembly.finish())
}

struct Parser {
    assembly: Assembly,
    /// Facts that came before what they refer to.
    late: Vec<Late>,
    /// The content of the fact at hand; one buffer for all of them.
    text: String,
}

struct Late {
    fact: usize,
    context: Option<Arc<str>>,
    unit: Option<Arc<str>>,
}

/// An element without a context reference: a tuple if it turns out to hold elements.
struct Candidate {
    fact: Fact,
    is_nil: bool,
    unit: Option<Arc<str>>,
    text: String,
    has_elements: bool,
}

impl Parser {
    fn read_body(&mut self, reader: &mut XmlReader<'_>, file: usize) -> Result<(), Error> {
        let mut open: Vec<Candidate> = Vec::new();
        while let Some(event) = reader.read()? {
            match event {
                Event::Text(text) => {
                    if let Some(candidate) = open.last_mut().filter(|candidate| !candidate.has_elements) {
                        candidate.text.push_str(text);
                    }
                }
                Event::End(_) => {
                    if self.assembly.instance.facts.len() >= MAX_FACTS {
                        return Err(reader.limit("number of facts", MAX_FACTS));
                    }
                    if let Some(candidate) = open.pop() {
                        self.close(candidate);
                    }
                }
                Event::Start(mut element) => {
                    if let Some(candidate) = open.last_mut() {
                        candidate.has_elements = true;
                    }
                    match (element.namespace(), element.local()) {
                        (ns::LINK, "schemaRef" | "linkbaseRef") => {
                            self.assembly.add_reference(&element, file);
                            reader.skip()?;
                        }
                        (ns::LINK, "footnoteLink") => {
                            let Assembly { footnotes, diagnostics, .. } = &mut self.assembly;
                            footnote::link::read(footnotes, reader, file, diagnostics)?;
                        }
                        (ns::LINK, _) => reader.skip()?,
                        (ns::XBRLI, "context") => {
                            let id = element.intern_attribute("id");
                            self.assembly.read_context(reader, id, file)?;
                        }
                        (ns::XBRLI, "unit") => {
                            let id = element.intern_attribute("id");
                            self.assembly.read_unit(reader, id, file)?;
                        }
                        _ if element.attribute("contextRef").is_some() => self.read_fact(reader, file)?,
                        _ => {
                            let (fact, is_nil) = (draft(&element, file), element.is_nil());
                            let unit = element.intern_attribute("unitRef");
                            open.push(Candidate {
                                fact,
                                is_nil,
                                unit,
                                text: String::new(),
                                has_elements: false,
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads the fact whose element was started last.
    fn read_fact(&mut self, reader: &mut XmlReader<'_>, file: usize) -> Result<(), Error> {
        if self.assembly.instance.facts.len() >= MAX_FACTS {
            return Err(reader.limit("number of facts", MAX_FACTS));
        }
        let mut element = reader.element();
        let (mut fact, is_nil) = (draft(&element, file), element.is_nil());
        let context = element.attribute("contextRef").map(str::trim).unwrap_or_default();
        let mut late = Late { fact: self.assembly.instance.facts.len(), context: None, unit: None };
        match self.assembly.context(context) {
            Some(context) => fact.context = context,
            None => late.context = Some(Arc::from(context)),
        }
        if let Some(unit) = element.intern_attribute("unitRef") {
            fact.unit = self.assembly.unit(&unit);
            late.unit = Some(unit).filter(|_| fact.unit.is_none());
        }
        fact.decimals = element.intern_attribute("decimals");
        fact.precision = element.intern_attribute("precision");
        if late.context.is_some() || late.unit.is_some() {
            self.late.push(late);
        }
        self.text.clear();
        let content = markup::read_content(reader, &mut self.text)?;
        let text = std::mem::take(&mut self.text);
        self.set_value(&mut fact, &text, content, is_nil);
        if !fact.is_numeric
            && let Some(name) = value_name::read(reader, &text)
        {
            self.assembly.instance.names_in_values.push((self.assembly.instance.facts.len(), name));
        }
        self.text = text;
        self.assembly.instance.facts.push(fact);
        Ok(())
    }

    fn set_value(&mut self, fact: &mut Fact, text: &str, content: ElementContent, is_nil: bool) {
        if is_nil {
            return;
        }
        if fact.is_numeric
            && content != ElementContent::Text
            && let Some(terms) = fraction(text)
        {
            fact.value = FactValue::Text(Arc::from(terms));
            let message = format!("{}: {}", fact.concept, decimal::KEPT_FRACTION);
            return self.assembly.report("number-invalid", fact.file, fact.line, message);
        }
        let number =
            if fact.is_numeric && content == ElementContent::Text { decimal::number(text) } else { None };
        fact.value = match number {
            Some(number) => FactValue::Number(Arc::from(&*number)),
            None => FactValue::Text(Arc::from(text)),
        };
        if fact.is_numeric && matches!(fact.value, FactValue::Text(_)) {
            let shown: String = text.trim().chars().take(40).collect();
            let message = format!("the value {shown:?} of {} is no number", fact.concept);
            self.assembly.report("number-invalid", fact.file, fact.line, message);
        }
    }

    /// An element without a context reference ends. With a value but nothing inside it is a fact all the same; a nil one
    /// that refers to nothing is a tuple (XBRL 2.1 section 4.9).
    fn close(&mut self, mut candidate: Candidate) {
        let is_fact = candidate.unit.is_some() || !candidate.text.trim().is_empty();
        if candidate.has_elements || !is_fact {
            if let Some(id) = candidate.fact.id {
                self.assembly.footnotes.add_other(id);
            }
            return;
        }
        let fact = &mut candidate.fact;
        let message = format!("{} has no contextRef", fact.concept);
        self.assembly.report("context-missing", fact.file, fact.line, message);
        if let Some(unit) = candidate.unit {
            self.late.push(Late {
                fact: self.assembly.instance.facts.len(),
                context: None,
                unit: Some(unit),
            });
        }
        self.set_value(fact, &candidate.text, ElementContent::Text, candidate.is_nil);
        self.assembly.instance.facts.push(candidate.fact);
    }

    /// Looks up what came late, and reports what never came.
    fn look_up(&mut self) {
        for late in std::mem::take(&mut self.late) {
            let fact = &self.assembly.instance.facts[late.fact];
            let (file, line, concept) = (fact.file, fact.line, fact.concept.clone());
            if let Some(id) = late.context {
                let context = self.assembly.context(&id);
                if context.is_none() {
                    let message = format!("{concept} refers to context {id:?}, which is not there");
                    self.assembly.report("context-missing", file, line, message);
                }
                self.assembly.instance.facts[late.fact].context = context.flatten();
            }
            if let Some(id) = late.unit {
                let unit = self.assembly.unit(&id);
                if unit.is_none() {
                    let message = format!("{concept} refers to unit {id:?}, which is not there");
                    self.assembly.report("unit-missing", file, line, message);
                }
                self.assembly.instance.facts[late.fact].unit = unit;
            }
        }
    }
}

/// The terms of a fraction (XBRL 2.1 section 4.6.4) from the markup inside its fact, as `1/3`; `None` for other markup.
fn fraction(markup: &str) -> Option<String> {
    let document = format!("<fraction>{markup}</fraction>");
    let mut reader = XmlReader::new("", &document);
    let mut terms: [Option<String>; 2] = [None, None];
    reader.read().ok()?;
    while let Some(event) = reader.read().ok()? {
        let Event::Start(element) = event else { continue };
        let term = match element.raw_name().rsplit(':').next() {
            Some("numerator") => &mut terms[0],
            Some("denominator") => &mut terms[1],
            _ => return None,
        };
        let mut text = String::new();
        reader.read_text(&mut text).ok()?;
        *term = Some(decimal::canonical(&text)?.into_owned());
    }
    let [numerator, denominator] = terms;
    Some(format!("{}/{}", numerator?, denominator?))
}

/// A fact as far as its element alone says; nil until it has a value.
fn draft(element: &XmlElement<'_, '_>, file: usize) -> Fact {
    Fact {
        id: element.attribute("id").map(|id| Arc::from(id.trim())),
        concept: element.name().clone(),
        context: None,
        unit: None,
        is_numeric: element.attribute("unitRef").is_some(),
        value: FactValue::Nil,
        decimals: None,
        precision: None,
        canonical: None,
        language: element.language(),
        file,
        line: element.line(),
    }
}
