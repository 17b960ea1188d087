//! Facts and all that hangs on them: contexts' entities, periods and dimensions, units, long texts, the flat export.

use std::collections::HashMap;
use std::sync::Arc;

use edgraph_shared::graph_id::{self, entity_uri, node_id};
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::schema::{self, Table, Value};
use edgraph_xbrl::model::{Context, Fact, Member, Period, Unit, Value as FactValue};
use edgraph_xbrl::{QName, decimal};
use serde_json::Map;

use super::elements::Elements;
use super::facts::{self, Statement};
use super::fiscal::FiscalCalendar;
use super::ids::{self, SEPARATOR};
use super::tables::Collector;
use super::{Filing, Source, fact_set, period, text};

/// The role of a concept's plain label.
const STANDARD_LABEL: &str = "http://www.xbrl.org/2003/role/label";

fn table(name: &str) -> &'static Table {
    schema::table(name).expect("the schema has it")
}

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
    let mut contexts: HashMap<usize, ContextNodes> = HashMap::new();
    let mut units: HashMap<usize, UnitNode> = HashMap::new();

    for statement in facts::distinct(instance, &source.accession) {
        let fact = statement.fact;
        let concept = elements.names.prefixed(&fact.concept);
        let value = ShownValue::of(&statement, source);
        let context = fact.context.map(|index| {
            let write = || ContextNodes::write(rows, &instance.contexts[index], calendar, elements, source);
            &*contexts.entry(index).or_insert_with(write)
        });
        let unit = fact.unit.map(|index| {
            &*units.entry(index).or_insert_with(|| UnitNode::write(rows, &instance.units[index]))
        });

        write_fact(rows, &statement, &value, context, source);
        if let Some(text) = value.external {
            let table = table("text");
            rows.push(
                table,
                vec![
                    (&statement.identifier).into(),
                    concept.as_str().into(),
                    value.sha256.as_deref().into(),
                    value.content_type.into(),
                    text.into(),
                    (&source.accession).into(),
                ],
            );
        }
        let (report, accession, identifier) = (&source.report, &source.accession, &statement.identifier);
        let element = elements.identifier(&fact.concept);
        rows.relate(
            table("REPORT_HAS_FACT"),
            report,
            identifier,
            [format!("Fact: {concept}").into()],
            accession,
        );
        rows.relate(table("FACT_SET_CONTAINS_FACT"), &set, identifier, [], accession);
        rows.relate(table("FACT_HAS_ELEMENT"), identifier, &element, [], accession);
        if let Some(context) = context {
            context.relate(rows, identifier, accession);
        }
        if let Some(unit) = unit {
            let measure = format!("Unit: {}", unit.measure).into();
            rows.relate(table("FACT_HAS_UNIT"), identifier, &unit.identifier, [measure], accession);
        }
        let label = labels.get(&fact.concept).cloned();
        write_flat(rows, filing, source, &statement, &value, context, unit, &concept, label);
    }
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
    value: Value,
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
            value: Value::Null,
            numeric: None,
            content_type: None,
            external: None,
            sha256: None,
            reference: None,
        };
        match &fact.value {
            FactValue::Nil => {}
            FactValue::Number(number) => {
                shown.value = number.into();
                shown.numeric = Some(decimal::to_f64(number));
            }
            FactValue::Text(text) if text.len() <= text::INLINE_LIMIT_BYTES || fact.is_numeric => {
                shown.value = text.into();
                shown.content_type = (!fact.is_numeric).then(|| text::content_type(text));
            }
            FactValue::Text(text) => {
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

fn write_fact(
    rows: &mut Collector,
    statement: &Statement<'_>,
    value: &ShownValue<'_>,
    context: Option<&ContextNodes>,
    source: &Source<'_>,
) {
    let table = table("Fact");
    let fact = statement.fact;
    let fragment = statement.fact_ids.first().copied().unwrap_or(&statement.identifier);
    rows.push(
        table,
        table.row([
            ("identifier", (&statement.identifier).into()),
            ("uri", format!("{}#{fragment}", source.report_uri).into()),
            ("value", value.value.clone()),
            ("numeric_value", value.numeric.into()),
            ("fact_type", if fact.is_numeric { "Numeric" } else { "Nonnumeric" }.into()),
            ("decimals", statement.decimals.into()),
            ("value_type", if value.external.is_some() { "external" } else { "inline" }.into()),
            ("content_type", value.content_type.into()),
            ("value_ref", value.reference.as_ref().into()),
            ("is_nil", (fact.value == FactValue::Nil).into()),
            ("is_primary", statement.is_primary.into()),
            ("occurrences", statement.occurrences.into()),
            ("fact_ids", statement.fact_ids.join(" ").into()),
            ("language", facts::language(fact).into()),
            ("fiscal_year", context.and_then(|context| context.fiscal_year).into()),
            ("fiscal_period", context.and_then(|context| context.fiscal_period).into()),
            ("accession", (&source.accession).into()),
        ]),
    );
}

/// The nodes of a context, written when its first fact is.
struct ContextNodes {
    entity: Arc<str>,
    entity_context: Value,
    cik: Option<String>,
    period: Arc<str>,
    period_context: Value,
    start: Option<String>,
    end: Option<String>,
    instant: Option<String>,
    fiscal_year: Option<i32>,
    fiscal_period: Option<&'static str>,
    dimensions: Vec<Arc<str>>,
    dimensions_json: Option<String>,
}

impl ContextNodes {
    fn write(
        rows: &mut Collector,
        context: &Context,
        calendar: Option<FiscalCalendar>,
        elements: &mut Elements<'_>,
        source: &Source<'_>,
    ) -> Self {
        let (entity, cik) = write_entity(rows, context, source);
        let periods = table("Period");
        let (period_id, period_row) = period::row(periods, &context.period);
        let period_id: Arc<str> = period_id.into();
        if rows.is_new(periods, &period_id) {
            rows.push(periods, period_row);
        }
        let (fiscal_year, fiscal_period) =
            calendar.map_or((None, None), |calendar| calendar.place(&context.period));
        let (start, end, instant) = match &context.period {
            Period::Instant(at) => (None, None, Some(ids::moment(*at))),
            Period::Duration { start, end } => (Some(ids::moment(*start)), Some(ids::moment(*end)), None),
            Period::Forever => (None, None, None),
        };
        Self {
            entity,
            entity_context: format!("Entity: {}", context.entity.identifier).into(),
            cik,
            period: period_id,
            period_context: format!("Period: {}", ids::period_text(&context.period)).into(),
            start,
            end,
            instant,
            fiscal_year,
            fiscal_period,
            dimensions: write_dimensions(rows, context, elements, source),
            dimensions_json: dimensions_json(context, elements),
        }
    }

    fn relate(&self, rows: &mut Collector, fact: &Arc<str>, accession: &Arc<str>) {
        rows.relate(table("FACT_HAS_ENTITY"), fact, &self.entity, [self.entity_context.clone()], accession);
        rows.relate(table("FACT_HAS_PERIOD"), fact, &self.period, [self.period_context.clone()], accession);
        for dimension in &self.dimensions {
            rows.relate(table("FACT_HAS_DIMENSION"), fact, dimension, [], accession);
        }
    }
}

/// An entity as a context names it: unresolved, for the SEC's company data to replace.
fn write_entity(rows: &mut Collector, context: &Context, source: &Source<'_>) -> (Arc<str>, Option<String>) {
    let table = table("Entity");
    let uri = entity_uri(&context.entity.scheme, &context.entity.identifier);
    let identifier: Arc<str> = graph_id::entity(&uri).into();
    let cik =
        uri.strip_prefix(graph_id::CIK_SCHEME).and_then(|rest| rest.strip_prefix('#')).map(str::to_owned);
    if rows.is_new(table, &identifier) {
        let row = table.row([
            ("identifier", (&identifier).into()),
            ("uri", uri.into()),
            ("scheme", (&context.entity.scheme).into()),
            ("cik", cik.as_ref().into()),
            ("updated_at", source.as_of.into()),
            ("is_resolved", false.into()),
            ("as_of", source.as_of.into()),
            ("accession", (&source.accession).into()),
        ]);
        rows.push(table, row);
    }
    (identifier, cik)
}

fn write_dimensions(
    rows: &mut Collector,
    context: &Context,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) -> Vec<Arc<str>> {
    let nodes = table("FactDimension");
    let accession = &source.accession;
    let mut identifiers = Vec::with_capacity(context.dimensions.len());
    for dimension in &context.dimensions {
        let key = format!("{accession}{SEPARATOR}{}", ids::dimension_key(dimension));
        let identifier: Arc<str> = node_id("dimension", &key).into();
        identifiers.push(identifier.clone());
        if !rows.is_new(nodes, &identifier) {
            continue;
        }
        let (member, typed) = match &dimension.member {
            Member::Explicit(member) => (Some(member), None),
            Member::Typed { value, is_nil, .. } => (None, Some(value).filter(|_| !is_nil)),
        };
        rows.push(
            nodes,
            nodes.row([
                ("identifier", (&identifier).into()),
                ("axis_uri", dimension.axis.uri().into()),
                ("member_uri", member.map(QName::uri).into()),
                ("type", ids::container(dimension.container).into()),
                ("is_explicit", member.is_some().into()),
                ("is_typed", member.is_none().into()),
                ("typed_value", typed.into()),
                ("accession", accession.into()),
            ]),
        );
        let axis = elements.identifier(&dimension.axis);
        rows.relate(table("FACT_DIMENSION_AXIS_ELEMENT"), &identifier, &axis, [], accession);
        if let Some(member) = member {
            let member = elements.identifier(member);
            rows.relate(table("FACT_DIMENSION_MEMBER_ELEMENT"), &identifier, &member, [], accession);
        }
    }
    identifiers
}

/// A JSON object from axis to member, in the order of the axes' names.
fn dimensions_json(context: &Context, elements: &Elements<'_>) -> Option<String> {
    if context.dimensions.is_empty() {
        return None;
    }
    let member = |member: &Member| match member {
        Member::Explicit(member) => elements.names.prefixed(member).into(),
        Member::Typed { is_nil: true, .. } => serde_json::Value::Null,
        Member::Typed { value, .. } => (&**value).into(),
    };
    // serde_json keeps the keys of an object sorted.
    let object: Map<String, serde_json::Value> = context
        .dimensions
        .iter()
        .map(|dimension| (elements.names.prefixed(&dimension.axis), member(&dimension.member)))
        .collect();
    Some(serde_json::Value::Object(object).to_string())
}

/// The node of a unit, written when its first fact is.
struct UnitNode {
    identifier: Arc<str>,
    measure: String,
    value: String,
}

impl UnitNode {
    fn write(rows: &mut Collector, unit: &Unit) -> Self {
        let table = table("Unit");
        let uri = ids::unit_uri(unit);
        let identifier: Arc<str> = node_id("unit", &uri).into();
        let node = Self {
            measure: ids::unit_text(unit, ids::measure),
            value: ids::unit_text(unit, |name| name.local.to_string()),
            identifier,
        };
        if rows.is_new(table, &node.identifier) {
            let is_ratio = !unit.denominators.is_empty();
            let part = |measures: &[QName]| is_ratio.then(|| ids::product(measures, QName::uri));
            let row = table.row([
                ("identifier", (&node.identifier).into()),
                ("uri", uri.into()),
                ("measure", (&node.measure).into()),
                ("value", (&node.value).into()),
                ("numerator_uri", part(&unit.numerators).into()),
                ("denominator_uri", part(&unit.denominators).into()),
            ]);
            rows.push(table, row);
        }
        node
    }
}

#[expect(clippy::too_many_arguments, reason = "the flat row joins everything there is about a fact")]
fn write_flat(
    rows: &mut Collector,
    filing: &Filing<'_>,
    source: &Source<'_>,
    statement: &Statement<'_>,
    value: &ShownValue<'_>,
    context: Option<&ContextNodes>,
    unit: Option<&UnitNode>,
    concept: &str,
    label: Option<&Arc<str>>,
) {
    let table = table("flat/facts");
    let fact: &Fact = statement.fact;
    let metadata = source.metadata;
    let declared = filing.dts.concept(&fact.concept);
    let report_date = (!metadata.report_date.is_empty()).then_some(&metadata.report_date);
    rows.push(
        table,
        table.row([
            ("fact_id", (&statement.identifier).into()),
            ("accession", (&source.accession).into()),
            ("cik", context.and_then(|context| context.cik.as_ref()).into()),
            ("ticker", source.cover.trading_symbol.into()),
            ("entity", source.cover.entity_name.into()),
            ("form", (&metadata.form).into()),
            ("filing_date", (&metadata.filing_date).into()),
            ("report_date", report_date.into()),
            ("fiscal_year", context.and_then(|context| context.fiscal_year).into()),
            ("fiscal_period", context.and_then(|context| context.fiscal_period).into()),
            ("concept", concept.into()),
            ("concept_uri", fact.concept.uri().into()),
            ("label", label.into()),
            ("value", value.value.clone()),
            ("numeric_value", value.numeric.into()),
            ("decimals", statement.decimals.into()),
            ("unit", unit.map(|unit| &unit.value).into()),
            ("period_start", context.and_then(|context| context.start.as_ref()).into()),
            ("period_end", context.and_then(|context| context.end.as_ref()).into()),
            ("period_instant", context.and_then(|context| context.instant.as_ref()).into()),
            ("dimensions", context.and_then(|context| context.dimensions_json.as_ref()).into()),
            ("is_nil", (fact.value == FactValue::Nil).into()),
            ("is_primary", statement.is_primary.into()),
            ("is_custom", declared.as_ref().is_some_and(|concept| concept.is_own).into()),
            (
                "balance",
                declared.and_then(|concept| concept.balance()).map(|balance| balance.as_str()).into(),
            ),
        ]),
    );
}
