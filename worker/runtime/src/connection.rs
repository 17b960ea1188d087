//! The connection to the coordinator: one thread with a runtime of its own, so that no work can starve heartbeats.
//!
//! ```text
//! runtime ── Up: work has ended, children, slot free, drain ──▶ connection ══ Work stream ══▶ coordinator
//!         ◀─ Granted: lease, item, cancellation token; stop ────
//! ```
//! Everything of the protocol happens here: Hello, credit, heartbeats, closing messages and their repetition after
//! a reconnect. What stands in [`Leases`] is the truth of this worker. Work goes on while the stream is down.
//!
//! The simulation's worker (`coordinator/src/pipeline/tests/simulation/worker.rs`) mirrors what is said here and when.

pub(crate) mod endpoint;
mod rotation;
mod breakers;
mod admission;
mod session;

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_proto::v1::WorkRequest;
use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::ids::{Incarnation, WorkerId};
use edgraph_shared::model::{
    ChildrenAnswer, Grant, Hello, Home, LeaseRef, ReleaseReason, WorkItem, WorkerMessage,
};
use edgraph_shared::retry;
use edgraph_shared::wire::stream::{check_children, worker_message_to};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::handler::Validity;
use crate::leases::{Leases, Terms};
use crate::messages::{Outcome, Up};
use admission::Admission;
use breakers::Breakers;
use endpoint::Targets;
use rotation::{NextTry, Rotation};

/// Waits between rounds of attempts to connect. Leases live on for a TTL while nobody answers, and a standby needs
/// some 5 s to take over: whoever waits longer than the last wait for it wastes that time.
const RECONNECT_WAIT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// A network that takes no message for so long is as good as gone: everything is said again after a reconnect.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// Work stops when nothing was heard of the coordinator for so many TTLs: its leases are long given to others.
const LONELY_TTLS: u32 = 4;
/// Refused streams after which a message that was not answered on any of them is taken for the reason.
const MAX_REFUSALS: u32 = 3;
/// A coordinator that stays away is complained of so often, not at every attempt.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

/// To the runtime: work to do.
pub(crate) struct Granted {
    pub(crate) grant: Grant,
    pub(crate) terms: Terms,
    pub(crate) validity: Validity,
}

/// Of a kind and a dependency.
pub(crate) type Needs = Box<dyn Fn(&str, &str) -> bool + Send>;

/// What a connection is made of.
pub(crate) struct ConnectionConfig {
    pub(crate) targets: Targets,
    pub(crate) worker: WorkerId,
    pub(crate) version: String,
    pub(crate) slots: u32,
    pub(crate) kinds: Vec<&'static str>,
    /// Whether every item of a kind needs a dependency: [`Handler::needs`](crate::handler::Handler::needs).
    pub(crate) needs: Needs,
    pub(crate) home: Home,
    /// Where those wait who ask hosts that the whole fleet shares.
    pub(crate) desk: Desk,
}

struct PendingChildren {
    lease: LeaseRef,
    chunk: u32,
    items: Vec<WorkItem>,
    reply: oneshot::Sender<ChildrenAnswer>,
    /// Streams that a coordinator ended with a refusal while this waited for its answer.
    refusals: u32,
}

/// The connection's state.
pub(crate) struct Connection {
    config: ConnectionConfig,
    incarnation: Incarnation,
    ups: mpsc::Receiver<Up>,
    grants: mpsc::Sender<Granted>,
    /// Fires when an operator drains this worker.
    told_to_stop: CancellationToken,
    rotation: Rotation,
    admission: Admission,
    leases: Leases,
    breakers: Breakers,
    children: BTreeMap<u64, PendingChildren>,
    next_request: u64,
    /// Slots in use, from the grant to the end of the work.
    occupied: u32,
    /// Why nothing is taken any more, and when this worker is gone.
    draining: Option<(String, Option<Instant>)>,
    close_by: Option<Instant>,
    last_contact: Instant,
    /// Heartbeats sent; the newest one's number.
    beats: u64,
    /// When what a welcome or an answered heartbeat proves was sent.
    asked_at: Instant,
    validity: Validity,
    /// Whether this session was welcomed.
    welcomed: bool,
    /// Whether this session has said what this version does not know.
    met_unknown: bool,
    lease_ttl: Option<Duration>,
    complained: Option<Instant>,
    /// The open stream, once welcomed.
    out: Option<mpsc::Sender<WorkRequest>>,
}

/// Why a stream ended.
enum End {
    /// Nothing more to do.
    Closed,
    /// Come back, not before.
    Reconnect { after: Duration },
    /// The coordinator does not take this worker in.
    Refused { reason: String, try_for: Option<Duration> },
    /// Another one leads.
    Standby { leader: Option<String> },
    /// Come back after the usual wait.
    Failed(String),
}

impl Connection {
    pub(crate) fn new(
        config: ConnectionConfig,
        ups: mpsc::Receiver<Up>,
        grants: mpsc::Sender<Granted>,
        told_to_stop: CancellationToken,
    ) -> Self {
        let breakers = Breakers::new(config.kinds.iter().copied(), config.slots);
        let rotation = Rotation::new(config.targets.listed().len());
        Self {
            config,
            incarnation: Incarnation::random(),
            ups,
            grants,
            told_to_stop,
            rotation,
            admission: Admission::default(),
            leases: Leases::default(),
            breakers,
            children: BTreeMap::new(),
            next_request: 0,
            occupied: 0,
            draining: None,
            close_by: None,
            last_contact: Instant::now(),
            beats: 0,
            asked_at: Instant::now(),
            validity: Validity::over(),
            welcomed: false,
            met_unknown: false,
            lease_ttl: None,
            complained: None,
            out: None,
        }
    }

    /// Connects again and again until told to close. Returns why nobody takes this worker in, if that is its end.
    pub(crate) async fn run(mut self) -> Option<String> {
        let (base, max) = RECONNECT_WAIT;
        let mut waits = retry::full_jitter(base, max);
        while !self.may_close() {
            self.welcomed = false;
            let end = self.session().await;
            self.out = None;
            self.config.desk.closed();
            if self.welcomed {
                waits = retry::full_jitter(base, max);
            }
            let (next_try, at_least) = match self.after(end) {
                Ok(next) => next?,
                Err(reason) => return Some(reason),
            };
            if next_try == NextTry::AtOnce {
                continue;
            }
            let wait = at_least + waits.next().unwrap_or(max);
            self.meanwhile(tokio::time::sleep(wait)).await?;
        }
        None
    }

    /// When to try after a session, and how long to wait at least if not at once; `None` when nothing is left to do.
    /// The error is why this worker gives up.
    fn after(&mut self, end: End) -> Result<Option<(NextTry, Duration)>, String> {
        let (leader, at_least) = match end {
            End::Closed => return Ok(None),
            End::Refused { reason, try_for } => match self.admission.refused(try_for, Instant::now()) {
                None => return Err(reason),
                Some(wait) => {
                    tracing::warn!(reason, "not taken in; asking again in {wait:.1?}");
                    (None, wait)
                }
            },
            End::Reconnect { after } => (None, after),
            End::Standby { leader } => {
                tracing::debug!(
                    leader = leader.as_deref().unwrap_or("unknown"),
                    "this coordinator does not lead"
                );
                (leader, Duration::ZERO)
            }
            End::Failed(error) => {
                self.complain(&error);
                (None, Duration::ZERO)
            }
        };
        let ended = self.welcomed.then(|| self.rotation.ended());
        let next_try = match (ended, leader) {
            (None, None) => self.rotation.failed(),
            (None, leader) => self.rotation.refused(leader),
            (Some(next_try), None) => next_try,
            (Some(next_try), leader) => {
                self.rotation.refused(leader);
                next_try
            }
        };
        Ok(Some((next_try, at_least)))
    }

    fn complain(&mut self, error: &str) {
        if self.complained.is_some_and(|at| !self.welcomed && at.elapsed() < COMPLAIN_EVERY) {
            return tracing::debug!(error, "the work stream ended; connecting again");
        }
        self.complained = Some(Instant::now());
        tracing::warn!(error, "the work stream ended; connecting again");
    }

    /// Waits for something while work goes on and ends. `None` when there is nothing more to wait for.
    async fn meanwhile<F: Future>(&mut self, awaited: F) -> Option<F::Output> {
        tokio::pin!(awaited);
        loop {
            let timeout = self.next_timeout();
            tokio::select! {
                output = &mut awaited => return Some(output),
                up = self.ups.recv() => self.take_up(up?).await,
                () = tokio::time::sleep_until(timeout) => self.check_lonely(),
            }
            if self.may_close() {
                return None;
            }
        }
    }

    /// When to look at the clock next while no stream is open.
    fn next_timeout(&self) -> Instant {
        const EVERY: Duration = Duration::from_secs(1);
        let soon = Instant::now() + self.lease_ttl.map_or(EVERY, |ttl| EVERY.min(ttl / 2));
        self.close_by.map_or(soon, |close_by| close_by.clamp(Instant::now(), soon))
    }

    fn check_lonely(&mut self) {
        let Some(ttl) = self.lease_ttl else { return };
        if self.last_contact.elapsed() > ttl * LONELY_TTLS && self.leases.any_running() {
            tracing::warn!("heard nothing of the coordinator for too long; stopping all work");
            self.leases.lose_running();
            self.children.clear();
        }
    }

    fn may_close(&self) -> bool {
        self.close_by.is_some_and(|close_by| self.leases.is_empty() || close_by <= Instant::now())
    }

    fn hello(&self) -> Hello {
        let free_slots =
            if self.draining.is_some() { 0 } else { self.config.slots.saturating_sub(self.occupied) };
        Hello {
            worker: self.config.worker.clone(),
            incarnation: self.incarnation.clone(),
            held: self.leases.all(),
            free_slots,
            kinds: self.breakers.limits(),
            version: self.config.version.clone(),
            home: self.config.home.clone(),
        }
    }

    /// Takes what the runtime says, and what else it has said meanwhile; tells the coordinator if a stream is open.
    async fn take_up(&mut self, first: Up) {
        let (mut finished, mut free_slots, mut limits_changed) = (Vec::new(), 0, false);
        let mut next = Some(first);
        while let Some(up) = next {
            match up {
                Up::Finished { lease, outcome } => {
                    limits_changed |= self.note_outcome(&lease, &outcome);
                    if self.leases.finish(&lease, outcome) {
                        finished.push(lease);
                    }
                }
                Up::SlotFree => {
                    self.occupied = self.occupied.saturating_sub(1);
                    free_slots += u32::from(self.draining.is_none());
                }
                Up::Children { lease, chunk, items, reply } => {
                    // Without the lease nobody waits for the answer: dropping it ends the waiting.
                    if self.leases.kind(&lease).is_some() {
                        self.add_children(PendingChildren { lease, chunk, items, reply, refusals: 0 }).await;
                    }
                }
                Up::Drain { reason, deadline } => {
                    self.draining = Some((reason, deadline));
                    self.say_draining().await;
                }
                Up::CancelAll => self.leases.cancel_all(),
                Up::Close { deadline } => self.close_by = Some(deadline),
            }
            next = self.ups.try_recv().ok();
        }
        // A kind is withdrawn before its item is given back: the coordinator makes the item ready at once, and would
        // grant it to this worker again.
        if limits_changed {
            self.send(WorkerMessage::Credits { free_slots: 0, kinds: self.breakers.limits() }).await;
        }
        for message in self.leases.closing_messages(&finished) {
            self.send(message).await;
        }
        if free_slots > 0 {
            self.send(WorkerMessage::Credits { free_slots, kinds: Vec::new() }).await;
        }
    }

    async fn say_draining(&mut self) {
        let Some((reason, deadline)) = self.draining.clone() else { return };
        let deadline = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        self.send(WorkerMessage::Draining { reason, deadline }).await;
    }

    fn note_outcome(&mut self, lease: &LeaseRef, outcome: &Outcome) -> bool {
        let Some(kind) = self.leases.kind(lease) else { return false };
        match outcome {
            Outcome::Failed(Failure { class: FailureClass::Unavailable { dependency }, message }) => {
                let paused_until = self.config.desk.paused_until();
                let is_news = (self.config.needs)(kind, dependency)
                    && self.breakers.unavailable(kind, Instant::now(), paused_until);
                if is_news {
                    tracing::warn!(
                        kind,
                        dependency,
                        reason = message,
                        "taking none of this kind: its dependency is down"
                    );
                }
                is_news
            }
            Outcome::Done { .. } | Outcome::Failed(_) => {
                let is_news = self.breakers.available(kind);
                if is_news {
                    tracing::info!(kind, "taking this kind again");
                }
                is_news
            }
            Outcome::Released(_) => false,
        }
    }

    async fn add_children(&mut self, pending: PendingChildren) {
        // What breaks a rule is not sent: the answer is known.
        if let Err(reason) = check_children(&pending.items) {
            // The handler may have been stopped meanwhile.
            let _ = pending.reply.send(ChildrenAnswer::Refused { reason });
            return;
        }
        let request_id = self.next_request;
        self.next_request += 1;
        let message = children_message(request_id, &pending);
        self.children.insert(request_id, pending);
        self.send(message).await;
    }

    /// A coordinator ended the stream because a message breaks a rule, and nobody knows which one. What waits for an
    /// answer is said again after the reconnect; what has waited through several such ends is not: it would end every
    /// stream from now on, and all other work with it.
    fn refused(&mut self, reason: &str) {
        let is_suspect = |pending: &mut PendingChildren| {
            pending.refusals += 1;
            pending.refusals >= MAX_REFUSALS
        };
        for (_, pending) in self.children.extract_if(.., |_, pending| is_suspect(pending)) {
            tracing::warn!(key = %pending.lease.key, reason, "the coordinator does not take these children");
            // The handler may have been stopped meanwhile.
            let _ = pending.reply.send(ChildrenAnswer::Refused { reason: reason.to_owned() });
        }
        self.leases.refused(reason, MAX_REFUSALS);
    }

    /// Takes a grant: to the runtime, or straight back when nothing more is to be begun. More than there are free
    /// slots are granted when a message about credit came twice.
    async fn take_grant(&mut self, grant: Grant) {
        let lease = grant.lease.clone();
        let Some(terms) = self.leases.grant(&lease, &grant.item.kind) else {
            tracing::debug!(key = %lease.key, "granted twice; taken once");
            return;
        };
        let may_begin = self.draining.is_none() && self.occupied < self.config.slots;
        if may_begin
            && self.grants.try_send(Granted { grant, terms, validity: self.validity.clone() }).is_ok()
        {
            self.occupied += 1;
            return;
        }
        self.leases.finish(&lease, Outcome::Released(ReleaseReason::NotStarted));
        for message in self.leases.closing_messages([&lease]) {
            self.send(message).await;
        }
    }

    /// A lease is lost: its work stops, and children it waits for are not coming.
    fn lose(&mut self, lease: &LeaseRef) {
        self.leases.lose(lease);
        let leases = &self.leases;
        self.children.retain(|_, pending| leases.kind(&pending.lease).is_some());
    }

    /// Sends over the open stream. Without one the message is dropped: what matters is said again after Hello.
    async fn send(&mut self, message: WorkerMessage) {
        let Some(out) = &self.out else { return };
        let sending = out.send(worker_message_to(message));
        if !matches!(tokio::time::timeout(SEND_WITHIN, sending).await, Ok(Ok(()))) {
            self.out = None;
        }
    }
}

fn children_message(request_id: u64, pending: &PendingChildren) -> WorkerMessage {
    WorkerMessage::AddChildren {
        request_id,
        lease: pending.lease.clone(),
        chunk: pending.chunk,
        items: pending.items.clone(),
    }
}
