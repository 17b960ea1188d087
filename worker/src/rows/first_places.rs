//! Where concepts are shown first: the role that a reader of the filing meets them in.

use std::cmp::Ordering;
use std::sync::Arc;

use edgraph_xbrl::QName;
use edgraph_xbrl::taxonomy::{Dts, LinkKind};
use foldhash::{HashMap, HashMapExt};

use super::definition::Definition;

/// What EDGAR calls the role of a balance sheet and its like.
const STATEMENT: &str = "Statement";

/// A role in which concepts are presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) role: &'a Arc<str>,
    pub(super) definition: Option<&'a Arc<str>>,
}

impl Place<'_> {
    /// The filer's order, which is that of the definitions' numbers; statements before disclosures wherever these
    /// stand, and what has no definition last.
    fn compare(&self, other: &Self) -> Ordering {
        let key = |place: &Self| {
            let definition = place.definition.map(|definition| &**definition);
            let is_statement = definition.is_some_and(|text| Definition::split(text).kind == Some(STATEMENT));
            (!is_statement, definition.is_none())
        };
        let texts = |place: &Self| (place.definition.cloned(), place.role.clone());
        key(self).cmp(&key(other)).then_with(|| texts(self).cmp(&texts(other)))
    }
}

/// The first place of every concept in the presentation networks of the filing's own linkbases.
pub(super) fn of(dts: &Dts) -> HashMap<&QName, Place<'_>> {
    let mut networks: Vec<_> = dts
        .networks()
        .filter(|network| network.kind() == LinkKind::Presentation)
        .map(|network| {
            let role = network.role();
            let declared = dts.role_type(role);
            (Place { role, definition: declared.and_then(|declared| declared.definition.as_ref()) }, network)
        })
        .collect();
    networks.sort_by(|(one, _), (other, _)| one.compare(other));
    let mut places = HashMap::new();
    for (place, network) in networks {
        for relationship in network.relationships().filter(|relationship| relationship.document.is_own) {
            for concept in relationship.concepts().into_iter().flat_map(|(from, to)| [from, to]) {
                places.entry(concept).or_insert(place);
            }
        }
    }
    places
}
