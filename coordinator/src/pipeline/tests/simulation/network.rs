//! The network: streams keep the order of their messages, and everything may be late, twice, or cut off.

use edgraph_shared::model::{CoordinatorMessage, WorkerMessage};

use super::faults::Fault;
use super::tracker::Op;
use super::world::{Event, World};

/// Longest way of a message on an ordinary day, in ms.
const USUAL_DELAY: u64 = 8;
/// And on a bad one.
const BAD_DELAY: u64 = 120;

/// One Work stream.
pub(super) struct Stream {
    pub(super) worker: usize,
    pub(super) coordinator: usize,
    /// Nothing is delivered any more.
    pub(super) cut: bool,
    /// When the coordinator heard something of it last.
    pub(super) heard_at: u64,
    /// When the last message arrives, for each direction.
    arrives: [u64; 2],
}

/// A message on a stream, by direction.
#[derive(Debug, Clone)]
pub(super) enum Mail {
    ToCoordinator(WorkerMessage),
    ToWorker(CoordinatorMessage),
}

impl World {
    pub(super) fn delay(&mut self) -> u64 {
        let most = if self.faults.enabled(Fault::Delay) && self.in_trouble() && self.chance.percent(10) {
            self.faults.count(Fault::Delay);
            BAD_DELAY
        } else {
            USUAL_DELAY
        };
        self.chance.between(1, most)
    }

    fn twice(&mut self, fault: Fault) -> bool {
        let twice = self.faults.enabled(fault) && self.in_trouble() && self.chance.percent(15);
        if twice {
            self.faults.count(fault);
        }
        twice
    }

    pub(super) fn open_stream(&mut self, worker: usize, coordinator: usize) -> usize {
        self.streams.push(Stream { worker, coordinator, cut: false, heard_at: 0, arrives: [0; 2] });
        self.streams.len() - 1
    }

    pub(super) fn post(&mut self, stream: usize, mail: Mail) {
        if self.streams[stream].cut {
            return;
        }
        let (direction, fault) = match &mail {
            Mail::ToCoordinator(_) => (0, Fault::TwiceToCoordinator),
            Mail::ToWorker(_) => (1, Fault::TwiceToWorker),
        };
        let copies = if self.twice(fault) { 2 } else { 1 };
        for _ in 0..copies {
            let at = (self.now + self.delay()).max(self.streams[stream].arrives[direction]);
            self.streams[stream].arrives[direction] = at;
            self.schedule(at, Event::Mail { stream, mail: mail.clone() });
        }
    }

    /// Both ends hear of it, after a while. What was on its way is gone.
    pub(super) fn cut(&mut self, stream: usize) {
        if !std::mem::replace(&mut self.streams[stream].cut, true) {
            let (to_worker, to_coordinator) = (self.delay(), self.delay());
            self.after(to_worker, Event::StreamEnded { stream, at_worker: true });
            self.after(to_coordinator, Event::StreamEnded { stream, at_worker: false });
        }
    }

    /// Nobody hears of it.
    pub(super) fn cut_silently(&mut self, stream: usize) {
        self.streams[stream].cut = true;
    }

    /// The coordinator ends the stream after what it has sent.
    pub(super) fn end_stream(&mut self, stream: usize) {
        let at = (self.now + 1).max(self.streams[stream].arrives[1]);
        self.schedule(at, Event::CutNow(stream));
    }

    pub(super) fn is_partitioned(&self, worker: usize, coordinator: usize) -> bool {
        let until =
            |pair: &(usize, usize, u64)| pair.0 == worker && pair.1 == coordinator && pair.2 > self.now;
        self.partitions.iter().any(until)
    }

    /// A request to the tracker, which may be lost, late or there twice; the second one even much later, as bytes on
    /// a connection that was given up.
    pub(super) fn request(&mut self, coordinator: usize, rpc: u64, op: Op) {
        let life = self.coordinators[coordinator].life;
        if self.faults.enabled(Fault::LostRequest) && self.in_trouble() && self.chance.percent(4) {
            return self.faults.count(Fault::LostRequest);
        }
        if self.twice(Fault::TwiceToTracker) {
            let late = if self.chance.percent(30) { self.chance.between(50, 1_500) } else { self.delay() };
            self.after(late, Event::Request { coordinator, life, rpc, op: op.clone() });
        }
        let delay = self.delay();
        self.after(delay, Event::Request { coordinator, life, rpc, op });
    }
}
