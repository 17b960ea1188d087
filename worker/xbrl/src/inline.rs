//! Inline XBRL 1.0 and 1.1: facts tagged in XHTML.
//!
//! ```text
//! documents ──▶ walk ──▶ drafts (what a tag says) + captures (what its content says)
//!                                └──▶ resolve: continuations, exclusions, transformations, scale, sign ──▶ facts
//! ```
//!
//! A document set is one report for each target: a fact in one document may use a context, a unit or a continuation in
//! another, so nothing is looked up before the last document is read. Which documents are one set, their outlines tell.

mod capture;
mod draft;
mod footnote;
mod outline;
mod resolve;
#[cfg(test)]
mod tests;
mod transform;
mod walk;

use crate::model::{Instance, Source};
use crate::reader::{self, XmlReader};
use crate::{Diagnostic, Error};
use walk::Walk;

pub use outline::{Outline, outline};

/// Parses a document set, in the order given; an ordinary report is one document. Each is a name and its bytes, the
/// name being a URL or a plain file name: the base of its relative references.
///
/// # Errors
/// [`Error::NotXbrl`] when no document holds an Inline XBRL element; [`Error::Malformed`] and [`Error::Limit`] for
/// the XML of any document.
pub fn parse(documents: &[(&str, &[u8])]) -> Result<(Instance, Vec<Diagnostic>), Error> {
    parse_target(documents, "")
}

/// The same for the facts of one target; the default target has no name.
///
/// # Errors
/// As [`parse`] does.
pub fn parse_target(documents: &[(&str, &[u8])], target: &str) -> Result<(Instance, Vec<Diagnostic>), Error> {
    let mut walk = Walk::new(target);
    for (file, bytes) in documents {
        let text = reader::decode(file, bytes)?;
        walk.read(&mut XmlReader::new(file, &text))?;
    }
    if !walk.is_inline {
        let file = documents.first().map_or("", |(file, _)| file);
        let found = "no ix: element".to_owned();
        return Err(Error::NotXbrl { file: file.into(), expected: "an Inline XBRL document", found });
    }
    let mut assembly = walk.resolve()?;
    assembly.instance.source = Source::Inline;
    Ok(assembly.finish())
}
