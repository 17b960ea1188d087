//! Where a reader stands: the element it started last, and what is in scope there.
//!
//! A reader lends this to whoever is given an element, so it holds what can be asked of one and nothing of how the
//! next one is found.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use memchr::memchr_iter;

use super::attributes::{self, Attribute, ReadAttributes};
use super::limits::{MAX_ATTRIBUTES, MAX_NAMESPACES, MAX_URI_BYTES};
use super::scope::Scope;
use crate::Error;
use crate::diagnostic::one_line;

/// The element started last, in its document. `'a` is the decoded document.
pub(super) struct Current<'a> {
    pub(super) file: Arc<str>,
    pub(super) document: &'a str,
    pub(super) scope: Scope<'a>,
    /// How many elements are open.
    pub(super) depth: usize,
    /// The number of the element's name in the scope.
    pub(super) name: usize,
    /// The element's name as written.
    pub(super) raw_name: &'a str,
    /// Its tag between `<` and `>`.
    pub(super) tag: &'a str,
    /// How the library reads the attributes of a tag.
    read_attributes: ReadAttributes,
    /// Its attributes, read when somebody asks: most elements of an inline document are XHTML that nobody asks.
    pub(super) attributes: OnceCell<Vec<Attribute<'a>>>,
    /// The emptied list of an earlier element, whose memory the next element's attributes take over.
    spare: Cell<Vec<Attribute<'a>>>,
    /// What was wrong with attributes read late; the next read returns it.
    pub(super) late_error: Cell<Option<Error>>,
    /// Up to where line ends are counted, and the line there.
    counted: Cell<(usize, u32)>,
}

impl<'a> Current<'a> {
    /// Before the first element. Tags that are not written in the ordinary way go to `read_attributes`.
    pub(super) fn new(file: Arc<str>, document: &'a str, read_attributes: ReadAttributes) -> Self {
        Self {
            document,
            scope: Scope::new(file.clone()),
            file,
            depth: 0,
            name: Scope::NAMELESS,
            raw_name: "",
            tag: &document[..0],
            read_attributes,
            attributes: OnceCell::new(),
            spare: Cell::default(),
            late_error: Cell::default(),
            counted: Cell::new((0, 1)),
        }
    }

    /// Takes in the element whose tag, which begins at `start`, was just set: what it declares, and its name.
    #[inline]
    pub(super) fn enter(&mut self, start: usize) -> Result<(), Error> {
        if let Some(mut attributes) = self.attributes.take() {
            attributes.clear();
            self.spare.set(attributes);
        }
        // Declarations are called xmlns, xml:lang or xml:base.
        let name_len = self.raw_name.len();
        if self.tag.len() > name_len && self.tag[name_len..].contains("xml") {
            self.declare(start)?;
        }
        self.name = self.scope.element_name(self.raw_name);
        Ok(())
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
        let (read, tag, name_len) = (self.read_attributes, self.tag, self.raw_name.len());
        read(tag, name_len, &mut |attribute| {
            let (raw_name, value) = attribute.map_err(|message| self.malformed(start, message))?;
            self.declare_one(raw_name, &value)
        })
    }

    fn declare_one(&mut self, raw_name: &'a str, value: &str) -> Result<(), Error> {
        match raw_name {
            "xml:lang" => self.scope.set_language(self.depth, value),
            "xml:base" => {
                // The base so far is no longer than that, and the new one is no longer than both.
                if value.len() > MAX_URI_BYTES || !self.scope.set_base(self.depth, value, MAX_URI_BYTES) {
                    return Err(self.limit("length of xml:base in bytes", MAX_URI_BYTES));
                }
            }
            _ => {
                let Some(prefix) = declared_prefix(raw_name) else { return Ok(()) };
                if self.scope.namespaces() >= MAX_NAMESPACES {
                    return Err(self.limit("number of namespaces in scope", MAX_NAMESPACES));
                }
                if value.len() > MAX_URI_BYTES {
                    return Err(self.limit("length of a namespace in bytes", MAX_URI_BYTES));
                }
                self.scope.declare(self.depth, prefix, value);
            }
        }
        Ok(())
    }

    /// All attributes of the current element, if its tag is written in the ordinary way.
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

    /// The current element's attributes without its namespace declarations. Those of an ordinary tag that declares
    /// something are known since it was entered.
    pub(super) fn attributes(&self) -> &[Attribute<'a>] {
        self.attributes.get_or_init(|| {
            if let Some(attributes) = self.split_attributes() {
                return attributes;
            }
            let mut attributes = self.spare.take();
            let (read, name_len) = (self.read_attributes, self.raw_name.len());
            let outcome = read(self.tag, name_len, &mut |attribute| match attribute {
                Ok((raw_name, _)) if declared_prefix(raw_name).is_some() => Ok(()),
                Ok(_) if attributes.len() >= MAX_ATTRIBUTES => {
                    Err(self.limit("number of attributes", MAX_ATTRIBUTES))
                }
                Ok((raw_name, value)) => {
                    attributes.push(Attribute::new(raw_name, value));
                    Ok(())
                }
                Err(message) => Err(self.malformed(self.tag_start(), message)),
            });
            if let Err(error) = outcome {
                self.late_error.set(Some(error));
            }
            attributes
        })
    }

    /// The line of the element started last, from 1.
    pub(super) fn line(&self) -> u32 {
        let start = self.tag_start();
        let line = self.line_at(start);
        self.counted.set((start, line));
        line
    }

    /// An error about a limit at the current element.
    pub(super) fn limit(&self, what: &'static str, limit: usize) -> Error {
        Error::Limit { file: self.file.clone(), line: self.line(), what, limit }
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

    /// An error about XML that is not well-formed at a position.
    pub(super) fn own_entity(&self, position: usize, name: &str) -> Error {
        let entity = one_line(name.to_owned());
        Error::OwnEntity { file: self.file.clone(), line: self.line_at(position), entity }
    }

    pub(super) fn malformed(&self, position: usize, message: String) -> Error {
        Error::Malformed { file: self.file.clone(), line: self.line_at(position), message: one_line(message) }
    }
}

/// The prefix that an attribute binds, if it is a namespace declaration; the default namespace has prefix "".
fn declared_prefix(raw_name: &str) -> Option<&str> {
    match raw_name.strip_prefix("xmlns")? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}
