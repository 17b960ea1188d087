//! `link:footnoteLink`: the footnotes of a classic instance (XBRL 2.1 section 4.11).

use std::sync::Arc;

use foldhash::HashMap;

use super::{ArcSays, End, Footnotes, STANDARD_ARCROLE, STANDARD_ROLE, order, plain};
use crate::diagnostic::Diagnostics;
use crate::markup::{self, ElementContent};
use crate::model::Footnote;
use crate::name::ns;
use crate::reader::{Event, XmlElement, XmlReader};
use crate::{Diagnostic, Error};

/// What bears each label of one link.
type Bearers = HashMap<Arc<str>, Vec<End>>;

/// An arc as written.
struct LinkArc {
    from: Arc<str>,
    to: Arc<str>,
    says: ArcSays,
}

/// What an element of a link is.
enum Part {
    Locator,
    Footnote,
    Arc,
    Other,
}

/// Reads the link that was started last in file number `file`.
pub(crate) fn read(
    footnotes: &mut Footnotes,
    reader: &mut XmlReader<'_>,
    file: usize,
    diagnostics: &mut Diagnostics,
) -> Result<(), Error> {
    let depth = reader.depth();
    let mut bearers = Bearers::default();
    let mut arcs = Vec::new();
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
        match part(&element) {
            Part::Locator => {
                if let (Some(label), Some(target)) = (label(&mut element, "label"), target(&element)) {
                    bearers.entry(label).or_default().push(End::Id(target));
                }
                reader.skip()?;
            }
            Part::Footnote => {
                let label = label(&mut element, "label");
                if let Some(number) = read_note(footnotes, reader, file, diagnostics)?
                    && let Some(label) = label
                {
                    bearers.entry(label).or_default().push(End::Note(number));
                }
            }
            Part::Arc => {
                arcs.extend(arc(&mut element, file));
                reader.skip()?;
            }
            Part::Other => reader.skip()?,
        }
    }
    for LinkArc { from, to, says } in arcs {
        let mut borne = |label: &str| {
            let ends = bearers.get(label).map(Vec::as_slice).unwrap_or_default();
            if ends.is_empty() {
                let message = format!("nothing in its link bears the label {label:?} of a footnote's arc");
                diagnostics.push(Diagnostic::new(
                    "footnote-label-missing",
                    reader.file(),
                    says.line,
                    message,
                ));
            }
            ends
        };
        let (from, to) = (borne(&from), borne(&to));
        footnotes.join(from, to, says, reader.file())?;
    }
    Ok(())
}

/// By its name, or of elements of other namespaces by `xlink:type`.
fn part(element: &XmlElement<'_, '_>) -> Part {
    match (element.namespace(), element.local()) {
        (ns::LINK, "loc") => Part::Locator,
        (ns::LINK, "footnote") => Part::Footnote,
        (ns::LINK, "footnoteArc") => Part::Arc,
        _ => match element.attribute_ns(ns::XLINK, "type").map(str::trim) {
            Some("locator") => Part::Locator,
            Some("resource") => Part::Footnote,
            Some("arc") => Part::Arc,
            _ => Part::Other,
        },
    }
}

/// The value of an attribute of XLink, trimmed; `None` where it is missing or empty.
fn label(element: &mut XmlElement<'_, '_>, local: &str) -> Option<Arc<str>> {
    let written = element.borrowed_ns(ns::XLINK, local).filter(|written| !written.is_empty())?;
    Some(element.intern(&written))
}

/// The id a locator points to; the whole address where it is in another document, in which no fact of this one is.
fn target(element: &XmlElement<'_, '_>) -> Option<Arc<str>> {
    let href = element.attribute_ns(ns::XLINK, "href")?.trim();
    let absolute = element.absolute(href);
    let (document, fragment) = absolute.split_once('#')?;
    if !href.starts_with('#') && *document != *element.document() {
        return Some(absolute);
    }
    let pointed = fragment.strip_prefix("element(").and_then(|rest| rest.strip_suffix(')'));
    Some(Arc::from(pointed.unwrap_or(fragment)))
}

fn arc(element: &mut XmlElement<'_, '_>, file: usize) -> Option<LinkArc> {
    let (from, to) = (label(element, "from")?, label(element, "to")?);
    let arcrole = label(element, "arcrole").unwrap_or_else(|| element.intern(STANDARD_ARCROLE));
    let says = ArcSays {
        arcrole,
        order: order(element.attribute("order")),
        priority: element.attribute("priority").and_then(|text| text.trim().parse().ok()).unwrap_or(0),
        is_prohibiting: element.attribute("use").is_some_and(|usage| usage.trim() == "prohibited"),
        file,
        line: element.line(),
    };
    Some(LinkArc { from, to, says })
}

/// Reads the footnote that was started last; `None` when it says nothing.
fn read_note(
    footnotes: &mut Footnotes,
    reader: &mut XmlReader<'_>,
    file: usize,
    diagnostics: &mut Diagnostics,
) -> Result<Option<usize>, Error> {
    let mut element = reader.element();
    let (id, language, line) = (element.intern_attribute("id"), element.language(), element.line());
    let role = label(&mut element, "role").unwrap_or_else(|| element.intern(STANDARD_ROLE));
    let mut content = String::new();
    let kind = markup::read_content(reader, &mut content)?;
    let (text, markup) = match kind {
        ElementContent::Text => (content.split_whitespace().collect::<Vec<_>>().join(" "), None),
        ElementContent::Markup => (plain(&content), Some(Arc::from(content))),
    };
    if text.is_empty() {
        let message = "a footnote says nothing".to_owned();
        diagnostics.push(Diagnostic::new("footnote-empty", reader.file(), line, message));
        return Ok(None);
    }
    let note = Footnote { text: text.into(), markup, language, role, file, line };
    Ok(Some(footnotes.add(note, id)))
}
