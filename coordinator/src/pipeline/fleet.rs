//! The workers: who is connected, what each holds, how much more each takes.
//!
//! Stands beside the pipelines and knows none of their rules. What a worker holds is recorded here a second time,
//! by worker, so that heartbeats and reconnects cost by the size of one worker and not of a pipeline. What an
//! operator has drained is known here alone, and not to the tracker: the worker itself was told, and is ending. A
//! worker changes in [`Fleet::change`] and nowhere else, so that no index can drift from the workers.

mod room;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use edgraph_shared::ids::{GraphId, Incarnation, PipelineId, WorkerId};
use edgraph_shared::model::{Hello, KindLimit, MAX_FREE_SLOTS, WorkerDrain, WorkerState, WorkerStatus};

use super::item::ItemIx;
use super::time::Millis;
use room::Room;

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

    /// The kinds of which it takes another lease now.
    fn kinds_with_room(&self) -> impl Iterator<Item = &str> {
        let held = |kind: &str| self.held_by_kind.get(kind).copied().unwrap_or(0);
        let limits = self.is_hungry().then_some(&self.limits).into_iter().flatten();
        limits.filter(move |(kind, limit)| held(kind) < **limit).map(|(kind, _)| kind.as_str())
    }

    /// The kinds that it takes, now or when others are closed.
    fn handles(&self) -> impl Iterator<Item = &str> {
        self.limits.iter().filter(|(_, limit)| **limit > 0).map(|(kind, _)| kind.as_str())
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
    room: Room,
    /// Leases of kinds that have an exclusive name, by that name.
    exclusive: BTreeMap<String, BTreeSet<(PipelineId, ItemIx)>>,
}

impl Fleet {
    /// Takes in a worker's stream: a new process, or the same one again. Returns the stream that it replaces.
    pub fn arrive(&mut self, session: SessionId, hello: &Hello, now: Millis) -> Option<SessionId> {
        self.workers.entry(hello.worker.clone()).or_insert_with(|| absent(&hello.incarnation, now));
        let replaced = self.change(&hello.worker, |worker| {
            worker.stopping &= worker.incarnation == hello.incarnation;
            worker.incarnation = hello.incarnation.clone();
            worker.credits = hello.free_slots.min(MAX_FREE_SLOTS);
            worker.drain = None;
            worker.version = hello.version.clone();
            worker.graph = hello.home.graph.clone();
            worker.last_seen = now;
            set_limits(worker, &hello.kinds);
            worker.session.replace(session)
        });
        let replaced = replaced.flatten();
        if let Some(replaced) = &replaced {
            self.sessions.remove(replaced);
        }
        self.sessions.insert(session, hello.worker.clone());
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
        self.change(&id, |worker| {
            worker.session = None;
            worker.credits = 0;
        });
        self.forget_if_gone(&id);
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
        self.change(id, |worker| {
            worker.credits = worker.credits.saturating_add(free_slots).min(MAX_FREE_SLOTS);
            if !kinds.is_empty() {
                set_limits(worker, kinds);
            }
        });
    }

    /// The worker is about to stop: nothing more for it.
    pub fn drain(&mut self, id: &WorkerId, drain: WorkerDrain) {
        self.change(id, |worker| worker.drain = Some(drain));
    }

    /// An operator drains the worker's process: nothing more for it, also when it connects again.
    pub fn stop(&mut self, id: &WorkerId) {
        self.change(id, |worker| worker.stopping = true);
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
        self.hold(id, pipeline, item, kind, |worker| {
            worker.credits = worker.credits.saturating_sub(1);
            worker.is_isolated |= runs_alone;
        });
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
        self.workers.entry(id.clone()).or_insert_with(|| absent(incarnation, now));
        self.hold(id, pipeline, item, kind, |worker| worker.is_isolated |= runs_alone);
    }

    /// A lease of the worker is closed.
    pub fn close(&mut self, id: &WorkerId, pipeline: &PipelineId, item: ItemIx, kind: KindName<'_>) {
        let place = (pipeline.clone(), item);
        if let Some(users) = kind.exclusive.and_then(|name| self.exclusive.get_mut(name)) {
            users.remove(&place);
        }
        self.change(id, |worker| {
            if worker.held.remove(&place)
                && let Some(count) = worker.held_by_kind.get_mut(kind.name)
            {
                *count = count.saturating_sub(1);
            }
            worker.is_isolated &= !worker.held.is_empty();
        });
        self.forget_if_gone(id);
    }

    fn hold(
        &mut self,
        id: &WorkerId,
        pipeline: &PipelineId,
        item: ItemIx,
        kind: KindName<'_>,
        and: impl FnOnce(&mut Worker),
    ) {
        let place = (pipeline.clone(), item);
        if let Some(name) = kind.exclusive {
            self.exclusive.entry(name.to_owned()).or_default().insert(place.clone());
        }
        self.change(id, |worker| {
            and(worker);
            if worker.held.insert(place) {
                match worker.held_by_kind.get_mut(kind.name) {
                    Some(count) => *count += 1,
                    None => drop(worker.held_by_kind.insert(kind.name.to_owned(), 1)),
                }
            }
        });
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

    /// The kinds that some worker takes, whether or not it has room at the moment.
    pub fn kinds_taken(&self) -> BTreeSet<&str> {
        let active = self.workers.values().filter(|worker| worker.is_active());
        active.flat_map(Worker::handles).collect()
    }

    /// The workers that take a kind, whether or not they have room at the moment.
    pub fn handlers(&self, kind: &str) -> impl Iterator<Item = (&WorkerId, &Worker)> {
        let handles = move |worker: &Worker| worker.handles().any(|own| own == kind);
        self.workers.iter().filter(move |(_, worker)| worker.is_active() && handles(worker))
    }

    /// Whether some worker takes another lease of something.
    pub fn has_room(&self) -> bool {
        !self.room.is_empty()
    }

    /// The workers that take another lease of the kind, those that hold least first; and how many leases each holds.
    pub fn takers(&self, kind: &str) -> impl Iterator<Item = (usize, &WorkerId)> {
        self.room.takers(kind)
    }

    /// All open streams.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.workers.values().filter_map(|worker| worker.session)
    }

    /// Changes a worker: the only function that does.
    fn change<T>(&mut self, id: &WorkerId, change: impl FnOnce(&mut Worker) -> T) -> Option<T> {
        let worker = self.workers.get_mut(id)?;
        self.room.take_out(id, worker.held.len(), worker.kinds_with_room());
        let changed = change(worker);
        self.room.put_in(id, worker.held.len(), worker.kinds_with_room());
        Some(changed)
    }

    fn forget_if_gone(&mut self, id: &WorkerId) {
        if self.workers.get(id).is_some_and(|worker| worker.is_gone() && !worker.stopping) {
            self.workers.remove(id);
        }
    }
}

#[cfg(test)]
impl Fleet {
    /// Holds the index against the workers.
    pub fn check(&self) {
        let mut recount = Room::default();
        for (id, worker) in &self.workers {
            recount.put_in(id, worker.held.len(), worker.kinds_with_room());
        }
        assert_eq!(self.room, recount, "workers with room");
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
