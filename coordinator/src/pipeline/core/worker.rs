//! What workers say. Every message about a lease gets an answer; none is an error.

use std::collections::{BTreeSet, HashSet};

use edgraph_shared::ids::{PipelineId, WorkerId};
use edgraph_shared::model::{
    CancelReason, ChildrenAnswer, Completion, CoordinatorMessage, Hello, LeaseProgress, LeaseRef,
    PipelineState, SettleAnswer, Settlement, Welcome, WorkerDrain, WorkerMessage,
};

use super::operator::STOP_REASON;
use super::{Core, Gathered, News, Random, SessionId};
use crate::pipeline::fleet::Worker;
use crate::pipeline::item::{ItemIx, Standing};
use crate::pipeline::{Effect, Event, MAX_LOST_GRANTS, Millis};

/// How a lease that a worker believes to hold stands.
enum Belief {
    Right,
    Cancelled,
    Wrong,
}

impl Core {
    /// A worker's Hello is the whole truth about its incarnation.
    pub(super) fn connected(
        &mut self,
        session: SessionId,
        hello: &Hello,
        now: Millis,
        gathered: &mut Gathered,
    ) {
        if !self.admits(session, hello, now, gathered) {
            return;
        }
        let replaced = self.fleet.arrive(session, hello, now);
        if replaced.is_none() {
            gathered.step.news.push(News::joined(hello));
        }
        self.note_graph(hello, gathered);
        replaced.iter().for_each(|replaced| self.requests.forget(*replaced));
        gathered.step.ended.extend(replaced);
        for (pipeline, item) in self.held_before(hello) {
            self.apply_to_lease(&pipeline, Event::HolderLost(item), now, gathered);
        }
        for lease in &hello.held {
            if self.is_proof(hello, lease) {
                self.apply_to_lease(&lease.pipeline, Event::TokenProven(lease.clone()), now, gathered);
            }
        }
        for (pipeline, item) in self.unclaimed(hello) {
            self.apply_to_lease(&pipeline, Event::Unclaimed(item), now, gathered);
        }
        self.renew(&hello.worker, now);

        let (lost, cancelled) = self.beliefs(&hello.worker, hello.held.clone(), now);
        let welcome = Welcome {
            lease_ttl: self.timing.lease_ttl,
            heartbeat_interval: self.timing.heartbeat_interval,
            lost,
            requests: self.requests.terms(),
            user_agent: self.requests.user_agent().to_owned(),
            home: self.home.clone(),
        };
        gathered.step.messages.push((session, CoordinatorMessage::Welcome(welcome)));
        self.tell_pauses(session, now, gathered);
        if self.fleet.worker(&hello.worker).is_some_and(|worker| worker.stopping) {
            let message = CoordinatorMessage::StopWorker { reason: STOP_REASON.into() };
            gathered.step.messages.push((session, message));
        }
        for lease in cancelled {
            let message = CoordinatorMessage::CancelItem { lease, reason: CancelReason::Pipeline };
            gathered.step.messages.push((session, message));
        }
    }

    pub(super) fn message(
        &mut self,
        session: SessionId,
        message: WorkerMessage,
        now: Millis,
        random: &mut Random,
        gathered: &mut Gathered,
    ) {
        // A message of a stream that was replaced meanwhile is dropped: the Hello on the newer stream has already said
        // how everything stands.
        let Some(worker) = self.fleet.heard(session, now) else { return };
        match message {
            WorkerMessage::Hello(_) => {}
            WorkerMessage::Credits { free_slots, kinds } => {
                self.fleet.add_credits(&worker, free_slots, &kinds)
            }
            WorkerMessage::Draining { reason, deadline } => {
                let deadline_ms = deadline.map(|left| now.plus(left).0);
                self.fleet.drain(&worker, WorkerDrain { reason, deadline_ms });
            }
            WorkerMessage::RequestDemand { family, asked, answered } => {
                self.requests.demand(session, family, asked, answered, now);
            }
            WorkerMessage::Throttled(said) => self.throttled(session, &said, now, gathered),
            WorkerMessage::Heartbeat { sequence, held, progress } => {
                self.renew(&worker, now);
                self.show(progress, now, gathered);
                let (lost, cancelled) = self.beliefs(&worker, held, now);
                let ack = CoordinatorMessage::HeartbeatAck { sequence, lost, cancelled };
                gathered.step.urgent.push((session, ack));
            }
            WorkerMessage::AddChildren { request_id, lease, chunk, items } => {
                let (pipeline, is_anothers) = (lease.pipeline.clone(), self.is_anothers(&worker, &lease));
                let event = Event::ChildrenAdded { lease, chunk, items };
                let added = match is_anothers {
                    true => None,
                    false => self.apply_to_lease(&pipeline, event, now, gathered),
                };
                let answer = match added {
                    Some(Effect::ChildrenAdded(answer)) => answer,
                    _ => ChildrenAnswer::LeaseLost,
                };
                gathered
                    .step
                    .messages
                    .push((session, CoordinatorMessage::ChildrenAdded { request_id, answer }));
            }
            WorkerMessage::Complete(completions) => {
                let events = completions.into_iter().map(|completion: Completion| {
                    let lease = completion.lease.clone();
                    let jitter = random.jitter();
                    (lease, Event::Completed { completion, jitter })
                });
                self.settle((session, &worker), events.collect(), now, gathered);
            }
            WorkerMessage::Fail(failures) => {
                let events = failures.into_iter().map(|failed| {
                    let (lease, jitter) = (failed.lease.clone(), random.jitter());
                    (lease, Event::Failed { lease: failed.lease, failure: failed.failure, jitter })
                });
                self.settle((session, &worker), events.collect(), now, gathered);
            }
            WorkerMessage::Release { leases, reason } => {
                let events =
                    leases.into_iter().map(|lease| (lease.clone(), Event::Released { lease, reason }));
                self.settle((session, &worker), events.collect(), now, gathered);
            }
        }
    }

    fn settle(
        &mut self,
        (session, worker): (SessionId, &WorkerId),
        events: Vec<(LeaseRef, Event)>,
        now: Millis,
        gathered: &mut Gathered,
    ) {
        let mut settlements = Vec::with_capacity(events.len());
        for (lease, event) in events {
            let answer =
                if self.standing(&lease) == Some(Standing::Current) && self.is_anothers(worker, &lease) {
                    // Nobody closes what another worker holds, also not one that has guessed its name.
                    SettleAnswer::Superseded
                } else {
                    match self.apply_to_lease(&lease.pipeline, event, now, gathered) {
                        Some(Effect::Settled(answer)) => answer,
                        _ => SettleAnswer::Unknown,
                    }
                };
            settlements.push(Settlement { lease, answer });
        }
        gathered.step.messages.push((session, CoordinatorMessage::Settled(settlements)));
    }

    /// Applies an event about a lease. Such events are legal in every state; the pipeline alone may be unknown.
    fn apply_to_lease(
        &mut self,
        pipeline: &PipelineId,
        event: Event,
        now: Millis,
        gathered: &mut Gathered,
    ) -> Option<Effect> {
        self.apply(pipeline, event, now, gathered).ok()?.into_iter().next()
    }

    /// Extends every lease that the worker holds, named or not: a grant may still be on its way.
    fn renew(&mut self, worker: &WorkerId, now: Millis) {
        let deadline = now.plus(self.timing.lease_ttl);
        let Some(worker) = self.fleet.worker(worker) else { return };
        for (pipeline, item) in worker.held() {
            if let Some(pipeline) = self.pipelines.get_mut(pipeline) {
                let event = Event::Renewed { item: *item, deadline };
                pipeline.apply(event, now).expect("renewing is legal in every state");
            }
        }
    }

    /// Takes in how far items are. Shown at once: nothing of it is committed.
    fn show(&mut self, progress: Vec<LeaseProgress>, now: Millis, gathered: &mut Gathered) {
        let mut refreshed = BTreeSet::new();
        for report in progress {
            if let Some(pipeline) = self.pipelines.get_mut(&report.lease.pipeline) {
                refreshed.insert(report.lease.pipeline.clone());
                pipeline.apply(Event::Progressed(report), now).expect("progress is legal in every state");
            }
        }
        gathered.step.refreshed.extend(refreshed);
    }

    /// Recorded leases of older incarnations of the worker: their processes are gone.
    fn held_before(&self, hello: &Hello) -> Vec<(PipelineId, ItemIx)> {
        let incarnation_of = |(pipeline, item): &(PipelineId, ItemIx)| {
            self.pipelines.get(pipeline)?.lease(*item).map(|lease| &lease.incarnation)
        };
        let held = self.fleet.worker(&hello.worker).into_iter().flat_map(Worker::held);
        held.filter(|held| incarnation_of(held) != Some(&hello.incarnation)).cloned().collect()
    }

    /// Recorded leases of this incarnation that its Hello does not name.
    fn unclaimed(&self, hello: &Hello) -> Vec<(PipelineId, ItemIx)> {
        let named: HashSet<(&PipelineId, ItemIx)> = hello
            .held
            .iter()
            .filter(|lease| {
                self.standing(lease) == Some(Standing::Current) && !self.is_anothers(&hello.worker, lease)
            })
            .filter_map(|lease| {
                let (ix, _) = self.pipelines.get(&lease.pipeline)?.find(&lease.key)?;
                Some((&lease.pipeline, ix))
            })
            .collect();
        let held = self.fleet.worker(&hello.worker).into_iter().flat_map(Worker::held);
        held.filter(|(pipeline, item)| !named.contains(&(pipeline, *item))).cloned().collect()
    }

    fn standing(&self, lease: &LeaseRef) -> Option<Standing> {
        self.pipelines.get(&lease.pipeline)?.standing(lease)
    }

    /// Whether a lease that a Hello names proves that the tracker has lost grants: its token is above the recorded one,
    /// by as many grants as an item may have, and the worker runs items of this kind. Anything else is made up, and a
    /// token near the end of all numbers would be the item's end.
    fn is_proof(&self, hello: &Hello, lease: &LeaseRef) -> bool {
        let Some(pipeline) = self.pipelines.get(&lease.pipeline) else { return false };
        let Some((ix, item)) = pipeline.find(&lease.key) else { return false };
        let runs = |kind: &str| hello.kinds.iter().any(|limit| limit.kind == kind);
        let floor = pipeline.head().token_floor;
        item.standing(lease) == Standing::Ahead
            && lease.token.0.saturating_sub(item.token.max(floor).0) <= MAX_LOST_GRANTS
            && runs(pipeline.kind_name(ix))
    }

    /// Whether the item is with another worker than the one that names the lease.
    fn is_anothers(&self, worker: &WorkerId, lease: &LeaseRef) -> bool {
        let pipeline = self.pipelines.get(&lease.pipeline);
        let holder = pipeline.and_then(|pipeline| pipeline.find(&lease.key)?.1.lease());
        holder.is_some_and(|holder| holder.worker != *worker)
    }

    /// Leases that are lost, and leases of cancelled pipelines.
    fn beliefs(&self, worker: &WorkerId, held: Vec<LeaseRef>, now: Millis) -> (Vec<LeaseRef>, Vec<LeaseRef>) {
        let (mut lost, mut cancelled) = (Vec::new(), Vec::new());
        for lease in held {
            match self.belief(worker, &lease, now) {
                Belief::Right => {}
                Belief::Cancelled => cancelled.push(lease),
                Belief::Wrong => lost.push(lease),
            }
        }
        (lost, cancelled)
    }

    fn belief(&self, worker: &WorkerId, lease: &LeaseRef, now: Millis) -> Belief {
        let Some(pipeline) = self.pipelines.get(&lease.pipeline) else { return Belief::Wrong };
        if self.is_anothers(worker, lease) {
            return Belief::Wrong;
        }
        match pipeline.standing(lease) {
            Some(Standing::Current) if pipeline.head().state == PipelineState::Cancelling => {
                Belief::Cancelled
            }
            Some(Standing::Current) => Belief::Right,
            // The work goes on as long as nobody else has begun it: a result would still be taken.
            Some(Standing::Closed(_)) if pipeline.takes_late(lease, now) => Belief::Right,
            _ => Belief::Wrong,
        }
    }
}
