//! A started XML element, as the reader lends it. (A concept is an element too, to a schema and to the graph; this is
//! the one with a tag.)

use std::borrow::Cow;
use std::sync::Arc;

use super::attributes::Attribute;
use super::current::Current;
use super::href::absolute;
use super::scope::Unprefixed;
use crate::QName;
use crate::name::ns;

/// A started element of XML, lent until the next read.
pub(crate) struct XmlElement<'r, 'a> {
    pub(super) current: &'r mut Current<'a>,
}

impl<'a> XmlElement<'_, 'a> {
    /// The expanded name. A prefix that is not declared gives no namespace and the whole raw name as local part.
    pub(crate) fn name(&self) -> &QName {
        self.current.scope.name(self.current.name)
    }

    /// The namespace, empty when there is none.
    pub(crate) fn namespace(&self) -> &str {
        &self.name().namespace
    }

    /// The local part.
    pub(crate) fn local(&self) -> &str {
        &self.name().local
    }

    /// Whether the element is `local` in `namespace`.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name().is(namespace, local)
    }

    /// The name as written.
    pub(crate) fn raw_name(&self) -> &'a str {
        self.current.raw_name
    }

    /// The start tag between its brackets as written, if it could be written so anew: without references, namespace
    /// declarations, apostrophes around values or line breaks. Most XHTML tags are, and need not be taken apart.
    pub(crate) fn verbatim(&self) -> Option<&'a str> {
        let tag = self.current.tag;
        let is_plain = tag.len() == self.current.raw_name.len()
            || !(tag.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'>' | b'\t' | b'\n' | b'\r'))
                || tag.contains("='")
                || tag.contains("xmlns"));
        is_plain.then(|| tag.trim_end_matches(' '))
    }

    /// The address of the document it is in, as [`XmlElement::absolute`] writes addresses.
    pub(crate) fn document(&self) -> Arc<str> {
        absolute(&self.current.file, "")
    }

    /// The line it starts on, from 1.
    pub(crate) fn line(&self) -> u32 {
        self.current.line()
    }

    /// The value of the attribute `local` in no namespace.
    pub(crate) fn attribute(&self, local: &str) -> Option<&str> {
        self.current
            .attributes()
            .iter()
            .find(|attribute| attribute.raw_name == local)
            .map(|found| &*found.value)
    }

    /// The value of the attribute `local` in `namespace`, which is not empty.
    pub(crate) fn attribute_ns(&self, namespace: &str, local: &str) -> Option<&str> {
        self.attribute_of(namespace, local).map(|found| &*found.value)
    }

    fn attribute_of(&self, namespace: &str, local: &str) -> Option<&Attribute<'a>> {
        let matches = |attribute: &&Attribute<'a>| {
            let prefix = attribute.prefix_of(local);
            let found = prefix.and_then(|prefix| self.current.scope.namespace(prefix));
            found.is_some_and(|found| &**found == namespace)
        };
        self.current.attributes().iter().find(matches)
    }

    /// The same value, white space around it trimmed, borrowed from the document where it stands there as it is.
    pub(crate) fn borrowed_ns(&self, namespace: &str, local: &str) -> Option<Cow<'a, str>> {
        self.attribute_of(namespace, local).map(Attribute::borrowed)
    }

    /// All attributes but namespace declarations, in document order.
    pub(crate) fn attributes(&self) -> &[Attribute<'a>] {
        self.current.attributes()
    }

    /// The same with the namespace and the local part of each. The namespace is empty for unprefixed ones and for
    /// prefixes not declared, whose local part is the whole name.
    pub(crate) fn named_attributes(&self) -> impl Iterator<Item = (&str, &str, &Attribute<'a>)> {
        self.current.attributes().iter().map(|attribute| {
            let namespace = attribute.prefix().and_then(|prefix| self.current.scope.namespace(prefix));
            match namespace {
                Some(namespace) if !namespace.is_empty() => (&**namespace, attribute.local(), attribute),
                _ => ("", attribute.raw_name, attribute),
            }
        })
    }

    /// The expanded name of one of this element's attributes; unprefixed ones are in no namespace.
    pub(crate) fn attribute_name(&mut self, index: usize) -> Option<QName> {
        let raw_name = self.current.attributes().get(index)?.raw_name;
        self.current.scope.resolve(raw_name, Unprefixed::NoNamespace)
    }

    /// Namespaces declared on this element, `(prefix, namespace)` in document order; the default has prefix "".
    pub(crate) fn declarations(&self) -> impl Iterator<Item = (&'a str, &Arc<str>)> {
        self.current.scope.declarations(self.current.depth)
    }

    /// `xsi:nil`.
    pub(crate) fn is_nil(&self) -> bool {
        self.attribute_ns(ns::XSI, "nil").is_some_and(|value| matches!(value.trim(), "true" | "1"))
    }

    /// Resolves the QName in the attribute `local`: `None` without the attribute, `Some(None)` when it is no name
    /// or its prefix is not declared.
    pub(crate) fn resolve_attribute(&mut self, local: &str, unprefixed: Unprefixed) -> Option<Option<QName>> {
        let current = &mut *self.current;
        current.attributes();
        let found = current.attributes.get()?.iter().find(|attribute| attribute.raw_name == local)?;
        Some(current.scope.resolve(found.value.trim_matches([' ', '\t', '\r', '\n']), unprefixed))
    }

    /// The one shared copy of `text` in this current.
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        self.current.scope.intern(text)
    }

    /// The shared copy of the attribute `local`, white space around it trimmed.
    pub(crate) fn intern_attribute(&mut self, local: &str) -> Option<Arc<str>> {
        let current = &mut *self.current;
        current.attributes();
        let found = current.attributes.get()?.iter().find(|attribute| attribute.raw_name == local)?;
        Some(current.scope.intern(found.value.trim()))
    }

    /// `xml:lang` in scope, this element's own included; `None` when it is empty.
    pub(crate) fn language(&self) -> Option<Arc<str>> {
        self.current.scope.language()
    }

    /// What references on it are relative to.
    pub(crate) fn base(&self) -> &str {
        self.current.scope.base()
    }

    /// Makes a reference absolute, by `xml:base` in scope and the document's own name.
    pub(crate) fn absolute(&self, reference: &str) -> Arc<str> {
        absolute(self.current.scope.base(), reference)
    }
}
