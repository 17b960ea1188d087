//! Roles and arcs of the filing's own linkbases, after prohibition.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_shared::graph_id::{NodeId, node_id_of};
use edgraph_xbrl::taxonomy::{Dts, End, LinkArc, LinkKind, Network, Relationship, RoleType};
use foldhash::{HashMap, HashMapExt, HashSet};

use super::definition::Definition;
use super::elements::Elements;
use super::presentation::{self, Line, Manner};
use super::source::Source;
use super::tables::{Collector, row, table};
use super::uris::SEPARATOR;

/// A role as declared: the namespace of the schema, and the declaration.
type Declarations<'a> = HashMap<&'a str, (&'a Arc<str>, &'a RoleType)>;

/// Writes structures and associations, these in the order of their identifiers; returns, per structure, the namespace
/// that declares its role.
pub(super) fn write_structures(
    rows: &mut Collector,
    dts: &Dts,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) -> BTreeMap<NodeId, Arc<str>> {
    let declarations = declarations(dts);
    let mut declared_in = BTreeMap::new();
    let networks: Vec<Network<'_>> = dts.networks().collect();
    // As relationships say them.
    let contexts: Vec<String> =
        networks.iter().map(|network| ["Association: ", network.arcrole()].concat()).collect();
    let mut associations = Vec::new();
    for (network, context) in networks.iter().zip(&contexts) {
        let own: Vec<Relationship<'_>> = network
            .relationships()
            .filter(|relationship| relationship.document.is_own && relationship.concepts().is_some())
            .collect();
        if own.is_empty() {
            continue;
        }
        let role = network.role();
        let structure = node_id_of("structure", &[&source.accession, "#", role]);
        let declaration = declarations.get(&**role);
        if rows.is_new(const { table("Structure") }, structure) {
            write_structure(rows, structure, role, declaration.map(|(_, role_type)| *role_type));
        }
        if let Some((namespace, _)) = declaration {
            declared_in.insert(structure, (*namespace).clone());
        }
        associations.extend(Association::all(network, own, structure, context));
    }
    associations.sort_by_cached_key(|association: &Association<'_>| association.identifier);
    associations.dedup_by_key(|association| association.identifier);
    let mut ends = HashMap::new();
    for association in &associations {
        association.write(rows, elements, &mut ends);
    }
    declared_in
}

fn declarations(dts: &Dts) -> Declarations<'_> {
    let mut declarations = HashMap::new();
    for loaded in dts.documents() {
        let Some(schema) = loaded.document.schema() else { continue };
        for role_type in &schema.role_types {
            declarations.entry(&*role_type.uri).or_insert((&schema.target_namespace, role_type));
        }
    }
    declarations
}

fn write_structure(
    rows: &mut Collector,
    identifier: NodeId,
    role: &Arc<str>,
    declaration: Option<&RoleType>,
) {
    let definition = declaration.and_then(|role_type| role_type.definition.as_ref());
    let parts = definition.map(|definition| Definition::split(definition)).unwrap_or_default();
    row!(
        rows,
        "Structure",
        [
            ("identifier", identifier),
            ("uri", role),
            ("network_uri", role),
            ("definition", definition),
            ("number", parts.number),
            ("type", parts.kind),
            ("name", parts.name),
        ]
    );
}

/// A relationship with what its network says of it.
struct Association<'a> {
    identifier: NodeId,
    structure: NodeId,
    arcrole: &'a Arc<str>,
    context: &'a str,
    kind: LinkKind,
    relationship: Relationship<'a>,
    is_from_root: bool,
    /// Its place in a presentation tree.
    line: Option<Line>,
}

impl<'a> Association<'a> {
    /// Those of a network, whose relationships are between concepts. One whose parent stands on several lines of a
    /// presentation tree is there once for each.
    fn all(
        network: &'a Network<'a>,
        relationships: Vec<Relationship<'a>>,
        structure: NodeId,
        context: &'a str,
    ) -> Vec<Self> {
        let tops = network.roots();
        let roots: HashSet<u32> = tops.iter().map(|root| root.number).collect();
        let lines = match network.kind() {
            LinkKind::Presentation => presentation::lines(&tops, &relationships),
            _ => vec![Vec::new(); relationships.len()],
        };
        let (arcrole, structure_text) = (network.arcrole(), structure.to_string());
        let mut seen = HashMap::new();
        let mut associations = Vec::with_capacity(relationships.len());
        for (relationship, lines) in relationships.into_iter().zip(lines) {
            let identifier = association_id(&structure_text, arcrole, &relationship);
            let identifier = told_apart(&mut seen, identifier, Attributes::of(relationship.arc));
            for place in 0..lines.len().max(1) {
                associations.push(Self {
                    identifier: at_place(identifier, place),
                    structure,
                    arcrole,
                    context,
                    kind: network.kind(),
                    is_from_root: roots.contains(&relationship.from.number),
                    relationship,
                    line: lines.get(place).copied(),
                });
            }
        }
        associations
    }

    /// `ends` are the Elements found so far, by the numbers of relationships' ends.
    fn write(&self, rows: &mut Collector, elements: &mut Elements<'_>, ends: &mut HashMap<u32, NodeId>) {
        let Self { identifier, arcrole, relationship, line, .. } = self;
        let Some((from, to)) = relationship.concepts() else { return };
        let arc = relationship.arc;
        let manner = Manner::of(arc.preferred_label.as_deref());
        let association_type = match self.kind {
            LinkKind::Presentation => "Presentation",
            LinkKind::Calculation => "Calculation",
            LinkKind::Definition => "Definition",
            _ => "Other",
        };
        row!(
            rows,
            "Association",
            [
                ("identifier", *identifier),
                ("arcrole", *arcrole),
                ("order_value", arc.order),
                ("association_type", association_type),
                ("weight", arc.weight.filter(|_| self.kind == LinkKind::Calculation)),
                ("root", self.is_from_root),
                ("preferred_label", arc.preferred_label.as_ref()),
                ("target_role", arc.target_role.as_ref()),
                ("context_element", arc.context_element.as_ref()),
                ("is_closed", arc.closed),
                ("is_usable", arc.usable),
                ("line", line.map(|line| line.number)),
                ("depth", line.map(|line| line.depth)),
                ("sign", if manner.is_negated { -1 } else { 1 }),
                ("is_total", manner.is_total),
                ("period_edge", manner.period_edge),
            ]
        );
        let mut element =
            |end: &End<'_>, name| *ends.entry(end.number).or_insert_with(|| elements.identifier(name));
        let (from, to) = (element(&relationship.from, from), element(&relationship.to, to));
        let context = self.context.into();
        rows.relate(const { table("STRUCTURE_HAS_ASSOCIATION") }, self.structure, *identifier, [context]);
        rows.relate(const { table("ASSOCIATION_HAS_FROM_ELEMENT") }, *identifier, from, []);
        rows.relate(const { table("ASSOCIATION_HAS_TO_ELEMENT") }, *identifier, to, []);
    }
}

fn association_id(structure: &str, arcrole: &str, relationship: &Relationship<'_>) -> NodeId {
    let (from, to) = relationship.concepts().expect("between concepts");
    let arc = relationship.arc;
    node_id_of(
        "association",
        &[
            structure,
            SEPARATOR,
            arcrole,
            SEPARATOR,
            &from.namespace,
            "#",
            &from.local,
            SEPARATOR,
            &to.namespace,
            "#",
            &to.local,
            SEPARATOR,
            &arc.order.to_string(),
            SEPARATOR,
            arc.preferred_label.as_deref().unwrap_or(""),
            SEPARATOR,
            arc.target_role.as_deref().unwrap_or(""),
        ],
    )
}

/// The identifier of an association at another line than its first, for a subtree under two parents.
fn at_place(identifier: NodeId, place: usize) -> NodeId {
    match place {
        0 => identifier,
        _ => node_id_of("association", &[&identifier.to_string(), SEPARATOR, "place", &place.to_string()]),
    }
}

/// The attributes of an arc that make it another one where all else is equal (XBRL 2.1 section 3.5.3.9.7.4), and that an
/// identifier does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Attributes<'a> {
    weight: Option<f64>,
    context_element: Option<&'a Arc<str>>,
    closed: Option<bool>,
    usable: Option<bool>,
}

impl<'a> Attributes<'a> {
    fn of(arc: &'a LinkArc) -> Self {
        let LinkArc { weight, context_element, closed, usable, .. } = arc;
        Self { weight: *weight, context_element: context_element.as_ref(), closed: *closed, usable: *usable }
    }

    /// As an identifier has them.
    fn text(&self) -> String {
        let Self { weight, context_element, closed, usable } = self;
        format!("{weight:?}{SEPARATOR}{context_element:?}{SEPARATOR}{closed:?}{SEPARATOR}{usable:?}")
    }
}

/// The identifier of an association: the plain one for the first of its network, and one of its own for each that
/// differs from that in its attributes. Nearly no filing has two, so all others keep the identifiers they had.
fn told_apart<'a>(
    seen: &mut HashMap<NodeId, Attributes<'a>>,
    identifier: NodeId,
    attributes: Attributes<'a>,
) -> NodeId {
    let first = *seen.entry(identifier).or_insert(attributes);
    if first == attributes {
        return identifier;
    }
    node_id_of("association", &[&identifier.to_string(), SEPARATOR, &attributes.text()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_that_differ_in_attributes_alone_are_two() {
        let (mut seen, plain) = (HashMap::new(), node_id_of("association", &["a"]));
        let mut told = |weight| {
            told_apart(&mut seen, plain, Attributes { weight: Some(weight), ..Attributes::default() })
        };
        assert_eq!((told(1.0), told(1.0)), (plain, plain));
        let other = told(-1.0);
        assert_ne!(other, plain);
        assert_eq!((told(-1.0), told(1.0)), (other, plain));
        assert_ne!(told(2.0), other);
    }
}
