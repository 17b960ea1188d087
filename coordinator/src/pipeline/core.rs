//! All pipelines and the fleet, moved on by one command at a time: `step(command, now, seed) -> Step`.
//!
//! Synchronous and pure: the engine calls it between two commits, the simulation with a virtual clock. Nobody may hear
//! of a [`Step`] before its changes are committed, except for [`Step::urgent`]. [`command`] is the vocabulary, [`news`]
//! what operators read, [`client`] what clients ask, [`operator`] what operators ask, [`admission`] which workers are
//! taken in, [`worker`] what they say, [`graphs`] where rounds go, [`turns`] who gets what, [`lending`] who may ask the
//! SEC, [`returns`] what comes back from the store, [`alarms`] when to look at what again.

mod command;
mod news;
mod client;
mod admission;
mod worker;
mod operator;
mod graphs;
mod turns;
mod lending;
mod run_times;
mod returns;
mod alarms;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edgraph_shared::ids::{PipelineId, WorkerId};
use edgraph_shared::model::{CoordinatorMessage, Grant, Home};

use super::fleet::{Fleet, SessionId};
use super::item::{Closing, Item};
use super::token_buckets::{RequestRules, TokenBuckets};
use super::{Changes, Effect, Event, Head, IllegalTransition, Millis, Pipeline, gate};
use alarms::Alarms;
use run_times::RunTimes;

pub use command::{AcceptedList, Command, CommandError, End, PipelineChange, Reply, SetAside, Step};
pub use news::News;

/// Timing that concerns all pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// A lease lives this long after its grant or the last heartbeat.
    pub lease_ttl: Duration,
    /// Workers send heartbeats this often: a third of the TTL, so that two may be lost.
    pub heartbeat_interval: Duration,
    /// Finished pipelines are forgotten after this.
    pub retention: Duration,
}

impl Timing {
    /// Timing with this lease TTL and the defaults that go with it.
    pub fn with_ttl(lease_ttl: Duration) -> Self {
        const RETENTION: Duration = Duration::from_secs(7 * 24 * 3_600);
        Self { lease_ttl, heartbeat_interval: lease_ttl / 3, retention: RETENTION }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::with_ttl(Duration::from_secs(15))
    }
}

/// How often the status shows new numbers of the budgets.
const SHOW_BUDGETS: Duration = Duration::from_millis(500);

/// The state of the whole coordinator.
#[derive(Debug)]
pub struct Core {
    timing: Timing,
    pipelines: BTreeMap<PipelineId, Pipeline>,
    /// Pipelines whose record in the tracker cannot be used. Nothing is done for them but to start them again where
    /// they are damaged.
    aside: BTreeMap<PipelineId, SetAside>,
    fleet: Fleet,
    /// Where this coordinator belongs, and its workers must too.
    home: Home,
    run_times: RunTimes,
    requests: TokenBuckets,
    /// When the budgets were shown last.
    budgets_shown: Millis,
    /// Pipelines that have something to grant, so that a step costs by these and not by all pipelines.
    offering: BTreeSet<PipelineId>,
    alarms: Alarms,
    /// The time of the last step.
    last_step: Millis,
    /// Whose turn came last, so that pipelines take turns.
    last_turn: Option<PipelineId>,
}

/// What one step gathers before it becomes a [`Step`].
#[derive(Default)]
struct Gathered {
    step: Step,
    touched: BTreeSet<PipelineId>,
    grants: BTreeMap<SessionId, Vec<Grant>>,
}

impl Core {
    /// Nothing yet.
    pub fn new(timing: Timing) -> Self {
        Self {
            timing,
            pipelines: BTreeMap::new(),
            aside: BTreeMap::new(),
            fleet: Fleet::default(),
            home: Home::default(),
            run_times: RunTimes::default(),
            requests: TokenBuckets::new(RequestRules::default()),
            budgets_shown: Millis::ZERO,
            offering: BTreeSet::new(),
            alarms: Alarms::default(),
            last_step: Millis::ZERO,
            last_turn: None,
        }
    }

    /// What the tracker kept. Every live lease gets one fresh TTL. Follow it with [`Command::Tick`].
    pub fn restore(timing: Timing, stored: Vec<(Head, Vec<Item>)>, quiet_until: Millis, now: Millis) -> Self {
        let mut core = Self::new(timing);
        core.last_step = now;
        let leases_live_until = now.plus(timing.lease_ttl).max(quiet_until);
        core.home.graph = Head::newest_graph(stored.iter().map(|(head, _)| head));
        for (head, items) in stored {
            let id = head.id.clone();
            let pipeline = Pipeline::restore(head, items, now, leases_live_until);
            for (ix, lease) in pipeline.leased() {
                let kind = pipeline.kind_of(ix).kind_name();
                let (worker, incarnation) = (&lease.worker, &lease.incarnation);
                core.fleet.restore(worker, incarnation, (&id, ix), kind, pipeline.is_suspect(ix), now);
            }
            core.pipelines.insert(id.clone(), pipeline);
            core.note(&id);
        }
        core
    }

    /// Moves everything on by one command. `seed` is a fresh random number.
    pub fn step(&mut self, command: Command, now: Millis, seed: u64) -> Step {
        self.forgive_absence(now);
        let mut random = Random(seed);
        let mut gathered = Gathered::default();
        let may_grant = !command.is_read();
        self.handle(command, now, &mut random, &mut gathered);
        self.lend(now, &mut gathered);
        if may_grant {
            self.grant_round(now, &mut random, &mut gathered);
        }
        self.gather(gathered)
    }

    /// The record of a pipeline cannot be used.
    pub fn set_aside(&mut self, id: PipelineId, why: SetAside) {
        self.aside.insert(id, why);
    }

    /// Says where this coordinator belongs. Before the first step. The graph is known from its pipelines.
    pub fn settle_at(&mut self, home: Home) {
        self.home = Home { graph: self.home.graph.take(), ..home };
    }

    /// All pipelines, by id.
    pub fn pipelines(&self) -> &BTreeMap<PipelineId, Pipeline> {
        &self.pipelines
    }

    /// The workers.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    fn handle(&mut self, command: Command, now: Millis, random: &mut Random, gathered: &mut Gathered) {
        match command {
            Command::Connected { session, hello } => self.connected(session, &hello, now, gathered),
            Command::Message { session, message } => self.message(session, message, now, random, gathered),
            Command::Disconnected(session) => {
                gathered.step.news.extend(news::left(&self.fleet, session));
                self.fleet.leave(session);
                self.requests.forget(session);
            }
            Command::Tick => self.tick(now, random, gathered),
            Command::AcceptedWritten { pipeline, round, outcome } => {
                // An error would mean that the pipeline is gone: then nobody waits for the list.
                let _ = self.apply(&pipeline, Event::AcceptedWritten { round, outcome }, now, gathered);
            }
            Command::LeadProven { until, alone_from } => self.requests.prove(until, alone_from),
            Command::PauseKept(kept) => self.pause_kept(&kept, now, gathered),
            Command::WriteAgain => self.write_again(gathered),
            Command::LostWrites(pipeline) => {
                // It may have been forgotten meanwhile.
                let _ = self.apply(&pipeline, Event::RecordDoubted, now, gathered);
            }
            Command::Recorded { pipeline, version } => {
                // An error would mean that the pipeline is gone: then its record goes, too.
                let _ = self.apply(&pipeline, Event::Recorded { version }, now, gathered);
            }
            Command::Stop { retry_after } => {
                let sessions: Vec<SessionId> = self.fleet.sessions().collect();
                for session in sessions {
                    gathered.step.messages.push((session, CoordinatorMessage::Reconnect { retry_after }));
                    gathered.step.ended.push(session);
                    self.fleet.leave(session);
                }
            }
            client => {
                let reply = self.client(client, now, random, gathered);
                gathered.step.reply = Some(reply);
            }
        }
    }

    /// A leader that was stopped for a while heard no heartbeats in that time: they wait before its door. So the time
    /// of leases stands still while it is away, or it would take them from workers that are well. A stop of less
    /// than half a TTL ends no lease that has seen its last heartbeat.
    fn forgive_absence(&mut self, now: Millis) {
        let away = now.since(std::mem::replace(&mut self.last_step, now));
        if away <= self.timing.lease_ttl / 2 {
            return;
        }
        self.fleet.excuse(away);
        for (pipeline, item) in self.fleet.workers().flat_map(|(_, worker)| worker.held()) {
            if let Some(pipeline) = self.pipelines.get_mut(pipeline)
                && let Some(deadline) = pipeline.lease(*item).map(|lease| lease.deadline.plus(away))
            {
                let event = Event::Renewed { item: *item, deadline };
                pipeline.apply(event, now).expect("renewing is legal in every state");
            }
        }
    }

    fn tick(&mut self, now: Millis, random: &mut Random, gathered: &mut Gathered) {
        if now.since(self.budgets_shown) >= SHOW_BUDGETS {
            self.fleet.forget_drained(now);
            self.show_budgets(now, gathered);
            self.show_takers(now, gathered);
        }
        for id in self.alarms.take_due(now) {
            let Some(pipeline) = self.pipelines.get(&id) else { continue };
            let kept_from = pipeline.forgotten_after();
            if kept_from.is_some_and(|from| now.since(from) > self.timing.retention) {
                self.forget(id, gathered);
            } else if kept_from.is_some() {
                self.note(&id);
            } else {
                let jitter = random.jitter();
                self.apply(&id, Event::Tick { jitter }, now, gathered)
                    .expect("ticks are legal in every state");
            }
        }
    }

    fn forget(&mut self, id: PipelineId, gathered: &mut Gathered) {
        gathered.step.discarded.extend(self.pipelines.remove(&id));
        self.note(&id);
        gathered.step.news.push(News::Forgotten { pipeline: id.clone() });
        gathered.step.changes.push(PipelineChange::Removed(id));
    }

    /// What waits to be written to the store: after a failed attempt, and after a restart.
    fn write_again(&mut self, gathered: &mut Gathered) {
        for (id, pipeline) in &self.pipelines {
            if let Some(round) = pipeline.awaits_accepted() {
                gathered.step.accepted.push(accepted_list(id, round));
            }
            gathered.step.finished.extend(End::awaited(pipeline));
        }
    }

    /// Applies one event and does what follows from it. Returns the effects that answer the caller.
    fn apply(
        &mut self,
        id: &PipelineId,
        event: Event,
        now: Millis,
        gathered: &mut Gathered,
    ) -> Result<Vec<Effect>, CommandError> {
        let pipeline = self.pipelines.get_mut(id).ok_or_else(|| not_there(&self.aside, id))?;
        let before = (pipeline.head().state, pipeline.head().version);
        let effects = pipeline.apply(event, now).map_err(CommandError::Illegal)?;
        if !gathered.touched.contains(id) {
            gathered.touched.insert(id.clone());
        }
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                Effect::LeaseClosed { item, worker, granted, how } => {
                    let kind = pipeline.kind_of(item).kind_name();
                    if how == Closing::Completed {
                        self.run_times.note(kind.name, now.since(granted));
                    }
                    self.fleet.close(&worker, id, item, kind);
                    gathered.step.news.extend(news::of_closed(pipeline, item, &worker, how));
                }
                Effect::Cancel { worker, lease, reason } => {
                    let message = CoordinatorMessage::CancelItem { lease, reason };
                    send(&self.fleet, &worker, message, gathered);
                }
                Effect::WriteAccepted { round } => {
                    gathered.step.accepted.push(accepted_list(id, round));
                }
                answer => answers.push(answer),
            }
        }
        let head = pipeline.head();
        if head.state != before.0 {
            gathered.step.news.push(news::moved(pipeline));
        }
        if head.version != before.1 {
            gathered.step.finished.extend(End::awaited(pipeline));
        }
        self.note(id);
        Ok(answers)
    }

    /// Keeps what is known of all pipelines at a glance: which have something to grant, and when to look at each again.
    fn note(&mut self, id: &PipelineId) {
        match self.pipelines.get(id) {
            None => self.alarms.forget(id),
            Some(pipeline) => {
                let just_after = self.timing.retention + Duration::from_millis(1);
                let forgotten = pipeline.forgotten_after().map(|from| from.plus(just_after));
                let next = forgotten.or_else(|| pipeline.next_alarm());
                next.iter().for_each(|next| self.alarms.set(id, *next));
            }
        }
        if !self.pipelines.get(id).is_some_and(Pipeline::has_grantable) {
            self.offering.remove(id);
        } else if !self.offering.contains(id) {
            self.offering.insert(id.clone());
        }
    }

    fn gather(&mut self, gathered: Gathered) -> Step {
        let Gathered { mut step, touched, grants } = gathered;
        for (session, grants) in grants {
            step.messages.push((session, CoordinatorMessage::Grant(grants)));
        }
        for id in touched {
            if let Some(changes) = self.pipelines.get_mut(&id).and_then(Pipeline::take_changes) {
                step.changes.push(PipelineChange::Saved(Box::new(changes)));
            }
        }
        step
    }
}

fn send(fleet: &Fleet, worker: &WorkerId, message: CoordinatorMessage, gathered: &mut Gathered) {
    // A worker without a stream hears it with its next heartbeat or Hello.
    if let Some(session) = fleet.worker(worker).and_then(|worker| worker.session) {
        gathered.step.messages.push((session, message));
    }
}

/// Why a pipeline is not there.
fn not_there(aside: &BTreeMap<PipelineId, SetAside>, id: &PipelineId) -> CommandError {
    let pipeline = id.clone();
    match aside.get(id) {
        Some(SetAside { reason, is_newer: true }) => {
            CommandError::TooNew { pipeline, reason: reason.clone() }
        }
        Some(SetAside { reason, .. }) => CommandError::Damaged { pipeline, reason: reason.clone() },
        None => CommandError::NotFound { pipeline },
    }
}

fn accepted_list(id: &PipelineId, round: u32) -> AcceptedList {
    let path = gate::accepted_path(id.as_str(), round);
    AcceptedList { pipeline: id.clone(), round, path }
}

/// Random numbers from one seed (SplitMix64): the same seed gives the same step.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// In [0, 1): the 53 bits that an f64 holds.
    fn jitter(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
impl Core {
    /// Holds every index against what it is an index of.
    pub(super) fn check(&self) {
        self.fleet.check();
        for (id, pipeline) in &self.pipelines {
            pipeline.check();
            assert_eq!(self.offering.contains(id), pipeline.has_grantable(), "{id} offers something");
            let next = pipeline.next_alarm().filter(|_| !pipeline.head().state.is_finished());
            if let Some(next) = next {
                assert!(self.alarms.of(id).is_some_and(|alarm| alarm <= next), "{id} is looked at in time");
            }
        }
    }
}

#[cfg(test)]
mod tests;
