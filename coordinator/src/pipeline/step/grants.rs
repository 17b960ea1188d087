//! Who gets what: workers with credit take one item each in turn, and pipelines take turns in giving.

use std::ops::Bound;

use edgraph_shared::ids::{LeaseId, PipelineId, WorkerId};

use super::{Core, Gathered, Random};
use crate::pipeline::fleet::Worker;
use crate::pipeline::item::ItemIx;
use crate::pipeline::ledger::Kind;
use crate::pipeline::{Effect, Event, Granting, Millis};

impl Core {
    /// Grants until nobody can be given anything more.
    pub(super) fn grant_round(&mut self, now: Millis, random: &mut Random, gathered: &mut Gathered) {
        let mut granted = true;
        while granted && self.pipelines.values().any(|pipeline| pipeline.has_grantable()) {
            granted = false;
            let hungry: Vec<WorkerId> = self.fleet.hungry().iter().cloned().collect();
            for worker in hungry {
                granted |= self.grant_one(&worker, now, random, gathered);
            }
        }
    }

    fn grant_one(
        &mut self,
        id: &WorkerId,
        now: Millis,
        random: &mut Random,
        gathered: &mut Gathered,
    ) -> bool {
        let Some(worker) = self.fleet.worker(id) else { return false };
        let Some(session) = worker.session else { return false };
        let Some((pipeline_id, item)) = self.next_for(worker) else { return false };

        let granting = Granting {
            item,
            worker: id.clone(),
            incarnation: worker.incarnation.clone(),
            lease_id: LeaseId(random.next()),
            deadline: now.plus(self.timing.lease_ttl),
        };
        let effects = self
            .apply(&pipeline_id, Event::Granted(granting), now, gathered)
            .expect("the queue holds grantable items only");
        for effect in effects {
            if let Effect::Granted(grant) = effect {
                self.fleet.grant(id, &pipeline_id, item, &grant.item.kind);
                gathered.grants.entry(session).or_default().push(grant);
            }
        }
        self.last_turn = Some(pipeline_id);
        true
    }

    /// The next pipeline after the one whose turn was last that has something for this worker.
    fn next_for(&self, worker: &Worker) -> Option<(PipelineId, ItemIx)> {
        let from = self.last_turn.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let until = self.last_turn.as_ref().map_or(Bound::Unbounded, Bound::Included);
        let later = self.pipelines.range::<PipelineId, _>((from, Bound::Unbounded));
        let rest = self
            .last_turn
            .is_some()
            .then(|| self.pipelines.range::<PipelineId, _>((Bound::Unbounded, until)));
        later.chain(rest.into_iter().flatten()).find_map(|(id, pipeline)| {
            let item = pipeline.best(|kind| worker.takes(&kind.name) && self.is_free(kind))?;
            Some((id.clone(), item))
        })
    }

    /// Whether the kind's exclusive name, if it has one, is not in use anywhere.
    fn is_free(&self, kind: &Kind) -> bool {
        let Some(name) = &kind.settings.exclusive else { return true };
        let mut kinds = self.pipelines.values().flat_map(|pipeline| pipeline.kinds());
        !kinds.any(|other| other.settings.exclusive.as_ref() == Some(name) && other.counts().leased > 0)
    }
}
