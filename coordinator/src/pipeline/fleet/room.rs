//! Which workers have room for which kind, those that hold least first: so a grant costs by what is granted, and not by
//! the workers that wait, and few items are spread over many workers.

use std::collections::{BTreeSet, HashMap};

use edgraph_shared::ids::WorkerId;

/// See the module's documentation. Kept by [`super::Fleet::change`] alone.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Room {
    by_kind: HashMap<String, BTreeSet<(usize, WorkerId)>>,
}

impl Room {
    /// A worker that holds so many leases, and has room for these kinds, is about to change.
    pub(super) fn take_out<'a>(&mut self, id: &WorkerId, held: usize, kinds: impl Iterator<Item = &'a str>) {
        let place = (held, id.clone());
        for kind in kinds {
            if let Some(takers) = self.by_kind.get_mut(kind) {
                takers.remove(&place);
                if takers.is_empty() {
                    self.by_kind.remove(kind);
                }
            }
        }
    }

    /// A worker has changed: it holds so many leases, and has room for these kinds.
    pub(super) fn put_in<'a>(&mut self, id: &WorkerId, held: usize, kinds: impl Iterator<Item = &'a str>) {
        let place = (held, id.clone());
        for kind in kinds {
            match self.by_kind.get_mut(kind) {
                Some(takers) => drop(takers.insert(place.clone())),
                None => drop(self.by_kind.insert(kind.to_owned(), [place.clone()].into())),
            }
        }
    }

    /// Whether nobody has room for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.by_kind.is_empty()
    }

    /// The workers with room for the kind, with the number of leases that each holds.
    pub(super) fn takers(&self, kind: &str) -> impl Iterator<Item = (usize, &WorkerId)> {
        self.by_kind.get(kind).into_iter().flatten().map(|(held, id)| (*held, id))
    }
}
