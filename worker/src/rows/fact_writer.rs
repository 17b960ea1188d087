//! Facts: their rows, their relationships, the long texts and the flat export.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;
use edgraph_shared::graph_id::NodeId;
use edgraph_xbrl::model::FactValue;
use edgraph_xbrl::taxonomy::Schema;
use edgraph_xbrl::{QName, decimal};
use foldhash::{HashMap, HashMapExt};

use super::contexts::{ContextNodes, ContextWriter, UnitNode};
use super::datum::Datum;
use super::distinct_facts::{self, Statement};
use super::elements::Elements;
use super::filing::Filing;
use super::first_places::{self, Place};
use super::footnotes;
use super::source::Source;
use super::standard_labels::StandardLabels;
use super::tables::{Collector, column, row, table};
use super::text;
use super::value_elements;

/// Writes every distinct statement of the filing: exports as the document has them, the graph's tables by identifier,
/// which is their order in the end.
pub(super) fn write(
    rows: &mut Collector,
    filing: &Filing<'_>,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) {
    let (statements, of_fact) = distinct_facts::distinct(filing.instance, &source.accession);
    let labels = StandardLabels::of(filing.dts);
    let (concepts, by_statement) = concepts(&statements, filing, &labels, elements);
    let (contexts, units) = write_contexts_and_units(rows, &statements, filing, &labels, elements, source);
    let join = |(statement, concept): (_, usize)| {
        Joined::of(statement, &concepts[concept], &contexts, &units, source)
    };
    let mut joined: Vec<Joined<'_>> = statements.iter().zip(by_statement).map(join).collect();

    make_room(rows, &joined, source);
    say_of_all(rows, filing, source);
    for fact in &joined {
        write_text(rows, fact);
        write_flat(rows, fact);
    }
    joined.sort_by_cached_key(|fact| fact.statement.identifier);
    let set = source.fact_set();
    for fact in &joined {
        write_fact(rows, fact, source);
        relate(rows, fact, set, source);
    }
    let facts: Vec<NodeId> = of_fact.iter().map(|place| statements[*place].identifier).collect();
    write_of_items(rows, filing, &facts, elements, source);
}

/// Writes what hangs on single tagged items, whose Facts are `facts`: few filings have much of it.
fn write_of_items(
    rows: &mut Collector,
    filing: &Filing<'_>,
    facts: &[NodeId],
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) {
    footnotes::write(rows, filing.instance, facts, source);
    value_elements::write(rows, filing.named_elements, facts, elements);
}

/// Most tables of facts have a row for each, and long texts are most of all bytes.
fn make_room(rows: &mut Collector, joined: &[Joined<'_>], source: &Source<'_>) {
    let facts = joined.len();
    rows.expect(const { table("flat/facts") }, facts);
    rows.expect(const { table("Fact") }, facts);
    rows.expect(const { table("REPORT_HAS_FACT") }, facts);
    rows.expect(const { table("FACT_SET_CONTAINS_FACT") }, facts);
    rows.expect(const { table("FACT_HAS_ELEMENT") }, facts);
    rows.expect(const { table("FACT_HAS_ENTITY") }, facts);
    rows.expect(const { table("FACT_HAS_PERIOD") }, facts);
    rows.expect(const { table("FACT_HAS_UNIT") }, facts);
    let texts = joined.iter().filter_map(|fact| fact.value.external);
    let (count, bytes) = texts.fold((0, 0), |(count, bytes), text| (count + 1, bytes + text.len()));
    rows.expect_bytes(const { table("text") }, const { column("text", "text") }, count, bytes);
    let uri = source.report_uri.len() + 1 + NodeId::TEXT_BYTES;
    rows.expect_bytes(const { table("Fact") }, const { column("Fact", "uri") }, facts, facts * uri);
}

/// What the filing says of all its facts.
fn say_of_all(rows: &mut Collector, filing: &Filing<'_>, source: &Source<'_>) {
    let (metadata, cover) = (source.metadata, &source.cover);
    let day = |text: &str| Datum::from(text.parse::<NaiveDate>().ok());
    let tickers = filing.sec_tickers;
    let all_tickers = (!tickers.is_empty()).then(|| serde_json::Value::from(tickers).to_string());
    let said = [
        ("ticker", cover.trading_symbol.into()),
        ("sec_ticker", tickers.first().into()),
        ("sec_tickers", all_tickers.into()),
        ("entity", cover.entity_name.into()),
        ("form", metadata.form.as_str().into()),
        ("filing_date", day(&metadata.filing_date)),
        ("accepted_at", source.accepted_at().into()),
        ("report_date", day(&metadata.report_date)),
        ("focus_year", source.fiscal.year.into()),
        ("focus_period", source.fiscal.part.into()),
    ];
    rows.set_same(const { table("flat/facts") }, said);
}

/// The concepts of statements, and which of them is each statement's.
fn concepts(
    statements: &[Statement<'_>],
    filing: &Filing<'_>,
    labels: &StandardLabels<'_>,
    elements: &mut Elements<'_>,
) -> (Vec<ConceptCells>, Vec<usize>) {
    let shown = first_places::of(filing.dts);
    let mut concepts = Vec::new();
    let mut places: HashMap<&QName, usize> = HashMap::new();
    let names = statements.iter().map(|statement| &statement.fact.concept);
    let place = |name| {
        *places.entry(name).or_insert_with(|| {
            let place = shown.get(name).copied();
            concepts.push(ConceptCells::of(name, labels.get(name), place, filing, elements));
            concepts.len() - 1
        })
    };
    let by_statement = names.map(place).collect();
    (concepts, by_statement)
}

/// Writes the nodes of the contexts and units that statements have; gives them by their place in the instance.
fn write_contexts_and_units(
    rows: &mut Collector,
    statements: &[Statement<'_>],
    filing: &Filing<'_>,
    labels: &StandardLabels<'_>,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) -> (Vec<Option<ContextNodes>>, Vec<Option<UnitNode>>) {
    let instance = filing.instance;
    let mut writer = ContextWriter::new(source.fiscal.calendar.as_ref(), filing.dts, labels);
    let mut contexts: Vec<Option<ContextNodes>> = Vec::new();
    contexts.resize_with(instance.contexts.len(), || None);
    let mut units: Vec<Option<UnitNode>> = Vec::new();
    units.resize_with(instance.units.len(), || None);
    for Statement { fact, .. } in statements {
        if let Some(place) = fact.context {
            let write = || writer.write(rows, &instance.contexts[place], elements, source);
            contexts[place].get_or_insert_with(write);
        }
        if let Some(place) = fact.unit {
            units[place].get_or_insert_with(|| UnitNode::write(rows, &instance.units[place]));
        }
    }
    (contexts, units)
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
    statement_role: Option<Arc<str>>,
    statement: Option<Arc<str>>,
    /// `None` where no schema of its namespace is at hand.
    is_custom: Option<bool>,
    balance: Option<&'static str>,
}

impl ConceptCells {
    fn of(
        concept: &QName,
        label: Option<&Arc<str>>,
        place: Option<Place<'_>>,
        filing: &Filing<'_>,
        elements: &mut Elements<'_>,
    ) -> Self {
        let name = elements.names.prefixed(concept);
        let declared = filing.dts.concept(concept);
        // Of a name that the schema at hand does not declare, the schema still says whose it would be.
        let of_namespace = || {
            let mut documents = filing.dts.documents().iter();
            let declares = |schema: &Schema| schema.target_namespace == concept.namespace;
            documents
                .find(|loaded| loaded.document.schema().is_some_and(declares))
                .map(|loaded| loaded.is_own)
        };
        Self {
            element: elements.identifier(concept),
            context: format!("Fact: {name}"),
            name,
            uri: concept.uri(),
            label: label.cloned(),
            statement_role: place.map(|place| place.role.clone()),
            statement: place.and_then(|place| place.definition.cloned()),
            is_custom: declared.as_ref().map(|concept| concept.is_own).or_else(of_namespace),
            balance: declared.and_then(|concept| concept.balance()).map(|balance| balance.as_str()),
        }
    }
}

/// A statement with everything that its rows say of it.
struct Joined<'a> {
    statement: &'a Statement<'a>,
    value: ShownValue<'a>,
    context: Option<&'a ContextNodes>,
    unit: Option<&'a UnitNode>,
    concept: &'a ConceptCells,
}

impl<'a> Joined<'a> {
    fn of(
        statement: &'a Statement<'a>,
        concept: &'a ConceptCells,
        contexts: &'a [Option<ContextNodes>],
        units: &'a [Option<UnitNode>],
        source: &Source<'_>,
    ) -> Self {
        let fact = statement.fact;
        Self {
            statement,
            value: ShownValue::of(statement, source),
            context: fact.context.and_then(|place| contexts[place].as_ref()),
            unit: fact.unit.and_then(|place| units[place].as_ref()),
            concept,
        }
    }
}

/// How a value is shown in the graph.
struct ShownValue<'a> {
    value: Datum<'a>,
    numeric: Option<f64>,
    content_type: Option<&'static str>,
    /// The whole text, when it is too long for the graph, and its hash.
    external: Option<&'a Arc<str>>,
    sha256: Option<&'a str>,
    reference: Option<String>,
}

impl<'a> ShownValue<'a> {
    fn of(statement: &'a Statement<'a>, source: &Source<'_>) -> Self {
        let fact = statement.fact;
        let mut shown = Self {
            value: Datum::Null,
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
            FactValue::Text(text) => {
                shown.external = distinct_facts::long_text(fact);
                // Of a number that is none, the kind of text matters only where it is kept as one.
                let is_text = !fact.is_numeric || shown.external.is_some();
                shown.content_type = is_text.then(|| text::content_type(text));
                shown.value = if shown.external.is_some() { text::excerpt(text).into() } else { text.into() };
                shown.sha256 = statement.text_sha256.as_deref();
                shown.reference = shown.sha256.map(|sha256| format!("{}#{sha256}", source.accession));
            }
        }
        shown
    }
}

fn write_fact(rows: &mut Collector, joined: &Joined<'_>, source: &Source<'_>) {
    let Joined { statement, value, context, .. } = joined;
    let fact = statement.fact;
    let identifier = || statement.identifier.to_string().into();
    let fragment: Cow<'_, str> = statement.fact_ids.first().map_or_else(identifier, |id| (*id).into());
    row!(
        rows,
        "Fact",
        [
            ("identifier", statement.identifier),
            ("uri", [source.document_uri(fact), "#", &*fragment].concat()),
            ("value", &value.value),
            ("numeric_value", value.numeric),
            ("fact_type", if fact.is_numeric { "Numeric" } else { "Nonnumeric" }),
            ("decimals", statement.decimals.as_deref()),
            ("value_type", if value.external.is_some() { "external" } else { "inline" }),
            ("content_type", value.content_type),
            ("value_ref", value.reference.as_ref()),
            ("is_nil", fact.value == FactValue::Nil),
            ("is_primary", statement.is_primary),
            ("occurrences", statement.occurrences),
            ("fact_ids", statement.fact_ids.join(" ")),
            ("language", fact.text_language()),
            ("fiscal_year", context.and_then(|context| context.period.fiscal_year)),
            ("fiscal_period", context.and_then(|context| context.period.fiscal_period)),
        ]
    );
}

/// A value too long for the graph, whole.
fn write_text(rows: &mut Collector, joined: &Joined<'_>) {
    let Some(text) = joined.value.external else { return };
    row!(
        rows,
        "text",
        [
            ("fact_id", joined.statement.identifier),
            ("concept", &joined.concept.name),
            ("sha256", joined.value.sha256),
            ("content_type", joined.value.content_type),
            ("text", text),
        ]
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
    let Joined { statement, value, context, unit, concept } = joined;
    let fact = statement.fact;
    let period = context.map(|context| &context.period);
    row!(
        rows,
        "flat/facts",
        [
            ("fact_id", statement.identifier),
            ("cik", context.and_then(|context| context.entity.cik.as_ref())),
            ("fiscal_year", period.and_then(|period| period.fiscal_year)),
            ("fiscal_period", period.and_then(|period| period.fiscal_period)),
            ("concept", &concept.name),
            ("concept_uri", &concept.uri),
            ("label", concept.label.as_ref()),
            ("statement_role", concept.statement_role.as_ref()),
            ("statement", concept.statement.as_ref()),
            ("value", &value.value),
            ("numeric_value", value.numeric),
            ("decimals", statement.decimals.as_deref()),
            ("unit", unit.map(|unit| &unit.value)),
            ("period_start", period.and_then(|period| period.start.as_ref())),
            ("period_end", period.and_then(|period| period.end.as_ref())),
            ("period_instant", period.and_then(|period| period.instant.as_ref())),
            ("period_last", period.and_then(|period| period.last)),
            ("dimensions", context.and_then(|context| context.dimensions_json.as_ref())),
            ("dimension_labels", context.and_then(|context| context.dimension_labels.as_ref())),
            ("is_nil", fact.value == FactValue::Nil),
            ("is_primary", statement.is_primary),
            ("is_custom", concept.is_custom),
            ("balance", concept.balance),
        ],
        same(
            "ticker",
            "sec_ticker",
            "sec_tickers",
            "entity",
            "form",
            "filing_date",
            "accepted_at",
            "report_date",
            "focus_year",
            "focus_period",
        )
    );
}
