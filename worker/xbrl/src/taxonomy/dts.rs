//! A DTS: all documents a filing leads to, joined.
//!
//! Everything is in a fixed order: documents as discovered, networks by arcrole and role, relationships by order and
//! place. Nothing of the documents is copied, so that filings share the standard taxonomies. Relationships are asked for
//! in [`super::network`], labels and references in [`super::label`].

use std::sync::Arc;

use foldhash::HashSet;

use super::base_set::{self, BaseSet};
use super::catalog::Catalog;
use super::concept::{self, Concept};
use super::endpoint::{self, Doubt, Endpoint, Endpoints, ResolvedName, ResourceId};
use super::href::{Purpose, canonical_url};
use super::inventory::{self, Counts, Role, UsedRole};
use super::linkbase::Resource;
use super::loaded::{Loaded, Missing};
use super::schema::{ElementDeclaration, RoleType};
use crate::diagnostic::Diagnostics;
use crate::{Diagnostic, QName};

/// A discoverable taxonomy set (XBRL 2.1 section 3).
#[derive(Debug)]
pub struct Dts {
    catalog: Catalog,
    missing: Vec<Missing>,
    /// What relationships run between, by number.
    pub(super) endpoints: Vec<Endpoint>,
    /// Sorted by arcrole and role.
    pub(super) base_sets: Vec<BaseSet>,
    roles: Vec<UsedRole>,
    diagnostics: Vec<Diagnostic>,
}

impl Dts {
    /// Joins documents. The diagnostics are those of finding them, to which those of joining them are added.
    pub(super) fn new(documents: Vec<Loaded>, missing: Vec<Missing>, found: Vec<Diagnostic>) -> Self {
        let mut diagnostics = Diagnostics::default();
        found.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
        let mut catalog = Catalog::new(documents);
        let mut endpoints = Endpoints::new(&catalog);
        let base_sets = base_set::build(&catalog.documents, &mut endpoints, &mut diagnostics);
        let located = endpoints.finish();
        located.diagnostics.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
        catalog.learn_prefixes(located.prefixes);
        let roles = inventory::used_roles(&catalog.documents);
        Self {
            catalog,
            missing,
            endpoints: located.endpoints,
            base_sets,
            roles,
            diagnostics: diagnostics.finish(),
        }
    }

    /// The documents, in order of discovery.
    pub fn documents(&self) -> &[Loaded] {
        &self.catalog.documents
    }

    /// The documents nobody had, in order of discovery.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// What was wrong in joining the documents. What is wrong inside one, [`super::parse`] says.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The concept named `name`; `None` when no document declares it.
    pub fn concept(&self, name: &QName) -> Option<Concept<'_>> {
        concept::resolve(&self.catalog, name)
    }

    /// The declaration of the element named `name`, as it stands: cheaper than [`Dts::concept`].
    pub fn declaration(&self, name: &QName) -> Option<&ElementDeclaration> {
        self.catalog.element(name).map(|(_, declaration)| declaration)
    }

    /// Whether a document declares names in `namespace`.
    pub fn has_schema(&self, namespace: &str) -> bool {
        self.catalog.schemas_of(namespace).next().is_some()
    }

    /// Whether a name in `namespace` that no document declares is one that nobody declares: no document is missing that
    /// might. A missing schema may lead to any namespace that is not at hand.
    pub fn is_complete_for(&self, namespace: &str) -> bool {
        let mut content = self.missing.iter().filter(|missing| missing.purpose == Purpose::Content);
        if !self.has_schema(namespace) {
            return content.next().is_none();
        }
        let missing: HashSet<String> = content.map(|missing| canonical_url(&missing.url)).collect();
        let is_imported =
            |url: &String| self.catalog.imported_namespace(url).is_some_and(|known| **known == *namespace);
        let mut includes = self.catalog.schemas_of(namespace).flat_map(|schema| &schema.includes);
        !missing.iter().any(is_imported) && !includes.any(|url| missing.contains(&canonical_url(url)))
    }

    /// Whether a schema declares tuples (XBRL 2.1 section 4.9).
    pub fn declares_tuples(&self) -> bool {
        let mut schemas = self.documents().iter().filter_map(|loaded| loaded.document.schema());
        schemas.any(|schema| schema.declares_tuples)
    }

    /// The concept an href names, declared or not.
    pub fn concept_by_href(&self, url: &str, fragment: &str) -> (ResolvedName, Option<Diagnostic>) {
        let (resolved, doubt) =
            endpoint::concept_name(&self.catalog, self.catalog.document(url), url, fragment);
        let diagnostic = doubt.and_then(Doubt::reason).map(|(code, reason)| {
            let message = format!("#{fragment}: {reason}");
            Diagnostic::new(code, &url.into(), 0, message)
        });
        (resolved, diagnostic)
    }

    /// The conventional prefix of a namespace: its own schema's, else one bound to it in the DTS, else one used in
    /// ids of a missing schema.
    pub fn prefix(&self, namespace: &str) -> Option<&Arc<str>> {
        self.catalog.prefix(namespace)
    }

    /// The resource at the end of a relationship.
    ///
    /// # Panics
    /// When the id is another DTS's.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        let linkbases = self.documents()[id.document as usize].document.linkbases();
        &linkbases[id.linkbase as usize].links[id.link as usize].resources[id.resource as usize]
    }

    /// The roles of extended links in use, in order of their first use.
    pub fn roles(&self) -> impl Iterator<Item = Role<'_>> {
        self.roles.iter().map(|used| Role {
            uri: &used.uri,
            declaration: self.role_type(&used.uri),
            kinds: &used.kinds,
            is_own: used.is_own,
        })
    }

    /// The declaration of a role, of links or of labels; the first of several.
    pub fn role_type(&self, uri: &str) -> Option<&RoleType> {
        self.documents().iter().find_map(|loaded| loaded.document.schema()?.role_type(uri))
    }

    /// What the filing's own documents contain.
    pub fn own_counts(&self) -> Counts {
        Counts::of_own(self.documents())
    }
}
