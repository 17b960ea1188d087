//! Texts of facts that are names: what they mean by the prefixes in scope where they stand.
//!
//! The type of a fact is known to the taxonomy alone, which is read later; the prefixes are gone by then. So every text
//! that is written as a name is looked up while they are in scope. Few are.

use crate::QName;
use crate::name::ns;
use crate::reader::{Unprefixed, XmlReader};

/// No name of a concept is longer.
const MAX_BYTES: usize = 512;

/// What a text means as a name where the reader stands; `None` where it is none. An unprefixed one is a name in the
/// default namespace (XML Schema 1.0 part 2 section 3.2.18), unless that is the document's own vocabulary: then every
/// word would be one.
pub(crate) fn read(reader: &mut XmlReader<'_>, text: &str) -> Option<QName> {
    let text = text.trim();
    if text.len() > MAX_BYTES || !is_name(text) {
        return None;
    }
    let name = reader.resolve(text, Unprefixed::DefaultNamespace)?;
    let is_own = matches!(&*name.namespace, "" | ns::XHTML | ns::XBRLI | ns::LINK);
    (!is_own).then_some(name)
}

/// Whether a text is a name, with a prefix or without (XML Names 1.0, `QName`), its letters taken generously.
fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}'))
    };
    text.splitn(2, ':').all(is_part)
}
