//! The trackers' conformance suite on the simulation's tracker, so that what the simulation finds true of it is true
//! of its twins: the Redis scripts and `tracker/memory.rs`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use edgraph_shared::ids::PipelineId;

use super::Mutation;
use super::tracker::{
    Answer, Content as SimContent, Mark as SimMark, Op, Part as SimPart, Tracker as Simulated, Who,
};
use crate::pipeline::Millis;
use crate::pipeline::item::State;
use crate::pipeline::token_buckets::KeptPause;
use crate::tracker::tests::conformance::{CASES, Shared};
use crate::tracker::{
    ClockReading, CommitId, Content, Lead, Leader, Look, Mark, Part, Predecessor, Renewed, Stored, Term,
    Tracker, TrackerError,
};

/// What the simulation has not: pauses of hosts, a leader that gives up the lead, and fleets with stores of their own.
const LEFT_OUT: [&str; 3] = [
    "pauses_are_kept_and_only_by_who_leads",
    "a_leader_hears_how_the_one_before_ended",
    "the_records_of_one_store_are_not_anothers",
];

/// One simulated tracker behind the trait, on the clock of this process.
struct Adapter(Mutex<Inside>);

struct Inside {
    tracker: Simulated,
    started: Instant,
    /// Time that a resignation skips, in ms: the simulation knows no other end of a lock than its time's.
    skipped: u64,
    addresses: BTreeMap<u64, Option<String>>,
    /// What each leader wrote into the lock last.
    nonces: BTreeMap<u64, u64>,
}

impl Inside {
    fn ask(&mut self, op: &Op, ttl: Duration) -> Answer {
        let now = millis(self.started.elapsed()) + self.skipped;
        self.tracker.answer(op, now, millis(ttl))
    }

    fn fenced(&self) -> TrackerError {
        TrackerError::Fenced { epoch: self.tracker.epoch() }
    }

    fn next_nonce(&mut self, leader: u64) -> u64 {
        let nonce = self.nonces.entry(leader).or_default();
        *nonce += 1;
        *nonce
    }

    /// Whether the part is done.
    fn write(&mut self, who: Who, part: &Part) -> Result<bool, TrackerError> {
        let (content, saved) = match &part.content {
            Content::Created(saved) => (SimContent::Created, Some(saved)),
            Content::Saved(saved) => (SimContent::Saved, Some(saved)),
            Content::Whole(saved) => (SimContent::Whole, Some(saved)),
            Content::Removed => (SimContent::Removed, None),
            Content::Verify => (SimContent::Verify, None),
        };
        if let Content::Created(saved) | Content::Whole(saved) = &part.content {
            let entry = (part.pipeline.clone(), saved.head.created.0);
            if let Answer::Fenced = self.ask(&Op::Register { who, entry }, Duration::ZERO) {
                return Err(self.fenced());
            }
        }
        let part = SimPart {
            pipeline: part.pipeline.clone(),
            before: mark_to(part.before),
            mark: mark_to(part.mark),
            content,
            head: saved.map(|saved| saved.head.clone()),
            items: saved.map(|saved| saved.items.clone()).unwrap_or_default(),
        };
        match self.ask(&Op::Write { who, part: Box::new(part) }, Duration::ZERO) {
            Answer::Done => Ok(true),
            Answer::Diverged => Ok(false),
            Answer::Fenced => Err(self.fenced()),
            other => unreachable!("a write is not answered with {other:?}"),
        }
    }

    /// Every pipeline of the index, its fence raised first.
    fn load(&mut self, who: Who) -> Vec<Stored> {
        let Answer::Index(entries) = self.ask(&Op::Index, Duration::ZERO) else { unreachable!("an index") };
        let mut stored = Vec::new();
        for (pipeline, _) in entries {
            let raised = self.ask(&Op::Raise { who, pipeline: pipeline.clone() }, Duration::ZERO);
            assert!(matches!(raised, Answer::Done), "{raised:?}");
            if let Answer::Loaded(Some(kept)) = self.ask(&Op::Load { pipeline }, Duration::ZERO) {
                let (SimMark { sequence, commit }, head, mut items) = *kept;
                for item in &mut items {
                    if let State::Leased(lease) = &mut item.state {
                        lease.deadline = Millis::ZERO;
                    }
                }
                stored.push(Stored { mark: Mark { sequence, commit: CommitId(commit) }, head, items });
            }
        }
        stored
    }
}

impl Adapter {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Tracker for Adapter {
    async fn look(&self, leader: &Leader) -> Result<Look, TrackerError> {
        let Answer::Looked(look) =
            self.inside().ask(&Op::Look { leader: number_of(leader) }, leader.lock.ttl)
        else {
            unreachable!("a look")
        };
        Ok(look)
    }

    async fn lead(&self, leader: &Leader, upon: &Look) -> Result<Lead, TrackerError> {
        let mut inside = self.inside();
        let id = number_of(leader);
        let nonce = inside.next_nonce(id);
        let take = Op::Take { leader: id, nonce, seen: 0, upon: (upon.epoch, upon.at) };
        let epoch = match inside.ask(&take, leader.lock.ttl) {
            Answer::Leads(epoch) => epoch,
            Answer::Stale => return Err(TrackerError::Changed),
            _ => {
                let leader = inside.addresses[&inside.tracker.leader()].clone();
                return Err(TrackerError::Led { leader });
            }
        };
        inside.addresses.insert(id, leader.address.clone());
        let (stored, clock) = (inside.load(Who { epoch, leader: id }), ClockReading::own());
        let term = Term { epoch, leader: leader.clone() };
        Ok(Lead {
            term,
            stored,
            damaged: Vec::new(),
            pauses: Vec::new(),
            predecessor: Predecessor::Unknown,
            clock,
        })
    }

    async fn renew(&self, term: &Term) -> Result<Renewed, TrackerError> {
        let mut inside = self.inside();
        let who = who(term);
        let before = inside.nonces.get(&who.leader).copied().unwrap_or_default();
        let nonce = inside.next_nonce(who.leader);
        match inside.ask(&Op::Renew { who, before, nonce }, term.leader.lock.ttl) {
            Answer::Kept => Ok(Renewed::Kept),
            Answer::Retaken => Ok(Renewed::Retaken),
            _ => Err(inside.fenced()),
        }
    }

    async fn commit(&self, term: &Term, parts: &[Part]) -> Result<(), TrackerError> {
        let mut inside = self.inside();
        let mut pipelines = Vec::new();
        for part in parts {
            if !inside.write(who(term), part)? {
                pipelines.push(part.pipeline.clone());
            }
        }
        if pipelines.is_empty() { Ok(()) } else { Err(TrackerError::Diverged { pipelines }) }
    }

    async fn keep_pause(&self, _: &Term, _: &KeptPause) -> Result<(), TrackerError> {
        unreachable!("left out")
    }

    async fn behind(&self, _: &[(PipelineId, Mark)]) -> Result<Vec<PipelineId>, TrackerError> {
        unreachable!("left out")
    }

    async fn resign(&self, term: &Term) -> Result<(), TrackerError> {
        let mut inside = self.inside();
        if inside.tracker.leader() == number_of(&term.leader) {
            inside.skipped += millis(term.leader.lock.ttl);
        }
        Ok(())
    }
}

struct OneTracker(Arc<Adapter>);

impl Shared for OneTracker {
    fn tracker(&self) -> Arc<dyn Tracker> {
        self.0.clone()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("a test takes minutes")
}

fn number_of(leader: &Leader) -> u64 {
    u64::from_str_radix(&leader.id, 16).expect("16 hex digits")
}

fn who(term: &Term) -> Who {
    Who { epoch: term.epoch, leader: number_of(&term.leader) }
}

fn mark_to(Mark { sequence, commit }: Mark) -> SimMark {
    SimMark { sequence, commit: commit.0 }
}

#[tokio::test]
async fn the_simulated_tracker_keeps_the_promises() {
    for (name, case) in CASES.iter().filter(|(name, _)| !LEFT_OUT.contains(name)) {
        println!("{name}");
        let inside = Inside {
            tracker: Simulated::new(Mutation::None),
            started: Instant::now(),
            skipped: 0,
            addresses: BTreeMap::new(),
            nonces: BTreeMap::new(),
        };
        case(Arc::new(OneTracker(Arc::new(Adapter(Mutex::new(inside)))))).await;
    }
}
