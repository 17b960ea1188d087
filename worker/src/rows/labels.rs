//! Labels and references of the filing's own linkbases, after prohibition.

use std::sync::Arc;

use edgraph_shared::graph_id::{NodeId, node_id_of};
use edgraph_xbrl::taxonomy::Dts;
use foldhash::{HashMap, HashMapExt};
use serde_json::json;

use super::elements::Elements;
use super::tables::{Collector, row, table};

/// Writes labels in the order of their identifiers.
pub(super) fn write_labels(
    rows: &mut Collector,
    dts: &Dts,
    elements: &mut Elements<'_>,
    taxonomy: Option<NodeId>,
) {
    let identified = dts.labels().filter(|label| label.is_own).map(|label| {
        let language = label.language.map_or("", |language| language);
        (node_id_of("label", &[label.text, "#", label.role, "#", language]), label)
    });
    let mut labels: Vec<_> = identified.collect();
    labels.sort_by_cached_key(|(identifier, _)| *identifier);
    // By role, as relationships of concepts and of taxonomies say it.
    let mut contexts: HashMap<&str, (String, String)> = HashMap::new();
    let mut last = None;
    for (identifier, label) in labels {
        let role = label.role;
        let written = || (format!("Label: {role}"), format!("Taxonomy label: {role}"));
        let (context, of_taxonomy) = &*contexts.entry(role).or_insert_with(written);
        let element = elements.identifier(label.concept);
        rows.relate(const { table("ELEMENT_HAS_LABEL") }, element, identifier, [context.into()]);
        if last.replace(identifier) == Some(identifier) {
            continue;
        }
        row!(
            rows,
            "Label",
            [("identifier", identifier), ("value", label.text), ("type", role), ("language", label.language),]
        );
        if let Some(taxonomy) = taxonomy {
            rows.relate(const { table("TAXONOMY_HAS_LABEL") }, taxonomy, identifier, [of_taxonomy.into()]);
        }
    }
}

/// Writes references.
pub(super) fn write_references(
    rows: &mut Collector,
    dts: &Dts,
    elements: &mut Elements<'_>,
    taxonomy: Option<NodeId>,
) {
    let references = const { table("Reference") };
    for reference in dts.references().filter(|reference| reference.is_own) {
        let part = |(name, text): &(edgraph_xbrl::QName, Arc<str>)| json!({ "namespace": &*name.namespace, "name": &*name.local, "text": &**text });
        let parts = serde_json::Value::from_iter(reference.parts.iter().map(part)).to_string();
        let identifier = node_id_of("reference", &[&parts, "#", reference.role]);
        if rows.is_new(references, identifier) {
            let said: Vec<String> =
                reference.parts.iter().map(|(name, text)| format!("{}: {text}", name.local)).collect();
            row!(
                rows,
                "Reference",
                [
                    ("identifier", identifier),
                    ("value", said.join("; ")),
                    ("type", reference.role),
                    ("parts", parts),
                ]
            );
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
