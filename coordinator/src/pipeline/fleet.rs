//! The workers: who is connected, what each holds, how much more each takes.
//!
//! Stands beside the pipelines and knows none of their rules. What a worker holds is recorded here a second time,
//! by worker, so that heartbeats and reconnects cost by the size of one worker and not of a pipeline. What an
//! operator has drained is known here alone, and not to the tracker: the worker itself was told, and is ending.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use edgraph_shared::ids::{GraphId, Incarnation, PipelineId, WorkerId};
use edgraph_shared::model::{Hello, KindLimit, MAX_FREE_SLOTS, WorkerDrain, WorkerState, WorkerStatus};

use super::item::ItemIx;
use super::time::Millis;

/// How long a drained worker that is gone may come back and is still drained: longer than any network is away,
/// short enough that worker names that nobody uses any more are forgotten.
const DRAIN_MEMORY: Duration = Duration::from_secs(3_600);

/// Names one Work stream; given by the shell, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// One worker.
#[derive(Debug)]
pub struct Worker {
    /// Its process.
    pub incarnation: Incarnation,
    /// Its stream, while connected.
    pub session: Option<SessionId>,
    /// Leases it takes beyond those granted.
    pub credits: u32,
    /// What it said of its end, once it said that it is about to stop.
    pub drain: Option<WorkerDrain>,
    /// An operator drains this process of it.
    pub stopping: bool,
    /// As it said.
    pub version: String,
    /// The graph that it holds, if it is an ingester.
    pub graph: Option<GraphId>,
    /// When it was last heard of.
    pub last_seen: Millis,
    limits: BTreeMap<String, u32>,
    held: BTreeSet<(PipelineId, ItemIx)>,
    held_by_kind: BTreeMap<String, u32>,
    /// Holds an item that runs alone: nothing beside it.
    is_isolated: bool,
}

impl Worker {
    /// What it holds.
    pub fn held(&self) -> &BTreeSet<(PipelineId, ItemIx)> {
        &self.held
    }

    /// Whether it takes another lease of this kind.
    pub fn takes(&self, kind: &str) -> bool {
        let held = self.held_by_kind.get(kind).copied().unwrap_or(0);
        !self.is_isolated && self.limits.get(kind).is_some_and(|limit| held < *limit)
    }

    /// Whether it takes leases of this kind, now or when others are closed.
    pub fn has_handler(&self, kind: &str) -> bool {
        self.limits.get(kind).is_some_and(|limit| *limit > 0)
    }

    /// Whether it holds nothing.
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether it is connected and takes what it is given.
    pub fn is_active(&self) -> bool {
        self.session.is_some() && self.drain.is_none() && !self.stopping
    }

    fn is_hungry(&self) -> bool {
        self.is_active() && self.credits > 0 && !self.is_isolated
    }

    /// Neither connected nor with leases: nothing to show.
    fn is_gone(&self) -> bool {
        self.session.is_none() && self.held.is_empty()
    }
}

/// All workers.
#[derive(Debug, Default)]
pub struct Fleet {
    workers: BTreeMap<WorkerId, Worker>,
    sessions: HashMap<SessionId, WorkerId>,
    hungry: BTreeSet<WorkerId>,
    /// Leases of kinds that have an exclusive name, by that name.
    exclusive: BTreeMap<String, BTreeSet<(PipelineId, ItemIx)>>,
}

impl Fleet {
    /// Takes in a worker's stream: a new process, or the same one again. Returns the stream that it replaces.
    pub fn arrive(&mut self, session: SessionId, hello: &Hello, now: Millis) -> Option<SessionId> {
        let worker =
            self.workers.entry(hello.worker.clone()).or_insert_with(|| absent(&hello.incarnation, now));
        let replaced = worker.session.take();
        if let Some(replaced) = &replaced {
            self.sessions.remove(replaced);
        }
        worker.stopping &= worker.incarnation == hello.incarnation;
        worker.incarnation = hello.incarnation.clone();
        worker.session = Some(session);
        worker.credits = hello.free_slots.min(MAX_FREE_SLOTS);
        worker.drain = None;
        worker.version = hello.version.clone();
        worker.graph = hello.home.graph.clone();
        worker.last_seen = now;
        set_limits(worker, &hello.kinds);
        self.sessions.insert(session, hello.worker.clone());
        self.note_hunger(&hello.worker);
        replaced
    }

    /// Whether another process has the name of this Hello: one that is connected and was heard of within `silence`.
    pub fn is_taken(&self, hello: &Hello, silence: Duration, now: Millis) -> bool {
        self.workers.get(&hello.worker).is_some_and(|worker| {
            let is_other = worker.session.is_some() && worker.incarnation != hello.incarnation;
            is_other && now.since(worker.last_seen) < silence
        })
    }

    /// Nobody was listened to for so long: what connected workers said in that time is still to be heard.
    pub fn excuse(&mut self, silence: Duration) {
        for worker in self.workers.values_mut().filter(|worker| worker.session.is_some()) {
            worker.last_seen = worker.last_seen.plus(silence);
        }
    }

    /// A stream ended. Its worker keeps what it holds.
    pub fn leave(&mut self, session: SessionId) {
        let Some(id) = self.sessions.remove(&session) else { return };
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.session = None;
            worker.credits = 0;
        }
        self.note_hunger(&id);
        self.forget_if_idle(&id);
    }

    /// The worker behind a stream has said something.
    pub fn heard(&mut self, session: SessionId, now: Millis) -> Option<WorkerId> {
        let id = self.sessions.get(&session)?;
        if let Some(worker) = self.workers.get_mut(id) {
            worker.last_seen = now;
        }
        Some(id.clone())
    }

    /// The worker behind an open stream.
    pub fn behind(&self, session: SessionId) -> Option<(&WorkerId, &Worker)> {
        let id = self.sessions.get(&session)?;
        self.workers.get(id).map(|worker| (id, worker))
    }

    /// Slots became free; limits changed when any are given.
    pub fn add_credits(&mut self, id: &WorkerId, free_slots: u32, kinds: &[KindLimit]) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.credits = worker.credits.saturating_add(free_slots).min(MAX_FREE_SLOTS);
            if !kinds.is_empty() {
                set_limits(worker, kinds);
            }
        }
        self.note_hunger(id);
    }

    /// The worker is about to stop: nothing more for it.
    pub fn drain(&mut self, id: &WorkerId, drain: WorkerDrain) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.drain = Some(drain);
        }
        self.note_hunger(id);
    }

    /// An operator drains the worker's process: nothing more for it, also when it connects again.
    pub fn stop(&mut self, id: &WorkerId) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.stopping = true;
        }
        self.note_hunger(id);
    }

    /// Forgets drained workers that did not come back.
    pub fn forget_drained(&mut self, now: Millis) {
        self.workers.retain(|_, worker| {
            !(worker.stopping && worker.is_gone() && now.since(worker.last_seen) > DRAIN_MEMORY)
        });
    }

    /// The worker was granted an item, which may have to run alone; uses one credit.
    pub fn grant(
        &mut self,
        id: &WorkerId,
        pipeline: &PipelineId,
        item: ItemIx,
        kind: KindName<'_>,
        runs_alone: bool,
    ) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.credits = worker.credits.saturating_sub(1);
            worker.is_isolated |= runs_alone;
        }
        self.hold(id, pipeline, item, kind);
        self.note_hunger(id);
    }

    /// A lease from before this leader, read back from the tracker.
    pub fn restore(
        &mut self,
        id: &WorkerId,
        incarnation: &Incarnation,
        (pipeline, item): (&PipelineId, ItemIx),
        kind: KindName<'_>,
        runs_alone: bool,
        now: Millis,
    ) {
        let worker = self.workers.entry(id.clone()).or_insert_with(|| absent(incarnation, now));
        worker.is_isolated |= runs_alone;
        self.hold(id, pipeline, item, kind);
    }

    /// A lease of the worker is closed.
    pub fn close(&mut self, id: &WorkerId, pipeline: &PipelineId, item: ItemIx, kind: KindName<'_>) {
        let place = (pipeline.clone(), item);
        if let Some(users) = kind.exclusive.and_then(|name| self.exclusive.get_mut(name)) {
            users.remove(&place);
        }
        let Some(worker) = self.workers.get_mut(id) else { return };
        if worker.held.remove(&place)
            && let Some(count) = worker.held_by_kind.get_mut(kind.name)
        {
            *count = count.saturating_sub(1);
        }
        worker.is_isolated &= !worker.held.is_empty();
        self.note_hunger(id);
        self.forget_if_idle(id);
    }

    fn hold(&mut self, id: &WorkerId, pipeline: &PipelineId, item: ItemIx, kind: KindName<'_>) {
        let place = (pipeline.clone(), item);
        if let Some(name) = kind.exclusive {
            self.exclusive.entry(name.to_owned()).or_default().insert(place.clone());
        }
        let Some(worker) = self.workers.get_mut(id) else { return };
        if worker.held.insert(place) {
            match worker.held_by_kind.get_mut(kind.name) {
                Some(count) => *count += 1,
                None => drop(worker.held_by_kind.insert(kind.name.to_owned(), 1)),
            }
        }
    }

    /// Whether nobody holds a lease under this exclusive name, in any pipeline.
    pub fn is_free(&self, exclusive: Option<&str>) -> bool {
        exclusive.and_then(|name| self.exclusive.get(name)).is_none_or(BTreeSet::is_empty)
    }

    /// One worker.
    pub fn worker(&self, id: &WorkerId) -> Option<&Worker> {
        self.workers.get(id)
    }

    /// All workers, by id.
    pub fn workers(&self) -> impl Iterator<Item = (&WorkerId, &Worker)> {
        self.workers.iter()
    }

    /// What is shown of a worker that is connected or holds leases.
    pub fn status(&self, id: &WorkerId) -> Option<WorkerStatus> {
        let worker = self.workers.get(id).filter(|worker| !worker.is_gone())?;
        Some(status(id, worker))
    }

    /// The workers that are connected or hold leases, by id, after `after`, at most `limit`.
    pub fn statuses(&self, after: Option<&WorkerId>, limit: usize) -> Vec<WorkerStatus> {
        use std::ops::Bound::{Excluded, Unbounded};
        let later = self.workers.range::<WorkerId, _>((after.map_or(Unbounded, Excluded), Unbounded));
        later.filter(|(_, worker)| !worker.is_gone()).take(limit).map(|(id, w)| status(id, w)).collect()
    }

    /// The workers that take a kind, whether or not they have room at the moment.
    pub fn takers(&self, kind: &str) -> impl Iterator<Item = (&WorkerId, &Worker)> {
        self.workers.iter().filter(move |(_, worker)| worker.is_active() && worker.has_handler(kind))
    }

    /// Connected workers with credit.
    pub fn hungry(&self) -> &BTreeSet<WorkerId> {
        &self.hungry
    }

    /// All open streams.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.workers.values().filter_map(|worker| worker.session)
    }

    fn note_hunger(&mut self, id: &WorkerId) {
        if self.workers.get(id).is_some_and(Worker::is_hungry) {
            self.hungry.insert(id.clone());
        } else {
            self.hungry.remove(id);
        }
    }

    fn forget_if_idle(&mut self, id: &WorkerId) {
        if self.workers.get(id).is_some_and(|worker| worker.is_gone() && !worker.stopping) {
            self.workers.remove(id);
        }
    }
}

/// What the fleet keeps of an item's kind.
#[derive(Debug, Clone, Copy)]
pub struct KindName<'a> {
    /// Its name.
    pub name: &'a str,
    /// The name under which at most one lease is out at a time.
    pub exclusive: Option<&'a str>,
}

fn absent(incarnation: &Incarnation, now: Millis) -> Worker {
    Worker {
        incarnation: incarnation.clone(),
        session: None,
        credits: 0,
        drain: None,
        stopping: false,
        version: String::new(),
        graph: None,
        last_seen: now,
        limits: BTreeMap::new(),
        held: BTreeSet::new(),
        held_by_kind: BTreeMap::new(),
        is_isolated: false,
    }
}

fn set_limits(worker: &mut Worker, kinds: &[KindLimit]) {
    worker.limits = kinds.iter().map(|kind| (kind.kind.clone(), kind.max_leases)).collect();
}

fn status(id: &WorkerId, worker: &Worker) -> WorkerStatus {
    let state = match worker.session {
        None => WorkerState::Detached,
        Some(_) if worker.is_active() => WorkerState::Active,
        Some(_) => WorkerState::Draining,
    };
    WorkerStatus {
        id: id.clone(),
        incarnation: worker.incarnation.clone(),
        state,
        version: worker.version.clone(),
        leases: u32::try_from(worker.held.len()).unwrap_or(u32::MAX),
        free_slots: if state == WorkerState::Active { worker.credits } else { 0 },
        kinds: worker.limits.clone(),
        last_seen_ms: worker.last_seen.0,
        drain: worker.drain.clone(),
    }
}
