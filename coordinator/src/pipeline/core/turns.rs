//! Who gets what: workers with credit take one item each in turn, and pipelines take turns in giving.

use std::ops::Bound;

use edgraph_shared::ids::{LeaseId, PipelineId, WorkerId};

use super::{Core, Gathered, Random};
use crate::pipeline::fleet::Worker;
use crate::pipeline::item::ItemIx;
use crate::pipeline::{Effect, Event, Granting, MAX_GRANTS_PER_STEP, Millis, Pipeline};

impl Core {
    /// Grants until nobody can be given anything more, or this step has granted enough: the next one goes on.
    pub(super) fn grant_round(&mut self, now: Millis, random: &mut Random, gathered: &mut Gathered) {
        if self.offering.is_empty() || self.fleet.hungry().is_empty() {
            return;
        }
        let mut hungry: Vec<WorkerId> = self.fleet.hungry().iter().cloned().collect();
        let cleared =
            self.worker_to_clear().filter(|id| self.fleet.worker(id).is_some_and(|worker| !worker.is_idle()));
        hungry.retain(|worker| Some(worker) != cleared.as_ref());
        let mut left = MAX_GRANTS_PER_STEP;
        while left > 0 && !hungry.is_empty() && !self.offering.is_empty() {
            // Every grant leaves less to grant, so a worker that finds nothing now finds nothing later in this round.
            hungry.retain(|worker| {
                let granted = left > 0 && self.grant_one(worker, now, random, gathered);
                left -= usize::from(granted);
                granted
            });
        }
    }

    /// The worker that gets nothing more until it is idle, because an item under suspicion waits for one that is: the
    /// one that holds least.
    fn worker_to_clear(&self) -> Option<WorkerId> {
        let mut offering = self.offering.iter().filter_map(|id| self.pipelines.get(id));
        let kind = offering.find_map(Pipeline::suspected_kind)?;
        let workers = self.fleet.hungry().iter().filter_map(|id| Some((id, self.fleet.worker(id)?)));
        let takers = workers.filter(|(_, worker)| worker.has_handler(&kind.name));
        takers.min_by_key(|(_, worker)| worker.held().len()).map(|(id, _)| id.clone())
    }

    fn grant_one(
        &mut self,
        id: &WorkerId,
        now: Millis,
        random: &mut Random,
        gathered: &mut Gathered,
    ) -> bool {
        let Some(worker) = self.fleet.worker(id).filter(|worker| worker.credits > 0) else { return false };
        let Some(session) = worker.session else { return false };
        let Some((pipeline_id, item)) = self.next_for(worker) else { return false };

        let incarnation = worker.incarnation.clone();
        let has_one_writer = self.pipelines[&pipeline_id].kind_of(item).settings.exclusive.is_some();
        let granting = Granting {
            item,
            worker: id.clone(),
            incarnation,
            lease_id: LeaseId(random.next()),
            deadline: now.plus(self.timing.lease_ttl),
            graph: self.graph_of_round(id, has_one_writer, gathered),
        };
        let effects = self
            .apply(&pipeline_id, Event::Granted(granting), now, gathered)
            .expect("the queue holds grantable items only");
        let pipeline = &self.pipelines[&pipeline_id];
        let kind = pipeline.kind_of(item).kind_name();
        self.fleet.grant(id, &pipeline_id, item, kind, pipeline.is_suspect(item));
        let grants = gathered.grants.entry(session).or_default();
        grants.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Granted(grant) => Some(grant),
            _ => None,
        }));
        self.last_turn = Some(pipeline_id);
        true
    }

    /// The next pipeline after the one whose turn was last that has something for this worker.
    fn next_for(&self, worker: &Worker) -> Option<(PipelineId, ItemIx)> {
        let from = self.last_turn.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let until = self.last_turn.as_ref().map_or(Bound::Unbounded, Bound::Included);
        let later = self.offering.range::<PipelineId, _>((from, Bound::Unbounded));
        let rest =
            self.last_turn.is_some().then(|| self.offering.range::<PipelineId, _>((Bound::Unbounded, until)));
        later.chain(rest.into_iter().flatten()).find_map(|id| {
            let is_free = |exclusive: &Option<String>| self.fleet.is_free(exclusive.as_deref());
            let item = self.pipelines.get(id)?.best(worker.is_idle(), |kind| {
                worker.takes(&kind.name)
                    && is_free(&kind.settings.exclusive)
                    && self.is_way_to_graph(worker, kind)
            })?;
            Some((id.clone(), item))
        })
    }
}
