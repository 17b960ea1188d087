//! What one document may have at most, so that a hostile one cannot exhaust the process.
//!
//! Whatever is read once costs by the size of the document. These bound what is held for every element, what one place
//! in a document makes of another, and what is searched one by one.

/// A whole document. EDGAR takes submissions up to about 200 MB.
pub(super) const MAX_DOCUMENT_BYTES: usize = 256 << 20;

/// Open elements at a time. Generated XHTML nests some dozens deep; nothing here recurses, but every open element
/// costs memory.
pub(super) const MAX_DEPTH: usize = 1_000;

/// Attributes of one element, namespace declarations included. Roots of real filings carry up to about 60.
pub(super) const MAX_ATTRIBUTES: usize = 512;

/// Namespace declarations in scope at a time: they are searched one by one.
pub(super) const MAX_NAMESPACES: usize = 512;

/// A namespace, and a base of references: they are written once and stand for a prefix or before a reference a million
/// times. Real ones have some 100 bytes.
pub(super) const MAX_URI_BYTES: usize = 2_048;

/// Canonical text of all contexts of a document set together: what they hold beside dimensions by name. Names in it are
/// written with their namespaces. Real filings have some hundred bytes.
pub(crate) const MAX_CANONICAL_BYTES: usize = 16 << 20;

/// The text of one element as gathered by [`read_text`](super::XmlReader::read_text).
pub(crate) const MAX_TEXT_BYTES: usize = 64 << 20;
