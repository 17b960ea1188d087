//! One taxonomy document: bytes in, a schema or a linkbase out.
//!
//! A document is parsed once per process and shared between filings, so nothing here depends on who refers to it.
//! Joining documents is the business of [`super::Loader`] and [`super::Dts`].

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::href::{Href, Hrefs, Leads};
use super::linkbase::{self, Labels, Linkbase};
use super::schema::{self, Schema};
use crate::name::ns;
use crate::reader::{Event, XmlElement, XmlReader, decode};
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
                break Kind::of(&root);
            }
            Some(_) => {}
            None => break None,
        }
    };
    let content = match kind {
        Some(Kind::Schema(mut schema)) => {
            schema::parse(&mut parsing, &mut schema)?;
            Content::Schema(schema)
        }
        Some(Kind::Linkbase) => Content::Linkbase(linkbase::parse(&mut parsing)?),
        None => return Err(parsing.reader.not_xbrl("a taxonomy schema or a linkbase")),
    };
    // Whatever follows the root must still be well-formed.
    while parsing.reader.read()?.is_some() {}
    let (references, places) = parsing.hrefs.finish();
    let document = Document { url: url.into(), content, references, places };
    Ok((document, parsing.findings.diagnostics))
}

enum Kind {
    Schema(Box<Schema>),
    Linkbase,
}

impl Kind {
    fn of(root: &XmlElement<'_, '_>) -> Option<Self> {
        if root.is(ns::XSD, "schema") {
            Some(Kind::Schema(Box::new(schema::open(root))))
        } else if root.is(ns::LINK, "linkbase") {
            Some(Kind::Linkbase)
        } else {
            None
        }
    }
}

/// What the parsers of schemas and linkbases share while one document is read. The fields are apart so that an
/// element lent by the reader can be used with the others.
pub(crate) struct Parsing<'d> {
    /// The document.
    pub(crate) reader: XmlReader<'d>,
    /// Its references.
    pub(crate) hrefs: Hrefs<'d>,
    /// Its repeating strings: arcroles and roles.
    pub(crate) strings: Strings,
    /// The labels of the link at hand.
    pub(crate) labels: Labels<'d>,
    /// What is wrong in it.
    pub(crate) findings: Findings,
}

impl<'d> Parsing<'d> {
    fn new(url: &str, text: &'d str) -> Self {
        Self {
            reader: XmlReader::new(url, text),
            hrefs: Hrefs::new(url),
            strings: Strings(HashSet::new()),
            labels: Labels::default(),
            findings: Findings { file: url.into(), diagnostics: Vec::new() },
        }
    }

    /// Reads the text of the element started last, its ends trimmed; `None` when there is none.
    pub(crate) fn trimmed_text(&mut self) -> Result<Option<Arc<str>>, Error> {
        let mut text = String::new();
        self.reader.read_text(&mut text)?;
        let trimmed = text.trim();
        Ok((!trimmed.is_empty()).then(|| trimmed.into()))
    }
}

/// One shared copy of each string.
pub(crate) struct Strings(HashSet<Arc<str>>);

impl Strings {
    /// The shared copy of `text`.
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.0.get(text) {
            return shared.clone();
        }
        let shared: Arc<str> = text.into();
        self.0.insert(shared.clone());
        shared
    }
}

/// The diagnostics of one document.
pub(crate) struct Findings {
    file: Arc<str>,
    diagnostics: Vec<Diagnostic>,
}

impl Findings {
    /// Adds one.
    pub(crate) fn add(&mut self, line: u32, code: &'static str, message: String) {
        self.diagnostics.push(Diagnostic { code, file: self.file.clone(), line, message });
    }
}
