//! Prohibition and priority: which of the relationships of a base set are in effect.
//!
//! XBRL 2.1 section 3.5.3.9.7: of equivalent relationships, those of the highest priority count; if one of them
//! prohibits, none is in effect. Relationships are equivalent when they run between the same two things, in one
//! base set, with equal attributes; `use`, `priority` and XLink's own are exempt.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::Edge;
use crate::QName;
use crate::taxonomy::linkbase::{ArcUse, ExtendedLink, LinkArc};
use crate::taxonomy::loaded::Loaded;

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
pub(super) fn keep(edges: &mut Vec<Edge>, documents: &[Loaded]) {
    let rivals = rivals(edges);
    let mut strongest: HashMap<Equivalence<'_>, (i64, ArcUse, usize)> = HashMap::new();
    let mut is_kept = vec![false; edges.len()];
    for (index, edge) in edges.iter().enumerate() {
        let (_, link, arc) = edge.place.look_up(documents);
        if !rivals.contains(&(edge.from, edge.to)) {
            is_kept[index] = arc.usage == ArcUse::Optional;
            continue;
        }
        let best =
            strongest.entry(Equivalence::of(edge, link, arc)).or_insert((arc.priority, arc.usage, index));
        // `Prohibited` sorts after `Optional`, so it wins among equal priorities.
        if (arc.priority, arc.usage) > (best.0, best.1) {
            *best = (arc.priority, arc.usage, index);
        }
    }
    for (_, usage, index) in strongest.into_values() {
        is_kept[index] = usage == ArcUse::Optional;
    }
    let mut kept = is_kept.into_iter();
    edges.retain(|_| kept.next().unwrap_or_default());
}

/// The ends that more than one relationship has: only those can be equivalent.
fn rivals(edges: &[Edge]) -> HashSet<(u32, u32)> {
    let mut seen = HashSet::with_capacity(edges.len());
    edges.iter().map(|edge| (edge.from, edge.to)).filter(|ends| !seen.insert(*ends)).collect()
}
