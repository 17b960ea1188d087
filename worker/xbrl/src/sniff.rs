//! What kind of document some bytes are, from their first elements.

#[cfg(test)]
mod tests;

use crate::name::ns;
use crate::reader::{self, Event, XmlReader};

/// How much of a document is looked at. An inline document's first `ix:` element, its header, comes within it.
const HEAD_BYTES: usize = 256 << 10;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A classic XBRL instance.
    Instance,
    /// An Inline XBRL document.
    Inline,
    /// An XML schema.
    Schema,
    /// A linkbase.
    Linkbase,
    /// Anything else, such as an exhibit in plain HTML.
    Other,
}

/// Decides by the root element; for XHTML, by whether Inline XBRL is declared on the root or used near it.
pub fn sniff(bytes: &[u8]) -> Kind {
    // Cut behind a `>`, the text ends within no tag, save where a `>` stands in an attribute value.
    let text = reader::decode_head(bytes, HEAD_BYTES);
    let mut reader = XmlReader::new("", &text);
    let mut is_root = true;
    while let Ok(Some(event)) = reader.read() {
        let Event::Start(element) = event else { continue };
        if is_root {
            is_root = false;
            match (element.namespace(), element.local()) {
                (ns::XBRLI, "xbrl") => return Kind::Instance,
                (ns::XSD, "schema") => return Kind::Schema,
                (ns::LINK, "linkbase") => return Kind::Linkbase,
                (_, "html") if element.declarations().any(|(_, namespace)| is_inline(namespace)) => {
                    return Kind::Inline;
                }
                (_, "html") => {}
                _ => return Kind::Other,
            }
        }
        if is_inline(element.namespace()) {
            return Kind::Inline;
        }
    }
    Kind::Other
}

fn is_inline(namespace: &str) -> bool {
    matches!(namespace, ns::IX | ns::IX_1_0)
}
