//! Footnotes: one node for each distinct text, language and role of a filing, and the facts that have it.

use edgraph_shared::graph_id::{NodeId, node_id_of};
use edgraph_shared::manifest::sha256_hex;
use edgraph_xbrl::model::{Footnote, Instance};

use super::datum::Datum;
use super::source::Source;
use super::tables::{Collector, row, table};
use super::text::{self, INLINE_LIMIT_BYTES};
use super::uris::SEPARATOR;

/// The concept by which the text table names what is no fact.
const CONCEPT: &str = "link:footnote";

/// Writes the footnotes, those that no fact has included. `facts` are the Facts of the instance's.
pub(super) fn write(rows: &mut Collector, instance: &Instance, facts: &[NodeId], source: &Source<'_>) {
    let written: Vec<NodeId> = instance.footnotes.iter().map(|note| write_one(rows, note, source)).collect();
    for arc in &instance.footnote_arcs {
        let (fact, footnote) = (facts[arc.fact], written[arc.footnote]);
        let properties = [(&arc.arcrole).into(), arc.order.into()];
        rows.relate(const { table("FACT_HAS_FOOTNOTE") }, fact, footnote, properties);
    }
}

/// Writes a footnote unless one that says the same is written; gives its identifier.
fn write_one(rows: &mut Collector, note: &Footnote, source: &Source<'_>) -> NodeId {
    let Footnote { text, markup, language, role, .. } = note;
    let said = language.as_deref().unwrap_or("");
    let distinct: [&str; 7] = [&source.accession, SEPARATOR, role, SEPARATOR, said, SEPARATOR, text];
    let identifier = node_id_of("footnote", &distinct);
    if !rows.is_new(const { table("Footnote") }, identifier) {
        return identifier;
    }
    let content = markup.as_ref().unwrap_or(text);
    let content_type = if markup.is_some() { "text/html" } else { "text/plain" };
    let sha256 = (content.len() > INLINE_LIMIT_BYTES).then(|| sha256_hex(content.as_bytes()));
    let shown: Datum<'_> =
        if text.len() > INLINE_LIMIT_BYTES { text::words(text).into() } else { text.into() };
    row!(
        rows,
        "Footnote",
        [
            ("identifier", identifier),
            ("text", shown),
            ("markup", markup.as_ref().filter(|_| sha256.is_none())),
            ("value_type", if sha256.is_some() { "external" } else { "inline" }),
            ("content_type", content_type),
            ("value_ref", sha256.as_ref().map(|sha256| format!("{}#{sha256}", source.accession))),
            ("language", language.as_ref()),
            ("role", role),
        ]
    );
    if let Some(sha256) = sha256 {
        row!(
            rows,
            "text",
            [
                ("fact_id", identifier),
                ("concept", CONCEPT),
                ("sha256", sha256),
                ("content_type", content_type),
                ("text", content),
            ]
        );
    }
    identifier
}
