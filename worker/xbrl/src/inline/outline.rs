//! Which report an inline document belongs to: the schemas its header names, without its facts.

use std::sync::Arc;

use crate::Error;
use crate::name::ns;
use crate::reader::{self, Event, XmlReader};

/// What an inline document says of its report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// `link:schemaRef/@xlink:href` of every target, made absolute, sorted. Empty for a document that leaves the header
    /// to others of its set.
    pub schema_refs: Vec<Arc<str>>,
}

/// Reads a document as far as its first header with references. `None` for a page that declares Inline XBRL and uses
/// none of it.
///
/// # Errors
/// [`Error::Malformed`] and [`Error::Limit`] for the XML up to there.
pub fn outline(file: &str, bytes: &[u8]) -> Result<Option<Outline>, Error> {
    let text = reader::decode(file, bytes)?;
    let mut reader = XmlReader::new(file, &text);
    let mut found: Option<Outline> = None;
    let mut header = None;
    while let Some(event) = reader.read()? {
        match event {
            Event::Text(_) => {}
            Event::Start(element) => match (element.namespace(), element.local()) {
                (ns::IX | ns::IX_1_0, local) => {
                    let is_header = local == "header";
                    found.get_or_insert_default();
                    if is_header {
                        header = Some(reader.depth());
                    }
                }
                (ns::LINK, "schemaRef") => {
                    let href = element.attribute_ns(ns::XLINK, "href").map(|href| element.absolute(href));
                    found.get_or_insert_default().schema_refs.extend(href);
                }
                _ => {}
            },
            Event::End(_) => {
                let is_done = found.as_ref().is_some_and(|outline| !outline.schema_refs.is_empty());
                if is_done && header == Some(reader.depth()) {
                    break;
                }
            }
        }
    }
    if let Some(outline) = &mut found {
        outline.schema_refs.sort();
        outline.schema_refs.dedup();
    }
    Ok(found)
}
