//! What items do in a worker's slot, and how they go wrong: the handlers of the simulation.

use std::time::Duration;

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{Grant, LeaseRef, RefusedResult, ReleaseReason, WorkItem, WorkerMessage};

use super::chance::Chance;
use super::faults::Fault;
use super::worker::{Chunk, Outcome};
use super::world::{Event, World};

/// Keys of `work` items: few, so that parents share them.
const KEYS: u64 = 14;
/// Why a result was refused.
pub(super) const REFUSED: &str = "refused";

/// One item on its way in a slot.
pub(super) struct Run {
    lease: LeaseRef,
    /// Chunks of children still to be sent, the next one last.
    chunks: Vec<Vec<WorkItem>>,
    sent: u32,
    children: u32,
    /// `None` when it never ends by itself.
    outcome: Option<Outcome>,
    /// Told to stop, and to say so.
    stopping: bool,
}

/// The children that an item has, the same at every attempt.
fn children_of(grant: &Grant) -> Vec<Vec<WorkItem>> {
    let text = format!("{}/{}", grant.lease.pipeline, grant.lease.key);
    let seed = text.bytes().fold(0u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let mut chance = Chance::new(seed);
    let is_root = !grant.lease.key.as_str().starts_with("find/deep");
    let mut chunk = |n: u64| {
        let items = (0..chance.between(1, 5)).map(|_| {
            if is_root && n == 0 && chance.percent(10) {
                let key = format!("find/deep{}", chance.below(2));
                return WorkItem::new("find", key.parse().unwrap(), "deep");
            }
            let key = format!("work/{}", chance.between(1, KEYS));
            WorkItem::new("work", key.parse().unwrap(), "{}")
        });
        items.collect()
    };
    let chunks = Chance::new(seed ^ 1).between(0, 3);
    (0..chunks).map(&mut chunk).collect()
}

impl World {
    pub(super) fn begin_run(&mut self, worker: usize, grant: &Grant) {
        let run = self.chance.next();
        let kind = grant.item.kind.as_str();
        let chunks = if kind == "find" { children_of(grant) } else { Vec::new() };
        let outcome = self.outcome_of(kind);
        let lease = grant.lease.clone();
        self.run_begins(worker, run, &lease, kind, &grant.item.payload);
        let begun = Run { lease, chunks, sent: 0, children: 0, outcome, stopping: false };
        self.workers[worker].runs.insert(run, begun);
        let long = self.strikes_now(Fault::ItemLong, 8);
        let takes = if long { self.chance.between(900, 2_500) } else { self.chance.between(3, 300) };
        let life = self.workers[worker].life;
        self.after(takes, Event::Work { worker, life, run });
    }

    fn outcome_of(&mut self, kind: &str) -> Option<Outcome> {
        if self.strikes_now(Fault::ItemHangs, 2) {
            return None;
        }
        let failure = if self.strikes_now(Fault::ItemTransient, 10) {
            Failure::transient("again")
        } else if self.strikes_now(Fault::ItemThrottled, 5) {
            Failure::throttled(Duration::from_millis(self.chance.between(10, 900)), "slow down")
        } else if self.strikes_now(Fault::ItemUnavailable, 10) {
            Failure::unavailable("host", "no answer")
        } else if self.strikes_now(Fault::ItemPermanent, 4) {
            Failure::permanent("broken")
        } else if self.strikes_now(Fault::ItemPreempted, 5) {
            Failure::preempted("spot")
        } else {
            let skipped = kind == "work" && self.strikes_now(Fault::ItemSkips, 30);
            return Some(Outcome::Done { skipped, children: 0, refused: Vec::new() });
        };
        Some(Outcome::Failed(failure))
    }

    pub(super) fn run_of(&self, worker: usize, lease: &LeaseRef) -> Option<u64> {
        let mut runs = self.workers[worker].runs.iter();
        runs.find(|(_, run)| run.lease == *lease).map(|(number, _)| *number)
    }

    /// The work goes on: another chunk of children, or the end.
    pub(super) fn work(&mut self, worker: usize, number: u64) {
        let Some(run) = self.workers[worker].runs.get_mut(&number) else { return };
        if run.stopping {
            return self.end_run(worker, number, Outcome::Released(ReleaseReason::Preempted));
        }
        if let Some(items) = run.chunks.pop() {
            let (lease, chunk) = (run.lease.clone(), run.sent);
            run.sent += 1;
            run.children += items.len() as u32;
            return self.send_chunk(worker, Chunk { lease, chunk, items });
        }
        match run.outcome.clone() {
            None => {}
            Some(Outcome::Done { skipped, .. }) => {
                let (mut children, lease) = (run.children, run.lease.clone());
                if children > 0 && self.strikes_now(Fault::ItemMiscounts, 10) {
                    children += 1;
                    self.history.miscounted.insert(lease.clone());
                }
                let refused = self.refused_by(&lease);
                self.end_run(worker, number, Outcome::Done { skipped, children, refused });
            }
            Some(outcome) => self.end_run(worker, number, outcome),
        }
    }

    /// What an item that ends a round says of results it could not use.
    fn refused_by(&mut self, lease: &LeaseRef) -> Vec<RefusedResult> {
        let ends_round = ["list/", "load/"].iter().any(|kind| lease.key.as_str().starts_with(kind));
        if !ends_round || !self.strikes_now(Fault::ItemRefuses, 20) {
            return Vec::new();
        }
        let kept = self.tracker.kept(&lease.pipeline);
        let keys = kept.into_iter().flat_map(|(_, items)| items).map(|item| item.key.clone());
        let mut keys: Vec<ItemKey> = keys.filter(|key| key.as_str().starts_with("work/")).collect();
        keys.retain(|_| self.chance.percent(30));
        keys.iter().for_each(|key| self.history.result_refused(&lease.pipeline, key));
        keys.into_iter().map(|key| RefusedResult { key, reason: REFUSED.to_owned() }).collect()
    }

    fn send_chunk(&mut self, worker: usize, chunk: Chunk) {
        let request_id = self.chance.next();
        let (lease, items) = (chunk.lease.clone(), chunk.items.clone());
        let message = WorkerMessage::AddChildren { request_id, lease, chunk: chunk.chunk, items };
        self.workers[worker].chunks.insert(request_id, chunk);
        self.say(worker, message);
    }

    pub(super) fn chunk_accepted(&mut self, worker: usize, lease: &LeaseRef) {
        if let Some(run) = self.run_of(worker, lease) {
            let (life, takes) = (self.workers[worker].life, self.chance.between(1, 30));
            self.after(takes, Event::Work { worker, life, run });
        }
    }

    /// The pipeline is cancelled: the work stops soon, and says so.
    pub(super) fn stop_work(&mut self, worker: usize, lease: &LeaseRef) {
        let Some(number) = self.run_of(worker, lease) else { return };
        if let Some(run) = self.workers[worker].runs.get_mut(&number) {
            run.stopping = true;
        }
        let (life, takes) = (self.workers[worker].life, self.chance.between(1, 20));
        self.after(takes, Event::Work { worker, life, run: number });
    }

    /// The work has ended, and its slot is free.
    pub(super) fn end_run(&mut self, worker: usize, number: u64, outcome: Outcome) {
        let Some(run) = self.workers[worker].runs.remove(&number) else { return };
        self.history.run_ended(number);
        self.workers[worker].chunks.retain(|_, chunk| chunk.lease != run.lease);
        self.settle_with(worker, &run.lease, outcome);
        self.tell_free_slot(worker);
    }

    /// The work has stopped, and nobody wants to hear of it.
    pub(super) fn drop_run(&mut self, worker: usize, number: u64) {
        if self.workers[worker].runs.remove(&number).is_some() {
            self.history.run_ended(number);
            self.tell_free_slot(worker);
        }
    }
}
