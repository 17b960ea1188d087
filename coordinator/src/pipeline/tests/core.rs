//! Random sequences of steps of the whole core: several pipelines, several workers, clients, restarts.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::{ItemKey, PipelineId};
use edgraph_shared::model::{
    CoordinatorMessage, FailedLease, Grant, Hello, KindLimit, PhaseCounts, SettleAnswer, WorkerMessage,
};
use proptest::prelude::*;

use super::*;
use crate::pipeline::core::{Command, Core, Reply, Step, Timing};
use crate::pipeline::fleet::SessionId;
use crate::pipeline::item::{Item, State};
use crate::pipeline::{Back, Head, raised_floor};

const PIPELINES: usize = 3;
const WORKERS: usize = 3;
const SLOTS: u32 = 4;
const WORK_LIMIT: u32 = 3;

#[derive(Debug, Clone)]
enum Move {
    Start(usize),
    /// A stream begins; with the leases of before, or as another process.
    Connect {
        worker: usize,
        reborn: bool,
        forgets: usize,
    },
    Disconnect(usize),
    Credits(usize),
    Drain(usize),
    Stop(usize),
    Heartbeat(usize),
    AddChildren {
        lease: usize,
        first: u32,
        count: u32,
    },
    Complete {
        lease: usize,
        again: bool,
    },
    Fail {
        lease: usize,
        class: u8,
    },
    Release {
        lease: usize,
    },
    Wait {
        ms: u64,
    },
    Client {
        pipeline: usize,
        what: u8,
    },
    AcceptedWritten {
        works: bool,
    },
    Recorded,
    Lose(usize),
    Restart,
}

fn moves() -> impl Strategy<Value = Move> {
    let (worker, lease) = (0..WORKERS, 0usize..12);
    prop_oneof![
        2 => (0..PIPELINES).prop_map(Move::Start),
        4 => (worker.clone(), prop::bool::weighted(0.2), 0usize..4)
            .prop_map(|(worker, reborn, forgets)| Move::Connect { worker, reborn, forgets }),
        1 => worker.clone().prop_map(Move::Disconnect),
        4 => worker.clone().prop_map(Move::Credits),
        1 => worker.clone().prop_map(Move::Drain),
        1 => worker.clone().prop_map(Move::Stop),
        4 => worker.prop_map(Move::Heartbeat),
        6 => (lease.clone(), 0u32..12, 0u32..5)
            .prop_map(|(lease, first, count)| Move::AddChildren { lease, first, count }),
        14 => (lease.clone(), any::<bool>()).prop_map(|(lease, again)| Move::Complete { lease, again }),
        5 => (lease.clone(), 0u8..5).prop_map(|(lease, class)| Move::Fail { lease, class }),
        2 => lease.prop_map(|lease| Move::Release { lease }),
        6 => (1u64..9_000).prop_map(|ms| Move::Wait { ms }),
        3 => (0..PIPELINES, 0u8..4).prop_map(|(pipeline, what)| Move::Client { pipeline, what }),
        3 => any::<bool>().prop_map(|works| Move::AcceptedWritten { works }),
        2 => Just(Move::Recorded),
        2 => (0..PIPELINES).prop_map(Move::Lose),
        1 => Just(Move::Restart),
    ]
}

/// A lease that was granted, with what was sent under it.
struct Sent {
    grant: Grant,
    session: u64,
    chunks: u32,
    children: u32,
}

/// The world around the core, and what it has seen.
struct Around {
    core: Core,
    now: Millis,
    seed: u64,
    next_session: u64,
    sessions: BTreeMap<usize, u64>,
    births: BTreeMap<usize, u32>,
    leases: Vec<Sent>,
    /// Free slots that each stream has told, less what was granted on it.
    credit: BTreeMap<u64, u64>,
    tokens: BTreeMap<(PipelineId, ItemKey), u64>,
    results: BTreeMap<(PipelineId, ItemKey), LeaseRef>,
    gates: BTreeSet<(PipelineId, u32)>,
    progress: BTreeMap<PipelineId, (u32, u32)>,
    known: BTreeSet<(PipelineId, ItemKey)>,
    /// Ends as the store has them.
    records: BTreeMap<PipelineId, (Head, Vec<Item>)>,
}

impl Around {
    fn new() -> Self {
        Self {
            core: Core::new(Timing::default()),
            now: Millis(1_000_000),
            seed: 0,
            next_session: 0,
            sessions: BTreeMap::new(),
            births: BTreeMap::new(),
            leases: Vec::new(),
            credit: BTreeMap::new(),
            tokens: BTreeMap::new(),
            results: BTreeMap::new(),
            gates: BTreeSet::new(),
            progress: BTreeMap::new(),
            known: BTreeSet::new(),
            records: BTreeMap::new(),
        }
    }

    fn step(&mut self, command: Command) -> Step {
        self.seed += 1;
        let step = self.core.step(command, self.now, self.seed);
        for (session, message) in &step.messages {
            match message {
                CoordinatorMessage::Grant(grants) => self.take_grants(session.0, grants),
                CoordinatorMessage::Settled(settlements) => {
                    let done = |answer| matches!(answer, SettleAnswer::Accepted | SettleAnswer::AcceptedLate);
                    settlements
                        .iter()
                        .filter(|one| done(one.answer))
                        .for_each(|one| self.settled(&one.lease));
                }
                _ => {}
            }
        }
        for list in &step.accepted {
            let pipeline = &self.core.pipelines()[&list.pipeline];
            let finish = pipeline.head().finish_item;
            let open = pipeline.items().find(|(ix, item)| item.state.is_open() && Some(*ix) != finish);
            assert!(open.is_none(), "the gate of {} fired while {open:?} is open", list.pipeline);
            let first = self.gates.insert((list.pipeline.clone(), list.round));
            assert!(first, "the gate of {} fired twice in round {}", list.pipeline, list.round);
        }
        self.check();
        step
    }

    fn take_grants(&mut self, session: u64, grants: &[Grant]) {
        for grant in grants {
            let left = self.credit.get_mut(&session).expect("a stream that is there");
            *left = left.checked_sub(1).expect("never more leases than credit");
            let item = (grant.lease.pipeline.clone(), grant.lease.key.clone());
            let newest = self.tokens.insert(item, grant.lease.token.0).unwrap_or(0);
            assert!(grant.lease.token.0 > newest, "tokens rise");
            self.leases.push(Sent { grant: grant.clone(), session, chunks: 0, children: 0 });
        }
    }

    fn settled(&mut self, lease: &LeaseRef) {
        let (_, item) =
            self.core.pipelines()[&lease.pipeline].find(&lease.key).expect("items are never lost");
        if let State::Succeeded { result, .. } = &item.state
            && **result == *lease.lease_id.to_string()
        {
            let item = (lease.pipeline.clone(), lease.key.clone());
            let before = self.results.insert(item, lease.clone());
            assert!(before.is_none_or(|before| before == *lease), "{lease:?} succeeded twice");
        }
    }

    fn check(&mut self) {
        let mut held = BTreeSet::new();
        for (id, pipeline) in self.core.pipelines() {
            let mut recount: BTreeMap<&str, PhaseCounts> = BTreeMap::new();
            for (ix, item) in pipeline.items() {
                let counts = recount.entry(pipeline.kind_name(ix)).or_default();
                match &item.state {
                    State::Ready { .. } => counts.ready += 1,
                    State::Leased(lease) => {
                        counts.leased += 1;
                        held.insert((lease.worker.clone(), id.clone(), ix));
                    }
                    State::Succeeded { skipped, .. } => {
                        counts.succeeded += 1;
                        counts.skipped += u64::from(*skipped);
                    }
                    State::Dead { .. } => counts.dead += 1,
                    State::Cancelled => counts.cancelled += 1,
                }
            }
            for kind in pipeline.kinds() {
                assert_eq!(kind.counts(), recount[&*kind.name], "counts of {}", kind.name);
            }
            let work = recount.get("work").copied().unwrap_or_default();
            assert!(work.leased <= u64::from(WORK_LIMIT), "{} work items in flight", work.leased);
            let status = pipeline.status();
            let now = (status.round, status.progress_percent);
            let before = self.progress.insert(id.clone(), now).unwrap_or_default();
            assert!(now >= before, "progress fell from {before:?} to {now:?}");
        }
        let loads = |(_, id, ix): &&(WorkerId, PipelineId, ItemIx)| {
            self.core.pipelines()[id].kind_name(*ix) == "load"
        };
        assert!(held.iter().filter(loads).count() <= 1, "one graph, one load");
        self.core.check();
        let workers = self.core.fleet().workers();
        let by_fleet = workers.flat_map(|(worker, state)| {
            state.held().iter().map(move |(id, ix)| (worker.clone(), id.clone(), *ix))
        });
        assert_eq!(by_fleet.collect::<BTreeSet<_>>(), held, "the fleet knows every lease and no other");
        for (pipeline, key) in &self.known {
            assert!(self.core.pipelines()[pipeline].find(key).is_some(), "{key} is lost");
        }
    }

    /// Says something under a lease: over the stream of its grant, or whatever the worker has now.
    fn say(&mut self, lease: usize, message: impl Fn(&Sent) -> WorkerMessage) -> Option<(usize, Step)> {
        // Counted from the newest, so that most picks are current leases.
        let place = self.leases.len().checked_sub(1 + lease)?;
        let sent = &self.leases[place];
        let open = self.sessions.values().any(|session| *session == sent.session);
        let session = if open { sent.session } else { *self.sessions.values().next()? };
        let command = Command::Message { session: SessionId(session), message: message(sent) };
        Some((place, self.step(command)))
    }

    fn connect(&mut self, worker: usize, reborn: bool, forgets: usize) {
        let name: WorkerId = format!("w{worker}").parse().unwrap();
        if reborn {
            *self.births.entry(worker).or_default() += 1;
        }
        let incarnation = format!("i{}", self.births.get(&worker).copied().unwrap_or(0)).parse().unwrap();
        let held = |sent: &&Sent| {
            let pipeline = &self.core.pipelines()[&sent.grant.lease.pipeline];
            let item = pipeline.find(&sent.grant.lease.key).map(|(_, item)| item);
            item.and_then(|item| item.lease()).is_some_and(|lease| {
                lease.lease_id == sent.grant.lease.lease_id
                    && lease.worker == name
                    && lease.incarnation == incarnation
            })
        };
        let held: Vec<LeaseRef> =
            self.leases.iter().filter(held).map(|sent| sent.grant.lease.clone()).skip(forgets).collect();
        let free_slots = SLOTS.saturating_sub(held.len() as u32);
        let kinds = ["find", "work", "load"].map(|kind| KindLimit { kind: kind.into(), max_leases: SLOTS });
        let named: BTreeSet<LeaseRef> = held.iter().cloned().collect();
        let hello = Hello {
            worker: name.clone(),
            incarnation,
            held,
            free_slots,
            kinds: kinds.into(),
            version: String::new(),
            home: Default::default(),
        };
        self.next_session += 1;
        let session = self.next_session;
        let before_it = self.sessions.insert(worker, session);
        self.credit.insert(session, free_slots.into());
        let before = self.leases.len();
        let step = self.step(Command::Connected { session: SessionId(session), hello });
        let is_refusal = |message: &CoordinatorMessage| matches!(message, CoordinatorMessage::Refused { .. });
        if step.messages.iter().any(|(to, message)| to.0 == session && is_refusal(message)) {
            // The process before it is there: nothing has changed.
            assert!(reborn);
            self.sessions.insert(worker, before_it.expect("another one has a stream"));
            *self.births.entry(worker).or_default() -= 1;
            return;
        }
        // Hello is the whole truth: what it does not name and was not granted since is with this worker no more.
        let new: BTreeSet<LeaseRef> =
            self.leases[before..].iter().map(|sent| sent.grant.lease.clone()).collect();
        let fleet = self.core.fleet().worker(&name).expect("connected");
        for (id, ix) in fleet.held() {
            let (_, item) = self.core.pipelines()[id].items().nth(ix.0 as usize).unwrap();
            let lease_id = item.lease().unwrap().lease_id;
            let lease = LeaseRef { pipeline: id.clone(), key: item.key.clone(), token: item.token, lease_id };
            assert!(named.contains(&lease) || new.contains(&lease), "{lease:?} is not claimed");
        }
    }

    fn play(&mut self, step: Move) {
        match step {
            Move::Start(pipeline) => {
                let mut spec = spec(DeadPolicy::FinishWithout { max_dead: 2, max_dead_fraction: 0.0 });
                spec.limits.get_mut("work").unwrap().max_in_flight = Some(WORK_LIMIT);
                spec.limits.get_mut("load").unwrap().exclusive = Some("graph".into());
                let id = Some(name(pipeline));
                let command = Command::Start { id, request_id: String::new(), spec: Box::new(spec) };
                let step = self.step(command);
                assert!(matches!(step.reply, Some(Ok(Reply::Started(..)))));
                self.known.insert((name(pipeline), "find/1".parse().unwrap()));
            }
            Move::Connect { worker, reborn, forgets } => self.connect(worker, reborn, forgets),
            Move::Disconnect(worker) => {
                if let Some(session) = self.sessions.remove(&worker) {
                    self.step(Command::Disconnected(SessionId(session)));
                }
            }
            Move::Credits(worker) | Move::Drain(worker) | Move::Heartbeat(worker) => {
                let Some(session) = self.sessions.get(&worker).copied() else { return };
                let message = match step {
                    Move::Credits(_) => {
                        *self.credit.get_mut(&session).unwrap() += 2;
                        WorkerMessage::Credits { free_slots: 2, kinds: Vec::new() }
                    }
                    Move::Drain(_) => WorkerMessage::Draining { reason: String::new(), deadline: None },
                    _ => WorkerMessage::Heartbeat { sequence: 1, held: Vec::new(), progress: Vec::new() },
                };
                self.step(Command::Message { session: SessionId(session), message });
            }
            Move::Stop(worker) => {
                drop(self.step(Command::DrainWorker(format!("w{worker}").parse().unwrap())))
            }
            Move::AddChildren { lease, first, count } => {
                let keys: Vec<String> = (first..first + count).map(|n| format!("work/{n}")).collect();
                let items: Vec<WorkItem> = keys.iter().map(|key| item("work", key)).collect();
                let said = self.say(lease, |sent| WorkerMessage::AddChildren {
                    request_id: 1,
                    lease: sent.grant.lease.clone(),
                    chunk: sent.chunks,
                    items: items.clone(),
                });
                let is_accepted = |step: &Step| {
                    step.messages.iter().any(|(_, message)| {
                        let accepted = ChildrenAnswer::Accepted;
                        matches!(message, CoordinatorMessage::ChildrenAdded { answer, .. } if *answer == accepted)
                    })
                };
                if let Some((place, _)) = said.filter(|(_, step)| is_accepted(step)) {
                    let sent = &mut self.leases[place];
                    (sent.chunks, sent.children) = (sent.chunks + 1, sent.children + count);
                    let pipeline = sent.grant.lease.pipeline.clone();
                    self.known.extend(keys.iter().map(|key| (pipeline.clone(), key.parse().unwrap())));
                }
            }
            Move::Complete { lease, again } => {
                for _ in 0..=u8::from(again) {
                    self.say(lease, |sent| {
                        let lease = sent.grant.lease.clone();
                        let result = lease.lease_id.to_string();
                        let children = sent.children;
                        WorkerMessage::Complete(vec![Completion {
                            lease,
                            result,
                            skipped: false,
                            children,
                            refused: Vec::new(),
                        }])
                    });
                }
            }
            Move::Fail { lease, class } => {
                let failure = match class {
                    0 => Failure::transient("t"),
                    1 => Failure::throttled(Duration::from_secs(3), "slow"),
                    2 => Failure::unavailable("host", "down"),
                    3 => Failure::preempted("spot"),
                    _ => Failure::permanent("p"),
                };
                self.say(lease, |sent| {
                    let (lease, failure) = (sent.grant.lease.clone(), failure.clone());
                    WorkerMessage::Fail(vec![FailedLease { lease, failure }])
                });
            }
            Move::Release { lease } => {
                self.say(lease, |sent| {
                    let leases = vec![sent.grant.lease.clone()];
                    WorkerMessage::Release { leases, reason: ReleaseReason::Preempted }
                });
            }
            Move::Wait { ms } => {
                self.now = self.now.plus(Duration::from_millis(ms));
                self.step(Command::Tick);
            }
            Move::Client { pipeline, what } => {
                let id = name(pipeline);
                // What the pipeline's state forbids is refused, and changes nothing.
                self.step(match what {
                    0 => Command::Pause(id),
                    1 => Command::Resume(id),
                    2 => Command::Sweep {
                        pipeline: id,
                        deed: Deed::Revive,
                        only: Selection::default(),
                        is_dry: false,
                    },
                    _ => Command::Cancel(id),
                });
            }
            Move::AcceptedWritten { works } => {
                let waits = self
                    .core
                    .pipelines()
                    .iter()
                    .filter_map(|(id, pipeline)| Some((id.clone(), pipeline.awaits_accepted()?)));
                for (pipeline, round) in waits.collect::<Vec<_>>() {
                    let outcome = if works { Ok(()) } else { Err("disk full".into()) };
                    self.step(Command::AcceptedWritten { pipeline, round, outcome });
                }
            }
            Move::Recorded => {
                let ended = self.core.pipelines().values().filter_map(|pipeline| {
                    let version = pipeline.awaits_record()?;
                    Some((version, whole(pipeline)))
                });
                for (version, record) in ended.collect::<Vec<_>>() {
                    let pipeline = record.0.id.clone();
                    self.records.insert(pipeline.clone(), record);
                    self.step(Command::Recorded { pipeline, version });
                }
            }
            Move::Lose(pipeline) => self.lose(&name(pipeline)),
            Move::Restart => {
                let stored = self.core.pipelines().values().map(whole).collect();
                self.restart(stored);
            }
        }
    }
}

impl Around {
    fn restart(&mut self, stored: Vec<(Head, Vec<Item>)>) {
        self.core = Core::restore(Timing::default(), stored, self.now, self.now);
        self.sessions.clear();
        self.step(Command::Tick);
    }

    /// A pipeline is lost, whatever became of it since its end was recorded, and brought back as it ended then. Its
    /// workers live, and the tokens that they have were given.
    fn lose(&mut self, id: &PipelineId) {
        let Some((head, items)) = self.records.get_mut(id) else { return };
        head.token_floor = raised_floor(head, items);
        let (head, items) = (head.clone(), items.clone());
        self.results.retain(|(pipeline, _), _| pipeline != id);
        self.gates.retain(|(pipeline, _)| pipeline != id);
        self.known.retain(|(pipeline, _)| pipeline != id);
        self.progress.remove(id);
        let kept = self.core.pipelines().values().filter(|pipeline| pipeline.head().id != *id).map(whole);
        self.restart(kept.collect());
        self.known.extend(items.iter().map(|item| (id.clone(), item.key.clone())));
        let step = self.step(Command::Restore(Box::new(Back::of(head, items).unwrap())));
        assert!(matches!(step.reply, Some(Ok(Reply::Restored(_, true)))));
    }
}

fn whole(pipeline: &Pipeline) -> (Head, Vec<Item>) {
    (pipeline.head().clone(), pipeline.items().map(|(_, item)| item.clone()).collect())
}

fn name(pipeline: usize) -> PipelineId {
    format!("p{pipeline}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_whole_core_keeps_its_promises(steps in prop::collection::vec(moves(), 1..150)) {
        let mut around = Around::new();
        around.play(Move::Start(0));
        around.play(Move::Connect { worker: 0, reborn: false, forgets: 0 });
        for step in steps {
            around.play(step);
        }
    }
}
