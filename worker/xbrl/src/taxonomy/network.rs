//! Relationships in effect: arcs joined to what their labels stand for, after prohibition and priority.
//!
//! Arcs are taken as they stand, link by link; which of them count is decided for a base set as a whole, in
//! [`effective`].

mod effective;

use std::ops::Range;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::dts::Dts;
use super::endpoint::{Endpoint, Endpoints, ResourceId};
use super::linkbase::{Bearer, ExtendedLink, LinkArc, LinkKind};
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
    pub fn roots(self) -> Vec<End<'a>> {
        let targets: HashSet<u32> = self.data.edges.iter().map(|edge| edge.to).collect();
        let mut roots: Vec<_> = self.data.edges.iter().filter(|edge| !targets.contains(&edge.from)).collect();
        roots.sort_by_key(|edge| edge.place);
        let mut seen = HashSet::new();
        roots.retain(|edge| seen.insert(edge.from));
        roots.into_iter().map(|edge| End::new(self.dts, edge.from)).collect()
    }
}

/// One end of relationships of a DTS, which is one number there however many relationships it has.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Its number in the DTS.
    pub number: u32,
    /// What it is.
    pub endpoint: &'a Endpoint,
}

impl<'a> End<'a> {
    fn new(dts: &'a Dts, number: u32) -> Self {
        Self { number, endpoint: &dts.endpoints[number as usize] }
    }
}

/// One relationship in effect.
#[derive(Clone, Copy, Debug)]
pub struct Relationship<'a> {
    /// Where it starts.
    pub from: End<'a>,
    /// Where it leads.
    pub to: End<'a>,
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
        Self { from: End::new(dts, edge.from), to: End::new(dts, edge.to), arc, link, document }
    }

    /// The concepts at both ends; `None` when one end is something else.
    pub fn concepts(&self) -> Option<(&'a QName, &'a QName)> {
        match (self.from.endpoint, self.to.endpoint) {
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
        let mut located = Located::in_document(loaded);
        for (linkbase, content) in (0..).zip(loaded.document.linkbases()) {
            for (link, content) in (0..).zip(&content.links) {
                let place = Place { document, linkbase, link, arc: 0 };
                collected.add_link(content, place, &mut located, endpoints, diagnostics);
            }
        }
    }
    let mut networks = collected.networks;
    for network in &mut networks {
        effective::keep(&mut network.edges, documents);
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
        located: &mut Located<'a>,
        endpoints: &mut Endpoints<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let loaded = located.loaded;
        let report = |code, line, message| Diagnostic { code, file: loaded.url.clone(), line, message };
        for (label, line) in &link.unknown_labels {
            let message = format!("nothing in the link bears the label {label:?} of an arc");
            diagnostics.push(report("arc-label-unknown", *line, message));
        }
        let bearers: Vec<u32> =
            link.bearers.iter().map(|bearer| located.number(link, place, *bearer, endpoints)).collect();
        let ends = |range: &Range<u32>| &bearers[range.start as usize..range.end as usize];
        // The arcs of a link are mostly of one arcrole, one after the other.
        let mut network: Option<(&str, usize)> = None;
        for arc in &link.arcs {
            let (from, to) = (ends(&arc.from), ends(&arc.to));
            let pairs = from.len().saturating_mul(to.len());
            if self.total.saturating_add(pairs) > MAX_RELATIONSHIPS {
                let message = format!("more than {MAX_RELATIONSHIPS} relationships; the rest is left out");
                diagnostics.push(report("too-many-relationships", arc.line, message));
                self.total = MAX_RELATIONSHIPS;
                return;
            }
            self.total += pairs;
            if pairs > 0 {
                let index = match network {
                    Some((arcrole, index)) if arcrole == &*arc.arcrole => index,
                    _ => self.network(link, arc),
                };
                network = Some((&arc.arcrole, index));
                let edges = &mut self.networks[index].edges;
                for &from in from {
                    edges.extend(to.iter().map(|&to| Edge { from, to, place }));
                }
            }
            place.arc += 1;
        }
    }

    fn network(&mut self, link: &'a ExtendedLink, arc: &'a LinkArc) -> usize {
        let networks = &mut self.networks;
        *self.by_name.entry((&arc.arcrole, &link.role)).or_insert_with(|| {
            let (arcrole, role) = (arc.arcrole.clone(), link.role.clone());
            networks.push(NetworkData { arcrole, role, kind: link.kind, edges: Vec::new() });
            networks.len() - 1
        })
    }
}

/// What the locators of one document point to, found once for each place.
struct Located<'a> {
    loaded: &'a Loaded,
    numbers: Vec<Option<u32>>,
}

impl<'a> Located<'a> {
    fn in_document(loaded: &'a Loaded) -> Self {
        Self { loaded, numbers: vec![None; loaded.document.places.len()] }
    }

    /// The number of the endpoint that bears a label of `link`, which is at `place`.
    fn number(
        &mut self,
        link: &ExtendedLink,
        place: Place,
        bearer: Bearer,
        endpoints: &mut Endpoints<'_>,
    ) -> u32 {
        match bearer {
            Bearer::Locator(locator) => {
                let locator = &link.locators[locator as usize];
                let href = locator.place as usize;
                *self.numbers[href].get_or_insert_with(|| {
                    let Loaded { url, document, .. } = self.loaded;
                    endpoints.locate(&document.places[href], url, locator.line)
                })
            }
            Bearer::Resource(resource) => {
                let Place { document, linkbase, link, .. } = place;
                endpoints.number(Endpoint::Resource(ResourceId { document, linkbase, link, resource }))
            }
        }
    }
}
