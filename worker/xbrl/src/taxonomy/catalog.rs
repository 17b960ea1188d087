//! Which document of a DTS declares what: documents by URL, elements and types by name, names by href.
//!
//! Nothing is copied out of the documents: a look-up finds the document by namespace and asks its own index, so
//! joining a DTS costs by the number of documents, not by the twenty thousand elements of a standard taxonomy.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::href::canonical_url;
use super::loaded::Loaded;
use super::schema::{ElementDeclaration, Schema, TypeDeclaration};
use crate::QName;

/// The documents of a DTS and the ways into them. Documents are named by their index.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// In order of discovery.
    pub(crate) documents: Vec<Loaded>,
    by_url: HashMap<String, usize>,
    /// The namespace each document declares names in: its own, or for a schema without one (XML Schema 1.0 part 1
    /// section 4.2.1) the first includer's.
    namespaces: Vec<Arc<str>>,
    by_namespace: HashMap<Arc<str>, Vec<usize>>,
    /// Namespaces by the URL an import names, for schemas that are missing.
    imported: HashMap<String, Arc<str>>,
    prefixes: HashMap<Arc<str>, Arc<str>>,
}

impl Catalog {
    pub(crate) fn new(documents: Vec<Loaded>) -> Self {
        let by_url =
            (0..).zip(&documents).map(|(index, loaded)| (canonical_url(&loaded.url), index)).collect();
        let mut catalog = Self {
            by_url,
            namespaces: documents.iter().map(own_namespace).collect(),
            by_namespace: HashMap::new(),
            imported: HashMap::new(),
            prefixes: HashMap::new(),
            documents,
        };
        catalog.spread_namespaces();
        catalog.collect_imports();
        catalog.collect_prefixes();
        catalog
    }

    /// The document at `url`.
    pub(crate) fn document(&self, url: &str) -> Option<usize> {
        self.by_url.get(&canonical_url(url)).copied()
    }

    /// The namespace in which a document declares names.
    pub(crate) fn namespace(&self, document: usize) -> &Arc<str> {
        &self.namespaces[document]
    }

    /// The namespace of a schema that is not there, known from whoever imports it.
    pub(crate) fn imported_namespace(&self, url: &str) -> Option<&Arc<str>> {
        self.imported.get(&canonical_url(url))
    }

    /// The conventional prefix of a namespace: its own schema's, else the first bound to it anywhere in the DTS.
    pub(crate) fn prefix(&self, namespace: &str) -> Option<&Arc<str>> {
        self.prefixes.get(namespace)
    }

    /// Adds prefixes seen in use, where no binding is known.
    pub(crate) fn learn_prefixes(&mut self, seen: HashMap<Arc<str>, Arc<str>>) {
        for (namespace, prefix) in seen {
            self.prefixes.entry(namespace).or_insert(prefix);
        }
    }

    /// The schemas that declare names in a namespace.
    pub(crate) fn schemas_of(&self, namespace: &str) -> impl Iterator<Item = &Schema> {
        let documents = self.by_namespace.get(namespace).into_iter().flatten();
        documents.filter_map(|&index| self.documents[index].document.schema())
    }

    /// A global element, and the document that declares it.
    pub(crate) fn element(&self, name: &QName) -> Option<(usize, &ElementDeclaration)> {
        self.declared(&name.namespace, |schema| schema.element(&name.local))
    }

    /// The same for a name written in `document`.
    pub(crate) fn element_from(&self, document: usize, name: &QName) -> Option<(usize, &ElementDeclaration)> {
        self.declared(self.namespace_from(document, name), |schema| schema.element(&name.local))
    }

    /// A named type, for a name written in `document`.
    pub(crate) fn type_declaration(
        &self,
        document: usize,
        name: &QName,
    ) -> Option<(usize, &TypeDeclaration)> {
        self.declared(self.namespace_from(document, name), |schema| schema.type_declaration(&name.local))
    }

    fn declared<'a, T>(
        &'a self,
        namespace: &str,
        find: impl Fn(&'a Schema) -> Option<&'a T>,
    ) -> Option<(usize, &'a T)> {
        self.by_namespace.get(namespace)?.iter().find_map(|&index| {
            let declaration = find(self.documents[index].document.schema()?)?;
            Some((index, declaration))
        })
    }

    /// An unprefixed name in a schema without a namespace takes the namespace the schema was included into.
    fn namespace_from<'a>(&'a self, document: usize, name: &'a QName) -> &'a str {
        let is_adopted = name.namespace.is_empty() && own_namespace(&self.documents[document]).is_empty();
        if is_adopted { &self.namespaces[document] } else { &name.namespace }
    }

    fn schemas(&self) -> impl Iterator<Item = (usize, &Schema)> {
        (0..).zip(&self.documents).filter_map(|(index, loaded)| Some((index, loaded.document.schema()?)))
    }

    /// Gives included schemas without a namespace their includer's, then lists the schemas of each namespace.
    fn spread_namespaces(&mut self) {
        let mut adopted = Vec::new();
        // Includes of includes: the includer comes first in order of discovery, so one pass settles all but cycles.
        for index in 0..self.documents.len() {
            let namespace = self.namespaces[index].clone();
            let Some(schema) = self.documents[index].document.schema() else { continue };
            if namespace.is_empty() {
                continue;
            }
            for target in schema.includes.iter().filter_map(|url| self.document(url)).collect::<Vec<_>>() {
                if own_namespace(&self.documents[target]).is_empty() {
                    if self.namespaces[target].is_empty() {
                        self.namespaces[target] = namespace.clone();
                    }
                    adopted.push((namespace.clone(), target));
                }
            }
        }
        for index in 0..self.documents.len() {
            if self.documents[index].document.schema().is_some() {
                let namespace = own_namespace(&self.documents[index]);
                self.by_namespace.entry(namespace).or_default().push(index);
            }
        }
        for (namespace, target) in adopted {
            let schemas = self.by_namespace.entry(namespace).or_default();
            if !schemas.contains(&target) {
                schemas.push(target);
            }
        }
    }

    fn collect_imports(&mut self) {
        let mut imported = HashMap::new();
        for (_, schema) in self.schemas() {
            for import in &schema.imports {
                if let Some(location) = &import.location {
                    imported.entry(canonical_url(location)).or_insert_with(|| import.namespace.clone());
                }
            }
        }
        self.imported = imported;
    }

    fn collect_prefixes(&mut self) {
        let mut prefixes = HashMap::new();
        for (_, schema) in self.schemas() {
            if let Some(prefix) = schema.prefix() {
                prefixes.entry(schema.target_namespace.clone()).or_insert_with(|| prefix.clone());
            }
        }
        for (_, schema) in self.schemas() {
            for (prefix, namespace) in &schema.prefixes {
                prefixes.entry(namespace.clone()).or_insert_with(|| prefix.clone());
            }
        }
        self.prefixes = prefixes;
    }
}

fn own_namespace(loaded: &Loaded) -> Arc<str> {
    loaded.document.schema().map(|schema| schema.target_namespace.clone()).unwrap_or_default()
}
