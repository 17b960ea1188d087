//! One taxonomy document: bytes in, a schema or a linkbase out.
//!
//! A document is parsed once per process and shared between filings, so nothing here depends on who refers to it.
//! Joining documents is the business of [`super::Loader`] and [`super::Dts`].

use std::sync::Arc;

use super::href::{Href, Leads, MAX_REFERENCES};
use super::linkbase::{self, Linkbase};
use super::parsing::Parsing;
use super::schema::{self, Schema};
use crate::name::ns;
use crate::reader::{Event, XmlElement, decode};
use crate::{Diagnostic, Error};

/// A parsed taxonomy document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its URL, as given to [`parse`].
    pub url: Arc<str>,
    /// What it is.
    pub content: Content,
    /// The distinct documents it leads to (XBRL 2.1 section 3.2), in document order: imports, includes, linkbaseRefs,
    /// locators, roleRefs, arcroleRefs.
    pub references: Vec<Leads>,
    /// What its locators point to, by number.
    pub places: Vec<Href>,
}

/// What a document is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A taxonomy schema, perhaps with linkbases inside.
    Schema(Box<Schema>),
    /// A linkbase.
    Linkbase(Linkbase),
}

impl Document {
    /// The schema, when it is one.
    pub fn schema(&self) -> Option<&Schema> {
        match &self.content {
            Content::Schema(schema) => Some(schema),
            Content::Linkbase(_) => None,
        }
    }

    /// Its linkbases: itself, or those embedded in the schema.
    pub fn linkbases(&self) -> &[Linkbase] {
        match &self.content {
            Content::Schema(schema) => &schema.linkbases,
            Content::Linkbase(linkbase) => std::slice::from_ref(linkbase),
        }
    }
}

/// Parses a schema or a linkbase. `url` is where it was found; relative references are resolved against it.
///
/// # Errors
/// When the bytes are not well-formed XML, are neither a schema nor a linkbase, or exceed a limit of the reader.
/// What is merely wrong inside gives diagnostics.
pub fn parse(url: &str, bytes: &[u8]) -> Result<(Document, Vec<Diagnostic>), Error> {
    let text = decode(url, bytes)?;
    let mut parsing = Parsing::new(url, &text);
    let kind = loop {
        match parsing.reader.read()? {
            Some(Event::Start(root)) => {
                parsing.hrefs.pass(&root);
                break RootKind::of(&root);
            }
            Some(_) => {}
            None => break None,
        }
    };
    let content = match kind {
        Some(RootKind::Schema(mut schema)) => {
            schema::parse(&mut parsing, &mut schema)?;
            Content::Schema(schema)
        }
        Some(RootKind::Linkbase) => Content::Linkbase(linkbase::parse(&mut parsing)?),
        None => return Err(parsing.reader.not_xbrl("a taxonomy schema or a linkbase")),
    };
    // Whatever follows the root must still be well-formed.
    while parsing.reader.read()?.is_some() {}
    if parsing.hrefs.has_too_many() {
        return Err(parsing.reader.limit("number of documents referred to", MAX_REFERENCES));
    }
    let (references, places) = parsing.hrefs.finish();
    let document = Document { url: url.into(), content, references, places };
    Ok((document, parsing.findings.diagnostics.finish()))
}

/// What the root element opens.
enum RootKind {
    Schema(Box<Schema>),
    Linkbase,
}

impl RootKind {
    fn of(root: &XmlElement<'_, '_>) -> Option<Self> {
        if root.is(ns::XSD, "schema") {
            Some(RootKind::Schema(Box::new(schema::open(root))))
        } else if root.is(ns::LINK, "linkbase") {
            Some(RootKind::Linkbase)
        } else {
            None
        }
    }
}
