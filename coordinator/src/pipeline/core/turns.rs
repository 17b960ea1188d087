//! Who gets what: pipelines take turns in giving, and what each gives next goes to the worker that holds least.

use std::ops::Bound;

use edgraph_shared::ids::{LeaseId, PipelineId, WorkerId};

use super::graphs::is_for_graph;
use super::{Core, Gathered, Random};
use crate::pipeline::item::ItemIx;
use crate::pipeline::ledger::Kind;
use crate::pipeline::{Effect, Event, Granting, MAX_GRANTS_PER_STEP, Millis, Pipeline, Taking};

impl Core {
    /// Grants until nobody can be given anything more, or this step has granted enough: the next one goes on.
    pub(super) fn grant_round(&mut self, now: Millis, random: &mut Random, gathered: &mut Gathered) {
        if self.offering.is_empty() || !self.fleet.has_room() {
            return;
        }
        let cleared = self.worker_to_clear();
        for _ in 0..MAX_GRANTS_PER_STEP {
            let Some((pipeline, item, worker)) = self.next_grant(cleared.as_ref()) else { return };
            self.grant(pipeline, item, &worker, now, random, gathered);
        }
    }

    /// The worker that gets nothing more until it is idle, because an item under suspicion waits for one that is: the
    /// one that holds least.
    fn worker_to_clear(&self) -> Option<WorkerId> {
        let mut offering = self.offering.iter().filter_map(|id| self.pipelines.get(id));
        let kind = offering.find_map(Pipeline::suspected_kind)?;
        let (held, id) = self.fleet.takers(&kind.name).next()?;
        (held > 0).then(|| id.clone())
    }

    /// The best item of the next pipeline after the one whose turn was last that has something for some worker, and the
    /// worker.
    fn next_grant(&self, cleared: Option<&WorkerId>) -> Option<(PipelineId, ItemIx, WorkerId)> {
        let from = self.last_turn.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let until = self.last_turn.as_ref().map_or(Bound::Unbounded, Bound::Included);
        let later = self.offering.range::<PipelineId, _>((from, Bound::Unbounded));
        let rest =
            self.last_turn.is_some().then(|| self.offering.range::<PipelineId, _>((Bound::Unbounded, until)));
        let taker = |kind: &Kind| {
            let may = |id: &WorkerId| Some(id) != cleared && self.is_way_to_graph(id, kind);
            self.fleet.takers(&kind.name).find(|(_, id)| may(id))
        };
        later.chain(rest.into_iter().flatten()).find_map(|id| {
            let pipeline = self.pipelines.get(id)?;
            let item = pipeline.best(|kind| {
                let (held, _) = taker(kind)?;
                let is_free = self.fleet.is_free(kind.settings.exclusive.as_deref());
                is_free.then_some(if held == 0 { Taking::Anything } else { Taking::Unsuspected })
            })?;
            let (_, worker) = taker(pipeline.kind_of(item))?;
            Some((id.clone(), item, worker.clone()))
        })
    }

    fn grant(
        &mut self,
        pipeline_id: PipelineId,
        item: ItemIx,
        id: &WorkerId,
        now: Millis,
        random: &mut Random,
        gathered: &mut Gathered,
    ) {
        let worker = self.fleet.worker(id).expect("workers with room are there");
        let session = worker.session.expect("workers with room are connected");
        let incarnation = worker.incarnation.clone();
        let goes_to_graph = is_for_graph(self.pipelines[&pipeline_id].kind_of(item));
        let graph = if goes_to_graph { self.graph_of_round(id, gathered) } else { None };
        let granting = Granting {
            item,
            worker: id.clone(),
            incarnation,
            lease_id: LeaseId(random.next()),
            deadline: now.plus(self.timing.lease_ttl),
            graph,
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
    }
}
