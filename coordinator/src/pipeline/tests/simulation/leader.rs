//! A coordinator: standby, and the leader's loop as `engine/run.rs` has it: step, batch, commit, release.
//!
//! Decides nothing by itself: the steps are those of the real core.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, LeaseRef, WorkerMessage};

use super::Mutation;
use super::client::{ClientOp, ClientReply};
use super::commit::{Batch, Flight, Release};
use super::history::named;
use super::network::Mail;
use super::takeover::Taking;
use super::tracker::{Answer, Mark, Op, Who};
use super::world::{Event, World};
use crate::engine::vigil::Vigil;
use crate::pipeline::Millis;
use crate::pipeline::core::{Command, CommandError, Core, Step};
use crate::pipeline::fleet::SessionId;
use crate::tracker::{LockSight, Look};

/// The lease TTL of all runs, in ms.
pub(super) const TTL: u64 = 1_000;
const TICK: u64 = 50;
pub(super) const LOCK_TTL: u64 = 1_000;
const RENEW_EVERY: u64 = 300;
/// A leader acts on its own word for so much less than its lock lives.
pub(super) const LOCK_MARGIN: u64 = 50;
/// A request without an answer is sent again after this.
const ASK_AGAIN: u64 = 150;
/// How often everything is verified though nothing seems to have happened.
const VERIFY_EVERY: u64 = 3_000;

pub(super) enum Role {
    Down,
    Standby,
    Taking(Box<Taking>),
    Leading(Box<Leading>),
}

pub(super) struct Leading {
    pub(super) core: Core,
    pub(super) who: Who,
    pub(super) nonce: u64,
    pub(super) run: u64,
    /// When the tracker gave it the lead.
    pub(super) began_at: u64,
    /// By its own lock.
    pub(super) valid_until: u64,
    pub(super) marks: BTreeMap<PipelineId, Mark>,
    pub(super) batch: Batch,
    pub(super) flight: Option<Flight>,
    /// The run of the tracker that may have lost writes.
    pub(super) verify: Option<u64>,
    verify_at: u64,
    pub(super) writing: BTreeSet<(PipelineId, u32)>,
    pub(super) rewrite_at: Option<u64>,
    pub(super) sessions: BTreeSet<usize>,
}

/// A request that waits for its answer.
pub(super) struct Rpc {
    op: Op,
    asked_at: u64,
}

pub(super) struct Coordinator {
    pub(super) life: u64,
    pub(super) frozen: bool,
    pub(super) inbox: Vec<Event>,
    pub(super) role: Role,
    pub(super) rpcs: BTreeMap<u64, Rpc>,
    pub(super) seen_epoch: u64,
    /// The watch over the lock, and the tracker's run that it watches.
    vigil: Vigil,
    watched_run: u64,
    /// Until then it could not be sure to reach the tracker.
    pub(super) cut_off_until: u64,
    /// How far the tracker's clock was ahead of the time when this one took the lead.
    pub(super) clock_ahead: u64,
}

impl Leading {
    pub(super) fn new(
        core: Core,
        who: Who,
        nonce: u64,
        run: u64,
        marks: BTreeMap<PipelineId, Mark>,
        (asked_at, took): (u64, u64),
    ) -> Self {
        Self {
            core,
            who,
            nonce,
            run,
            began_at: took,
            // Not before a renewal has shown that nobody took the lead while the pipelines were loaded: after lost
            // writes the old leader may have asserted itself again.
            valid_until: 0,
            marks,
            batch: Batch::default(),
            flight: None,
            verify: None,
            verify_at: asked_at + VERIFY_EVERY,
            writing: BTreeSet::new(),
            rewrite_at: Some(asked_at),
            sessions: BTreeSet::new(),
        }
    }
}

impl Coordinator {
    pub(super) fn new() -> Self {
        Self {
            life: 0,
            frozen: false,
            inbox: Vec::new(),
            role: Role::Down,
            rpcs: BTreeMap::new(),
            seen_epoch: 0,
            vigil: vigil(),
            watched_run: 0,
            cut_off_until: 0,
            clock_ahead: 0,
        }
    }

    pub(super) fn leading(&mut self) -> Option<&mut Leading> {
        match &mut self.role {
            Role::Leading(leading) => Some(leading),
            _ => None,
        }
    }
}

fn vigil() -> Vigil {
    Vigil::new(Duration::from_millis(LOCK_TTL))
}

impl World {
    pub(super) fn start_coordinator(&mut self, coordinator: usize) {
        let process = &mut self.coordinators[coordinator];
        process.life += 1;
        process.role = Role::Standby;
        (process.vigil, process.watched_run, process.seen_epoch) = (vigil(), 0, 0);
        let life = process.life;
        self.schedule(self.now, Event::Tick { coordinator, life });
        self.schedule(self.now, Event::Renew { coordinator, life });
    }

    pub(super) fn crash_coordinator(&mut self, coordinator: usize) {
        self.believe_no_more(coordinator);
        let process = &mut self.coordinators[coordinator];
        process.role = Role::Down;
        process.rpcs.clear();
        process.inbox.clear();
        process.frozen = false;
        for stream in 0..self.streams.len() {
            if self.streams[stream].coordinator == coordinator {
                self.cut(stream);
            }
        }
        let pause = self.chance.between(50, 2_500);
        self.after(pause, Event::CoordinatorStarts(coordinator));
    }

    pub(super) fn freeze_coordinator(&mut self, coordinator: usize, pause: u64) {
        if !std::mem::replace(&mut self.coordinators[coordinator].frozen, true) {
            self.cut_off(coordinator, pause);
            self.after(pause, Event::CoordinatorWakes(coordinator));
        }
    }

    /// Whatever the coordinator does, it may not reach the tracker for so long.
    pub(super) fn cut_off(&mut self, coordinator: usize, pause: u64) {
        let until = &mut self.coordinators[coordinator].cut_off_until;
        *until = (*until).max(self.now + pause);
    }

    /// The leader's clock: the tracker's when it took the lead.
    pub(super) fn clock(&self, coordinator: usize) -> Millis {
        self.clock_at(coordinator, self.now)
    }

    pub(super) fn clock_at(&self, coordinator: usize, time: u64) -> Millis {
        Millis(self.coordinators[coordinator].clock_ahead + time)
    }

    /// Whether a standby takes the lead upon this look.
    fn may_take(&mut self, coordinator: usize, asked_at: u64, look: &Look, run: u64) -> bool {
        if self.mutation == Mutation::NoVigil {
            return !matches!(look.lock, LockSight::Held { .. });
        }
        let (asked, answered) = (Duration::from_millis(asked_at), Duration::from_millis(self.now));
        let process = &mut self.coordinators[coordinator];
        if std::mem::replace(&mut process.watched_run, run) != run {
            // Another connection.
            process.vigil.away();
        }
        process.vigil.sees(asked, answered, look)
    }

    pub(super) fn tick(&mut self, coordinator: usize) {
        let life = self.coordinators[coordinator].life;
        self.after(TICK, Event::Tick { coordinator, life });
        let process = &mut self.coordinators[coordinator];
        match &mut process.role {
            Role::Standby if process.rpcs.is_empty() => {
                let leader = self.chance.next();
                self.ask(coordinator, Op::Look { leader });
            }
            Role::Leading(leading) => {
                let rewrite = leading.rewrite_at.take_if(|at| *at <= self.now).is_some();
                if leading.verify_at <= self.now {
                    (leading.verify, leading.verify_at) = (Some(leading.run), self.now + VERIFY_EVERY);
                }
                self.step(coordinator, Command::Tick, None);
                if rewrite {
                    self.step(coordinator, Command::WriteAgain, None);
                }
                self.flush(coordinator);
            }
            _ => {}
        }
    }

    pub(super) fn renew(&mut self, coordinator: usize) {
        let life = self.coordinators[coordinator].life;
        self.after(RENEW_EVERY, Event::Renew { coordinator, life });
        self.renew_now(coordinator);
    }

    pub(super) fn renew_now(&mut self, coordinator: usize) {
        let process = &mut self.coordinators[coordinator];
        let renewing = process.rpcs.values().any(|rpc| matches!(rpc.op, Op::Renew { .. }));
        if let Some(leading) = process.leading().filter(|_| !renewing) {
            let (who, before) = (leading.who, leading.nonce);
            let nonce = self.chance.next();
            self.ask(coordinator, Op::Renew { who, before, nonce });
        }
    }

    /// Asks the tracker, again and again until it answers.
    pub(super) fn ask(&mut self, coordinator: usize, op: Op) -> u64 {
        let rpc = self.chance.next();
        self.coordinators[coordinator].rpcs.insert(rpc, Rpc { op: op.clone(), asked_at: self.now });
        self.request(coordinator, rpc, op);
        let life = self.coordinators[coordinator].life;
        self.after(ASK_AGAIN, Event::AskAgain { coordinator, life, rpc });
        rpc
    }

    pub(super) fn ask_again(&mut self, coordinator: usize, rpc: u64) {
        let Some(waiting) = self.coordinators[coordinator].rpcs.get(&rpc) else { return };
        let op = waiting.op.clone();
        self.request(coordinator, rpc, op);
        let life = self.coordinators[coordinator].life;
        self.after(ASK_AGAIN, Event::AskAgain { coordinator, life, rpc });
    }

    pub(super) fn answered(&mut self, coordinator: usize, rpc: u64, answer: Answer, run: u64) {
        let Some(Rpc { op, asked_at }) = self.coordinators[coordinator].rpcs.remove(&rpc) else { return };
        if matches!(answer, Answer::Fenced) {
            return self.step_down(coordinator);
        }
        match (op, answer) {
            (Op::Look { leader }, Answer::Looked(look))
                if self.may_take(coordinator, asked_at, &look, run) =>
            {
                let (nonce, seen) = (self.chance.next(), self.coordinators[coordinator].seen_epoch);
                self.ask(coordinator, Op::Take { leader, nonce, seen, upon: (look.epoch, look.at) });
            }
            (Op::Take { leader, nonce, .. }, Answer::Leads(epoch)) => {
                self.check_nobody_is_replaced(coordinator);
                self.coordinators[coordinator].clock_ahead = self.tracker.clock_ahead;
                self.begin_to_take(coordinator, Who { epoch, leader }, nonce, asked_at);
            }
            (Op::Take { .. }, _) => self.coordinators[coordinator].vigil.away(),
            (Op::Renew { nonce, .. }, answer) => self.renewed(coordinator, nonce, asked_at, &answer, run),
            (Op::Index | Op::Raise { .. } | Op::Load { .. }, answer) => {
                self.take_over(coordinator, answer, run);
            }
            (Op::Register { .. }, _) => self.part_done(coordinator, rpc),
            (Op::Write { part, .. }, Answer::Diverged) => self.rewrite(coordinator, rpc, &part.pipeline),
            (Op::Write { .. }, _) => self.part_done(coordinator, rpc),
            _ => {}
        }
    }

    pub(super) fn coordinator_hears(&mut self, stream: usize, message: WorkerMessage) {
        let (coordinator, worker) = (self.streams[stream].coordinator, self.streams[stream].worker);
        let tracker_leader = self.tracker.leader();
        let Some(leading) = self.coordinators[coordinator].leading() else { return self.cut(stream) };
        let session = SessionId(stream as u64);
        let is_first = leading.sessions.insert(stream);
        let leads = leading.who.leader == tracker_leader;
        if is_first {
            self.note_hello_beside(coordinator, stream);
        }
        let command = match message {
            WorkerMessage::Hello(hello) if is_first => Command::Connected { session, hello },
            message => Command::Message { session, message },
        };
        let hello = match &command {
            Command::Connected { hello, .. } => Some(hello.held.clone()),
            _ => None,
        };
        let vouches = matches!(
            command,
            Command::Connected { .. } | Command::Message { message: WorkerMessage::Heartbeat { .. }, .. }
        );
        self.step(coordinator, command, None);
        // What is said by one that is not taken in, or not any more, counts for nothing.
        let takes = |leading: &mut Leading| leading.core.fleet().behind(session).is_some();
        let is_in = self.coordinators[coordinator].leading().is_some_and(takes);
        if is_in {
            self.streams[stream].heard_at = self.now;
        }
        let counts = leads && is_in;
        if vouches && counts {
            self.note_extended(coordinator, worker);
        }
        if let Some(held) = hello.filter(|_| counts) {
            self.note_hello(coordinator, held);
        }
        self.flush(coordinator);
    }

    /// A worker has shown the leader the tokens that it holds.
    fn note_hello(&mut self, coordinator: usize, held: Vec<LeaseRef>) {
        let now = self.now;
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        for lease in held {
            let pipeline = leading.core.pipelines().get(&lease.pipeline);
            if pipeline.and_then(|pipeline| pipeline.find(&lease.key)).is_some() {
                let shown = self.history.shown.entry(named(&lease)).or_insert((0, now));
                *shown = (shown.0.max(lease.token.0), now);
            }
        }
    }

    /// The leader has just extended every lease that it knows of this worker.
    fn note_extended(&mut self, coordinator: usize, worker: usize) {
        let (now, leases) = (self.now, self.leases_of(coordinator, worker));
        self.history.extended.extend(leases.into_iter().map(|lease| (lease, now)));
    }

    pub(super) fn stream_ended_at_coordinator(&mut self, stream: usize) {
        let coordinator = self.streams[stream].coordinator;
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        if leading.sessions.remove(&stream) {
            self.step(coordinator, Command::Disconnected(SessionId(stream as u64)), None);
            self.flush(coordinator);
        }
    }

    pub(super) fn coordinator_is_asked(
        &mut self,
        coordinator: usize,
        client: usize,
        request: u64,
        op: ClientOp,
    ) {
        if self.coordinators[coordinator].leading().is_some() {
            self.step(coordinator, op.command(), Some((client, request)));
            self.flush(coordinator);
        } else if !matches!(self.coordinators[coordinator].role, Role::Down) {
            let delay = self.delay();
            self.after(delay, Event::ClientHears { client, request, reply: ClientReply::NotLeader });
        }
    }

    /// One step of the real core, as the engine's task makes it.
    pub(super) fn step(&mut self, coordinator: usize, command: Command, asker: Option<(usize, u64)>) {
        let (seed, clock) = (self.chance.next(), self.clock(coordinator));
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        let Step {
            reply,
            changes,
            messages,
            urgent,
            ended,
            accepted,
            finished,
            refreshed: _,
            pauses: _,
            news: _,
            discarded: _,
        } = leading.core.step(command, clock, seed);
        for change in changes {
            leading.batch.add(change);
        }
        let releases = &mut leading.batch.releases;
        for (session, message) in messages {
            if let CoordinatorMessage::Grant(grants) = &message {
                grants.iter().for_each(|grant| self.history.note_grant(grant, self.now));
            }
            releases.push(Release::Message(session.0 as usize, message));
        }
        releases.extend(ended.into_iter().map(|session| Release::End(session.0 as usize)));
        releases.extend(accepted.into_iter().map(Release::WriteAccepted));
        releases.extend(finished.into_iter().map(Release::WriteEnd));
        if let (Some((client, request)), Some(reply)) = (asker, reply) {
            releases.push(Release::Reply(client, request, reply));
        }
        for (session, message) in urgent {
            if let CoordinatorMessage::RequestTokens(tokens) = &message {
                self.note_lent(tokens.count);
            }
            self.post(session.0 as usize, Mail::ToWorker(message));
        }
    }

    pub(super) fn release(&mut self, coordinator: usize, releases: Vec<Release>) {
        for release in releases {
            match release {
                Release::Reply(client, request, reply) => {
                    let reply = match reply {
                        Ok(reply) => ClientReply::Done(Box::new(reply)),
                        Err(CommandError::NotFound { .. }) => ClientReply::NotFound,
                        Err(error) => ClientReply::Refused(error.to_string()),
                    };
                    let delay = self.delay();
                    self.after(delay, Event::ClientHears { client, request, reply });
                }
                Release::Message(stream, message) => {
                    self.check_released(coordinator, &message);
                    self.post(stream, Mail::ToWorker(message));
                }
                Release::End(stream) => {
                    if let Some(leading) = self.coordinators[coordinator].leading() {
                        leading.sessions.remove(&stream);
                    }
                    self.end_stream(stream);
                }
                Release::WriteAccepted(list) => self.write_accepted(coordinator, list),
                Release::WriteEnd(end) => self.write_end(coordinator, end),
            }
        }
    }
}
