//! Roles, arcs, labels and references of the filing's own linkbases, after prohibition.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgraph_shared::graph_id::{NodeId, node_id_of};
use edgraph_xbrl::taxonomy::{Dts, End, LinkKind, Network, Relationship, RoleType};
use foldhash::{HashMap, HashMapExt, HashSet};
use serde_json::json;

use super::Source;
use super::elements::Elements;
use super::ids::SEPARATOR;
use super::tables::{Collector, table};

/// A role as declared: the namespace of the schema, and the declaration.
type Declarations<'a> = HashMap<&'a str, (&'a Arc<str>, &'a RoleType)>;

/// Writes structures and associations; returns, per structure, the namespace that declares its role.
pub(super) fn write_structures(
    rows: &mut Collector,
    dts: &Dts,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) -> BTreeMap<NodeId, Arc<str>> {
    let declarations = declarations(dts);
    let mut declared_in = BTreeMap::new();
    for network in dts.networks() {
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
        write_associations(rows, &network, &own, structure, elements);
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
    let table = const { table("Structure") };
    let definition = declaration.and_then(|role_type| role_type.definition.as_ref());
    let parts = definition.map(|definition| Definition::split(definition)).unwrap_or_default();
    rows.push(
        table,
        [
            ("identifier", identifier.into()),
            ("uri", role.into()),
            ("network_uri", role.into()),
            ("definition", definition.into()),
            ("number", parts.number.into()),
            ("type", parts.kind.into()),
            ("name", parts.name.into()),
        ],
    );
}

/// The parts of a role definition, EDGAR's `{number} - {type} - {name}`.
#[derive(Debug, Default, PartialEq)]
struct Definition<'a> {
    number: Option<&'a str>,
    kind: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Definition<'a> {
    /// Only the first two separators separate: a name may contain them.
    fn split(definition: &'a str) -> Self {
        let mut parts = definition.splitn(3, " - ").map(str::trim);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(number), Some(kind), Some(name)) => {
                Self { number: Some(number), kind: Some(kind), name: Some(name) }
            }
            _ => Self { name: Some(definition), ..Self::default() },
        }
    }
}

fn write_associations(
    rows: &mut Collector,
    network: &Network<'_>,
    relationships: &[Relationship<'_>],
    structure: NodeId,
    elements: &mut Elements<'_>,
) {
    let nodes = const { table("Association") };
    let tops = network.roots();
    let roots: HashSet<u32> = tops.iter().map(|root| root.number).collect();
    let arcrole = network.arcrole();
    let association_type = match network.kind() {
        LinkKind::Presentation => "Presentation",
        LinkKind::Calculation => "Calculation",
        LinkKind::Definition => "Definition",
        _ => "Other",
    };
    let context = format!("Association: {arcrole}");
    let structure_text = structure.to_string();
    let lines = match network.kind() {
        LinkKind::Presentation => lines(&tops, relationships),
        _ => vec![None; relationships.len()],
    };
    for (relationship, line) in relationships.iter().zip(lines) {
        let Some((from, to)) = relationship.concepts() else { continue };
        let arc = relationship.arc;
        let preferred_label = arc.preferred_label.as_deref().unwrap_or("");
        let target_role = arc.target_role.as_deref().unwrap_or("");
        let order = arc.order.to_string();
        let identifier = node_id_of(
            "association",
            &[
                &structure_text,
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
                &order,
                SEPARATOR,
                preferred_label,
                SEPARATOR,
                target_role,
            ],
        );
        if !rows.is_new(nodes, identifier) {
            continue;
        }
        let weight = arc.weight.filter(|_| network.kind() == LinkKind::Calculation);
        rows.push(
            nodes,
            [
                ("identifier", identifier.into()),
                ("arcrole", arcrole.into()),
                ("order_value", arc.order.into()),
                ("association_type", association_type.into()),
                ("weight", weight.into()),
                ("root", roots.contains(&relationship.from.number).into()),
                ("preferred_label", arc.preferred_label.as_ref().into()),
                ("target_role", arc.target_role.as_ref().into()),
                ("context_element", arc.context_element.as_ref().into()),
                ("is_closed", arc.closed.into()),
                ("is_usable", arc.usable.into()),
                ("line", line.map(|(line, _)| line).into()),
                ("depth", line.map(|(_, depth)| depth).into()),
            ],
        );
        let (from, to) = (elements.identifier(from), elements.identifier(to));
        let context = (&context).into();
        rows.relate(const { table("STRUCTURE_HAS_ASSOCIATION") }, structure, identifier, [context]);
        rows.relate(const { table("ASSOCIATION_HAS_FROM_ELEMENT") }, identifier, from, []);
        rows.relate(const { table("ASSOCIATION_HAS_TO_ELEMENT") }, identifier, to, []);
    }
}

/// Line and depth of each relationship in its tree, read from the top; `None` for what no root leads to, a cycle.
/// `relationships` are by order.
fn lines(roots: &[End<'_>], relationships: &[Relationship<'_>]) -> Vec<Option<(i32, i32)>> {
    let mut children: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, relationship) in relationships.iter().enumerate() {
        children.entry(relationship.from.number).or_default().push(index);
    }
    let mut lines = vec![None; relationships.len()];
    let mut next = 1;
    // Deepest last; every relationship is on the stack once at most, so cycles end.
    let mut open: Vec<(usize, i32)> = Vec::new();
    for root in roots {
        open.extend(children.remove(&root.number).into_iter().flatten().rev().map(|index| (index, 1)));
        while let Some((index, depth)) = open.pop() {
            lines[index] = Some((next, depth));
            next += 1;
            let below = children.remove(&relationships[index].to.number);
            open.extend(below.into_iter().flatten().rev().map(|index| (index, depth + 1)));
        }
    }
    lines
}

/// Writes the labels and references of the filing's own linkbases.
pub(super) fn write_labels(
    rows: &mut Collector,
    dts: &Dts,
    elements: &mut Elements<'_>,
    taxonomy: Option<NodeId>,
) {
    let labels = const { table("Label") };
    let mut contexts: HashMap<&str, (String, String)> = HashMap::new();
    for label in dts.labels().filter(|label| label.is_own) {
        let language = label.language.map_or("", |language| language);
        let identifier = node_id_of("label", &[label.text, "#", label.role, "#", language]);
        if rows.is_new(labels, identifier) {
            let cells = [
                ("identifier", identifier.into()),
                ("value", label.text.into()),
                ("type", label.role.into()),
                ("language", label.language.into()),
            ];
            rows.push(labels, cells);
        }
        let element = elements.identifier(label.concept);
        let role = label.role;
        let written = || (format!("Label: {role}"), format!("Taxonomy label: {role}"));
        let (context, of_taxonomy) = &*contexts.entry(role).or_insert_with(written);
        let context = context.into();
        rows.relate(const { table("ELEMENT_HAS_LABEL") }, element, identifier, [context]);
        if let Some(taxonomy) = taxonomy {
            let context = of_taxonomy.into();
            rows.relate(const { table("TAXONOMY_HAS_LABEL") }, taxonomy, identifier, [context]);
        }
    }
    let references = const { table("Reference") };
    for reference in dts.references().filter(|reference| reference.is_own) {
        let part = |(name, text): &(edgraph_xbrl::QName, Arc<str>)| json!({ "namespace": &*name.namespace, "name": &*name.local, "text": &**text });
        let parts = serde_json::Value::from_iter(reference.parts.iter().map(part)).to_string();
        let identifier = node_id_of("reference", &[&parts, "#", reference.role]);
        if rows.is_new(references, identifier) {
            let said: Vec<String> =
                reference.parts.iter().map(|(name, text)| format!("{}: {text}", name.local)).collect();
            let cells = [
                ("identifier", identifier.into()),
                ("value", said.join("; ").into()),
                ("type", reference.role.into()),
                ("parts", parts.into()),
            ];
            rows.push(references, cells);
        }
        let element = elements.identifier(reference.concept);
        let context = format!("Reference: {}", reference.role).into();
        rows.relate(const { table("ELEMENT_HAS_REFERENCE") }, element, identifier, [context]);
        if let Some(taxonomy) = taxonomy {
            let context = format!("Taxonomy reference: {}", reference.role).into();
            rows.relate(const { table("TAXONOMY_HAS_REFERENCE") }, taxonomy, identifier, [context]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Definition;

    #[test]
    fn a_definition_splits_at_its_first_two_separators() {
        let split = Definition::split("0000004 - Statement - BALANCE SHEETS - Statement - parenthetical");
        assert_eq!(split.number, Some("0000004"));
        assert_eq!(split.kind, Some("Statement"));
        assert_eq!(split.name, Some("BALANCE SHEETS - Statement - parenthetical"));
        let unstructured = Definition::split("Balance sheets");
        assert_eq!(unstructured, Definition { number: None, kind: None, name: Some("Balance sheets") });
    }
}
