//! When to look at which pipeline next: backoffs, leases, deadlines and retention in one order, so that a tick costs by
//! what is due and not by what is there.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::PipelineId;

use crate::pipeline::Millis;

/// See the module's documentation. An alarm is only ever set to an earlier time; where the time has become later
/// meanwhile, as with every heartbeat, it is left: looking too early does no harm, and sets the next one.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    in_order: BTreeSet<(Millis, PipelineId)>,
    of: BTreeMap<PipelineId, Millis>,
}

impl Alarms {
    /// Look at the pipeline then, or earlier.
    pub(super) fn set(&mut self, id: &PipelineId, at: Millis) {
        let before = self.of.get(id).copied();
        if before.is_some_and(|before| before <= at) {
            return;
        }
        if let Some(before) = before {
            self.in_order.remove(&(before, id.clone()));
        }
        self.of.insert(id.clone(), at);
        self.in_order.insert((at, id.clone()));
    }

    /// The pipeline is gone.
    pub(super) fn forget(&mut self, id: &PipelineId) {
        if let Some(at) = self.of.remove(id) {
            self.in_order.remove(&(at, id.clone()));
        }
    }

    /// The pipelines to look at, without an alarm from here on.
    pub(super) fn take_due(&mut self, now: Millis) -> Vec<PipelineId> {
        let mut due = Vec::new();
        while let Some((at, _)) = self.in_order.first()
            && *at <= now
        {
            due.extend(self.in_order.pop_first().map(|(_, id)| id));
        }
        for id in &due {
            self.of.remove(id);
        }
        due
    }

    #[cfg(test)]
    pub(super) fn of(&self, id: &PipelineId) -> Option<Millis> {
        self.of.get(id).copied()
    }
}
