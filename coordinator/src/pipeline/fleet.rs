//! The workers: who is connected, what each holds, how much more each takes.
//!
//! Stands beside the pipelines and knows none of their rules. What a worker holds is recorded here a second time,
//! by worker, so that heartbeats and reconnects cost by the size of one worker and not of a pipeline.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use edgraph_shared::ids::{Incarnation, PipelineId, WorkerId};
use edgraph_shared::model::{Hello, KindLimit};

use super::item::ItemIx;

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
    /// It is about to stop.
    pub draining: bool,
    /// As it said.
    pub version: String,
    limits: BTreeMap<String, u32>,
    held: BTreeSet<(PipelineId, ItemIx)>,
    held_by_kind: BTreeMap<String, u32>,
}

impl Worker {
    /// What it holds.
    pub fn held(&self) -> &BTreeSet<(PipelineId, ItemIx)> {
        &self.held
    }

    /// Whether it takes another lease of this kind.
    pub fn takes(&self, kind: &str) -> bool {
        let held = self.held_by_kind.get(kind).copied().unwrap_or(0);
        self.limits.get(kind).is_some_and(|limit| held < *limit)
    }

    fn is_hungry(&self) -> bool {
        self.session.is_some() && !self.draining && self.credits > 0
    }
}

/// What a Hello changed.
#[derive(Debug, Default)]
pub struct Arrival {
    /// A stream that this one replaces.
    pub replaced: Option<SessionId>,
    /// What an older incarnation of the worker held.
    pub lost: BTreeSet<(PipelineId, ItemIx)>,
}

/// All workers.
#[derive(Debug, Default)]
pub struct Fleet {
    workers: BTreeMap<WorkerId, Worker>,
    sessions: HashMap<SessionId, WorkerId>,
    hungry: BTreeSet<WorkerId>,
}

impl Fleet {
    /// Takes in a worker's stream: a new process, or the same one again.
    pub fn arrive(&mut self, session: SessionId, hello: &Hello) -> Arrival {
        let mut arrival = Arrival::default();
        let worker = self.workers.entry(hello.worker.clone()).or_insert_with(|| absent(&hello.incarnation));
        if let Some(replaced) = worker.session.take() {
            self.sessions.remove(&replaced);
            arrival.replaced = Some(replaced);
        }
        if worker.incarnation != hello.incarnation {
            arrival.lost = worker.held.clone();
        }
        worker.incarnation = hello.incarnation.clone();
        worker.session = Some(session);
        worker.credits = hello.free_slots;
        worker.draining = false;
        worker.version = hello.version.clone();
        set_limits(worker, &hello.kinds);
        self.sessions.insert(session, hello.worker.clone());
        self.note_hunger(&hello.worker);
        arrival
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

    /// Slots became free; limits changed when any are given.
    pub fn add_credits(&mut self, id: &WorkerId, free_slots: u32, kinds: &[KindLimit]) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.credits = worker.credits.saturating_add(free_slots);
            if !kinds.is_empty() {
                set_limits(worker, kinds);
            }
        }
        self.note_hunger(id);
    }

    /// The worker is about to stop: nothing more for it.
    pub fn drain(&mut self, id: &WorkerId) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.draining = true;
        }
        self.note_hunger(id);
    }

    /// The worker was granted an item; uses one credit.
    pub fn grant(&mut self, id: &WorkerId, pipeline: &PipelineId, item: ItemIx, kind: &str) {
        if let Some(worker) = self.workers.get_mut(id) {
            worker.credits = worker.credits.saturating_sub(1);
            hold(worker, pipeline, item, kind);
        }
        self.note_hunger(id);
    }

    /// A lease from before this leader, read back from the tracker.
    pub fn restore(
        &mut self,
        id: &WorkerId,
        incarnation: &Incarnation,
        pipeline: &PipelineId,
        item: ItemIx,
        kind: &str,
    ) {
        let worker = self.workers.entry(id.clone()).or_insert_with(|| absent(incarnation));
        hold(worker, pipeline, item, kind);
    }

    /// A lease of the worker is closed.
    pub fn close(&mut self, id: &WorkerId, pipeline: &PipelineId, item: ItemIx, kind: &str) {
        let Some(worker) = self.workers.get_mut(id) else { return };
        if worker.held.remove(&(pipeline.clone(), item)) {
            let count = worker.held_by_kind.entry(kind.to_owned()).or_default();
            *count = count.saturating_sub(1);
        }
        self.forget_if_idle(id);
    }

    /// The worker behind a stream.
    pub fn worker_of(&self, session: SessionId) -> Option<&WorkerId> {
        self.sessions.get(&session)
    }

    /// One worker.
    pub fn worker(&self, id: &WorkerId) -> Option<&Worker> {
        self.workers.get(id)
    }

    /// All workers, by id.
    pub fn workers(&self) -> impl Iterator<Item = (&WorkerId, &Worker)> {
        self.workers.iter()
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
        if self.workers.get(id).is_some_and(|worker| worker.session.is_none() && worker.held.is_empty()) {
            self.workers.remove(id);
        }
    }
}

fn absent(incarnation: &Incarnation) -> Worker {
    Worker {
        incarnation: incarnation.clone(),
        session: None,
        credits: 0,
        draining: false,
        version: String::new(),
        limits: BTreeMap::new(),
        held: BTreeSet::new(),
        held_by_kind: BTreeMap::new(),
    }
}

fn set_limits(worker: &mut Worker, kinds: &[KindLimit]) {
    worker.limits = kinds.iter().map(|kind| (kind.kind.clone(), kind.max_leases)).collect();
}

fn hold(worker: &mut Worker, pipeline: &PipelineId, item: ItemIx, kind: &str) {
    if worker.held.insert((pipeline.clone(), item)) {
        *worker.held_by_kind.entry(kind.to_owned()).or_default() += 1;
    }
}
