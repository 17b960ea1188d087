//! Contexts: entity, period, dimensions (XBRL 2.1 section 4.7, Dimensions 1.0 section 3).
//!
//! A context that lacks an entity or a period cannot say who or when: it is left out with a diagnostic, and the
//! facts that refer to it stay without a context.

mod period;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::canonical::{self, Content};
use crate::diagnostic::{Diagnostics, shown};
use crate::model::{Container, Context, Dimension, Entity, Member};
use crate::name::ns;
use crate::reader::{Event, MAX_CANONICAL_BYTES, Unprefixed, XmlReader};
use crate::{Diagnostic, Error, QName};
use period::Dates;

/// Reads the `xbrli:context` that was started last, in the instance's file of this number.
pub(crate) fn read(
    reader: &mut XmlReader<'_>,
    id: Arc<str>,
    file: usize,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Context>, Error> {
    let line = reader.line();
    let mut parts = ContextParts {
        id,
        entity: None,
        dates: Dates::default(),
        dimensions: Vec::new(),
        other: Vec::new(),
        canonical_bytes: 0,
        text: String::new(),
    };
    parts.read(reader, diagnostics)?;
    let ContextParts { id, entity, dates, mut dimensions, mut other, .. } = parts;
    other.sort();
    let other = (!other.is_empty()).then(|| reader.intern(&other.join("\n")));

    let mut report = |code, message| diagnostics.push(Diagnostic::new(code, reader.file(), line, message));
    dimensions.sort_by(|a, b| a.axis.cmp(&b.axis));
    dimensions.dedup_by(|later, earlier| {
        let is_duplicate = later.axis == earlier.axis;
        if is_duplicate {
            report(
                "dimension-duplicate",
                format!("context {:?} has {} more than once; the first counts", shown(&id), later.axis),
            );
        }
        is_duplicate
    });
    let Some(entity) = entity else {
        report("context-entity-missing", format!("context {id:?} has no entity identifier"));
        return Ok(None);
    };
    match dates.period() {
        Ok(period) => Ok(Some(Context { id, entity, period, dimensions, other, file, line })),
        Err(reason) => {
            report("context-period-invalid", format!("context {id:?}: {reason}"));
            Ok(None)
        }
    }
}

/// A context half read.
struct ContextParts {
    id: Arc<str>,
    entity: Option<Entity>,
    dates: Dates,
    dimensions: Vec<Dimension>,
    /// What else it holds, each as canonical text.
    other: Vec<String>,
    /// Bytes of canonical text so far.
    canonical_bytes: usize,
    /// The text of the element at hand; one buffer for all of them.
    text: String,
}

impl ContextParts {
    fn read(&mut self, reader: &mut XmlReader<'_>, diagnostics: &mut Diagnostics) -> Result<(), Error> {
        let depth = reader.depth();
        let mut container = Container::Segment;
        while let Some(event) = reader.read()? {
            let mut element = match event {
                Event::Start(element) => element,
                Event::Text(_) => continue,
                Event::End(_) => {
                    if reader.depth() == depth {
                        break;
                    }
                    continue;
                }
            };
            self.text.clear();
            match (element.namespace(), element.local()) {
                (ns::XBRLI, "entity" | "period") => {}
                (ns::XBRLI, "segment") => container = Container::Segment,
                (ns::XBRLI, "scenario") => container = Container::Scenario,
                (ns::XBRLI, "identifier") => {
                    let scheme = element.intern_attribute("scheme");
                    reader.read_text(&mut self.text)?;
                    let scheme = scheme.unwrap_or_else(|| reader.intern(""));
                    self.entity = Some(Entity { scheme, identifier: reader.intern(self.text.trim()) });
                }
                (ns::XBRLI, "instant") => {
                    reader.read_text(&mut self.text)?;
                    self.dates.instant = Some(self.text.clone());
                }
                (ns::XBRLI, "startDate") => {
                    reader.read_text(&mut self.text)?;
                    self.dates.start = Some(self.text.clone());
                }
                (ns::XBRLI, "endDate") => {
                    reader.read_text(&mut self.text)?;
                    self.dates.end = Some(self.text.clone());
                }
                (ns::XBRLI, "forever") => self.dates.is_forever = true,
                (ns::XBRLDI, "explicitMember") => {
                    let axis = element.resolve_attribute("dimension", Unprefixed::DefaultNamespace).flatten();
                    reader.read_text(&mut self.text)?;
                    let member =
                        reader.resolve(&self.text, Unprefixed::DefaultNamespace).map(Member::Explicit);
                    self.add(reader, axis, member, container, diagnostics);
                }
                (ns::XBRLDI, "typedMember") => {
                    let axis = element.resolve_attribute("dimension", Unprefixed::DefaultNamespace).flatten();
                    let member = self.read_typed(reader)?;
                    self.add(reader, axis, member, container, diagnostics);
                }
                _ => {
                    let message = format!(
                        "context {:?} holds <{}>, which is no dimension",
                        shown(&self.id),
                        element.raw_name()
                    );
                    diagnostics.push(Diagnostic::new(
                        "context-content-unknown",
                        reader.file(),
                        reader.line(),
                        message,
                    ));
                    let content = self.read_canonical(reader)?;
                    let at = if container == Container::Segment { "segment" } else { "scenario" };
                    self.other.push(format!("{at}:{}", content.markup));
                }
            }
        }
        Ok(())
    }

    /// Reads the element that was started last as canonical text.
    fn read_canonical(&mut self, reader: &mut XmlReader<'_>) -> Result<Content, Error> {
        let content = canonical::read(reader)?;
        self.canonical_bytes += content.markup.len();
        if self.canonical_bytes > MAX_CANONICAL_BYTES {
            return Err(reader.limit("content of contexts in bytes", MAX_CANONICAL_BYTES));
        }
        Ok(content)
    }

    /// Reads the content of a `xbrldi:typedMember`: one element, whose text is the value, or itself where there is more to it.
    fn read_typed(&mut self, reader: &mut XmlReader<'_>) -> Result<Option<Member>, Error> {
        let depth = reader.depth();
        let mut member = None;
        while let Some(event) = reader.read()? {
            match event {
                Event::Start(element) if member.is_none() => {
                    let (name, is_nil) = (element.name().clone(), element.is_nil());
                    let content = self.read_canonical(reader)?;
                    let value = if content.is_plain { content.text } else { content.markup };
                    let value = if is_nil { reader.intern("") } else { reader.intern(&value) };
                    member = Some(Member::Typed { element: name, value, is_nil });
                }
                Event::Start(_) => reader.skip()?,
                Event::Text(_) => {}
                Event::End(_) => {
                    if reader.depth() == depth {
                        break;
                    }
                }
            }
        }
        Ok(member)
    }

    fn add(
        &mut self,
        reader: &XmlReader<'_>,
        axis: Option<QName>,
        member: Option<Member>,
        container: Container,
        diagnostics: &mut Diagnostics,
    ) {
        match (axis, member) {
            (Some(axis), Some(member)) => self.dimensions.push(Dimension { axis, member, container }),
            _ => {
                let message = format!(
                    "a dimension of context {:?} lacks a name in scope as axis or member",
                    shown(&self.id)
                );
                diagnostics.push(Diagnostic::new("dimension-invalid", reader.file(), reader.line(), message));
            }
        }
    }
}
