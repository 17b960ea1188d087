//! Worker processes: leases, streams, heartbeats and outcomes as `worker/runtime/src/connection` and `leases` have
//! them. What an item does is in [`super::work`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{LeaseId, WorkerId};
use edgraph_shared::model::{
    CancelReason, ChildrenAnswer, Completion, CoordinatorMessage, FailedLease, Grant, Hello, HostFamily,
    KindLimit, LeaseRef, RefusedResult, ReleaseReason, SettleAnswer, WorkItem, WorkerMessage,
};

use super::faults::Fault;
use super::leader::TTL;
use super::network::Mail;
use super::work::Run;
use super::world::{Event, World};

const BEAT_EVERY: (u64, u64) = (266, 400);
/// More than the SEC allows in this time.
const TOKENS_PER_BEAT: u64 = 10;
const RECONNECT_AFTER: (u64, u64) = (5, 200);
const WELCOME_WITHIN: u64 = 400;
/// Work stops when nothing was heard for so long.
const LONELY_AFTER: u64 = 4 * TTL;
/// A preempted worker gives back what it holds, and ends this long after the notice at the latest.
const NOTICE: u64 = 700;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Up {
    Down,
    Working,
    Draining,
}

/// How the work under a lease ended.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Done { skipped: bool, children: u32, refused: Vec<RefusedResult> },
    Failed(Failure),
    Released(ReleaseReason),
}

/// A chunk of children that waits for its answer.
pub(super) struct Chunk {
    pub(super) lease: LeaseRef,
    pub(super) chunk: u32,
    pub(super) items: Vec<WorkItem>,
}

pub(super) struct WorkerProcess {
    /// The number in its name.
    named: usize,
    slots: u32,
    pub(super) life: u64,
    pub(super) up: Up,
    pub(super) frozen: bool,
    pub(super) inbox: Vec<Event>,
    pub(super) stream: Option<usize>,
    welcomed: bool,
    /// The credit in Hello.
    promised: u32,
    target: usize,
    /// Everything from its grant to the answer that settles it; with an outcome once the work has ended.
    pub(super) held: BTreeMap<LeaseRef, Option<Outcome>>,
    /// Work under way, by number.
    pub(super) runs: BTreeMap<u64, Run>,
    pub(super) chunks: BTreeMap<u64, Chunk>,
    /// Leases taken by this process: a grant that comes twice is taken once.
    taken: BTreeSet<LeaseId>,
    last_contact: u64,
    sequence: u64,
    /// Since when it is not taken in.
    refused_since: Option<u64>,
}

impl WorkerProcess {
    pub(super) fn new(named: usize, slots: u32) -> Self {
        Self {
            named,
            slots,
            life: 0,
            up: Up::Down,
            frozen: false,
            inbox: Vec::new(),
            stream: None,
            welcomed: false,
            promised: 0,
            target: 0,
            held: BTreeMap::new(),
            runs: BTreeMap::new(),
            chunks: BTreeMap::new(),
            taken: BTreeSet::new(),
            last_contact: 0,
            sequence: 0,
            refused_since: None,
        }
    }

    pub(super) fn name(&self) -> WorkerId {
        format!("w{}", self.named).parse().unwrap()
    }

    /// Whether it has been told that it is taken in, on this stream.
    pub(super) fn is_welcome_on(&self, stream: usize) -> bool {
        self.stream == Some(stream) && self.welcomed
    }

    fn free_slots(&self) -> u32 {
        let used = u32::try_from(self.runs.len()).unwrap();
        if self.up == Up::Working { self.slots.saturating_sub(used) } else { 0 }
    }

    fn kinds(&self) -> Vec<KindLimit> {
        ["find", "work", "own", "list", "load"]
            .map(|kind| KindLimit { kind: kind.into(), max_leases: self.slots })
            .into()
    }

    /// Leases under which work goes on.
    fn running(&self) -> Vec<LeaseRef> {
        self.held.iter().filter(|(_, outcome)| outcome.is_none()).map(|(lease, _)| lease.clone()).collect()
    }

    fn closing_message(&self, lease: &LeaseRef) -> Option<WorkerMessage> {
        let lease = lease.clone();
        Some(match self.held.get(&lease)?.clone()? {
            Outcome::Done { skipped, children, refused } => {
                let result = lease.lease_id.to_string();
                WorkerMessage::Complete(vec![Completion { lease, result, skipped, children, refused }])
            }
            Outcome::Failed(failure) => WorkerMessage::Fail(vec![FailedLease { lease, failure }]),
            Outcome::Released(reason) => WorkerMessage::Release { leases: vec![lease], reason },
        })
    }
}

impl World {
    pub(super) fn start_worker(&mut self, worker: usize) {
        let (process, now) = (&mut self.workers[worker], self.now);
        let (named, slots, life) = (process.named, process.slots, process.life + 1);
        *process =
            WorkerProcess { life, up: Up::Working, last_contact: now, ..WorkerProcess::new(named, slots) };
        self.schedule(now, Event::WorkerConnects { worker, life });
        self.schedule(now + BEAT_EVERY.0, Event::Beat { worker, life });
    }

    pub(super) fn crash_worker(&mut self, worker: usize) {
        if self.workers[worker].up != Up::Down {
            self.end_worker(worker);
        }
    }

    /// The process is gone, with all it held; another one starts in its place.
    pub(super) fn end_worker(&mut self, worker: usize) {
        let stream = self.workers[worker].stream.take();
        let WorkerProcess { named, slots, life, .. } = self.workers[worker];
        self.history.process_ended(worker);
        self.workers[worker] = WorkerProcess { life, ..WorkerProcess::new(named, slots) };
        if let Some(stream) = stream {
            self.cut(stream);
        }
        let pause = self.chance.between(10, 2_000);
        self.after(pause, Event::WorkerStarts(worker));
    }

    pub(super) fn freeze_worker(&mut self, worker: usize, pause: u64) {
        if !std::mem::replace(&mut self.workers[worker].frozen, true) {
            self.after(pause, Event::WorkerWakes(worker));
        }
    }

    /// A notice that the machine goes away: everything is given back, then the process ends.
    pub(super) fn preempt_worker(&mut self, worker: usize) {
        if self.workers[worker].up != Up::Working || self.workers[worker].frozen {
            return;
        }
        self.workers[worker].up = Up::Draining;
        self.say(worker, WorkerMessage::Draining { reason: "preempted".into(), deadline: None });
        for run in self.workers[worker].runs.keys().copied().collect::<Vec<_>>() {
            self.end_run(worker, run, Outcome::Released(ReleaseReason::Preempted));
        }
        let life = self.workers[worker].life;
        self.after(NOTICE, Event::WorkerCloses { worker, life });
        self.close_if_done(worker);
    }

    fn close_if_done(&mut self, worker: usize) {
        if self.workers[worker].up == Up::Draining && self.workers[worker].held.is_empty() {
            let life = self.workers[worker].life;
            self.schedule(self.now, Event::WorkerCloses { worker, life });
        }
    }

    pub(super) fn connect(&mut self, worker: usize) {
        if self.workers[worker].stream.is_some() {
            return;
        }
        let coordinator = self.workers[worker].target;
        if self.is_partitioned(worker, coordinator) {
            return self.reconnect(worker);
        }
        let stream = self.open_stream(worker, coordinator);
        let process = &mut self.workers[worker];
        process.stream = Some(stream);
        process.welcomed = false;
        // Outcomes are told before anything new is taken.
        let free_slots = if process.held.is_empty() { process.free_slots() } else { 0 };
        process.promised = free_slots;
        let hello = Hello {
            worker: process.name(),
            incarnation: format!("i{worker}-{}", process.life).parse().unwrap(),
            held: process.held.keys().cloned().collect(),
            free_slots,
            kinds: process.kinds(),
            version: String::new(),
            home: Default::default(),
        };
        let life = process.life;
        self.post(stream, Mail::ToCoordinator(WorkerMessage::Hello(hello)));
        self.after(WELCOME_WITHIN, Event::NoWelcome { worker, life, stream });
    }

    pub(super) fn give_up_on(&mut self, worker: usize, stream: usize) {
        if self.workers[worker].stream == Some(stream) && !self.workers[worker].welcomed {
            self.leave_stream(worker);
        }
    }

    fn leave_stream(&mut self, worker: usize) {
        if let Some(stream) = self.workers[worker].stream.take() {
            self.cut(stream);
            self.reconnect(worker);
        }
    }

    fn reconnect(&mut self, worker: usize) {
        self.workers[worker].target ^= 1;
        let (life, pause) =
            (self.workers[worker].life, self.chance.between(RECONNECT_AFTER.0, RECONNECT_AFTER.1));
        self.after(pause, Event::WorkerConnects { worker, life });
    }

    /// Not taken in: it asks again for a while, then its process ends.
    fn refused(&mut self, worker: usize, try_for: Option<Duration>) {
        self.faults.count(Fault::NameRefused);
        let since = *self.workers[worker].refused_since.get_or_insert(self.now);
        let try_for = try_for.map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap());
        match self.now - since < try_for {
            true => self.leave_stream(worker),
            false => self.end_worker(worker),
        }
    }

    pub(super) fn stream_ended_at_worker(&mut self, stream: usize) {
        let worker = self.streams[stream].worker;
        if self.workers[worker].stream == Some(stream) {
            self.workers[worker].stream = None;
            self.reconnect(worker);
        }
    }

    /// Sends over the open stream. Without one the message is dropped: what matters is said again after Hello.
    pub(super) fn say(&mut self, worker: usize, message: WorkerMessage) {
        if let Some(stream) = self.workers[worker].stream.filter(|_| self.workers[worker].welcomed) {
            self.post(stream, Mail::ToCoordinator(message));
        }
    }

    pub(super) fn beat(&mut self, worker: usize) {
        let (life, pause) = (self.workers[worker].life, self.chance.between(BEAT_EVERY.0, BEAT_EVERY.1));
        self.after(pause, Event::Beat { worker, life });
        let silence = self.now - self.workers[worker].last_contact;
        if silence > LONELY_AFTER && !self.workers[worker].held.is_empty() {
            self.faults.count(Fault::LonelyWorker);
            let process = &mut self.workers[worker];
            (process.held, process.chunks) = (BTreeMap::new(), BTreeMap::new());
            for run in self.workers[worker].runs.keys().copied().collect::<Vec<_>>() {
                self.drop_run(worker, run);
            }
        }
        if self.workers[worker].stream.is_none() || !self.workers[worker].welcomed {
            return;
        }
        if silence > TTL {
            return self.leave_stream(worker);
        }
        self.workers[worker].sequence += 1;
        let (sequence, held) = (self.workers[worker].sequence, self.workers[worker].running());
        self.say(worker, WorkerMessage::Heartbeat { sequence, held, progress: Vec::new() });
        // A running total, always ahead of what can be lent.
        let asked = sequence * TOKENS_PER_BEAT;
        self.say(worker, WorkerMessage::RequestDemand { family: HostFamily::Sec, asked, answered: 0 });
    }

    pub(super) fn worker_hears(&mut self, stream: usize, message: CoordinatorMessage) {
        let worker = self.streams[stream].worker;
        if self.workers[worker].stream != Some(stream) {
            return;
        }
        self.workers[worker].last_contact = self.now;
        match message {
            CoordinatorMessage::Welcome(welcome) => {
                self.check_welcome(stream);
                self.workers[worker].refused_since = None;
                if !std::mem::replace(&mut self.workers[worker].welcomed, true) {
                    self.catch_up(worker, &welcome.lost);
                }
            }
            CoordinatorMessage::Refused { try_for, .. } => self.refused(worker, try_for),
            CoordinatorMessage::Grant(grants) => {
                grants.into_iter().for_each(|grant| self.take_grant(worker, &grant));
            }
            CoordinatorMessage::HeartbeatAck { lost, cancelled, .. } => {
                lost.iter().for_each(|lease| self.lose(worker, lease));
                cancelled.iter().for_each(|lease| self.stop_work(worker, lease));
            }
            CoordinatorMessage::ChildrenAdded { request_id, answer } => {
                self.chunk_answered(worker, request_id, answer);
            }
            CoordinatorMessage::Settled(settlements) => {
                for settlement in settlements {
                    self.settled(worker, &settlement.lease, settlement.answer);
                }
                self.close_if_done(worker);
            }
            CoordinatorMessage::CancelItem { lease, reason: CancelReason::Pipeline } => {
                self.stop_work(worker, &lease);
            }
            CoordinatorMessage::CancelItem { lease, .. } => self.lose(worker, &lease),
            CoordinatorMessage::Reconnect { .. } => self.leave_stream(worker),
            CoordinatorMessage::StopWorker { .. } => self.preempt_worker(worker),
            // Counted when they are lent; pauses are tested by themselves.
            CoordinatorMessage::RequestTokens(_) | CoordinatorMessage::HostPaused(_) => {}
        }
    }

    /// Says again what may have been lost with the last stream.
    fn catch_up(&mut self, worker: usize, lost: &[LeaseRef]) {
        let free_slots = self.workers[worker].free_slots();
        lost.iter().for_each(|lease| self.lose(worker, lease));
        let process = &self.workers[worker];
        let chunks = process.chunks.iter().map(|(request_id, chunk)| WorkerMessage::AddChildren {
            request_id: *request_id,
            lease: chunk.lease.clone(),
            chunk: chunk.chunk,
            items: chunk.items.clone(),
        });
        let closing = process.held.keys().filter_map(|lease| process.closing_message(lease));
        let again = process.chunks.len();
        let messages: Vec<WorkerMessage> = chunks.chain(closing).collect();
        (0..again).for_each(|_| self.faults.count(Fault::ChunkAgain));
        for message in messages {
            self.say(worker, message);
        }
        // Slots that became free after Hello are not in its credit.
        let process = &self.workers[worker];
        let (free_slots, kinds) = (free_slots.saturating_sub(process.promised), process.kinds());
        self.say(worker, WorkerMessage::Credits { free_slots, kinds });
        if self.workers[worker].up == Up::Draining {
            self.say(worker, WorkerMessage::Draining { reason: String::new(), deadline: None });
        }
    }

    fn take_grant(&mut self, worker: usize, grant: &Grant) {
        let process = &mut self.workers[worker];
        if !process.taken.insert(grant.lease.lease_id) {
            return;
        }
        process.held.insert(grant.lease.clone(), None);
        if process.free_slots() == 0 {
            self.faults.count(Fault::GrantRefused);
            return self.settle_with(worker, &grant.lease, Outcome::Released(ReleaseReason::NotStarted));
        }
        self.begin_run(worker, grant);
    }

    /// The work under a lease has ended: it is told until it is answered.
    pub(super) fn settle_with(&mut self, worker: usize, lease: &LeaseRef, outcome: Outcome) {
        let process = &mut self.workers[worker];
        let Some(place) = process.held.get_mut(lease) else { return };
        *place = Some(outcome);
        if let Some(message) = process.closing_message(lease) {
            self.say(worker, message);
        }
    }

    /// A slot is free again.
    pub(super) fn tell_free_slot(&mut self, worker: usize) {
        if self.workers[worker].up == Up::Working {
            self.say(worker, WorkerMessage::Credits { free_slots: 1, kinds: Vec::new() });
        }
    }

    /// The lease is lost: the work stops, and nobody wants its outcome.
    pub(super) fn lose(&mut self, worker: usize, lease: &LeaseRef) {
        if self.workers[worker].held.get(lease).is_some_and(Option::is_none) {
            self.faults.count(Fault::LeaseLost);
            self.workers[worker].held.remove(lease);
            self.workers[worker].chunks.retain(|_, chunk| chunk.lease != *lease);
            if let Some(run) = self.run_of(worker, lease) {
                self.drop_run(worker, run);
            }
            self.close_if_done(worker);
        }
    }

    fn settled(&mut self, worker: usize, lease: &LeaseRef, answer: SettleAnswer) {
        // An answer to a message that came twice finds the lease settled before.
        let Some(Some(outcome)) = self.workers[worker].held.remove(lease) else { return };
        match answer {
            SettleAnswer::Accepted => {}
            SettleAnswer::AcceptedLate => self.faults.count(Fault::AnswerLate),
            SettleAnswer::TooLate => self.faults.count(Fault::AnswerTooLate),
            SettleAnswer::Superseded => self.faults.count(Fault::AnswerSuperseded),
            SettleAnswer::Cancelled => self.faults.count(Fault::AnswerCancelled),
            SettleAnswer::Unknown => self.faults.count(Fault::AnswerUnknown),
        }
        if matches!(outcome, Outcome::Done { .. }) {
            self.result_answered(lease, answer);
        }
        if answer == SettleAnswer::Unknown && self.history.counts(lease) {
            self.violate(|| format!("{lease:?} is unknown, and the tracker never lost a write"));
        }
    }

    fn chunk_answered(&mut self, worker: usize, request_id: u64, answer: ChildrenAnswer) {
        let Some(chunk) = self.workers[worker].chunks.remove(&request_id) else { return };
        match answer {
            ChildrenAnswer::Accepted => {
                self.history.children_accepted(&chunk.lease, &chunk.items);
                self.chunk_accepted(worker, &chunk.lease);
            }
            ChildrenAnswer::LeaseLost => self.lose(worker, &chunk.lease),
            ChildrenAnswer::Refused { reason } => {
                self.violate(|| format!("children of {} were refused: {reason}", chunk.lease.key));
            }
        }
    }
}
