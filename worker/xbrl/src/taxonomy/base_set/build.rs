//! Builds base sets: arcs joined to what their labels stand for.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::{ArcPlace, BaseSet, Edge, effective};
use crate::Diagnostic;
use crate::diagnostic::Diagnostics;
use crate::taxonomy::endpoint::{Endpoint, Endpoints, ResourceId};
use crate::taxonomy::linkbase::{Bearer, ExtendedLink, LinkArc};
use crate::taxonomy::loaded::Loaded;

/// Relationships of one DTS before prohibition. Real filings have some thousands, us-gaap with all linkbases under a
/// million.
pub const MAX_RELATIONSHIPS: usize = 2_000_000;

/// Relationships of one link for each of its arcs, locators and resources. An arc makes a pair of all its sources and
/// targets, so a small hostile linkbase could make millions; in real ones each element is in one or two, and in some where a label is borne many times, in
/// a few more.
const MAX_PER_ELEMENT: usize = 32;
/// So many a link may have in any case.
const ALWAYS_ALLOWED: usize = 10_000;

/// Builds all base sets, sorted by arcrole and role, and adds what was wrong to `diagnostics`.
pub(in crate::taxonomy) fn build(
    documents: &[Loaded],
    endpoints: &mut Endpoints<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<BaseSet> {
    let mut collected = Collected { base_sets: Vec::new(), by_name: HashMap::new(), total: 0 };
    for (document, loaded) in (0..).zip(documents) {
        let mut targets = Targets::in_document(loaded);
        for (linkbase, content) in (0..).zip(loaded.document.linkbases()) {
            for (link, content) in (0..).zip(&content.links) {
                let place = ArcPlace { document, linkbase, link, arc: 0 };
                collected.add_link(content, place, &mut targets, endpoints, diagnostics);
            }
        }
    }
    let mut base_sets = collected.base_sets;
    for base_set in &mut base_sets {
        effective::keep(&mut base_set.edges, documents);
        base_set.edges.sort_by(|a, b| {
            a.place.look_up(documents).2.order.total_cmp(&b.place.look_up(documents).2.order)
        });
    }
    base_sets.retain(|base_set| !base_set.edges.is_empty());
    base_sets.sort_by(|a, b| (&a.arcrole, &a.role).cmp(&(&b.arcrole, &b.role)));
    base_sets
}

/// Relationships as stated, in document order.
struct Collected<'a> {
    base_sets: Vec<BaseSet>,
    by_name: HashMap<(&'a str, &'a str), usize>,
    total: usize,
}

impl<'a> Collected<'a> {
    fn add_link(
        &mut self,
        link: &'a ExtendedLink,
        mut place: ArcPlace,
        targets: &mut Targets<'a>,
        endpoints: &mut Endpoints<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        let loaded = targets.loaded;
        let report = |code, line, message| Diagnostic::new(code, &loaded.url, line, message);
        for (label, line) in &link.unknown_labels {
            let message = format!("nothing in the link bears the label {label:?} of an arc");
            diagnostics.push(report("arc-label-unknown", *line, message));
        }
        let bearers: Vec<u32> =
            link.bearers.iter().map(|bearer| targets.number(link, place, *bearer, endpoints)).collect();
        let ends = |range: &Range<u32>| &bearers[range.start as usize..range.end as usize];
        // The arcs of a link are mostly of one arcrole, one after the other.
        let mut latest: Option<(&str, usize)> = None;
        let elements = link.arcs.len() + link.bearers.len();
        let limit = MAX_RELATIONSHIPS.min(self.total + ALWAYS_ALLOWED + MAX_PER_ELEMENT * elements);
        for arc in &link.arcs {
            let (from, to) = (ends(&arc.from), ends(&arc.to));
            let pairs = from.len().saturating_mul(to.len());
            if self.total.saturating_add(pairs) > limit {
                let message = format!(
                    "its {elements} elements make too many relationships; this arc's are left out, and those of the arcs after it"
                );
                diagnostics.push(report("too-many-relationships", arc.line, message));
                return;
            }
            self.total += pairs;
            if pairs > 0 {
                let index = match latest {
                    Some((arcrole, index)) if arcrole == &*arc.arcrole => index,
                    _ => self.base_set(link, arc),
                };
                latest = Some((&arc.arcrole, index));
                let edges = &mut self.base_sets[index].edges;
                for &from in from {
                    edges.extend(to.iter().map(|&to| Edge { from, to, place }));
                }
            }
            place.arc += 1;
        }
    }

    fn base_set(&mut self, link: &'a ExtendedLink, arc: &'a LinkArc) -> usize {
        let base_sets = &mut self.base_sets;
        *self.by_name.entry((&arc.arcrole, &link.role)).or_insert_with(|| {
            let (arcrole, role) = (arc.arcrole.clone(), link.role.clone());
            base_sets.push(BaseSet { arcrole, role, kind: link.kind, edges: Vec::new() });
            base_sets.len() - 1
        })
    }
}

/// The endpoints that the locators of one document point to, each found once however many locators point there.
struct Targets<'a> {
    loaded: &'a Loaded,
    numbers: Vec<Option<u32>>,
}

impl<'a> Targets<'a> {
    fn in_document(loaded: &'a Loaded) -> Self {
        Self { loaded, numbers: vec![None; loaded.document.places.len()] }
    }

    /// The number of the endpoint that bears a label of `link`, which is at `place`.
    fn number(
        &mut self,
        link: &ExtendedLink,
        place: ArcPlace,
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
                let ArcPlace { document, linkbase, link, .. } = place;
                endpoints.number(Endpoint::Resource(ResourceId { document, linkbase, link, resource }))
            }
        }
    }
}
