//! What was wrong with the data, and what was not XBRL at all.

use std::fmt;
use std::sync::Arc;

/// Something wrong in a document that did not stop the work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// A stable machine-readable code, such as `context-missing`.
    pub code: &'static str,
    /// The file it is in.
    pub file: Arc<str>,
    /// The line, from 1; 0 where no line is known.
    pub line: u32,
    /// What is wrong, in one lower-case sentence that names the thing.
    pub message: String,
}

impl Diagnostic {
    /// A diagnostic whose message is one line of bounded length, whatever of a document it quotes.
    pub fn new(code: &'static str, file: &Arc<str>, line: u32, message: String) -> Self {
        Self { code, file: file.clone(), line, message: one_line(message) }
    }
}

/// Most characters of a message: a line on a screen or in a log, whatever of a document it quotes.
const MAX_MESSAGE_CHARS: usize = 300;

/// Most diagnostics of one document or document set: a document that is wrong in every element must not become as many
/// sentences. Real filings have some dozens.
pub(crate) const MAX_DIAGNOSTICS: usize = 100_000;

/// A message as one line of bounded length: names and values in it come from documents.
pub(crate) fn one_line(message: String) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let is_short = message.chars().nth(MAX_MESSAGE_CHARS).is_none();
    if is_short && !message.contains(breaks) {
        return message;
    }
    let plain = message.chars().map(|c| if breaks(c) { ' ' } else { c });
    if is_short { plain.collect() } else { plain.take(MAX_MESSAGE_CHARS - 1).chain(['…']).collect() }
}

/// Of a name that many messages quote, as much as one can show: it may be as long as the document.
pub(crate) fn shown(name: &str) -> &str {
    let end = name.char_indices().nth(MAX_MESSAGE_CHARS).map_or(name.len(), |(end, _)| end);
    &name[..end]
}

/// The diagnostics of a document while it is read, of which there are at most [`MAX_DIAGNOSTICS`].
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    kept: Vec<Diagnostic>,
    left_out: usize,
}

impl Diagnostics {
    /// Adds one, or counts it where there are too many.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.kept.len() < MAX_DIAGNOSTICS {
            self.kept.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Those that were kept, and what is to be said of the others, by which file is as good as another.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let Self { mut kept, left_out } = self;
        if let Some(file) = kept.last().map(|last| last.file.clone()).filter(|_| left_out > 0) {
            let message = format!("{left_out} more diagnostics are left out");
            kept.push(Diagnostic::new("diagnostics-left-out", &file, 0, message));
        }
        kept
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]", self.file, self.line, self.message, self.code)
    }
}

/// A document that is not what it was taken for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not well-formed XML.
    #[error("{file}:{line}: malformed XML: {message}")]
    Malformed {
        /// The file.
        file: Arc<str>,
        /// The line, from 1.
        line: u32,
        /// What the XML reader said.
        message: String,
    },
    /// An entity that the document declares itself. EDGAR takes no such document (EDGAR Filer Manual 5.2.5), and what
    /// they expand to has no bound.
    #[error("{file}:{line}: the document uses an entity of its own, &{entity};, which EDGAR does not allow")]
    OwnEntity {
        /// The file.
        file: Arc<str>,
        /// The line, from 1.
        line: u32,
        /// Its name.
        entity: String,
    },
    /// Well-formed, but the root is of another kind.
    #[error("{file}: expected {expected}, found <{found}>")]
    NotXbrl {
        /// The file.
        file: Arc<str>,
        /// What was expected, such as "an xbrli:xbrl document".
        expected: &'static str,
        /// The root element as written.
        found: String,
    },
    /// A limit that keeps hostile input from exhausting the process.
    #[error("{file}:{line}: {what} exceeds the limit of {limit}")]
    Limit {
        /// The file.
        file: Arc<str>,
        /// The line, from 1.
        line: u32,
        /// What there was too much of, such as "element depth".
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}
