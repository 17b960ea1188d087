//! The virtual clock and everything that lives by it: one queue of events, one source of chance.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Arc, Mutex};

use super::Mutation;
use super::chance::Chance;
use super::client::{Client, ClientOp, ClientReply};
use super::faults::{CrashPoint, Fault, Faults};
use super::history::History;
use super::leader::{Coordinator, Role};
use super::network::{Mail, Stream};
use super::store::Written;
use super::tracker::{Answer, Op, Tracker};
use super::worker::{Up, WorkerProcess};

/// Nothing goes wrong by itself after so many ms.
const TROUBLE_ENDS: (u64, u64) = (6_000, 14_000);
/// Every pipeline ends within so many ms after that.
const PATIENCE: u64 = 60_000;
/// A run that has more events than this runs in circles.
const MAX_EVENTS: u64 = 400_000;
/// Lines of the trace that are shown, unless `EDGRAPH_TRACE_LINES` says more.
const TRACE_LINES: usize = 150;

/// And of a line so much.
const LINE: usize = 260;

/// Where the lines before a violation are kept, also over a panic.
pub(super) type Trace = Arc<Mutex<VecDeque<String>>>;

fn trace_lines() -> usize {
    super::number_from_environment("EDGRAPH_TRACE_LINES").map_or(TRACE_LINES, |lines| lines as usize)
}

#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A coordinator's tick; for a leader time passes, a standby tries to lead.
    Tick {
        coordinator: usize,
        life: u64,
    },
    Renew {
        coordinator: usize,
        life: u64,
    },
    Written {
        coordinator: usize,
        life: u64,
        what: Written,
        works: bool,
    },
    CoordinatorStarts(usize),
    CoordinatorWakes(usize),
    /// At the tracker.
    Request {
        coordinator: usize,
        life: u64,
        rpc: u64,
        op: Op,
    },
    /// Back at the coordinator.
    Answered {
        coordinator: usize,
        life: u64,
        rpc: u64,
        answer: Answer,
        run: u64,
    },
    /// No answer came.
    AskAgain {
        coordinator: usize,
        life: u64,
        rpc: u64,
    },
    Snapshot,
    Mail {
        stream: usize,
        mail: Mail,
    },
    CutNow(usize),
    StreamEnded {
        stream: usize,
        at_worker: bool,
    },
    WorkerConnects {
        worker: usize,
        life: u64,
    },
    NoWelcome {
        worker: usize,
        life: u64,
        stream: usize,
    },
    Beat {
        worker: usize,
        life: u64,
    },
    /// The work in a slot goes on.
    Work {
        worker: usize,
        life: u64,
        run: u64,
    },
    WorkerCloses {
        worker: usize,
        life: u64,
    },
    WorkerStarts(usize),
    WorkerWakes(usize),
    ClientActs(usize),
    ClientAsks {
        coordinator: usize,
        client: usize,
        request: u64,
        op: ClientOp,
    },
    ClientHears {
        client: usize,
        request: u64,
        reply: ClientReply,
    },
    Strike(Fault),
}

struct Scheduled {
    at: u64,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

pub(super) struct World {
    pub(super) now: u64,
    pub(super) chance: Chance,
    pub(super) faults: Faults,
    pub(super) mutation: Mutation,
    queue: BinaryHeap<Reverse<Scheduled>>,
    scheduled: u64,
    pub(super) trouble_ends: u64,
    pub(super) tracker: Tracker,
    pub(super) coordinators: Vec<Coordinator>,
    pub(super) workers: Vec<WorkerProcess>,
    pub(super) clients: Vec<Client>,
    pub(super) streams: Vec<Stream>,
    /// Worker, coordinator, until.
    pub(super) partitions: Vec<(usize, usize, u64)>,
    pub(super) tracker_partition: (usize, u64),
    pub(super) armed: Option<(CrashPoint, Fault)>,
    /// The tracker has lost writes that no leader has written again.
    pub(super) loss_pending: bool,
    /// When it lost some last.
    pub(super) lost_at: u64,
    pub(super) history: History,
    trace: Option<Trace>,
}

impl World {
    pub(super) fn new(seed: u64, mutation: Mutation, trace: Option<Trace>) -> Self {
        let mut chance = Chance::new(seed ^ 0xED67_A9C0_0000_0000);
        let faults = Faults::of_seed(&mut chance);
        let trouble_ends = chance.between(TROUBLE_ENDS.0, TROUBLE_ENDS.1);
        let mut world = Self {
            now: 0,
            faults,
            mutation,
            queue: BinaryHeap::new(),
            scheduled: 0,
            trouble_ends,
            tracker: Tracker::new(mutation),
            coordinators: Vec::new(),
            workers: Vec::new(),
            clients: Vec::new(),
            streams: Vec::new(),
            partitions: Vec::new(),
            tracker_partition: (0, 0),
            armed: None,
            loss_pending: false,
            lost_at: 0,
            history: History::default(),
            trace,
            chance,
        };
        for coordinator in 0..2 {
            world.coordinators.push(Coordinator::new());
            world.schedule(0, Event::CoordinatorStarts(coordinator));
        }
        for worker in 0..world.chance.between(1, 4) as usize {
            let slots = world.chance.between(1, 4) as u32;
            // A copied configuration: two processes under one name.
            let name = if worker == 1 && world.strikes_now(Fault::SameName, 100) { 0 } else { worker };
            world.workers.push(WorkerProcess::new(name, slots));
            world.schedule(0, Event::WorkerStarts(worker));
        }
        for client in 0..world.chance.between(1, 3) as usize {
            let script = Client::new(client, trouble_ends * 3 / 4, &world.faults, &mut world.chance);
            world.clients.push(script);
            let begins = world.chance.between(0, 2_000);
            world.schedule(begins, Event::ClientActs(client));
        }
        world.plan_faults();
        world.schedule(0, Event::Snapshot);
        world
    }

    /// Runs to the end and checks everything. The error is the violation.
    pub(super) fn run(&mut self) -> Result<(), String> {
        let deadline = self.trouble_ends + PATIENCE;
        while let Some(Reverse(Scheduled { at, event, .. })) = self.queue.pop() {
            self.now = at;
            if let Some(violation) = self.history.violation.take() {
                return Err(violation);
            }
            if at > deadline || self.scheduled > MAX_EVENTS {
                return Err(self.why_not_ended());
            }
            if self.has_ended() {
                return self.final_checks();
            }
            self.note(|| format!("{event:?}"));
            self.dispatch(event);
        }
        unreachable!("coordinators tick for ever")
    }

    pub(super) fn in_trouble(&self) -> bool {
        self.now < self.trouble_ends
    }

    /// The coordinator that leads by the tracker's word.
    pub(super) fn leader(&self) -> Option<usize> {
        self.coordinators.iter().position(|coordinator| match &coordinator.role {
            Role::Leading(leading) => leading.who.leader == self.tracker.leader(),
            _ => false,
        })
    }

    pub(super) fn schedule(&mut self, at: u64, event: Event) {
        self.scheduled += 1;
        self.queue.push(Reverse(Scheduled { at, number: self.scheduled, event }));
    }

    pub(super) fn after(&mut self, delay: u64, event: Event) {
        self.schedule(self.now + delay, event);
    }

    /// A line of the trace. The text is made only where somebody will read it.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.trace {
            let mut trace = trace.lock().unwrap();
            if trace.len() == trace_lines() {
                trace.pop_front();
            }
            let mut line = line();
            if line.len() > LINE {
                let end = (0..=LINE).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
                line.truncate(end);
            }
            trace.push_back(format!("{:>6} {line}", self.now));
        }
    }

    pub(super) fn violate(&mut self, violation: impl FnOnce() -> String) {
        if self.history.violation.is_none() {
            self.history.violation = Some(violation());
        }
    }

    fn dispatch(&mut self, event: Event) {
        // What happens to a frozen process waits for it.
        if let Some(coordinator) = self.at_coordinator(&event)
            && self.coordinators[coordinator].frozen
        {
            return self.coordinators[coordinator].inbox.push(event);
        }
        if let Some(worker) = self.at_worker(&event)
            && self.workers[worker].frozen
        {
            return self.workers[worker].inbox.push(event);
        }
        match event {
            Event::Tick { coordinator, life } if self.lives(coordinator, life) => self.tick(coordinator),
            Event::Renew { coordinator, life } if self.lives(coordinator, life) => self.renew(coordinator),
            Event::Written { coordinator, life, what, works } if self.lives(coordinator, life) => {
                self.written(coordinator, what, works);
            }
            Event::Answered { coordinator, life, rpc, answer, run } if self.lives(coordinator, life) => {
                self.answered(coordinator, rpc, answer, run);
            }
            Event::AskAgain { coordinator, life, rpc } if self.lives(coordinator, life) => {
                self.ask_again(coordinator, rpc);
            }
            Event::Tick { .. }
            | Event::Renew { .. }
            | Event::Written { .. }
            | Event::Answered { .. }
            | Event::AskAgain { .. } => {}
            Event::CoordinatorStarts(coordinator) => self.start_coordinator(coordinator),
            Event::CoordinatorWakes(coordinator) => {
                self.coordinators[coordinator].frozen = false;
                for event in std::mem::take(&mut self.coordinators[coordinator].inbox) {
                    self.dispatch(event);
                }
            }
            Event::Request { coordinator, life, rpc, op } => self.at_tracker(coordinator, life, rpc, &op),
            Event::Snapshot => {
                self.tracker.snapshot();
                if self.in_trouble() {
                    let pause = self.chance.between(100, 1_200);
                    self.after(pause, Event::Snapshot);
                }
            }
            Event::Mail { stream, mail } if !self.streams[stream].cut => match mail {
                Mail::ToCoordinator(message) => self.coordinator_hears(stream, message),
                Mail::ToWorker(message) => self.worker_hears(stream, message),
            },
            Event::Mail { .. } => {}
            Event::CutNow(stream) => self.cut(stream),
            Event::StreamEnded { stream, at_worker: true } => self.stream_ended_at_worker(stream),
            Event::StreamEnded { stream, at_worker: false } => self.stream_ended_at_coordinator(stream),
            Event::WorkerStarts(worker) => self.start_worker(worker),
            Event::WorkerWakes(worker) => {
                self.workers[worker].frozen = false;
                for event in std::mem::take(&mut self.workers[worker].inbox) {
                    self.dispatch(event);
                }
            }
            Event::WorkerConnects { worker, life } if self.works(worker, life) => self.connect(worker),
            Event::NoWelcome { worker, life, stream } if self.works(worker, life) => {
                self.give_up_on(worker, stream);
            }
            Event::Beat { worker, life } if self.works(worker, life) => self.beat(worker),
            Event::Work { worker, life, run } if self.works(worker, life) => self.work(worker, run),
            Event::WorkerCloses { worker, life } if self.works(worker, life) => self.end_worker(worker),
            Event::WorkerConnects { .. }
            | Event::NoWelcome { .. }
            | Event::Beat { .. }
            | Event::Work { .. }
            | Event::WorkerCloses { .. } => {}
            Event::ClientActs(client) => self.client_acts(client),
            Event::ClientAsks { coordinator, client, request, op } => {
                self.coordinator_is_asked(coordinator, client, request, op);
            }
            Event::ClientHears { client, request, reply } => self.client_hears(client, request, reply),
            Event::Strike(fault) => self.strike(fault),
        }
    }

    fn at_coordinator(&self, event: &Event) -> Option<usize> {
        match event {
            Event::Tick { coordinator, .. }
            | Event::Renew { coordinator, .. }
            | Event::Written { coordinator, .. }
            | Event::Answered { coordinator, .. }
            | Event::AskAgain { coordinator, .. }
            | Event::ClientAsks { coordinator, .. } => Some(*coordinator),
            Event::Mail { stream, mail: Mail::ToCoordinator(_) }
            | Event::StreamEnded { stream, at_worker: false } => Some(self.streams[*stream].coordinator),
            _ => None,
        }
    }

    fn at_worker(&self, event: &Event) -> Option<usize> {
        match event {
            Event::WorkerConnects { worker, .. }
            | Event::NoWelcome { worker, .. }
            | Event::Beat { worker, .. }
            | Event::Work { worker, .. }
            | Event::WorkerCloses { worker, .. } => Some(*worker),
            Event::Mail { stream, mail: Mail::ToWorker(_) }
            | Event::StreamEnded { stream, at_worker: true } => Some(self.streams[*stream].worker),
            _ => None,
        }
    }

    fn lives(&self, coordinator: usize, life: u64) -> bool {
        let process = &self.coordinators[coordinator];
        process.life == life && !matches!(process.role, Role::Down)
    }

    fn works(&self, worker: usize, life: u64) -> bool {
        let process = &self.workers[worker];
        process.life == life && process.up != Up::Down
    }
}
