//! Networks as a DTS gives them out: base sets with their numbers looked up.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::base_set::{BaseSet, Edge};
use super::dts::Dts;
use super::endpoint::Endpoint;
use super::linkbase::{ExtendedLink, LinkArc, LinkKind};
use super::loaded::Loaded;
use crate::QName;

impl Dts {
    /// All networks that have relationships in effect, sorted by arcrole and role.
    pub fn networks(&self) -> impl ExactSizeIterator<Item = Network<'_>> {
        self.base_sets.iter().map(|base_set| Network { dts: self, base_set })
    }

    /// The network of one arcrole in one role.
    pub fn network(&self, arcrole: &str, role: &str) -> Option<Network<'_>> {
        let index = self
            .base_sets
            .binary_search_by(|base_set| (&*base_set.arcrole, &*base_set.role).cmp(&(arcrole, role)))
            .ok()?;
        Some(Network { dts: self, base_set: &self.base_sets[index] })
    }

    /// The relationships of one arcrole in one role, by order.
    pub fn relationships(&self, arcrole: &str, role: &str) -> impl Iterator<Item = Relationship<'_>> {
        self.network(arcrole, role).into_iter().flat_map(|network| network.relationships())
    }
}

/// The relationships of one arcrole in one role (a base set).
#[derive(Clone, Copy)]
pub struct Network<'a> {
    dts: &'a Dts,
    base_set: &'a BaseSet,
}

impl<'a> Network<'a> {
    /// The arcrole.
    pub fn arcrole(self) -> &'a Arc<str> {
        &self.base_set.arcrole
    }

    /// The role of its extended links.
    pub fn role(self) -> &'a Arc<str> {
        &self.base_set.role
    }

    /// The kind of its extended links, of the first where they differ.
    pub fn kind(self) -> LinkKind {
        self.base_set.kind
    }

    /// Its relationships by `order`, those of equal order as the documents have them.
    pub fn relationships(self) -> impl ExactSizeIterator<Item = Relationship<'a>> {
        self.base_set.edges.iter().map(move |edge| Relationship::new(self.dts, edge))
    }

    /// What relationships go out from and none leads to, in the order of the documents. Empty when all are in
    /// cycles.
    pub fn roots(self) -> Vec<End<'a>> {
        let targets: HashSet<u32> = self.base_set.edges.iter().map(|edge| edge.to).collect();
        let mut roots: Vec<_> =
            self.base_set.edges.iter().filter(|edge| !targets.contains(&edge.from)).collect();
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
    fn new(dts: &'a Dts, edge: &Edge) -> Self {
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
