//! Expanded names and the namespaces this crate itself speaks.

use std::fmt;
use std::sync::Arc;

/// An expanded XML name: a namespace (empty when there is none) and a local part.
///
/// Both parts are shared, so a clone costs two reference counts; a filing names each concept hundreds of times.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QName {
    /// The namespace name, empty for names in no namespace.
    pub namespace: Arc<str>,
    /// The local part.
    pub local: Arc<str>,
}

impl QName {
    /// A name from its two parts.
    pub fn new(namespace: impl Into<Arc<str>>, local: impl Into<Arc<str>>) -> Self {
        Self { namespace: namespace.into(), local: local.into() }
    }

    /// Whether this is the name `local` in `namespace`.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.local == local && &*self.namespace == namespace
    }

    /// The name as a URI, `{namespace}#{local}`: how the graph identifies a concept.
    pub fn uri(&self) -> String {
        [&*self.namespace, "#", &*self.local].concat()
    }
}

/// Clark notation, `{namespace}local`.
impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

impl fmt::Debug for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Namespace names of the specifications.
pub mod ns {
    /// XML's own (`xml:lang`, `xml:base`).
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    /// XML Schema.
    pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";
    /// XML Schema instance (`xsi:nil`, `xsi:schemaLocation`).
    pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
    /// XHTML.
    pub const XHTML: &str = "http://www.w3.org/1999/xhtml";
    /// XLink.
    pub const XLINK: &str = "http://www.w3.org/1999/xlink";
    /// XBRL 2.1 instances.
    pub const XBRLI: &str = "http://www.xbrl.org/2003/instance";
    /// XBRL 2.1 linkbases.
    pub const LINK: &str = "http://www.xbrl.org/2003/linkbase";
    /// Dimensions 1.0, in schemas and definition linkbases.
    pub const XBRLDT: &str = "http://xbrl.org/2005/xbrldt";
    /// Dimensions 1.0, in contexts.
    pub const XBRLDI: &str = "http://xbrl.org/2006/xbrldi";
    /// Extensible Enumerations 1.0.
    pub const ENUM_1_0: &str = "http://xbrl.org/2014/extensible-enumerations";
    /// Extensible Enumerations 2.0.
    pub const ENUM_2_0: &str = "http://xbrl.org/2020/extensible-enumerations-2.0";
    /// Inline XBRL 1.1.
    pub const IX: &str = "http://www.xbrl.org/2013/inlineXBRL";
    /// Inline XBRL 1.0.
    pub const IX_1_0: &str = "http://www.xbrl.org/2008/inlineXBRL";
    /// Currencies.
    pub const ISO4217: &str = "http://www.xbrl.org/2003/iso4217";
}
