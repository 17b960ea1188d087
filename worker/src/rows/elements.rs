//! Concepts and the taxonomies they come from: one Element per name, one Taxonomy per namespace.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_shared::graph_id::{NodeId, node_id, node_id_of};
use edgraph_xbrl::QName;
use edgraph_xbrl::taxonomy::{Concept, Dts, Substitution};
use foldhash::{HashMap, HashMapExt, HashSet};

use super::source::Source;
use super::tables::{Collector, row, table};

/// Conventional prefixes of namespaces.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    dts: &'a Dts,
    /// The prefixes of the instance, for namespaces that no schema at hand declares.
    instance_prefixes: &'a [(Arc<str>, Arc<str>)],
}

impl<'a> Names<'a> {
    /// The prefixes of a DTS, and of the instance where the DTS has none.
    pub fn new(dts: &'a Dts, instance_prefixes: &'a [(Arc<str>, Arc<str>)]) -> Self {
        Self { dts, instance_prefixes }
    }

    /// The conventional prefix of a namespace.
    pub fn prefix(&self, namespace: &str) -> Option<&'a Arc<str>> {
        let of_instance = || {
            let mut bound = self.instance_prefixes.iter();
            bound
                .find(|(prefix, bound)| &**bound == namespace && !prefix.is_empty())
                .map(|(prefix, _)| prefix)
        };
        self.dts.prefix(namespace).or_else(of_instance)
    }

    /// A name with its conventional prefix, such as `us-gaap:Assets`.
    pub fn prefixed(&self, name: &QName) -> String {
        match self.prefix(&name.namespace) {
            Some(prefix) => [&**prefix, ":", &*name.local].concat(),
            None => name.local.to_string(),
        }
    }
}

/// The concepts a filing reaches, collected as they are met.
pub(super) struct Elements<'a> {
    pub(super) names: Names<'a>,
    identifiers: HashMap<QName, NodeId>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(names: Names<'a>) -> Self {
        Self { names, identifiers: HashMap::new() }
    }

    /// The identifier of a concept's Element, which from now on is one of the filing's.
    pub(super) fn identifier(&mut self, name: &QName) -> NodeId {
        if let Some(known) = self.identifiers.get(name) {
            return *known;
        }
        let identifier = node_id_of("element", &[&name.namespace, "#", &name.local]);
        self.identifiers.insert(name.clone(), identifier);
        identifier
    }

    /// The namespaces of the concepts met so far, in any order.
    pub(super) fn namespaces(&self) -> Vec<Arc<str>> {
        let namespaces: HashSet<&Arc<str>> = self.identifiers.keys().map(|name| &name.namespace).collect();
        namespaces.into_iter().cloned().collect()
    }

    /// Writes an Element row for every concept met, in the order of their identifiers.
    pub(super) fn write(&self, rows: &mut Collector, source: &Source<'_>) {
        let table = const { table("Element") };
        rows.expect(table, self.identifiers.len());
        rows.set_same(table, [("as_of", source.as_of.into())]);
        let mut met: Vec<_> = self.identifiers.iter().map(|(name, identifier)| (*identifier, name)).collect();
        met.sort_unstable();
        for (identifier, name) in met {
            self.write_one(rows, name, identifier);
        }
    }

    fn write_one(&self, rows: &mut Collector, name: &QName, identifier: NodeId) {
        let concept = self.names.dts.concept(name);
        let declared = concept.as_ref();
        let item_type = declared.map(|concept| &concept.item_type);
        let group = declared.and_then(|concept| concept.declaration.substitution_group.as_ref());
        let of_type =
            |question: fn(&edgraph_xbrl::taxonomy::ItemType) -> Option<bool>| item_type.and_then(question);
        let substitutes =
            |head| declared.and_then(|concept| concept.substitution).map(|substitution| substitution == head);
        row!(
            rows,
            "Element",
            [
                ("identifier", identifier),
                ("uri", name.uri()),
                ("qname", self.names.prefixed(name)),
                ("name", &name.local),
                ("period_type", declared.and_then(Concept::period_type).map(|period| period.as_str())),
                ("type", declared.and_then(type_family)),
                ("balance", declared.and_then(Concept::balance).map(|balance| balance.as_str())),
                ("is_abstract", declared.map(|concept| concept.declaration.is_abstract)),
                ("is_dimension_item", substitutes(Substitution::Dimension)),
                ("is_domain_member", of_type(|item_type| item_type.is_domain())),
                ("is_hypercube_item", substitutes(Substitution::Hypercube)),
                ("is_integer", of_type(|item_type| item_type.is_integer())),
                ("is_numeric", of_type(|item_type| item_type.is_numeric())),
                ("is_shares", of_type(|item_type| item_type.is_shares())),
                ("is_fraction", of_type(|item_type| item_type.is_fraction())),
                ("is_textblock", of_type(|item_type| item_type.is_text_block())),
                ("substitution_group", group.map(QName::uri)),
                ("item_type", item_type.and_then(|item_type| item_type.name.as_ref()).map(QName::uri)),
                ("classification", declared.and_then(classification)),
                ("is_resolved", concept.is_some()),
            ],
            same("as_of")
        );
    }
}

/// The family of a type, from its name: `monetaryItemType` is Monetary. Axes and tables are their own families.
fn type_family(concept: &Concept<'_>) -> Option<String> {
    match concept.substitution {
        Some(Substitution::Dimension) => return Some("Axis".to_owned()),
        Some(Substitution::Hypercube) => return Some("Table".to_owned()),
        _ => {}
    }
    let declaration = concept.declaration;
    let anonymous = || declaration.anonymous_type.as_ref()?.base.as_ref();
    let name = declaration.type_name.as_ref().or_else(anonymous)?;
    let stem = name.local.strip_suffix("ItemType").unwrap_or(&name.local);
    let mut letters = stem.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

fn classification(concept: &Concept<'_>) -> Option<&'static str> {
    let name = &*concept.name.local;
    Some(match concept.substitution? {
        Substitution::Hypercube => "hypercubeElement",
        Substitution::Dimension => "dimensionElement",
        _ if concept.item_type.is_domain() == Some(true) && name.ends_with("Domain") => "domainElement",
        _ if concept.item_type.is_domain() == Some(true) => "memberElement",
        _ if concept.declaration.is_abstract && name.ends_with("LineItems") => "lineItemsElement",
        _ if concept.declaration.is_abstract => "abstractElement",
        _ => "itemElement",
    })
}

/// Writes the taxonomies a filing uses and returns the identifiers by namespace.
pub(super) fn write_taxonomies(
    rows: &mut Collector,
    elements: &Elements<'_>,
    namespaces: &[Arc<str>],
    source: &Source<'_>,
) -> BTreeMap<Arc<str>, NodeId> {
    let mut identifiers = BTreeMap::new();
    for namespace in namespaces {
        let identifier = node_id("taxonomy", namespace);
        let mut declaring = elements.names.dts.documents().iter().filter(|loaded| {
            loaded.document.schema().is_some_and(|schema| schema.target_namespace == *namespace)
        });
        let schema = declaring.next();
        let is_own = schema.is_some_and(|loaded| loaded.is_own);
        row!(
            rows,
            "Taxonomy",
            [
                ("identifier", identifier),
                ("uri", namespace),
                ("name", elements.names.prefix(namespace)),
                ("version", version(namespace)),
                ("namespace", namespace),
                ("description", if is_own { "extension" } else { "standard" }),
                ("is_resolved", schema.is_some()),
                ("as_of", source.as_of),
            ]
        );
        identifiers.insert(namespace.clone(), identifier);
    }
    identifiers
}

/// The last segment of a namespace that starts like a year or a date: `2023`, `2009-01-31`, `20230930`.
fn version(namespace: &str) -> Option<&str> {
    let is_version =
        |segment: &&str| segment.len() >= 4 && segment.bytes().take(4).all(|byte| byte.is_ascii_digit());
    namespace.rsplit('/').find(is_version)
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_the_year_or_date_in_the_namespace() {
        assert_eq!(version("http://fasb.org/us-gaap/2023"), Some("2023"));
        assert_eq!(version("http://xbrl.us/us-gaap/2009-01-31"), Some("2009-01-31"));
        assert_eq!(version("http://www.example.com/20241231"), Some("20241231"));
        assert_eq!(version("http://xbrl.org/types"), None);
    }
}
