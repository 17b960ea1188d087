//! Items that workers add: keyed and idempotent, so that a repeated discovery creates nothing twice.

use std::collections::HashMap;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{ChildrenAnswer, LeaseRef, MAX_KINDS, PipelineState, WorkItem};

use super::item::{Item, ItemIx, Standing};
use super::ledger::{NAMING, bytes};
use super::{Effect, MAX_BYTES, MAX_ITEMS, MAX_PARENTS, Millis, Pipeline};

impl Pipeline {
    pub(super) fn add_children(
        &mut self,
        lease: &LeaseRef,
        chunk: u32,
        items: Vec<WorkItem>,
        effects: &mut Vec<Effect>,
    ) -> ChildrenAnswer {
        let refused = |reason| ChildrenAnswer::Refused { reason };
        let Some((parent, own)) = self.find(&lease.key) else { return ChildrenAnswer::LeaseLost };
        if own.standing(lease) != Standing::Current || self.head.state == PipelineState::Cancelling {
            return ChildrenAnswer::LeaseLost;
        }
        if self.head.state != PipelineState::Running {
            return refused("the finish item cannot have children".into());
        }
        let expected = own.lease().map_or(0, |lease| lease.chunks);
        if chunk < expected {
            return ChildrenAnswer::Accepted;
        }
        if chunk > expected {
            // A worker sends a chunk only when the one before was acknowledged, so a gap means that the tracker has lost
            // that one. The lease ends and the item begins anew, because otherwise those children would be missing.
            self.expire(parent, self.now, effects);
            return ChildrenAnswer::LeaseLost;
        }
        if let Err(reason) = self.check_chunk(parent, &items) {
            return refused(reason);
        }

        let added = u32::try_from(items.len()).expect("chunks are limited at the border");
        for item in items {
            self.add_item(item, Some(parent));
        }
        self.ledger.note_chunk(parent, added);
        ChildrenAnswer::Accepted
    }

    /// Checks a chunk as a whole, so that a refused one leaves nothing behind.
    fn check_chunk(&self, parent: ItemIx, items: &[WorkItem]) -> Result<(), String> {
        let mut seen: HashMap<&ItemKey, &WorkItem> = HashMap::new();
        for item in items {
            self.check_item(item, Some(parent)).map_err(|reason| format!("item `{}`: {reason}", item.key))?;
            match seen.insert(&item.key, item) {
                Some(twin) if twin.kind != item.kind || twin.payload != item.payload => {
                    return Err(format!("item `{}` occurs twice with different contents", item.key));
                }
                _ => {}
            }
        }
        let known_kinds = self.head.kinds.len();
        let mut new_kinds: Vec<&str> = items.iter().map(|item| item.kind.as_str()).collect();
        new_kinds.sort_unstable();
        new_kinds.dedup();
        new_kinds.retain(|kind| self.ledger.kind_ix(kind).is_none());
        if known_kinds + new_kinds.len() > MAX_KINDS {
            return Err(format!("a pipeline has at most {MAX_KINDS} kinds of items"));
        }
        if self.ledger.item_count() + items.len() > MAX_ITEMS {
            return Err(format!("a pipeline has at most {MAX_ITEMS} items"));
        }
        self.check_bytes(items)
    }

    /// Whether the tracker can keep these items beside those that are there. Items that exist are counted again: a
    /// chunk of them is small beside the limit.
    pub(super) fn check_bytes(&self, items: &[WorkItem]) -> Result<(), String> {
        let more: u64 = items.iter().map(|item| bytes(item.key.as_str(), &item.payload)).sum();
        has_room(self.ledger.bytes(), more)
    }

    /// Whether an item may be added under this parent.
    pub(super) fn check_item(&self, item: &WorkItem, parent: Option<ItemIx>) -> Result<(), String> {
        for finish in &self.head.spec.finish {
            let reserved = item.key.as_str().strip_prefix(finish.kind.as_str());
            if item.kind == finish.kind || reserved.is_some_and(|rest| rest.starts_with('/')) {
                return Err(format!("`{}` belongs to an item that ends the round", finish.kind));
            }
        }
        if item.kind == NAMING && self.head.spec.client_items.is_some() {
            return Err(format!("`{NAMING}` belongs to the item that is open while clients name theirs"));
        }
        let Some((_, existing)) = self.find(&item.key) else { return Ok(()) };
        if self.ledger.kind(existing.kind).name != item.kind {
            return Err("exists with another kind".into());
        }
        if *existing.payload != *item.payload {
            return Err("exists with another payload".into());
        }
        if parent.is_some_and(|parent| needs_parent(existing, parent))
            && existing.parents.len() >= MAX_PARENTS
        {
            return Err(format!("has {MAX_PARENTS} parents already"));
        }
        Ok(())
    }

    /// Creates the item, or adds a parent to the one that exists.
    pub(super) fn add_item(&mut self, item: WorkItem, parent: Option<ItemIx>) {
        match self.ledger.find(&item.key) {
            None => {
                let kind = self.kind_or_new(&item.kind);
                self.ledger.create(item, kind, parent.into_iter().collect(), Millis::ZERO);
            }
            Some(ix) => {
                if let Some(parent) = parent.filter(|parent| needs_parent(self.ledger.item(ix), *parent)) {
                    self.ledger.amend(ix, |item, _| item.parents.push(parent));
                }
            }
        }
    }
}

fn needs_parent(item: &Item, parent: ItemIx) -> bool {
    !item.parents.contains(&parent)
}

/// Whether a pipeline that keeps so many bytes may keep so many more.
fn has_room(kept: u64, more: u64) -> Result<(), String> {
    if kept + more <= MAX_BYTES {
        return Ok(());
    }
    Err(format!(
        "the keys and payloads of a pipeline have at most {MAX_BYTES} bytes; start several pipelines, or keep what is \
         long in the store"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_keeps_so_many_bytes_and_no_more() {
        assert_eq!(has_room(MAX_BYTES - 1, 1), Ok(()));
        let refused = has_room(MAX_BYTES - 1, 2).unwrap_err();
        assert!(refused.contains("at most 2147483648 bytes"), "{refused}");
    }
}
