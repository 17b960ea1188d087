//! References between documents: making them absolute where they are written, and knowing one document under two URLs.
//!
//! Hrefs are resolved once, while their document is parsed, so nothing later needs a base URL. This file does not
//! look inside fragments; what a fragment points to is found in [`super::endpoint`].

use std::borrow::Cow;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use url::Url;

use crate::reader::XmlElement;

/// Distinct documents that one document refers to. Standard entry points name some 300; a DTS takes far fewer than this
/// in all, and `xml:base` makes a long URL of each.
pub(crate) const MAX_REFERENCES: usize = 20_000;

/// A reference to a document, or to a place in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Href {
    /// The absolute URL, without fragment, its scheme as written.
    pub document: Arc<str>,
    /// The fragment without `#`, percent-decoded; empty when the whole document is meant.
    pub fragment: Arc<str>,
}

/// A document that another leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leads {
    /// Its absolute URL, without fragment.
    pub url: Arc<str>,
    /// What for.
    pub purpose: Purpose,
}

/// What a document is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Only roleRefs and arcroleRefs lead to it: without it the definitions of some roles are lost, but no concept
    /// and no relationship.
    RoleDeclarations,
    /// Its concepts, types or relationships.
    Content,
}

/// The key under which a document is one, whether it was named with `http` or `https`, and without its fragment.
///
/// Filings mix both schemes for the same standard schemas, and the hosts serve the same bytes.
pub fn canonical_url(url: &str) -> String {
    let mut key = match Url::parse(url) {
        Ok(parsed) => String::from(parsed),
        Err(_) => url.to_owned(),
    };
    if let Some(fragment) = key.find('#') {
        key.truncate(fragment);
    }
    if key.starts_with("https:") {
        key.replace_range(..5, "http");
    }
    key
}

/// Resolves what is written in one document and collects where it leads.
pub(crate) struct Hrefs<'d> {
    document: Arc<str>,
    /// Thousands of locators name a dozen documents, so a URL is joined once. Behind `xml:base`, which makes the result
    /// depend on the place, by what it was joined to.
    resolved: HashMap<Box<str>, Arc<str>>,
    has_base: bool,
    references: Vec<Leads>,
    seen: HashMap<Arc<str>, usize>,
    /// Where locators point, and the number of each there by how it is written: most are written in every link.
    places: Vec<Href>,
    numbers: HashMap<Cow<'d, str>, u32>,
}

impl<'d> Hrefs<'d> {
    /// For the document at `url`.
    pub(crate) fn new(url: &str) -> Self {
        Self {
            document: url.into(),
            resolved: HashMap::new(),
            has_base: false,
            references: Vec::new(),
            seen: HashMap::new(),
            places: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// Takes note of an `xml:base`; to be called with every element an href can stand in.
    pub(crate) fn pass(&mut self, element: &XmlElement<'_, '_>) {
        self.has_base |= element.attribute("xml:base").is_some();
    }

    /// Makes an href written on `element` absolute.
    pub(crate) fn resolve(&mut self, element: &XmlElement<'_, '_>, written: &str) -> Href {
        let written = written.trim();
        let (document, fragment) = written.split_once('#').unwrap_or((written, ""));
        // An empty reference means the document it stands in, whatever xml:base says (RFC 2396 section 4.2).
        let document =
            if document.is_empty() { self.document.clone() } else { self.absolute(element, document) };
        Href { document, fragment: decode(fragment) }
    }

    /// The same, counting the document among those this one leads to (XBRL 2.1 section 3.2).
    pub(crate) fn discover(&mut self, element: &XmlElement<'_, '_>, written: &str, purpose: Purpose) -> Href {
        let href = self.resolve(element, written);
        if let Some(&index) = self.seen.get(&href.document) {
            let known = &mut self.references[index].purpose;
            *known = purpose.max(*known);
        } else if href.document != self.document {
            self.seen.insert(href.document.clone(), self.references.len());
            self.references.push(Leads { url: href.document.clone(), purpose });
        }
        href
    }

    /// The number of the place that a locator points to, its document counted among those this one leads to.
    pub(crate) fn place(&mut self, element: &XmlElement<'_, '_>, written: Cow<'d, str>) -> u32 {
        if !self.has_base
            && let Some(number) = self.numbers.get(&written)
        {
            return *number;
        }
        let href = self.discover(element, &written, Purpose::Content);
        let number = u32::try_from(self.places.len()).expect("bounded by the size of the document");
        self.places.push(href);
        if !self.has_base {
            self.numbers.insert(written, number);
        }
        number
    }

    /// The distinct documents discovered, in document order, and the places by their number.
    pub(crate) fn finish(self) -> (Vec<Leads>, Vec<Href>) {
        (self.references, self.places)
    }

    /// Whether there were more than [`MAX_REFERENCES`]; those beyond are not kept.
    pub(crate) fn has_too_many(&self) -> bool {
        self.resolved.len() >= MAX_REFERENCES
    }

    fn absolute(&mut self, element: &XmlElement<'_, '_>, written: &str) -> Arc<str> {
        let based;
        let key = if self.has_base {
            based = [element.base(), " ", written].concat();
            &*based
        } else {
            written
        };
        if let Some(known) = self.resolved.get(key) {
            return known.clone();
        }
        if self.has_too_many() {
            return self.document.clone();
        }
        let absolute = element.absolute(written);
        self.resolved.insert(key.into(), absolute.clone());
        absolute
    }
}

/// Percent-decodes a fragment. Ids are NCNames, which have no `+`, `&` or `=` for form decoding to misread.
fn decode(fragment: &str) -> Arc<str> {
    if !fragment.contains('%') {
        return fragment.into();
    }
    match url::form_urlencoded::parse(fragment.as_bytes()).next() {
        Some((name, _)) => name.as_ref().into(),
        None => fragment.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_and_https_are_one_document() {
        assert_eq!(canonical_url("https://h/a.xsd#b"), "http://h/a.xsd");
        assert_eq!(canonical_url("http://H:80/./a.xsd"), "http://h/a.xsd");
        assert_ne!(canonical_url("https://h/a.xsd"), canonical_url("https://h/b.xsd"));
        assert_eq!(canonical_url("file:///a.xsd"), "file:///a.xsd");
        assert_eq!(canonical_url("a.xsd#b"), "a.xsd");
    }

    #[test]
    fn fragments_are_decoded() {
        assert_eq!(&*decode("us-gaap_Assets"), "us-gaap_Assets");
        assert_eq!(&*decode("caf%C3%A9"), "café");
        assert_eq!(&*decode("element(/1/3)"), "element(/1/3)");
    }
}
