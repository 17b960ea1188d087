//! A filing becomes rows: what the graph will hold, table by table. Pure.
//!
//! ```text
//! Instance + Dts + the filing's record ──▶ build ──▶ GraphTables (sorted rows by the shared schema)
//! ```
//!
//! The rows are a function of the input key and nothing else: no clock, no randomness, no order of a hash map.

mod filing;
mod uris;
mod period;
mod fiscal;
mod cover;
mod registrants;
mod filers;
mod source;
mod text;
mod distinct_facts;
mod elements;
mod standard_labels;
mod definition;
mod presentation;
mod networks;
mod labels;
mod default_members;
mod dimension_texts;
mod contexts;
mod footnotes;
mod value_elements;
mod first_places;
mod fact_writer;
mod datum;
mod arrow_types;
mod table_rows;
mod column;
mod columns;
mod tables;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use edgraph_shared::graph_id::{self, node_id};
use edgraph_shared::ids::Cik;
use edgraph_xbrl::Diagnostic;
use edgraph_xbrl::model::{self, Instance};
use edgraph_xbrl::taxonomy::Dts;

use cover::Cover;
use elements::Elements;
use registrants::Registrants;
use source::Source;
use tables::{Collector, row, table};

pub use arrow_types::{UTC, data_type};
pub use elements::Names;
pub use filing::Filing;
pub use table_rows::Rows;
pub use tables::GraphTables;
pub use text::first_words;

/// The rows of a filing, and who filed.
#[derive(Debug)]
pub struct Graph {
    /// The filer: the company the facts are about.
    pub owner: Cik,
    /// The rows.
    pub tables: GraphTables,
    /// What its cover page says otherwise than its facts: fiscal names and companies.
    pub diagnostics: Vec<Diagnostic>,
}

/// A filing that cannot become rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No fact's context names a company.
    #[error("filing {accession}: no fact has a context whose entity is a CIK ({scheme}), so nobody filed it")]
    NoFiler {
        /// The accession number.
        accession: String,
        /// The scheme of CIKs.
        scheme: &'static str,
    },
}

/// Builds the rows of a filing.
///
/// # Errors
/// [`Error::NoFiler`] if no context names a company.
pub fn build(filing: Filing<'_>) -> Result<Graph, Error> {
    let Filing { metadata, instance, dts, .. } = filing;
    let owner = cover::owner(instance).ok_or_else(|| Error::NoFiler {
        accession: metadata.accession.to_string(),
        scheme: graph_id::CIK_SCHEME,
    })?;
    let source = Source::of(&filing, owner);

    let mut rows = Collector::new(&source.accession);
    let mut elements = Elements::new(Names::new(dts, &instance.prefixes));
    write_report(&mut rows, &filing, &source);
    fact_writer::write(&mut rows, &filing, &mut elements, &source);
    let declared_in = networks::write_structures(&mut rows, dts, &mut elements, &source);
    let extension = own_namespace(dts);
    let extension_id = extension.map(|namespace| node_id("taxonomy", namespace));
    labels::write_labels(&mut rows, dts, &mut elements, extension_id);
    labels::write_references(&mut rows, dts, &mut elements, extension_id);

    let mut namespaces = elements.namespaces();
    namespaces.extend(extension.cloned());
    namespaces.extend(declared_in.values().cloned());
    namespaces.sort();
    namespaces.dedup();
    elements.write(&mut rows, &source);
    let taxonomies = elements::write_taxonomies(&mut rows, &elements, &namespaces, &source);
    for (namespace, taxonomy) in &taxonomies {
        let context = format!("Taxonomy: {namespace}").into();
        let table = const { table("REPORT_USES_TAXONOMY") };
        rows.relate(table, source.report, *taxonomy, [context]);
    }
    for (structure, namespace) in &declared_in {
        let context = format!("Taxonomy: {namespace}").into();
        let table = const { table("STRUCTURE_HAS_TAXONOMY") };
        rows.relate(table, *structure, taxonomies[namespace], [context]);
    }
    let doubts = source.fiscal.doubts.iter().chain(&source.registrants.doubts);
    let mut diagnostics = said(doubts, filing.source_document);
    diagnostics.extend(filers::foreign(instance, owner));
    Ok(Graph { owner, tables: rows.finish(), diagnostics })
}

/// What [`build`] would say is wrong, as far as the filing alone tells it: without EDGAR's form and period of report,
/// for which those of its cover page stand in. `source_document` is the file name the facts were read from.
pub fn contradictions(instance: &Instance, source_document: &str) -> Vec<Diagnostic> {
    let cover = Cover::read(instance);
    let form = cover.document_type.unwrap_or_default();
    let report_date = cover.period_end_date.unwrap_or_default();
    let (fiscal, registrants) =
        (source::fiscal(form, report_date, &cover, instance), Registrants::read(instance));
    let mut diagnostics = said(fiscal.doubts.iter().chain(&registrants.doubts), source_document);
    diagnostics.extend(cover::owner(instance).into_iter().flat_map(|owner| filers::foreign(instance, owner)));
    diagnostics
}

fn said<'a>(
    doubts: impl Iterator<Item = &'a (&'static str, String)>,
    source_document: &str,
) -> Vec<Diagnostic> {
    let file: Arc<str> = source_document.into();
    doubts.map(|(code, message)| Diagnostic::new(code, &file, 0, message.clone())).collect()
}

/// The filer: the company that most facts are about.
pub fn filer(instance: &Instance) -> Option<Cik> {
    cover::owner(instance)
}

/// What an instance says it is, `dei:DocumentType`.
pub fn document_type(instance: &Instance) -> Option<&str> {
    Cover::read(instance).document_type
}

/// How many Fact rows the occurrences of an instance become.
pub fn count_fact_rows(instance: &Instance) -> usize {
    distinct_facts::distinct(instance, "").0.len()
}

/// The namespace of the filing's own schema, the first that has one.
fn own_namespace(dts: &Dts) -> Option<&Arc<str>> {
    let own = dts.documents().iter().filter(|loaded| loaded.is_own);
    own.filter_map(|loaded| loaded.document.schema())
        .map(|schema| &schema.target_namespace)
        .find(|namespace| !namespace.is_empty())
}

/// The Report and FactSet nodes, the filer's Entity and their relationships.
fn write_report(rows: &mut Collector, filing: &Filing<'_>, source: &Source<'_>) {
    let (metadata, cover) = (source.metadata, &source.cover);
    let entity = graph_id::entity(&graph_id::company_uri(source.owner));
    let fact_set = source.fact_set();
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());

    let is_amendment = cover.amendment_flag == Some(true) || metadata.form.ends_with("/A");
    row!(
        rows,
        "Report",
        [
            ("identifier", source.report),
            ("uri", source.report_uri.as_str()),
            ("name", &metadata.form),
            ("accession_number", &source.accession),
            ("form", &metadata.form),
            ("filing_date", &metadata.filing_date),
            ("report_date", said(&metadata.report_date)),
            ("acceptance_date", said(&metadata.accepted_at)),
            ("period_end_date", cover.period_end_date),
            ("is_inline_xbrl", filing.instance.source == model::Source::Inline),
            ("xbrl_processor_version", filing.processor_version),
            ("processed", true),
            ("failed", false),
            ("updated_at", said(&metadata.accepted_at)),
            ("entity_identifier", entity),
            ("entity_name", cover.entity_name),
            ("trading_symbol", cover.trading_symbol),
            ("document_type", cover.document_type),
            ("fiscal_year_focus", source.fiscal.year),
            ("fiscal_period_focus", source.fiscal.part),
            ("is_amendment", is_amendment),
            ("primary_document", filing.source_document),
            ("is_degraded", filing.is_degraded),
            ("trading_symbols", source.registrants.company(source.owner).and_then(|filer| filer.tickers())),
        ]
    );
    row!(rows, "FactSet", [("identifier", fact_set)]);

    let filed = const { table("ENTITY_HAS_REPORT") };
    let context = format!("Filing: {}", metadata.form).into();
    rows.relate(filed, entity, source.report, [context, "filer".into()]);
    let has_set = const { table("REPORT_HAS_FACT_SET") };
    let context = format!("Report facts for {}", metadata.form).into();
    rows.relate(has_set, source.report, fact_set, [context]);
}

/// A period as people write it: a day, `start/end`, or `Forever`.
pub fn period_text(period: &model::Period) -> String {
    uris::period_text(period)
}

/// A unit with conventional prefixes, such as `iso4217:USD/xbrli:shares`.
pub fn unit_measure(unit: &model::Unit) -> String {
    uris::unit_text(unit, uris::measure)
}
