//! Giving an item to a worker: whether anything may be given at all, and what the worker is told. Which item is next is
//! [`super::ledger`]'s, whose turn it is [`super::core`]'s.

use edgraph_shared::ids::LeaseId;
use edgraph_shared::model::{CancelReason, Grant, LeaseRef, PipelineState, WorkItem};

use super::event::{Effect, Granting, IllegalTransition};
use super::item::{ItemIx, Lease, State};
use super::ledger::{Kind, Taking};
use super::{Millis, Pipeline};

impl Pipeline {
    /// Whether anything could be granted now.
    pub fn has_grantable(&self) -> bool {
        self.grants_allowed() && self.ledger.has_queued()
    }

    /// The item to grant next among the kinds that somebody takes.
    pub fn best(&self, taking: impl Fn(&Kind) -> Option<Taking>) -> Option<ItemIx> {
        if self.grants_allowed() { self.ledger.best(taking) } else { None }
    }

    /// The kind of an item that waits for a worker of its own.
    pub fn suspected_kind(&self) -> Option<&Kind> {
        self.kinds().iter().find(|kind| self.grants_allowed() && kind.has_suspect())
    }

    /// Whether the item runs alone.
    pub fn is_suspect(&self, ix: ItemIx) -> bool {
        self.ledger.item(ix).is_suspect()
    }

    fn grants_allowed(&self) -> bool {
        !self.head.paused && matches!(self.head.state, PipelineState::Running | PipelineState::Finishing)
    }

    pub(super) fn grant(
        &mut self,
        granting: Granting,
        now: Millis,
        effects: &mut Vec<Effect>,
    ) -> Result<(), IllegalTransition> {
        let ix = granting.item;
        let grantable =
            matches!(self.ledger.item(ix).state, State::Ready { not_before } if not_before <= now);
        if self.head.paused || !grantable {
            return Err(IllegalTransition { state: self.head.state, event: "grant" });
        }
        let floor = self.head.token_floor;
        let token = self.ledger.amend(ix, |item, _| {
            item.token = item.token.max(floor).next();
            item.token
        });
        self.late.remove(&ix);
        if granting.graph.is_some() {
            self.head.graph = granting.graph;
        }
        let lease_id = granting.lease_id;
        self.ledger.replace(
            ix,
            State::Leased(Box::new(Lease {
                worker: granting.worker,
                incarnation: granting.incarnation,
                lease_id,
                granted: now,
                deadline: granting.deadline,
                chunks: 0,
                children: 0,
            })),
        );
        let item = self.ledger.item(ix);
        let kind = self.ledger.kind(item.kind);
        effects.push(Effect::Granted(Grant {
            lease: self.lease_ref(ix, lease_id),
            item: WorkItem {
                kind: kind.name.clone(),
                key: item.key.clone(),
                payload: item.payload.to_string(),
                priority: item.priority,
            },
            attempt: u32::try_from(token.0).unwrap_or(u32::MAX),
            max_run: kind.settings.max_run,
            parents: self.parent_keys(item),
        }));
        Ok(())
    }

    fn lease_ref(&self, ix: ItemIx, lease_id: LeaseId) -> LeaseRef {
        let item = self.ledger.item(ix);
        LeaseRef { pipeline: self.head.id.clone(), key: item.key.clone(), token: item.token, lease_id }
    }

    pub(super) fn tell_to_stop(&self, ix: ItemIx, reason: CancelReason, effects: &mut Vec<Effect>) {
        if let Some(lease) = self.ledger.item(ix).lease() {
            let (worker, lease) = (lease.worker.clone(), self.lease_ref(ix, lease.lease_id));
            effects.push(Effect::Cancel { worker, lease, reason });
        }
    }
}
