//! What facts hang on: the nodes of contexts (entities, periods, dimensions) and units, written when first met.

use std::rc::Rc;

use chrono::NaiveDate;
use edgraph_shared::graph_id::{self, NodeId, entity_uri, node_id, node_id_of};
use edgraph_shared::ids::Cik;
use edgraph_xbrl::QName;
use edgraph_xbrl::model::{Context, Entity, Member, Period, Unit};
use edgraph_xbrl::taxonomy::Dts;
use foldhash::{HashMap, HashMapExt};

use super::default_members;
use super::dimension_texts;
use super::elements::Elements;
use super::fiscal::FiscalCalendar;
use super::period;
use super::source::Source;
use super::standard_labels::StandardLabels;
use super::tables::{Collector, row, table};
use super::uris::{self, SEPARATOR};

/// The nodes of a context.
pub(super) struct ContextNodes {
    pub(super) entity: Rc<EntityNode>,
    /// The other company that it is about by its member of `LegalEntityAxis`.
    legal_entity: Option<Rc<EntityNode>>,
    pub(super) period: Rc<PeriodNode>,
    dimensions: Vec<NodeId>,
    /// By names.
    pub(super) dimensions_json: Option<String>,
    /// By labels.
    pub(super) dimension_labels: Option<String>,
}

impl ContextNodes {
    pub(super) fn relate(&self, rows: &mut Collector, fact: NodeId) {
        let Self { entity, period, .. } = self;
        let context = (&entity.context).into();
        rows.relate(const { table("FACT_HAS_ENTITY") }, fact, entity.identifier, [context, "context".into()]);
        if let Some(other) = &self.legal_entity {
            let properties = [(&other.context).into(), "legal-entity".into()];
            rows.relate(const { table("FACT_HAS_ENTITY") }, fact, other.identifier, properties);
        }
        let context = (&period.context).into();
        rows.relate(const { table("FACT_HAS_PERIOD") }, fact, period.identifier, [context]);
        for dimension in &self.dimensions {
            rows.relate(const { table("FACT_HAS_DIMENSION") }, fact, *dimension, []);
        }
    }
}

/// The node of an entity.
pub(super) struct EntityNode {
    identifier: NodeId,
    /// As relationships say it.
    context: String,
    pub(super) cik: Option<String>,
}

/// The node of a period, and the period as facts' rows say it.
pub(super) struct PeriodNode {
    identifier: NodeId,
    /// As relationships say it.
    context: String,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) instant: Option<String>,
    pub(super) last: Option<NaiveDate>,
    pub(super) fiscal_year: Option<i32>,
    pub(super) fiscal_period: Option<&'static str>,
}

/// Writes the nodes of contexts; hundreds of contexts share a dozen periods.
pub(super) struct ContextWriter<'a> {
    calendar: Option<&'a FiscalCalendar>,
    labels: &'a StandardLabels<'a>,
    /// Default members by axis.
    defaults: HashMap<&'a QName, &'a QName>,
    entities: HashMap<&'a Entity, Rc<EntityNode>>,
    legal_entities: HashMap<Cik, Rc<EntityNode>>,
    periods: HashMap<&'a Period, Rc<PeriodNode>>,
}

impl<'a> ContextWriter<'a> {
    pub(super) fn new(
        calendar: Option<&'a FiscalCalendar>,
        dts: &'a Dts,
        labels: &'a StandardLabels<'a>,
    ) -> Self {
        Self {
            calendar,
            labels,
            defaults: default_members::of(dts),
            entities: HashMap::new(),
            legal_entities: HashMap::new(),
            periods: HashMap::new(),
        }
    }

    pub(super) fn write(
        &mut self,
        rows: &mut Collector,
        context: &'a Context,
        elements: &mut Elements<'_>,
        source: &Source<'_>,
    ) -> ContextNodes {
        let entity = self.entities.entry(&context.entity);
        let entity = entity.or_insert_with(|| Rc::new(EntityNode::write(rows, &context.entity, source)));
        let period = self.periods.entry(&context.period);
        let period =
            period.or_insert_with(|| Rc::new(PeriodNode::write(rows, &context.period, self.calendar)));
        let legal_entity = source.registrants.legal_entity(context).map(|cik| {
            let known = self.legal_entities.entry(cik);
            known.or_insert_with(|| Rc::new(EntityNode::write(rows, &company(cik), source))).clone()
        });
        ContextNodes {
            entity: entity.clone(),
            legal_entity: legal_entity.filter(|other| other.identifier != entity.identifier),
            period: period.clone(),
            dimensions: write_dimensions(rows, context, &self.defaults, elements, source),
            dimensions_json: dimension_texts::by_names(context),
            dimension_labels: dimension_texts::by_labels(context, self.labels, elements.names),
        }
    }
}

/// A company as a context would name it.
fn company(cik: Cik) -> Entity {
    Entity { scheme: graph_id::CIK_SCHEME.into(), identifier: cik.cik10().into() }
}

impl EntityNode {
    /// An entity as a context names it and the cover page describes it: unresolved, for the SEC's company data to replace.
    fn write(rows: &mut Collector, entity: &Entity, source: &Source<'_>) -> Self {
        let uri = entity_uri(&entity.scheme, &entity.identifier);
        let identifier = graph_id::entity(&uri);
        let cik = uri.strip_prefix(graph_id::CIK_SCHEME).and_then(|rest| rest.strip_prefix('#'));
        if rows.is_new(const { table("Entity") }, identifier) {
            let said = cik.and_then(|cik| source.registrants.company(cik.parse().ok()?));
            let first = said.and_then(|said| said.symbols.first());
            let name = said.and_then(|said| said.name);
            row!(
                rows,
                "Entity",
                [
                    ("identifier", identifier),
                    ("uri", &uri),
                    ("scheme", &entity.scheme),
                    ("cik", cik),
                    ("ticker", first.map(|(symbol, _)| *symbol)),
                    ("exchange", first.and_then(|(_, exchange)| *exchange)),
                    ("name", name),
                    ("legal_name", name),
                    ("tickers", said.and_then(|said| said.tickers())),
                    ("updated_at", source.as_of),
                    ("is_resolved", false),
                    ("as_of", source.as_of),
                ],
                null(
                    "industry",
                    "entity_type",
                    "sic",
                    "sic_description",
                    "category",
                    "state_of_incorporation",
                    "fiscal_year_end",
                    "ein",
                    "tax_id",
                    "lei",
                    "phone",
                    "website",
                    "status",
                    "is_parent",
                    "parent_entity_id",
                    "created_at",
                )
            );
        }
        let context = format!("Entity: {}", entity.identifier);
        Self { identifier, context, cik: cik.map(str::to_owned) }
    }
}

impl PeriodNode {
    fn write(rows: &mut Collector, period: &Period, calendar: Option<&FiscalCalendar>) -> Self {
        let (fiscal_year, fiscal_period) = calendar.map_or((None, None), |calendar| calendar.place(period));
        let (start, end, instant) = match period {
            Period::Instant(at) => (None, None, Some(uris::moment(*at))),
            Period::Duration { start, end } => (Some(uris::moment(*start)), Some(uris::moment(*end)), None),
            Period::Forever => (None, None, None),
        };
        let last = match period {
            Period::Instant(last) | Period::Duration { end: last, .. } => Some(last.date),
            Period::Forever => None,
        };
        Self {
            identifier: period::write(rows, period),
            context: format!("Period: {}", uris::period_text(period)),
            start,
            end,
            instant,
            last,
            fiscal_year,
            fiscal_period,
        }
    }
}

fn write_dimensions(
    rows: &mut Collector,
    context: &Context,
    defaults: &HashMap<&QName, &QName>,
    elements: &mut Elements<'_>,
    source: &Source<'_>,
) -> Vec<NodeId> {
    let nodes = const { table("FactDimension") };
    let accession = &source.accession;
    let mut identifiers = Vec::with_capacity(context.dimensions.len());
    for dimension in &context.dimensions {
        let identifier = node_id_of("dimension", &[accession, SEPARATOR, &uris::dimension_key(dimension)]);
        identifiers.push(identifier);
        if !rows.is_new(nodes, identifier) {
            continue;
        }
        let (member, typed) = match &dimension.member {
            Member::Explicit(member) => (Some(member), None),
            Member::Typed { value, is_nil, .. } => (None, Some(value).filter(|_| !is_nil)),
        };
        row!(
            rows,
            "FactDimension",
            [
                ("identifier", identifier),
                ("axis_uri", dimension.axis.uri()),
                ("member_uri", member.map(QName::uri)),
                ("type", uris::container(dimension.container)),
                ("is_explicit", member.is_some()),
                ("is_typed", member.is_none()),
                ("typed_value", typed),
                ("default_member_uri", defaults.get(&dimension.axis).map(|member| member.uri())),
            ]
        );
        let axis = elements.identifier(&dimension.axis);
        rows.relate(const { table("FACT_DIMENSION_AXIS_ELEMENT") }, identifier, axis, []);
        if let Some(member) = member {
            let member = elements.identifier(member);
            rows.relate(const { table("FACT_DIMENSION_MEMBER_ELEMENT") }, identifier, member, []);
        }
    }
    identifiers
}

/// The node of a unit, written when its first fact is.
pub(super) struct UnitNode {
    pub(super) identifier: NodeId,
    /// As relationships say it.
    pub(super) context: String,
    pub(super) value: String,
}

impl UnitNode {
    pub(super) fn write(rows: &mut Collector, unit: &Unit) -> Self {
        let table = const { table("Unit") };
        let uri = uris::unit_uri(unit);
        let identifier = node_id("unit", &uri);
        let measure = uris::unit_text(unit, uris::measure);
        let node = Self {
            context: format!("Unit: {measure}"),
            value: uris::unit_text(unit, |name| name.local.to_string()),
            identifier,
        };
        if rows.is_new(table, node.identifier) {
            let is_ratio = !unit.denominators.is_empty();
            let part = |measures: &[QName]| is_ratio.then(|| uris::product(measures, QName::uri));
            row!(
                rows,
                "Unit",
                [
                    ("identifier", node.identifier),
                    ("uri", uri),
                    ("measure", measure),
                    ("value", &node.value),
                    ("numerator_uri", part(&unit.numerators)),
                    ("denominator_uri", part(&unit.denominators)),
                ]
            );
        }
        node
    }
}
