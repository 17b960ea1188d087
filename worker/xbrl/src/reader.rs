//! A namespace-aware pull reader over one XML document; the only file that names the XML library. The files below get
//! what they need of it as functions.
//!
//! ```text
//! bytes ──▶ source::decode ──▶ &str ──▶ XmlReader::read ──▶ Start(XmlElement) / Text / End, one at a time
//! ```
//!
//! Events lend: an [`XmlElement`] or a text chunk lives until the next [`XmlReader::read`], so nothing is allocated
//! per event. Self-closing elements come as a start and an end; comments, processing instructions and the document type
//! are skipped; entities are the five of XML and those of HTML, never a DTD's (so there is nothing to expand).
//!
//! What it must not do: know a namespace other than XML's own.

mod limits;
mod source;
mod href;
mod scope;
mod attributes;
mod current;
mod element;
mod tag;
mod text;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::escape::{resolve_html5_entity, resolve_xml_entity, unescape_with};
use quick_xml::events::Event as Raw;
use quick_xml::events::attributes::Attributes;

pub(crate) use attributes::Attribute;
pub(crate) use element::XmlElement;
pub(crate) use limits::{MAX_CANONICAL_BYTES, MAX_TEXT_BYTES};
pub(crate) use scope::Unprefixed;
pub(crate) use source::{decode, decode_head};

use crate::diagnostic::one_line;
use crate::{Error, QName};
use attributes::AttributeRead;
use current::Current;
use limits::MAX_DEPTH;
use text::{BadReference, Taken};

/// What the reader found.
pub(crate) enum Event<'r, 'a> {
    /// An element starts. Its `End` follows even if it was written `<a/>`.
    Start(XmlElement<'r, 'a>),
    /// Some character data with references resolved and line ends normalised. Adjacent text may come in pieces.
    /// White space between elements is text too.
    Text(&'r str),
    /// The innermost open element ends; the raw name as written. Its namespaces, language and base stay in scope
    /// until the next read.
    End(&'a str),
}

/// The reader. `'a` is the decoded document.
pub(crate) struct XmlReader<'a> {
    /// The element started last, and what is in scope there.
    current: Current<'a>,
    /// The library's reader, at the part of the document that is still to be read.
    inner: quick_xml::Reader<&'a [u8]>,
    /// How much of the document was taken past the inner reader.
    passed: usize,
    /// The names of the open elements as written.
    open: Vec<&'a str>,
    /// What the next read does before it reads.
    pending: Pending,
    /// Whether the root element has started.
    has_root: bool,
    /// Holds a text chunk that is not a slice of the document.
    scratch: String,
}

/// What is left to do about the event that was returned last.
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
        Self {
            current: Current::new(Arc::from(file), document, read_attributes),
            inner: inner(document),
            passed: 0,
            open: Vec::new(),
            pending: Pending::Nothing,
            has_root: false,
            scratch: String::new(),
        }
    }

    /// The next event; `None` at the end of a complete document.
    pub(crate) fn read(&mut self) -> Result<Option<Event<'_, 'a>>, Error> {
        if let Some(error) = self.current.late_error.take() {
            return Err(error);
        }
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => {}
            Pending::Leave => {
                self.current.scope.leave(self.current.depth);
                self.current.depth -= 1;
            }
            Pending::End => {
                self.pending = Pending::Leave;
                return Ok(Some(Event::End(self.current.raw_name)));
            }
        }
        loop {
            let start = self.position();
            if self.current.depth > 0 {
                let rest = &self.current.document[start..];
                if !matches!(rest.as_bytes().first(), None | Some(b'<')) {
                    return self.take_text(rest).map(Some);
                }
                if let Some(tag) = tag::start(rest) {
                    self.pass(tag.length);
                    if tag.is_end {
                        self.pending = Pending::End;
                    }
                    return self.start(start, tag.name_len, 1 + usize::from(tag.is_end)).map(Some);
                }
                if let Some(raw_name) = self.open.last().copied()
                    && let Some(length) = tag::end(rest, raw_name)
                {
                    self.open.pop();
                    self.pass(length);
                    self.pending = Pending::Leave;
                    return Ok(Some(Event::End(raw_name)));
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
                    let raw_name = self.current.document[start + 2..self.position() - 1].trim_end();
                    self.close(start, raw_name)?;
                    return Ok(Some(Event::End(raw_name)));
                }
                // Outside the root there is only white space, and at worst a container's left-overs. Inside it every
                // text was taken before the library could meet it.
                Ok(Raw::Text(_) | Raw::GeneralRef(_)) => {}
                Ok(Raw::CData(_)) if self.current.depth == 0 => {}
                Ok(Raw::CData(text)) => return Ok(Some(self.text(text.into_inner()))),
                Ok(Raw::Comment(_) | Raw::PI(_) | Raw::Decl(_) | Raw::DocType(_)) => {}
                Ok(Raw::Eof) if self.current.depth > 0 => {
                    return Err(self.malformed(
                        start,
                        format!("the document ends with {} elements open", self.current.depth),
                    ));
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
        let depth = self.current.depth;
        while let Some(event) = self.read()? {
            if matches!(event, Event::End(_)) && self.current.depth == depth {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads to the end of the element that was started last, appending all text in it to `out`. Returns how many
    /// elements there were inside.
    pub(crate) fn read_text(&mut self, out: &mut String) -> Result<usize, Error> {
        let depth = self.current.depth;
        let mut elements = 0;
        while let Some(event) = self.read()? {
            match event {
                Event::Start(_) => elements += 1,
                Event::Text(text) if out.len() + text.len() > MAX_TEXT_BYTES => {
                    return Err(self.current.limit("text of one element", MAX_TEXT_BYTES));
                }
                Event::Text(text) => out.push_str(text),
                Event::End(_) => {
                    if self.current.depth == depth {
                        break;
                    }
                }
            }
        }
        Ok(elements)
    }

    /// The element that was started last, as long as nothing was read since.
    pub(crate) fn element(&mut self) -> XmlElement<'_, 'a> {
        XmlElement { current: &mut self.current }
    }

    /// How many elements are open, counting one whose `End` was just returned.
    pub(crate) fn depth(&self) -> usize {
        self.current.depth
    }

    /// The line of the element started last, from 1.
    #[inline]
    pub(crate) fn line(&self) -> u32 {
        self.current.line()
    }

    /// The name this reader was given.
    pub(crate) fn file(&self) -> &Arc<str> {
        &self.current.file
    }

    /// The one shared copy of `text` in this reader.
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        self.current.scope.intern(text)
    }

    /// Resolves a QName written in text or an attribute value, white space around it ignored. `None` when the
    /// prefix is not declared or the text is no name.
    pub(crate) fn resolve(&mut self, text: &str, unprefixed: Unprefixed) -> Option<QName> {
        self.current.scope.resolve(text.trim_matches([' ', '\t', '\r', '\n']), unprefixed)
    }

    /// An error about a limit at the current element.
    pub(crate) fn limit(&self, what: &'static str, limit: usize) -> Error {
        self.current.limit(what, limit)
    }

    /// An error for a root element that is not what was asked for; `found` as written.
    pub(crate) fn not_xbrl(&self, expected: &'static str) -> Error {
        Error::NotXbrl {
            file: self.current.file.clone(),
            expected,
            found: one_line(self.current.raw_name.to_owned()),
        }
    }

    fn malformed(&self, position: usize, message: String) -> Error {
        self.current.malformed(position, message)
    }

    /// How much of the document was read.
    fn position(&self) -> usize {
        self.passed + usize::try_from(self.inner.buffer_position()).expect("a position in a slice is a usize")
    }

    /// Moves the inner reader past what was taken here. It stands before a text or a tag, and so in no reference.
    fn pass(&mut self, length: usize) {
        *self.inner.get_mut() = &self.inner.get_ref()[length..];
        self.passed += length;
    }

    /// Reads the text that the rest of the document begins with, to the next tag, here. The inner reader would return
    /// every reference as an event of its own, and the markup in a classic instance's text blocks is nothing but
    /// references.
    fn take_text(&mut self, rest: &'a str) -> Result<Event<'_, 'a>, Error> {
        match text::take(rest, &mut self.scratch, resolve_reference) {
            Ok((taken, length)) => {
                self.pass(length);
                Ok(match taken {
                    Taken::Verbatim(text) => Event::Text(text),
                    Taken::Resolved => Event::Text(&self.scratch),
                })
            }
            Err(BadReference { at }) => {
                let written = &rest[at..];
                let end = written.find([';', '<']).map_or(written.len(), |end| end + 1);
                let name = written[..end].trim_matches(['&', ';']);
                let place = self.position() + at;
                if self.declares_entity(name) {
                    return Err(self.current.own_entity(place, name));
                }
                Err(self.malformed(place, format!("unknown entity {}", &written[..end])))
            }
        }
    }

    /// Whether the document's own type declaration has an entity of this name.
    fn declares_entity(&self, name: &str) -> bool {
        let declared =
            self.current.document.match_indices("<!ENTITY").map(|(at, _)| &self.current.document[at + 8..]);
        let mut names = declared.map(|rest| rest.split_ascii_whitespace().next().unwrap_or_default());
        names.any(|declared| declared == name)
    }

    /// Closes the innermost element with the end tag at `start`, which must bear its name.
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

    /// The event for a text of the inner reader's.
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
        let tag: &'a str = &self.current.document[start + 1..self.position() - tail];
        self.current.tag = tag;
        self.current.raw_name = &tag[..name_len];
        if self.current.depth == 0 && self.has_root {
            return Err(self.malformed(start, "a second root element".to_owned()));
        }
        self.has_root = true;
        self.current.depth += 1;
        if self.current.depth > MAX_DEPTH {
            return Err(self.current.limit("element depth", MAX_DEPTH));
        }
        if self.pending != Pending::End {
            self.open.push(self.current.raw_name);
        }
        self.current.enter(start)?;
        Ok(Event::Start(XmlElement { current: &mut self.current }))
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

/// Reads the attributes of a tag that is not written in the ordinary way.
fn read_attributes<'a>(
    tag: &'a str,
    name_len: usize,
    take: &mut dyn FnMut(AttributeRead<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut attributes = Attributes::new(tag, name_len);
    // The check for duplicates costs more than reading them; of two equal names the first counts.
    attributes.with_checks(false);
    for attribute in attributes {
        take(attribute.map_err(|error| error.to_string()).and_then(|attribute| {
            let raw_name = attribute.key.0;
            match attribute.normalized_value_with(XmlVersion::Implicit1_0, 1, resolve_html5_entity) {
                Ok(value) => Ok((raw_name, value)),
                Err(error) => Err(format!("attribute {raw_name}: {error}")),
            }
        }))?;
    }
    Ok(())
}

/// Resolves a reference, which is given from its ampersand to its semicolon.
fn resolve_reference(written: &str) -> Option<String> {
    let known = |name: &str| resolve_xml_entity(name).or_else(|| resolve_html5_entity(name));
    unescape_with(written, known).ok().map(Cow::into_owned)
}
