//! Clients: each starts pipelines, looks at them, sometimes interferes, and asks again until it is answered.

use std::time::Duration;

use edgraph_shared::ids::{PipelineId, WorkerId};
use edgraph_shared::model::{
    Backoff, Budgets, DeadPolicy, FinishSpec, KindSettings, PipelineSpec, PipelineState, PipelineStatus,
    WorkItem,
};

use super::chance::Chance;
use super::faults::{Fault, Faults};
use super::own_items::{OwnItems, Said};
use super::world::{Event, World};
use crate::pipeline::core::{Command, Reply};
use crate::pipeline::{ClientSays, Deed, Selection};

/// A request without an answer is given up after this.
const GIVE_UP: u64 = 500;

#[derive(Debug, Clone)]
pub(super) enum ClientOp {
    Start { id: Option<PipelineId>, request_id: String, spec: Box<PipelineSpec> },
    Get(PipelineId),
    Cancel(PipelineId),
    Pause(PipelineId),
    Resume(PipelineId),
    Sweep(PipelineId, Deed, Selection),
    Says(PipelineId, ClientSays, String),
    DrainWorker(WorkerId),
}

impl ClientOp {
    pub(super) fn command(self) -> Command {
        match self {
            Self::Start { id, request_id, spec } => Command::Start { id, request_id, spec },
            Self::Get(id) => Command::Get(id),
            Self::Cancel(id) => Command::Cancel(id),
            Self::Pause(id) => Command::Pause(id),
            Self::Resume(id) => Command::Resume(id),
            Self::Sweep(pipeline, deed, only) => Command::Sweep { pipeline, deed, only, is_dry: false },
            Self::Says(pipeline, says, request) => Command::ClientSays { pipeline, says, request },
            Self::DrainWorker(worker) => Command::DrainWorker(worker),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum ClientReply {
    Done(Box<Reply>),
    NotFound,
    Refused(String),
    NotLeader,
}

/// One pipeline as its client knows it.
pub(super) struct Known {
    request_id: String,
    chosen: Option<PipelineId>,
    /// Learnt from the answer.
    pub(super) id: Option<PipelineId>,
    spec: PipelineSpec,
    /// Not before.
    begins: u64,
    started: bool,
    /// When the last answered request was made.
    told: u64,
    /// Round and progress as last seen.
    seen: (u32, u32),
    last: Option<(PipelineState, bool)>,
    /// Seen to have ended, when nothing interfered any more.
    pub(super) ended: bool,
    /// Items that it names and settles itself.
    pub(super) own: Option<OwnItems>,
}

pub(super) struct Client {
    target: usize,
    pub(super) known: Vec<Known>,
    /// The request that waits for its answer, and the pipeline that it is about.
    asked: Option<Asked>,
}

struct Asked {
    request: u64,
    at: u64,
    known: usize,
    said: Option<Said>,
}

impl Client {
    pub(super) fn new(number: usize, begin_until: u64, faults: &Faults, chance: &mut Chance) -> Self {
        let pipelines = chance.between(1, 4);
        let known = (0..pipelines).map(|n| {
            let name = format!("p{number}-{n}");
            let id = if chance.percent(70) { Some(name.parse().unwrap()) } else { None };
            let mut spec = spec(&name, chance);
            let has_own = faults.enabled(Fault::OwnItems) && chance.percent(40);
            let own = has_own.then(|| OwnItems::of(&mut spec, chance));
            let (request_id, seen) = (format!("request-{name}"), (0, 0));
            let begins = if n == 0 { 0 } else { chance.between(0, begin_until) };
            Known {
                request_id,
                chosen: id,
                id: None,
                begins,
                spec,
                started: false,
                told: 0,
                seen,
                last: None,
                ended: false,
                own,
            }
        });
        Self { target: 0, known: known.collect(), asked: None }
    }
}

/// Rounds end with two items, with one or with none.
fn finish(chance: &mut Chance) -> Vec<FinishSpec> {
    let kinds = if chance.percent(50) { &["list", "load"][..] } else { &["load"] };
    let kinds = if chance.percent(90) { kinds } else { &[] };
    let step = |kind: &&str| FinishSpec { kind: (*kind).into(), payload: "{}".into() };
    kinds.iter().map(step).collect()
}

fn spec(name: &str, chance: &mut Chance) -> PipelineSpec {
    let settings = KindSettings {
        max_run: Duration::from_millis(chance.between(1_500, 5_000)),
        max_in_flight: if chance.percent(20) { Some(chance.between(1, 3) as u32) } else { None },
        budgets: Budgets { failures: 4, lost_leases: chance.between(1, 4) as u32, preemptions: 6 },
        backoff: Backoff { base: Duration::from_millis(50), max: Duration::from_millis(800) },
        max_unavailable: Duration::from_secs(6),
        exclusive: None,
        ..KindSettings::default()
    };
    let load = KindSettings { exclusive: Some("graph".into()), ..settings.clone() };
    let root = |n| WorkItem::new("find", format!("find/{n}").parse().unwrap(), name);
    PipelineSpec {
        kind: "test".into(),
        params: name.into(),
        roots: (0..chance.between(1, 3)).map(root).collect(),
        finish: finish(chance),
        limits: [
            ("find".to_owned(), settings.clone()),
            ("work".into(), settings.clone()),
            ("list".into(), settings),
            ("load".into(), load),
        ]
        .into(),
        counted_kind: "work".into(),
        dead_policy: match chance.below(4) {
            0 => DeadPolicy::Hold,
            1 => DeadPolicy::Fail,
            _ => DeadPolicy::FinishWithout { max_dead: 3, max_dead_fraction: 0.2 },
        },
        ..PipelineSpec::default()
    }
}

impl World {
    /// What a retry means: everything, a kind, or what has certain words in its reason.
    fn selection(&mut self) -> Selection {
        match self.chance.below(4) {
            0 => Selection { kind: Some("work".into()), ..Selection::default() },
            1 => Selection { reason: Some("e".into()), ..Selection::default() },
            2 => Selection { reason: Some("what nobody says".into()), ..Selection::default() },
            _ => Selection::default(),
        }
    }
}

impl World {
    pub(super) fn client_acts(&mut self, client: usize) {
        let begun = self.clients[client].known.iter().filter(|known| known.begins <= self.now).count();
        let place = self.chance.below(begun);
        let mut begun =
            self.clients[client].known.iter().enumerate().filter(|(_, known)| known.begins <= self.now);
        let known = begun.nth(place).expect("the first one begins at once").0;
        // What was asked before has not been answered: perhaps somebody else leads.
        if self.clients[client].asked.take().is_some() {
            self.clients[client].target ^= 1;
        } else if self.in_trouble() && self.chance.percent(25) {
            // As another process of the same client would, which has not heard of the last takeover.
            self.clients[client].target ^= 1;
        }
        let op = self.next_op(client, known);
        self.client_asks(client, known, op);
        let pause = if self.in_trouble() { self.chance.between(100, GIVE_UP) } else { GIVE_UP };
        self.after(pause, Event::ClientActs(client));
    }

    fn next_op(&mut self, client: usize, known: usize) -> ClientOp {
        let Known { request_id, chosen, id, spec, started, last, .. } = &self.clients[client].known[known];
        let id = match id {
            Some(id) if *started => id.clone(),
            _ => {
                let (id, request_id) = (chosen.clone(), request_id.clone());
                return ClientOp::Start { id, request_id, spec: Box::new(spec.clone()) };
            }
        };
        let last = *last;
        let finished = last.is_some_and(|(state, _)| state.is_finished());
        let waits = last.is_some_and(|(state, paused)| paused || state == PipelineState::Held);
        if waits && (!self.in_trouble() || self.chance.percent(30)) {
            if last.is_some_and(|(state, _)| state == PipelineState::Held) {
                self.faults.count(Fault::Held);
            }
            return ClientOp::Resume(id);
        }
        if finished && self.strikes_now(Fault::ClientRetries, 50) {
            return ClientOp::Sweep(id, Deed::Revive, self.selection());
        }
        if !finished && self.strikes_now(Fault::ClientSweeps, 8) {
            let deed = if self.chance.percent(50) { Deed::Cancel } else { Deed::Advance };
            return ClientOp::Sweep(id, deed, self.selection());
        }
        if last.is_some()
            && (!finished || self.chance.percent(30))
            && let Some(op) = self.own_op(client, known, &id)
        {
            return op;
        }
        if !finished && self.strikes_now(Fault::ClientPauses, 5) {
            return ClientOp::Pause(id);
        }
        if !finished && self.strikes_now(Fault::ClientCancels, 4) {
            return ClientOp::Cancel(id);
        }
        ClientOp::Get(id)
    }

    fn client_asks(&mut self, client: usize, known: usize, op: ClientOp) {
        let request = self.chance.next();
        let said = Said::by(&op);
        self.clients[client].asked = Some(Asked { request, at: self.now, known, said });
        let coordinator = self.clients[client].target;
        if self.strikes_now(Fault::TwiceToLeaderFromClient, 10) {
            let late = self.chance.between(1, 200);
            let op = op.clone();
            self.after(late, Event::ClientAsks { coordinator, client, request, op });
        }
        let delay = self.delay();
        self.after(delay, Event::ClientAsks { coordinator, client, request, op });
    }

    pub(super) fn drain_worker_by_operator(&mut self, worker: usize) {
        let Some(coordinator) = self.leader() else { return };
        self.faults.count(Fault::WorkerDrained);
        let op = ClientOp::DrainWorker(self.workers[worker].name());
        // Nobody waits for the answer.
        self.after(1, Event::ClientAsks { coordinator, client: 0, request: 0, op });
    }

    pub(super) fn client_hears(&mut self, client: usize, request: u64, reply: ClientReply) {
        let asked = self.clients[client].asked.take_if(|asked| asked.request == request);
        let Some(Asked { at, known, said, .. }) = asked else { return };
        match reply {
            ClientReply::NotLeader => self.clients[client].target ^= 1,
            ClientReply::Refused(reason) if !self.clients[client].known[known].started => {
                self.violate(|| format!("a start was refused: {reason}"));
            }
            // The pipeline is not where the client believed it to be: it looks again.
            ClientReply::Refused(_) => {
                let known = &mut self.clients[client].known[known];
                known.last = None;
                if let Some(own) = known.own.as_mut().filter(|_| said.is_some()) {
                    own.refused();
                }
            }
            ClientReply::NotFound => {
                let counts = self.clients[client].known[known].told > self.history.lost_until;
                let known = &mut self.clients[client].known[known];
                (known.started, known.last, known.ended) = (false, None, false);
                if let Some(own) = &mut known.own {
                    own.begin_anew();
                }
                let id = known.id.clone();
                if counts {
                    self.violate(|| format!("{id:?} was started and is not there"));
                }
            }
            ClientReply::Done(reply) => match *reply {
                Reply::Status(status) | Reply::Started(status, _) => {
                    self.client_sees(client, known, at, &status)
                }
                Reply::Acted(status, acted) => {
                    if let Some(said) = said {
                        self.own_items_heard(client, known, at, said, acted, status.round);
                    }
                    self.client_sees(client, known, at, &status)
                }
                other => unreachable!("nobody asked for {other:?}"),
            },
        }
    }

    fn client_sees(&mut self, client: usize, known: usize, asked_at: u64, status: &PipelineStatus) {
        let (lost_until, in_trouble) = (self.history.lost_until, self.in_trouble());
        let known = &mut self.clients[client].known[known];
        known.started = true;
        known.id = Some(status.id.clone());
        known.last = Some((status.state, status.paused));
        known.ended = status.state.is_finished() && !in_trouble;
        let (seen, now) = (known.seen, (status.round, status.progress_percent));
        known.seen = now;
        let counts = known.told > lost_until;
        known.told = asked_at;
        if asked_at > lost_until {
            self.history.started(&status.id, &known.spec);
        }
        if now < seen && counts {
            self.violate(|| format!("progress of {} fell from {seen:?} to {now:?}", status.id));
        }
        if status.progress_percent > 100 || (status.progress_percent == 100 && !status.state.is_finished()) {
            self.violate(|| format!("{} shows {} %", status.id, status.progress_percent));
        }
    }
}
