//! Extensible enumerations: facts whose values name elements of the taxonomy.
//!
//! The type decides what a value means (Extensible Enumerations 1.0 and 2.0). Where the DTS does not
//! tell the type, because a schema is missing, a value is one only if it can be nothing else: every word of it is
//! `{namespace}#{local}` of an element that the DTS declares, or could declare if the missing schema were there, in a
//! namespace that the filing itself writes prefixes for. Any other address with a fragment proves nothing.

use foldhash::{HashMap, HashMapExt, HashSet};

use crate::model::{Fact, FactValue, Instance};
use crate::taxonomy::{Dts, ExtensibleEnumeration};
use crate::{Diagnostic, QName};

/// The elements that one fact names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedElements {
    /// Index into [`Instance::facts`].
    pub fact: usize,
    /// The elements in the order of the value, each once. Undeclared ones only where a schema is missing that could
    /// declare them.
    pub elements: Vec<QName>,
}

/// What a concept's facts are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Of(ExtensibleEnumeration),
    /// The DTS does not tell.
    Unknown,
    /// Something else.
    Other,
}

/// The elements that facts name, in the order of the facts, and what is wrong with such values.
pub fn read(instance: &Instance, dts: &Dts) -> (Vec<NamedElements>, Vec<Diagnostic>) {
    let mut reader = Reader { instance, dts, kinds: HashMap::new(), diagnostics: Vec::new() };
    let texts = instance.facts.iter().enumerate().filter(|(_, fact)| !fact.is_numeric);
    let named: Vec<NamedElements> = texts
        .filter_map(|(index, fact)| {
            let FactValue::Text(text) = &fact.value else { return None };
            let elements = reader.elements(index, fact, text);
            (!elements.is_empty()).then_some(NamedElements { fact: index, elements })
        })
        .collect();
    (named, reader.diagnostics)
}

struct Reader<'a> {
    instance: &'a Instance,
    dts: &'a Dts,
    kinds: HashMap<&'a QName, Kind>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn elements(&mut self, index: usize, fact: &'a Fact, text: &str) -> Vec<QName> {
        let dts = self.dts;
        match *self.kinds.entry(&fact.concept).or_insert_with(|| kind(dts, &fact.concept)) {
            Kind::Other => Vec::new(),
            Kind::Unknown => self.undoubted(text),
            Kind::Of(ExtensibleEnumeration::QName) => {
                let names = &self.instance.names_in_values;
                let found =
                    names.binary_search_by_key(&index, |(fact, _)| *fact).ok().map(|at| names[at].1.clone());
                self.known(fact, vec![(text.trim(), found)])
            }
            Kind::Of(ExtensibleEnumeration::Name) => {
                self.known(fact, vec![(text.trim(), expanded(text.trim()))])
            }
            Kind::Of(ExtensibleEnumeration::Names) => {
                self.known(fact, text.split_ascii_whitespace().map(|word| (word, expanded(word))).collect())
            }
        }
    }

    /// Those of the names that are known elements, or may be; the others are reported.
    fn known(&mut self, fact: &Fact, names: Vec<(&str, Option<QName>)>) -> Vec<QName> {
        let mut elements: Vec<QName> = Vec::with_capacity(names.len());
        let mut seen = HashSet::default();
        for (written, name) in names {
            let Some(name) = name else {
                self.report("enumeration-value-invalid", fact, written, "is no name of an element");
                continue;
            };
            if !seen.insert(name.clone()) {
                self.report("enumeration-value-repeated", fact, written, "is there twice");
            } else if may_be_declared(self.dts, &name) {
                elements.push(name);
            } else {
                self.report("enumeration-value-unknown", fact, written, "names no element of the taxonomy");
            }
        }
        elements
    }

    /// The elements that a text of unknown type names, if it says nothing else.
    fn undoubted(&self, text: &str) -> Vec<QName> {
        let is_used = |namespace: &str| self.instance.prefixes.iter().any(|(_, bound)| &**bound == namespace);
        let is_element = |name: &QName| {
            self.dts.concept(name).is_some() || (is_used(&name.namespace) && may_be_declared(self.dts, name))
        };
        let mut elements = Vec::new();
        for word in text.split_ascii_whitespace() {
            match expanded(word).filter(is_element) {
                Some(name) if elements.contains(&name) => {}
                Some(name) => elements.push(name),
                None => return Vec::new(),
            }
        }
        elements
    }

    fn report(&mut self, code: &'static str, fact: &Fact, written: &str, what: &str) {
        let shown: String = written.chars().take(120).collect();
        let message = format!("the value {shown:?} of {} {what}", fact.concept);
        self.diagnostics.push(Diagnostic::new(code, &self.instance.files[fact.file], fact.line, message));
    }
}

fn kind(dts: &Dts, concept: &QName) -> Kind {
    let Some(concept) = dts.concept(concept) else { return Kind::Unknown };
    match concept.item_type.extensible {
        Some(enumeration) => Kind::Of(enumeration),
        None if concept.item_type.is_complete => Kind::Other,
        None => Kind::Unknown,
    }
}

/// `{namespace}#{local}` as a name.
fn expanded(word: &str) -> Option<QName> {
    let (namespace, local) = word.rsplit_once('#')?;
    let is_name = local.starts_with(|first: char| first.is_alphabetic() || first == '_');
    let is_word = !word.contains(char::is_whitespace);
    (!namespace.is_empty() && is_name && is_word).then(|| QName::new(namespace, local))
}

/// Whether the DTS declares an element, or lacks a schema that may: it has none of its namespace.
fn may_be_declared(dts: &Dts, name: &QName) -> bool {
    let has_schema = || {
        let schemas = dts.documents().iter().filter_map(|loaded| loaded.document.schema());
        schemas.into_iter().any(|schema| schema.target_namespace == name.namespace)
    };
    dts.concept(name).is_some() || (!dts.missing().is_empty() && !has_schema())
}

#[cfg(test)]
mod tests;
