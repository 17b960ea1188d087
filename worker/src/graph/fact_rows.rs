//! Facts: their rows, their relationships, the long texts and the flat export.

use std::borrow::Cow;
use std::sync::Arc;

use edgraph_shared::graph_id::NodeId;
use edgraph_shared::manifest::sha256_hex;
use edgraph_xbrl::model::Value;
use edgraph_xbrl::{QName, decimal};
use foldhash::{HashMap, HashMapExt};

use super::cell::Cell;
use super::contexts::{ContextNodes, UnitNode};
use super::elements::Elements;
use super::facts::{self, Statement};
use super::tables::{Collector, table};
use super::{Filing, Source, fact_set, text};

/// The role of a concept's plain label.
const STANDARD_LABEL: &str = "http://www.xbrl.org/2003/role/label";

/// Writes every distinct statement of the filing.
pub(super) fn write(
    rows: &mut Collector,
    filing: &Filing<'_>,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) {
    let instance = filing.instance;
    let calendar = source.cover.fiscal_calendar();
    let labels = standard_labels(filing);
    let set = fact_set(source);
    let (metadata, cover) = (source.metadata, &source.cover);
    let said_by_filing = [
        ("ticker", cover.trading_symbol),
        ("entity", cover.entity_name),
        ("form", Some(metadata.form.as_str())),
        ("filing_date", Some(metadata.filing_date.as_str())),
        ("report_date", Some(metadata.report_date.as_str()).filter(|date| !date.is_empty())),
    ];
    rows.set_same(const { table("flat/facts") }, said_by_filing);
    let mut contexts: HashMap<usize, ContextNodes> = HashMap::new();
    let mut units: HashMap<usize, UnitNode> = HashMap::new();
    let mut concepts: HashMap<&QName, ConceptCells> = HashMap::new();

    for statement in facts::distinct(instance, &source.accession) {
        let fact = statement.fact;
        let label = labels.get(&fact.concept).copied();
        let concept = concepts
            .entry(&fact.concept)
            .or_insert_with(|| ConceptCells::of(&fact.concept, label, filing, elements));
        let value = ShownValue::of(&statement, source);
        let context = fact.context.map(|index| {
            let write = || ContextNodes::write(rows, &instance.contexts[index], calendar, elements, source);
            &*contexts.entry(index).or_insert_with(write)
        });
        let unit = fact.unit.map(|index| {
            &*units.entry(index).or_insert_with(|| UnitNode::write(rows, &instance.units[index]))
        });

        let joined = Joined { statement: &statement, value: &value, context, unit, concept };
        write_fact(rows, &joined, source);
        write_text(rows, &joined);
        relate(rows, &joined, set, source);
        write_flat(rows, &joined);
    }
}

/// What all rows of facts of one concept say of it.
struct ConceptCells {
    element: NodeId,
    /// `{prefix}:{name}`.
    name: String,
    /// As relationships say it.
    context: String,
    uri: String,
    label: Option<Arc<str>>,
    is_custom: bool,
    balance: Option<&'static str>,
}

impl ConceptCells {
    fn of(
        concept: &QName,
        label: Option<&Arc<str>>,
        filing: &Filing<'_>,
        elements: &mut Elements<'_>,
    ) -> Self {
        let name = elements.names.prefixed(concept);
        let declared = filing.dts.concept(concept);
        Self {
            element: elements.identifier(concept),
            context: format!("Fact: {name}"),
            name,
            uri: concept.uri(),
            label: label.cloned(),
            is_custom: declared.as_ref().is_some_and(|concept| concept.is_own),
            balance: declared.and_then(|concept| concept.balance()).map(|balance| balance.as_str()),
        }
    }
}

/// A statement with everything that its rows say of it.
struct Joined<'a> {
    statement: &'a Statement<'a>,
    value: &'a ShownValue<'a>,
    context: Option<&'a ContextNodes>,
    unit: Option<&'a UnitNode>,
    concept: &'a ConceptCells,
}

/// The standard label of each concept in the filing's own linkbases, English before other languages.
fn standard_labels<'a>(filing: &Filing<'a>) -> HashMap<&'a QName, &'a Arc<str>> {
    let mut labels: HashMap<&QName, (bool, &Arc<str>)> = HashMap::new();
    for label in filing.dts.labels().filter(|label| label.is_own && &**label.role == STANDARD_LABEL) {
        let is_english = label.language.is_none_or(|language| language.starts_with("en"));
        let best = labels.entry(label.concept).or_insert((is_english, label.text));
        if is_english && !best.0 {
            *best = (true, label.text);
        }
    }
    labels.into_iter().map(|(concept, (_, text))| (concept, text)).collect()
}

/// How a value is shown in the graph.
struct ShownValue<'a> {
    value: Cell<'a>,
    numeric: Option<f64>,
    content_type: Option<&'static str>,
    /// The whole text, when it is too long for the graph, and its hash.
    external: Option<&'a Arc<str>>,
    sha256: Option<String>,
    reference: Option<String>,
}

impl<'a> ShownValue<'a> {
    fn of(statement: &Statement<'a>, source: &Source<'_>) -> Self {
        let fact = statement.fact;
        let mut shown = Self {
            value: Cell::Null,
            numeric: None,
            content_type: None,
            external: None,
            sha256: None,
            reference: None,
        };
        match &fact.value {
            Value::Nil => {}
            Value::Number(number) => {
                shown.value = number.into();
                shown.numeric = Some(decimal::to_f64(number));
            }
            Value::Text(text) if text.len() <= text::INLINE_LIMIT_BYTES || fact.is_numeric => {
                shown.value = text.into();
                shown.content_type = (!fact.is_numeric).then(|| text::content_type(text));
            }
            Value::Text(text) => {
                let sha256 = sha256_hex(text.as_bytes());
                shown.value = text::excerpt(text).into();
                shown.content_type = Some(text::content_type(text));
                shown.reference = Some(format!("{}#{sha256}", source.accession));
                shown.sha256 = Some(sha256);
                shown.external = Some(text);
            }
        }
        shown
    }
}

fn write_fact(rows: &mut Collector, joined: &Joined<'_>, source: &Source<'_>) {
    let table = const { table("Fact") };
    let Joined { statement, value, context, .. } = joined;
    let fact = statement.fact;
    let identifier = || statement.identifier.to_string().into();
    let fragment: Cow<'_, str> = statement.fact_ids.first().map_or_else(identifier, |id| (*id).into());
    rows.push(
        table,
        [
            ("identifier", statement.identifier.into()),
            ("uri", [&*source.report_uri, "#", &*fragment].concat().into()),
            ("value", (&value.value).into()),
            ("numeric_value", value.numeric.into()),
            ("fact_type", if fact.is_numeric { "Numeric" } else { "Nonnumeric" }.into()),
            ("decimals", statement.decimals.into()),
            ("value_type", if value.external.is_some() { "external" } else { "inline" }.into()),
            ("content_type", value.content_type.into()),
            ("value_ref", value.reference.as_ref().into()),
            ("is_nil", (fact.value == Value::Nil).into()),
            ("is_primary", statement.is_primary.into()),
            ("occurrences", statement.occurrences.into()),
            ("fact_ids", statement.fact_ids.join(" ").into()),
            ("language", facts::language(fact).into()),
            ("fiscal_year", context.and_then(|context| context.fiscal_year).into()),
            ("fiscal_period", context.and_then(|context| context.fiscal_period).into()),
        ],
    );
}

/// A value too long for the graph, whole.
fn write_text(rows: &mut Collector, joined: &Joined<'_>) {
    let Some(text) = joined.value.external else { return };
    let table = const { table("text") };
    rows.push(
        table,
        [
            ("fact_id", joined.statement.identifier.into()),
            ("concept", (&joined.concept.name).into()),
            ("sha256", joined.value.sha256.as_ref().into()),
            ("content_type", joined.value.content_type.into()),
            ("text", text.into()),
        ],
    );
}

fn relate(rows: &mut Collector, joined: &Joined<'_>, set: NodeId, source: &Source<'_>) {
    let fact = joined.statement.identifier;
    let context = (&joined.concept.context).into();
    rows.relate(const { table("REPORT_HAS_FACT") }, source.report, fact, [context]);
    rows.relate(const { table("FACT_SET_CONTAINS_FACT") }, set, fact, []);
    rows.relate(const { table("FACT_HAS_ELEMENT") }, fact, joined.concept.element, []);
    if let Some(context) = joined.context {
        context.relate(rows, fact);
    }
    if let Some(unit) = joined.unit {
        let measure = (&unit.context).into();
        rows.relate(const { table("FACT_HAS_UNIT") }, fact, unit.identifier, [measure]);
    }
}

fn write_flat(rows: &mut Collector, joined: &Joined<'_>) {
    let table = const { table("flat/facts") };
    let Joined { statement, value, context, unit, concept } = joined;
    let fact = statement.fact;
    rows.push(
        table,
        [
            ("fact_id", statement.identifier.into()),
            ("cik", context.and_then(|context| context.cik.as_ref()).into()),
            ("fiscal_year", context.and_then(|context| context.fiscal_year).into()),
            ("fiscal_period", context.and_then(|context| context.fiscal_period).into()),
            ("concept", (&concept.name).into()),
            ("concept_uri", (&concept.uri).into()),
            ("label", concept.label.as_ref().into()),
            ("value", (&value.value).into()),
            ("numeric_value", value.numeric.into()),
            ("decimals", statement.decimals.into()),
            ("unit", unit.map(|unit| &unit.value).into()),
            ("period_start", context.and_then(|context| context.start.as_ref()).into()),
            ("period_end", context.and_then(|context| context.end.as_ref()).into()),
            ("period_instant", context.and_then(|context| context.instant.as_ref()).into()),
            ("dimensions", context.and_then(|context| context.dimensions_json.as_ref()).into()),
            ("is_nil", (fact.value == Value::Nil).into()),
            ("is_primary", statement.is_primary.into()),
            ("is_custom", concept.is_custom.into()),
            ("balance", concept.balance.into()),
        ],
    );
}
