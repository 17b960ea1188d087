//! What the parsers of schemas and linkbases share while one document is read.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::href::Hrefs;
use crate::diagnostic::Diagnostics;
use crate::reader::XmlReader;
use crate::{Diagnostic, Error};

/// One document while it is read. The fields are apart so that an element lent by the reader can be used with the
/// others.
pub(crate) struct Parsing<'d> {
    /// The document.
    pub(crate) reader: XmlReader<'d>,
    /// Its references.
    pub(crate) hrefs: Hrefs<'d>,
    /// Its repeating strings: arcroles and roles.
    pub(crate) strings: Strings,
    /// What is wrong in it.
    pub(crate) findings: Findings,
}

impl<'d> Parsing<'d> {
    /// For the document at `url`, whose text is `text`.
    pub(super) fn new(url: &str, text: &'d str) -> Self {
        Self {
            reader: XmlReader::new(url, text),
            hrefs: Hrefs::new(url),
            strings: Strings(HashSet::new()),
            findings: Findings { file: url.into(), diagnostics: Diagnostics::default() },
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

/// Strings that repeat, one shared copy of each.
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
    pub(super) diagnostics: Diagnostics,
}

impl Findings {
    /// Adds one.
    pub(crate) fn add(&mut self, line: u32, code: &'static str, message: String) {
        self.diagnostics.push(Diagnostic::new(code, &self.file, line, message));
    }
}
