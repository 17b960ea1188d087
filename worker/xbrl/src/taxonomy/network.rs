//! Relationships in effect: arcs joined to what their labels stand for, after prohibition and priority.
//!
//! XBRL 2.1 section 3.5.3.9.7: of equivalent relationships, those of the highest priority count; if one of them
//! prohibits, none is in effect. Relationships are equivalent when they run between the same two things, in one
//! base set, with equal attributes; `use`, `priority` and XLink's own are exempt.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::dts::Dts;
use super::endpoint::{Endpoint, Endpoints, ResourceId};
use super::linkbase::{ArcUse, ExtendedLink, LinkArc, LinkKind};
use super::loader::Loaded;
use crate::{Diagnostic, QName};

/// Relationships of one DTS before prohibition. One arc makes a pair of all its sources and targets, so a small
/// hostile linkbase could make billions; real filings have some thousands, us-gaap with all linkbases under a
/// million.
pub const MAX_RELATIONSHIPS: usize = 4_000_000;

/// The relationships of one arcrole in one role (a base set).
#[derive(Clone, Copy)]
pub struct Network<'a> {
    dts: &'a Dts,
    data: &'a NetworkData,
}

impl<'a> Network<'a> {
    pub(crate) fn new(dts: &'a Dts, data: &'a NetworkData) -> Self {
        Self { dts, data }
    }

    /// The arcrole.
    pub fn arcrole(self) -> &'a Arc<str> {
        &self.data.arcrole
    }

    /// The role of its extended links.
    pub fn role(self) -> &'a Arc<str> {
        &self.data.role
    }

    /// The kind of its extended links, of the first where they differ.
    pub fn kind(self) -> LinkKind {
        self.data.kind
    }

    /// Its relationships by `order`, those of equal order as the documents have them.
    pub fn relationships(self) -> impl ExactSizeIterator<Item = Relationship<'a>> {
        self.data.edges.iter().map(move |edge| Relationship::new(self.dts, edge))
    }

    /// What relationships go out from and none leads to, in the order of the documents. Empty when all are in
    /// cycles.
    pub fn roots(self) -> Vec<&'a Endpoint> {
        let mut is_target = HashMap::new();
        for edge in &self.data.edges {
            is_target.insert(edge.to, true);
        }
        let mut roots: Vec<_> =
            self.data.edges.iter().filter(|edge| !is_target.contains_key(&edge.from)).collect();
        roots.sort_by_key(|edge| edge.place);
        let mut seen = HashMap::new();
        roots.retain(|edge| seen.insert(edge.from, ()).is_none());
        roots.into_iter().map(|edge| &self.dts.endpoints[edge.from as usize]).collect()
    }
}

/// One relationship in effect.
#[derive(Clone, Copy, Debug)]
pub struct Relationship<'a> {
    /// Where it starts.
    pub from: &'a Endpoint,
    /// Where it leads.
    pub to: &'a Endpoint,
    /// The arc, with everything written on it.
    pub arc: &'a LinkArc,
    /// The extended link the arc is in.
    pub link: &'a ExtendedLink,
    /// The document the arc is in.
    pub document: &'a Loaded,
}

impl<'a> Relationship<'a> {
    pub(crate) fn new(dts: &'a Dts, edge: &Edge) -> Self {
        let (document, link, arc) = edge.place.look_up(dts.documents());
        let endpoint = |number: u32| &dts.endpoints[number as usize];
        Self { from: endpoint(edge.from), to: endpoint(edge.to), arc, link, document }
    }

    /// The concepts at both ends; `None` when one end is something else.
    pub fn concepts(&self) -> Option<(&'a QName, &'a QName)> {
        match (self.from, self.to) {
            (Endpoint::Concept(from), Endpoint::Concept(to)) => Some((&from.name, &to.name)),
            _ => None,
        }
    }
}

/// Where an arc is: its document, linkbase, extended link, and place among the arcs. Sorts as the DTS is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    document: u32,
    linkbase: u32,
    link: u32,
    arc: u32,
}

impl Place {
    fn look_up(self, documents: &[Loaded]) -> (&Loaded, &ExtendedLink, &LinkArc) {
        let loaded = &documents[self.document as usize];
        let link = &loaded.document.linkbases()[self.linkbase as usize].links[self.link as usize];
        (loaded, link, &link.arcs[self.arc as usize])
    }
}

/// A relationship, by numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) place: Place,
}

/// A base set's relationships.
#[derive(Debug)]
pub(crate) struct NetworkData {
    pub(crate) arcrole: Arc<str>,
    pub(crate) role: Arc<str>,
    pub(crate) kind: LinkKind,
    pub(crate) edges: Vec<Edge>,
}

/// Builds all networks, sorted by arcrole and role, and adds what was wrong to `diagnostics`.
pub(crate) fn build(
    documents: &[Loaded],
    endpoints: &mut Endpoints<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<NetworkData> {
    let mut collected = Collected { networks: Vec::new(), by_name: HashMap::new(), total: 0 };
    for (document, loaded) in (0..).zip(documents) {
        for (linkbase, content) in (0..).zip(loaded.document.linkbases()) {
            for (link, content) in (0..).zip(&content.links) {
                let place = Place { document, linkbase, link, arc: 0 };
                collected.add_link(content, place, loaded, endpoints, diagnostics);
            }
        }
    }
    let mut networks = collected.networks;
    for network in &mut networks {
        keep_effective(&mut network.edges, documents);
        network.edges.sort_by(|a, b| {
            a.place.look_up(documents).2.order.total_cmp(&b.place.look_up(documents).2.order)
        });
    }
    networks.retain(|network| !network.edges.is_empty());
    networks.sort_by(|a, b| (&a.arcrole, &a.role).cmp(&(&b.arcrole, &b.role)));
    networks
}

/// Relationships as stated, in document order.
struct Collected<'a> {
    networks: Vec<NetworkData>,
    by_name: HashMap<(&'a str, &'a str), usize>,
    total: usize,
}

impl<'a> Collected<'a> {
    fn add_link(
        &mut self,
        link: &'a ExtendedLink,
        mut place: Place,
        loaded: &Loaded,
        endpoints: &mut Endpoints<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let labelled = labelled(link, place, loaded, endpoints);
        for arc in &link.arcs {
            let (from, to) = (bearers(&labelled, &arc.from), bearers(&labelled, &arc.to));
            let report =
                |code, message| Diagnostic { code, file: loaded.url.clone(), line: arc.line, message };
            for (label, found) in [(&arc.from, from), (&arc.to, to)] {
                if found.is_empty() {
                    let message = format!("nothing in the link bears the label {label:?} of an arc");
                    diagnostics.push(report("arc-label-unknown", message));
                }
            }
            let pairs = from.len().saturating_mul(to.len());
            if self.total.saturating_add(pairs) > MAX_RELATIONSHIPS {
                let message = format!("more than {MAX_RELATIONSHIPS} relationships; the rest is left out");
                diagnostics.push(report("too-many-relationships", message));
                self.total = MAX_RELATIONSHIPS;
                return;
            }
            self.total += pairs;
            if pairs > 0 {
                let edges = self.edges(link, arc);
                for (_, from) in from {
                    edges.extend(to.iter().map(|(_, to)| Edge { from: *from, to: *to, place }));
                }
            }
            place.arc += 1;
        }
    }

    fn edges(&mut self, link: &'a ExtendedLink, arc: &'a LinkArc) -> &mut Vec<Edge> {
        let networks = &mut self.networks;
        let index = *self.by_name.entry((&arc.arcrole, &link.role)).or_insert_with(|| {
            let (arcrole, role) = (arc.arcrole.clone(), link.role.clone());
            networks.push(NetworkData { arcrole, role, kind: link.kind, edges: Vec::new() });
            networks.len() - 1
        });
        &mut self.networks[index].edges
    }
}

/// What bears each label of a link, sorted by label: an arc finds its ends by bisection.
fn labelled<'a>(
    link: &'a ExtendedLink,
    place: Place,
    loaded: &Loaded,
    endpoints: &mut Endpoints<'_>,
) -> Vec<(&'a str, u32)> {
    let mut labelled = Vec::with_capacity(link.locators.len() + link.resources.len());
    for locator in &link.locators {
        labelled.push((&*locator.label, endpoints.locate(&locator.href, &loaded.url, locator.line)));
    }
    let Place { document, linkbase, link: link_index, .. } = place;
    for (resource, content) in (0..).zip(&link.resources) {
        let id = ResourceId { document, linkbase, link: link_index, resource };
        labelled.push((&*content.label, endpoints.number(Endpoint::Resource(id))));
    }
    labelled.sort_by_key(|(label, _)| *label);
    labelled
}

fn bearers<'l>(labelled: &'l [(&str, u32)], label: &str) -> &'l [(&'l str, u32)] {
    let start = labelled.partition_point(|(other, _)| *other < label);
    let length = labelled[start..].partition_point(|(other, _)| *other == label);
    &labelled[start..start + length]
}

/// What equivalent relationships have in common. Decimals compare by value: `order="1.0"` is `order="+1"`.
#[derive(PartialEq, Eq, Hash)]
struct Equivalence<'a> {
    from: u32,
    to: u32,
    link_name: &'a QName,
    arc_name: &'a QName,
    order: u64,
    weight: Option<u64>,
    preferred_label: Option<&'a str>,
    target_role: Option<&'a str>,
    context_element: Option<&'a str>,
    usable: bool,
    closed: bool,
    other: &'a [(QName, Arc<str>)],
}

impl<'a> Equivalence<'a> {
    fn of(edge: &Edge, link: &'a ExtendedLink, arc: &'a LinkArc) -> Self {
        // Adding zero makes -0 and 0 one.
        let bits = |number: f64| (number + 0.0).to_bits();
        Self {
            from: edge.from,
            to: edge.to,
            link_name: &link.name,
            arc_name: &arc.name,
            order: bits(arc.order),
            weight: arc.weight.map(bits),
            preferred_label: arc.preferred_label.as_deref(),
            target_role: arc.target_role.as_deref(),
            context_element: arc.context_element.as_deref(),
            usable: arc.usable.unwrap_or(true),
            closed: arc.closed.unwrap_or(false),
            other: &arc.other,
        }
    }
}

/// Leaves, of each set of equivalent relationships, the first of the highest priority, or none when one of that
/// priority prohibits.
fn keep_effective(edges: &mut Vec<Edge>, documents: &[Loaded]) {
    let mut strongest: HashMap<Equivalence<'_>, (i64, ArcUse, usize)> = HashMap::with_capacity(edges.len());
    for (index, edge) in edges.iter().enumerate() {
        let (_, link, arc) = edge.place.look_up(documents);
        let best =
            strongest.entry(Equivalence::of(edge, link, arc)).or_insert((arc.priority, arc.usage, index));
        // `Prohibited` sorts after `Optional`, so it wins among equal priorities.
        if (arc.priority, arc.usage) > (best.0, best.1) {
            *best = (arc.priority, arc.usage, index);
        }
    }
    let mut is_kept = vec![false; edges.len()];
    for (_, usage, index) in strongest.into_values() {
        is_kept[index] = usage == ArcUse::Optional;
    }
    let mut kept = is_kept.into_iter();
    edges.retain(|_| kept.next().unwrap_or_default());
}
