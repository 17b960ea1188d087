//! What an href points to: a concept, a resource, or something else.
//!
//! Locators to a schema nobody has must still join the facts of its namespace, so a concept's name can be found
//! without its declaration: the namespace from whoever imports the schema, the local name from the convention that
//! ids are `{prefix}_{local}`.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::catalog::Catalog;
use super::href::Href;
use super::schema::{ElementDeclaration, Schema};
use crate::diagnostic::Diagnostics;
use crate::{Diagnostic, QName};

/// One end of a relationship.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A concept.
    Concept(ResolvedName),
    /// A label, reference or other resource of some linkbase.
    Resource(ResourceId),
    /// Anything else, such as a role declaration that a generic label explains.
    Other(Href),
}

/// A concept's name, found from an href.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResolvedName {
    /// The name.
    pub name: QName,
    /// Whether the DTS declares it; if not, the name follows the convention for ids.
    pub is_declared: bool,
}

/// Where a resource is: indices of document, linkbase in it, extended link, resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId {
    /// The document, in the order of the DTS.
    pub document: u32,
    /// The linkbase in the document: 0 but for embedded ones.
    pub linkbase: u32,
    /// The extended link in the linkbase.
    pub link: u32,
    /// The resource in the link.
    pub resource: u32,
}

/// What kept a name from being certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The schema is missing, but its namespace is known: nothing to report beyond the missing URL.
    SchemaMissing,
    /// The schema is there and declares no such element.
    NotDeclared,
    /// The schema is missing and nobody imports it: its URL stands for the namespace.
    NamespaceUnknown,
}

impl Doubt {
    /// A diagnostic's code and reason; `None` where the missing URL itself says enough.
    pub(crate) fn reason(self) -> Option<(&'static str, &'static str)> {
        match self {
            Doubt::SchemaMissing => None,
            Doubt::NotDeclared => Some(("href-unresolved", "the document declares no such element")),
            Doubt::NamespaceUnknown => {
                Some(("namespace-unknown", "the schema is missing and nothing in the DTS imports it"))
            }
        }
    }
}

/// The concept that `fragment` names in the document at `url`, which is `document` when the DTS has it.
pub(crate) fn concept_name(
    catalog: &Catalog,
    document: Option<usize>,
    url: &str,
    fragment: &str,
) -> (ResolvedName, Option<Doubt>) {
    let (namespace, doubt) = match document {
        Some(document) => {
            let namespace = catalog.namespace(document).clone();
            let schema = catalog.documents[document].document.schema();
            if let Some(element) = schema.and_then(|schema| element_at(schema, fragment)) {
                let name = QName { namespace, local: element.name.clone() };
                return (ResolvedName { name, is_declared: true }, None);
            }
            (namespace, Doubt::NotDeclared)
        }
        None => match catalog.imported_namespace(url) {
            Some(namespace) => (namespace.clone(), Doubt::SchemaMissing),
            None => (url.into(), Doubt::NamespaceUnknown),
        },
    };
    let local = match catalog.prefix(&namespace).and_then(|prefix| fragment.strip_prefix(&**prefix)) {
        Some(rest) if rest.starts_with('_') => &rest[1..],
        _ => fragment.split_once('_').map_or(fragment, |(_, local)| local),
    };
    let name = QName { namespace, local: local.into() };
    let is_declared = catalog.element(&name).is_some();
    (ResolvedName { name, is_declared }, Some(doubt))
}

/// The element a fragment points to: by id, or by XPointer's `element()` scheme, of which the first that leads
/// somewhere counts (XBRL 2.1 section 3.5.4).
fn element_at<'a>(schema: &'a Schema, fragment: &str) -> Option<&'a ElementDeclaration> {
    if let Some(element) = schema.element_by_id(fragment) {
        return Some(element);
    }
    let mut rest = fragment;
    while let Some(pointer) = rest.strip_prefix("element(") {
        let (target, after) = pointer.split_once(')')?;
        let found = match target.strip_prefix("/1/") {
            Some(position) => element_at_position(schema, position),
            None => schema.element_by_id(target),
        };
        if found.is_some() {
            return found;
        }
        rest = after;
    }
    None
}

fn element_at_position<'a>(schema: &'a Schema, position: &str) -> Option<&'a ElementDeclaration> {
    let position: u32 = position.parse().ok()?;
    let index = schema.elements.binary_search_by_key(&position, |element| element.position).ok()?;
    Some(&schema.elements[index])
}

/// Numbers the endpoints of a DTS, so that relationships compare by number.
pub(crate) struct Endpoints<'a> {
    catalog: &'a Catalog,
    all: Vec<Endpoint>,
    numbers: HashMap<Endpoint, u32>,
    hrefs: HashMap<Href, u32>,
    /// Documents by URL as written, since thousands of locators name a dozen.
    documents: HashMap<Arc<str>, Option<usize>>,
    /// What is not an element, by id, of the documents that some locator points into.
    others: HashMap<usize, HashMap<Arc<str>, Other>>,
    /// Prefixes seen in ids of missing schemas, by namespace.
    prefixes: HashMap<Arc<str>, Arc<str>>,
    diagnostics: Diagnostics,
}

/// What [`Endpoints`] found.
pub(crate) struct Located {
    /// All endpoints by number.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Prefixes seen in ids of missing schemas, by namespace.
    pub(crate) prefixes: HashMap<Arc<str>, Arc<str>>,
    /// What was wrong with hrefs.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Endpoints<'a> {
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            all: Vec::new(),
            numbers: HashMap::new(),
            hrefs: HashMap::new(),
            documents: HashMap::new(),
            others: HashMap::new(),
            prefixes: HashMap::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// The number of what a locator, on `line` of `file`, points to.
    pub(crate) fn locate(&mut self, href: &Href, file: &Arc<str>, line: u32) -> u32 {
        if let Some(&number) = self.hrefs.get(href) {
            return number;
        }
        let endpoint = self.find(href, file, line);
        let number = self.number(endpoint);
        self.hrefs.insert(href.clone(), number);
        number
    }

    /// The number of an endpoint.
    pub(crate) fn number(&mut self, endpoint: Endpoint) -> u32 {
        if let Some(&number) = self.numbers.get(&endpoint) {
            return number;
        }
        let number = u32::try_from(self.all.len()).expect("bounded by the size of the documents");
        self.all.push(endpoint.clone());
        self.numbers.insert(endpoint, number);
        number
    }

    /// What was found.
    pub(crate) fn finish(self) -> Located {
        Located { endpoints: self.all, prefixes: self.prefixes, diagnostics: self.diagnostics.finish() }
    }

    fn find(&mut self, href: &Href, file: &Arc<str>, line: u32) -> Endpoint {
        let catalog = self.catalog;
        let document =
            *self.documents.entry(href.document.clone()).or_insert_with(|| catalog.document(&href.document));
        let (resolved, doubt) = concept_name(catalog, document, &href.document, &href.fragment);
        let Some(doubt) = doubt else { return Endpoint::Concept(resolved) };
        if let Some(document) = document {
            let by_id = self.others.entry(document).or_insert_with(|| others_by_id(catalog, document));
            match by_id.get(&href.fragment) {
                Some(Other::Resource(place)) => return Endpoint::Resource(*place),
                Some(Other::Role) => return Endpoint::Other(href.clone()),
                None if href.fragment.is_empty() => return Endpoint::Other(href.clone()),
                None if catalog.documents[document].document.schema().is_none() => {
                    self.report("href-unresolved", href, "no such resource in the linkbase", file, line);
                    return Endpoint::Other(href.clone());
                }
                None => {}
            }
        }
        match doubt.reason() {
            Some((code, reason)) => self.report(code, href, reason, file, line),
            // EDGAR's ids are `{conventional prefix}_{local name}`.
            None => {
                if let Some((prefix, _)) = href.fragment.split_once('_') {
                    let namespace = resolved.name.namespace.clone();
                    self.prefixes.entry(namespace).or_insert_with(|| prefix.into());
                }
            }
        }
        Endpoint::Concept(resolved)
    }

    fn report(&mut self, code: &'static str, href: &Href, reason: &str, file: &Arc<str>, line: u32) {
        let message = format!("{}#{}: {reason}", href.document, href.fragment);
        self.diagnostics.push(Diagnostic::new(code, file, line, message));
    }
}

/// What an id of a document can stand for besides an element.
enum Other {
    Resource(ResourceId),
    Role,
}

fn others_by_id(catalog: &Catalog, document: usize) -> HashMap<Arc<str>, Other> {
    let content = &catalog.documents[document].document;
    let mut by_id = HashMap::new();
    if let Some(schema) = content.schema() {
        let roles = schema.role_types.iter().map(|role| &role.id);
        let arcroles = schema.arcrole_types.iter().map(|arcrole| &arcrole.id);
        by_id.extend(roles.chain(arcroles).flatten().map(|id| (id.clone(), Other::Role)));
    }
    for (linkbase, content) in (0..).zip(content.linkbases()) {
        for (link, content) in (0..).zip(&content.links) {
            for (resource, content) in (0..).zip(&content.resources) {
                let Some(id) = &content.id else { continue };
                let document = u32::try_from(document).expect("bounded by the number of documents");
                let place = ResourceId { document, linkbase, link, resource };
                by_id.entry(id.clone()).or_insert(Other::Resource(place));
            }
        }
    }
    by_id
}
