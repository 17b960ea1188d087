//! Base sets: the relationships in effect of one arcrole in one role, by numbers.
//!
//! Numbers stand for endpoints and arcs, so that a DTS can sort and compare a million relationships; what they mean
//! [`super::network`] looks up. Arcs are taken as they stand, link by link, in [`mod@build`]; which of them count is
//! decided for a base set as a whole, in [`effective`].

mod effective;
mod build;

use std::sync::Arc;

use super::linkbase::{ExtendedLink, LinkArc, LinkKind};
use super::loaded::Loaded;

pub use build::MAX_RELATIONSHIPS;
pub(super) use build::build;

/// The relationships of one arcrole in one role, by order.
#[derive(Debug)]
pub(super) struct BaseSet {
    pub(super) arcrole: Arc<str>,
    pub(super) role: Arc<str>,
    pub(super) kind: LinkKind,
    pub(super) edges: Vec<Edge>,
}

/// A relationship, by numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// The number of the endpoint it starts from.
    pub(super) from: u32,
    /// The number of the endpoint it leads to.
    pub(super) to: u32,
    /// Where the arc is that states it.
    pub(super) place: ArcPlace,
}

/// Where an arc is: indices of document, linkbase in it, extended link, arc. Places sort in the order in which the DTS
/// has the arcs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ArcPlace {
    pub(super) document: u32,
    pub(super) linkbase: u32,
    pub(super) link: u32,
    pub(super) arc: u32,
}

impl ArcPlace {
    /// The document, link and arc.
    #[inline]
    pub(super) fn look_up(self, documents: &[Loaded]) -> (&Loaded, &ExtendedLink, &LinkArc) {
        let loaded = &documents[self.document as usize];
        let link = &loaded.document.linkbases()[self.linkbase as usize].links[self.link as usize];
        (loaded, link, &link.arcs[self.arc as usize])
    }
}
