//! A namespace-aware pull reader over one XML document; the only module that names the XML library.
//!
//! ```text
//! bytes ──▶ source::decode ──▶ &str ──▶ XmlReader::read ──▶ Start(Element) / Text / End, one at a time
//! ```
//!
//! Events lend: an [`Element`] or a text chunk lives until the next [`XmlReader::read`], so nothing is allocated per
//! event. Self-closing elements come as a start and an end; comments, processing instructions and the document type
//! are skipped; entities are the five of XML and those of HTML, never a DTD's (so there is nothing to expand).
//!
//! What it must not do: know a namespace other than XML's own.

mod attributes;
mod element;
mod href;
mod scope;
mod source;
mod text;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use memchr::memchr_iter;
use quick_xml::XmlVersion;
use quick_xml::escape::{resolve_html5_entity, resolve_xml_entity, unescape_with};
use quick_xml::events::Event as Raw;
use quick_xml::events::attributes::Attributes;

pub(crate) use element::{Attribute, Element};
pub(crate) use href::absolute;
pub(crate) use source::decode;

use crate::{Error, QName};
use scope::Scope;
use text::Taken;

/// A whole document. EDGAR takes submissions up to about 200 MB.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// Open elements at a time. Generated XHTML nests some dozens deep; nothing here recurses, but every open element
/// costs memory.
pub(crate) const MAX_DEPTH: usize = 1_000;
/// Attributes of one element, namespace declarations included. Roots of real filings carry up to about 60.
pub(crate) const MAX_ATTRIBUTES: usize = 512;
/// Namespace declarations in scope at a time: they are searched one by one.
pub(crate) const MAX_NAMESPACES: usize = 512;
/// The text of one element as gathered by [`XmlReader::read_text`].
pub(crate) const MAX_TEXT_BYTES: usize = 64 << 20;

/// What the reader found.
pub(crate) enum Event<'r, 'a> {
    /// An element starts. Its `End` follows even if it was written `<a/>`.
    Start(Element<'r, 'a>),
    /// Some character data with references resolved and line ends normalised. Adjacent text may come in pieces.
    /// White space between elements is text too.
    Text(&'r str),
    /// The innermost open element ends; the raw name as written. Its namespaces, language and base stay in scope
    /// until the next read.
    End(&'a str),
}

/// What an unprefixed name in a text or attribute value means; each specification says so for each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unprefixed {
    /// A name in the default namespace, as `xs:QName` has it.
    DefaultNamespace,
    /// A name in no namespace.
    NoNamespace,
}

/// The reader. `'a` is the decoded document.
pub(crate) struct XmlReader<'a> {
    file: Arc<str>,
    document: &'a str,
    inner: quick_xml::Reader<&'a [u8]>,
    /// How much of the document was taken past the inner reader.
    passed: usize,
    /// The names of the open elements as written.
    open: Vec<&'a str>,
    scope: Scope<'a>,
    depth: usize,
    /// The element whose `Start` was returned last: its name's number in the scope, and its tag between `<` and `>`.
    name: usize,
    raw_name: &'a str,
    tag: &'a str,
    /// Its attributes, read when somebody asks: most elements of an inline document are XHTML that nobody asks.
    attributes: OnceCell<Vec<Attribute<'a>>>,
    /// Room for the next element's attributes.
    spare: Cell<Vec<Attribute<'a>>>,
    /// What was wrong with attributes read late; the next read returns it.
    late_error: Cell<Option<Error>>,
    /// What the next read does before it reads.
    pending: Pending,
    has_root: bool,
    /// Up to where line ends are counted, and the line there.
    counted: Cell<(usize, u32)>,
    /// Holds a text chunk that is not a slice of the document.
    scratch: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    /// Return the end of a self-closing element.
    End,
    /// Leave the scope of the element whose end was returned.
    Leave,
}

impl<'a> XmlReader<'a> {
    /// A reader over `document` as [`decode`] returned it. `file` is the name for messages and the base of relative
    /// references: a URL or a plain name.
    pub(crate) fn new(file: &str, document: &'a str) -> Self {
        let file: Arc<str> = Arc::from(file);
        Self {
            document,
            inner: inner(document),
            passed: 0,
            open: Vec::new(),
            scope: Scope::new(file.clone()),
            file,
            depth: 0,
            name: Scope::NAMELESS,
            raw_name: "",
            tag: &document[..0],
            attributes: OnceCell::new(),
            spare: Cell::default(),
            late_error: Cell::default(),
            pending: Pending::Nothing,
            has_root: false,
            counted: Cell::new((0, 1)),
            scratch: String::new(),
        }
    }

    /// The next event; `None` at the end of a complete document.
    pub(crate) fn read(&mut self) -> Result<Option<Event<'_, 'a>>, Error> {
        if let Some(error) = self.late_error.take() {
            return Err(error);
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => {}
            Pending::Leave => {
                self.scope.leave(self.depth);
                self.depth -= 1;
            }
            Pending::End => {
                self.pending = Pending::Leave;
                return Ok(Some(Event::End(self.raw_name)));
            }
        }
        loop {
            let start = self.position();
            if self.depth > 0 {
                match self.take_text(start) {
                    Some(Taken::Verbatim(text)) => return Ok(Some(Event::Text(text))),
                    Some(Taken::Resolved) => return Ok(Some(Event::Text(&self.scratch))),
                    None => {}
                }
            }
            match self.inner.read_event() {
                Ok(Raw::Start(tag)) => {
                    let name_len = tag.name().as_ref().len();
                    return self.start(start, name_len, 1).map(Some);
                }
                Ok(Raw::Empty(tag)) => {
                    let name_len = tag.name().as_ref().len();
                    self.pending = Pending::End;
                    return self.start(start, name_len, 2).map(Some);
                }
                Ok(Raw::End(_)) => {
                    self.pending = Pending::Leave;
                    let raw_name = self.document[start + 2..self.position() - 1].trim_end();
                    self.close(start, raw_name)?;
                    return Ok(Some(Event::End(raw_name)));
                }
                // Outside the root there is only white space, and at worst a container's left-overs.
                Ok(Raw::Text(_) | Raw::CData(_) | Raw::GeneralRef(_)) if self.depth == 0 => {}
                Ok(Raw::Text(text)) if text.is_empty() => {}
                Ok(Raw::Text(text)) => return Ok(Some(self.text(text.xml10_content()))),
                Ok(Raw::CData(text)) => return Ok(Some(self.text(text.xml10_content()))),
                Ok(Raw::GeneralRef(reference)) => {
                    // What take_text left: beside line ends to be normalised, or malformed.
                    let resolved = if reference.is_char_ref() {
                        reference.resolve_char_ref().ok().flatten().map(|character| {
                            self.scratch.clear();
                            self.scratch.push(character);
                        })
                    } else {
                        resolve_html5_entity(&reference).map(|text| {
                            self.scratch.clear();
                            self.scratch.push_str(text);
                        })
                    };
                    if resolved.is_none() {
                        return Err(self.malformed(start, format!("unknown entity &{};", &*reference)));
                    }
                    return Ok(Some(Event::Text(&self.scratch)));
                }
                Ok(Raw::Comment(_) | Raw::PI(_) | Raw::Decl(_) | Raw::DocType(_)) => {}
                Ok(Raw::Eof) if self.depth > 0 => {
                    return Err(
                        self.malformed(start, format!("the document ends with {} elements open", self.depth))
                    );
                }
                Ok(Raw::Eof) if !self.has_root => {
                    return Err(self.malformed(start, "no root element".to_owned()));
                }
                Ok(Raw::Eof) => return Ok(None),
                Err(error) => {
                    let position = usize::try_from(self.inner.error_position()).unwrap_or(usize::MAX);
                    let position = position.saturating_add(self.passed);
                    return Err(self.malformed(position.max(start), error.to_string()));
                }
            }
        }
    }

    /// Reads to the end of the element that was started last, without its content.
    pub(crate) fn skip(&mut self) -> Result<(), Error> {
        let depth = self.depth;
        while let Some(event) = self.read()? {
            if matches!(event, Event::End(_)) && self.depth == depth {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads to the end of the element that was started last, appending all text in it to `out`. Returns how many
    /// elements there were inside.
    pub(crate) fn read_text(&mut self, out: &mut String) -> Result<usize, Error> {
        let depth = self.depth;
        let mut elements = 0;
        while let Some(event) = self.read()? {
            match event {
                Event::Start(_) => elements += 1,
                Event::Text(text) if out.len() + text.len() > MAX_TEXT_BYTES => {
                    return Err(self.limit("text of one element", MAX_TEXT_BYTES));
                }
                Event::Text(text) => out.push_str(text),
                Event::End(_) => {
                    if self.depth == depth {
                        break;
                    }
                }
            }
        }
        Ok(elements)
    }

    /// The element that was started last, as long as nothing was read since.
    pub(crate) fn element(&mut self) -> Element<'_, 'a> {
        Element { reader: self }
    }

    /// How many elements are open, counting one whose `End` was just returned.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// The line of the element started last, from 1.
    pub(crate) fn line(&self) -> u32 {
        let start = self.tag_start();
        let line = self.line_at(start);
        self.counted.set((start, line));
        line
    }

    /// The name this reader was given.
    pub(crate) fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The one shared copy of `text` in this reader.
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        self.scope.intern(text)
    }

    /// Resolves a QName written in text or an attribute value, white space around it ignored. `None` when the
    /// prefix is not declared or the text is no name.
    pub(crate) fn resolve(&mut self, text: &str, unprefixed: Unprefixed) -> Option<QName> {
        self.scope.resolve(text.trim_matches([' ', '\t', '\r', '\n']), unprefixed)
    }

    /// `xml:lang` in scope, empty values aside.
    pub(crate) fn language(&self) -> Option<Arc<str>> {
        self.scope.language()
    }

    /// Makes a reference absolute by `xml:base` in scope and the document's own name.
    pub(crate) fn absolute(&self, reference: &str) -> Arc<str> {
        absolute(self.scope.base(), reference)
    }

    /// An error about a limit at the current element.
    pub(crate) fn limit(&self, what: &'static str, limit: usize) -> Error {
        Error::Limit { file: self.file.clone(), line: self.line(), what, limit }
    }

    /// An error for a root element that is not what was asked for; `found` as written.
    pub(crate) fn not_xbrl(&self, expected: &'static str) -> Error {
        Error::NotXbrl { file: self.file.clone(), expected, found: self.raw_name.to_owned() }
    }

    fn position(&self) -> usize {
        self.passed + usize::try_from(self.inner.buffer_position()).expect("a position in a slice is a usize")
    }

    /// Takes the text from `start` to the next tag past the inner reader, which gives every reference by itself: the
    /// markup in a classic instance's text blocks is nothing but references.
    fn take_text(&mut self, start: usize) -> Option<Taken<'a>> {
        let rest = &self.document[start..];
        let (taken, length) = text::take(rest, &mut self.scratch, resolve_reference)?;
        *self.inner.get_mut() = &rest.as_bytes()[length..];
        self.passed += length;
        Some(taken)
    }

    /// Whether the end tag at `start` closes the innermost element.
    fn close(&mut self, start: usize, raw_name: &str) -> Result<(), Error> {
        match self.open.pop() {
            Some(open) if open == raw_name => Ok(()),
            Some(open) => {
                Err(self.malformed(start, format!("expected `</{open}>`, but `</{raw_name}>` was found")))
            }
            None => {
                Err(self.malformed(start, format!("close tag `</{raw_name}>` does not match any open tag")))
            }
        }
    }

    fn text(&mut self, text: Cow<'a, str>) -> Event<'_, 'a> {
        match text {
            Cow::Borrowed(text) => Event::Text(text),
            Cow::Owned(text) => {
                self.scratch = text;
                Event::Text(&self.scratch)
            }
        }
    }

    /// Takes in the start tag between `start` and the inner reader's position; `tail` bytes close it.
    fn start(&mut self, start: usize, name_len: usize, tail: usize) -> Result<Event<'_, 'a>, Error> {
        let tag: &'a str = &self.document[start + 1..self.position() - tail];
        self.tag = tag;
        self.raw_name = &tag[..name_len];
        if self.depth == 0 && self.has_root {
            return Err(self.malformed(start, "a second root element".to_owned()));
        }
        self.has_root = true;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.limit("element depth", MAX_DEPTH));
        }
        if self.pending != Pending::End {
            self.open.push(self.raw_name);
        }
        if let Some(mut attributes) = self.attributes.take() {
            attributes.clear();
            self.spare.set(attributes);
        }
        // Declarations are called xmlns, xml:lang or xml:base.
        if tag.len() > name_len && tag[name_len..].contains("xml") {
            self.declare(start)?;
        }
        self.name = self.scope.element_name(self.raw_name);
        Ok(Event::Start(Element { reader: self }))
    }

    /// Brings into scope what the current element declares.
    fn declare(&mut self, start: usize) -> Result<(), Error> {
        if let Some(mut attributes) = self.split_attributes() {
            for attribute in &attributes {
                self.declare_one(attribute.raw_name, &attribute.value)?;
            }
            attributes.retain(|attribute| declared_prefix(attribute.raw_name).is_none());
            self.attributes = OnceCell::from(attributes);
            return Ok(());
        }
        for attribute in self.raw_attributes() {
            let (raw_name, value) = attribute.map_err(|message| self.malformed(start, message))?;
            self.declare_one(raw_name, &value)?;
        }
        Ok(())
    }

    fn declare_one(&mut self, raw_name: &'a str, value: &str) -> Result<(), Error> {
        match raw_name {
            "xml:lang" => self.scope.set_language(self.depth, value),
            "xml:base" => self.scope.set_base(self.depth, value),
            _ => {
                let Some(prefix) = declared_prefix(raw_name) else { return Ok(()) };
                if self.scope.namespaces() >= MAX_NAMESPACES {
                    return Err(self.limit("number of namespaces in scope", MAX_NAMESPACES));
                }
                self.scope.declare(self.depth, prefix, value);
            }
        }
        Ok(())
    }

    /// All attributes of the current element, if it is an ordinary one.
    fn split_attributes(&self) -> Option<Vec<Attribute<'a>>> {
        let mut attributes = self.spare.take();
        if attributes::split(&self.tag[self.raw_name.len()..], &mut attributes)
            && attributes.len() <= MAX_ATTRIBUTES
        {
            return Some(attributes);
        }
        attributes.clear();
        self.spare.set(attributes);
        None
    }

    /// The current element's attributes without its namespace declarations.
    fn attributes(&self) -> &[Attribute<'a>] {
        self.attributes.get_or_init(|| {
            // One that declares something has been taken apart already.
            if let Some(attributes) = self.split_attributes() {
                return attributes;
            }
            let mut attributes = self.spare.take();
            for attribute in self.raw_attributes() {
                match attribute {
                    Ok((raw_name, _)) if declared_prefix(raw_name).is_some() => {}
                    Ok(_) if attributes.len() >= MAX_ATTRIBUTES => {
                        self.late_error.set(Some(self.limit("number of attributes", MAX_ATTRIBUTES)));
                        break;
                    }
                    Ok((raw_name, value)) => attributes.push(Attribute::new(raw_name, value)),
                    Err(message) => {
                        self.late_error.set(Some(self.malformed(self.tag_start(), message)));
                        break;
                    }
                }
            }
            attributes
        })
    }

    /// All attributes of the current element, namespace declarations included, values normalised.
    fn raw_attributes(&self) -> impl Iterator<Item = Result<(&'a str, Cow<'a, str>), String>> + use<'a> {
        let mut attributes = Attributes::new(self.tag, self.raw_name.len());
        // The check for duplicates costs more than reading them; of two equal names the first counts.
        attributes.with_checks(false);
        attributes.map(|attribute| {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let raw_name = attribute.key.0;
            match attribute.normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_html5_entity) {
                Ok(value) => Ok((raw_name, value)),
                Err(error) => Err(format!("attribute {raw_name}: {error}")),
            }
        })
    }

    /// Where the current element's tag is in the document, of which it is a slice.
    fn tag_start(&self) -> usize {
        self.tag.as_ptr().addr().saturating_sub(self.document.as_ptr().addr())
    }

    /// The line of a position. Counts from where it counted last, so asking in document order is linear.
    fn line_at(&self, position: usize) -> u32 {
        let (counted, line) = self.counted.get();
        let (from, line) = if counted <= position { (counted, line) } else { (0, 1) };
        let slice = &self.document.as_bytes()[from..position.min(self.document.len())];
        let lines = memchr_iter(b'\n', slice).count();
        line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX))
    }

    fn malformed(&self, position: usize, message: String) -> Error {
        Error::Malformed { file: self.file.clone(), line: self.line_at(position), message }
    }
}

/// The library's reader. Which end tag belongs to which start tag is checked here, where both names are at hand.
fn inner(document: &str) -> quick_xml::Reader<&[u8]> {
    let mut inner = quick_xml::Reader::from_str(document);
    let config = inner.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    inner
}

/// A reference resolved, which is given from its ampersand to its semicolon.
fn resolve_reference(written: &str) -> Option<String> {
    let known = |name: &str| resolve_xml_entity(name).or_else(|| resolve_html5_entity(name));
    unescape_with(written, known).ok().map(Cow::into_owned)
}

/// The prefix that an attribute binds, if it is a namespace declaration; the default namespace has prefix "".
fn declared_prefix(raw_name: &str) -> Option<&str> {
    match raw_name.strip_prefix("xmlns")? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}
