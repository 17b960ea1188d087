//! The connection to the coordinator: one thread with a runtime of its own, so that no work can starve heartbeats.
//!
//! ```text
//! runtime ── Up: work has ended, children, slot free, drain ──▶ connection ══ Work stream ══▶ coordinator
//!         ◀─ Granted: lease, item, cancellation token ──────────
//! ```
//! Everything of the protocol happens here: Hello, credit, heartbeats, closing messages and their repetition after
//! a reconnect. What stands in [`Leases`] is the truth of this worker. Work goes on while the stream is down.

mod kinds;
mod session;

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_proto::v1::WorkRequest;
use edgraph_shared::failure::FailureClass;
use edgraph_shared::ids::{Incarnation, WorkerId};
use edgraph_shared::model::{ChildrenAnswer, Grant, Hello, LeaseRef, ReleaseReason, WorkItem, WorkerMessage};
use edgraph_shared::retry;
use edgraph_shared::wire::stream::worker_message_to;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;

use crate::leases::{Leases, Outcome};
use kinds::Kinds;

/// Messages from the runtime that wait: one per slot is usual.
pub(crate) const UPS_LEN: usize = 1_024;
/// Waits between attempts to connect.
const RECONNECT_WAIT: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));
/// Work stops when nothing was heard of the coordinator for so many TTLs: its leases are long given to others.
const LONELY_TTLS: u32 = 4;

/// From the runtime.
pub(crate) enum Up {
    /// The work under a lease has ended.
    Finished { lease: LeaseRef, outcome: Outcome },
    /// A slot is free again.
    SlotFree,
    /// A handler adds children.
    Children { lease: LeaseRef, chunk: u32, items: Vec<WorkItem>, reply: oneshot::Sender<ChildrenAnswer> },
    /// No more grants.
    Drain { reason: String },
    /// All work is to stop now.
    CancelAll,
    /// Close once every outcome is answered, at the latest then.
    Close { deadline: Instant },
}

/// To the runtime: work to do.
pub(crate) struct Granted {
    pub(crate) grant: Grant,
    pub(crate) cancel: CancellationToken,
}

/// What a connection is made of.
pub(crate) struct ConnectionConfig {
    pub(crate) endpoint: Endpoint,
    pub(crate) worker: WorkerId,
    pub(crate) version: String,
    pub(crate) slots: u32,
    pub(crate) kinds: Vec<&'static str>,
}

struct PendingChildren {
    lease: LeaseRef,
    chunk: u32,
    items: Vec<WorkItem>,
    reply: oneshot::Sender<ChildrenAnswer>,
}

/// The connection's state.
pub(crate) struct Connection {
    config: ConnectionConfig,
    incarnation: Incarnation,
    ups: mpsc::Receiver<Up>,
    grants: mpsc::Sender<Granted>,
    leases: Leases,
    kinds: Kinds,
    children: BTreeMap<u64, PendingChildren>,
    next_request: u64,
    /// Slots in use, from the grant to the end of the work.
    occupied: u32,
    draining: Option<String>,
    close_by: Option<Instant>,
    last_contact: Instant,
    lease_ttl: Option<Duration>,
    /// The open stream, once welcomed.
    out: Option<mpsc::Sender<WorkRequest>>,
}

/// Why a stream ended.
enum End {
    /// Nothing more to do.
    Closed,
    /// Come back, not before.
    Reconnect { after: Duration },
    /// Come back after the usual wait.
    Failed(String),
}

impl Connection {
    pub(crate) fn new(
        config: ConnectionConfig,
        ups: mpsc::Receiver<Up>,
        grants: mpsc::Sender<Granted>,
    ) -> Self {
        let kinds = Kinds::new(config.kinds.iter().copied(), config.slots);
        Self {
            config,
            incarnation: Incarnation::random(),
            ups,
            grants,
            leases: Leases::default(),
            kinds,
            children: BTreeMap::new(),
            next_request: 0,
            occupied: 0,
            draining: None,
            close_by: None,
            last_contact: Instant::now(),
            lease_ttl: None,
            out: None,
        }
    }

    /// Connects again and again until told to close.
    pub(crate) async fn run(mut self) {
        let (base, max) = RECONNECT_WAIT;
        let mut waits = retry::full_jitter(base, max);
        loop {
            let connected_at = Instant::now();
            let end = self.session().await;
            self.out = None;
            let welcomed_since = self.last_contact > connected_at;
            if welcomed_since {
                waits = retry::full_jitter(base, max);
            }
            let wait = match end {
                End::Closed => return,
                End::Reconnect { after } => after + waits.next().unwrap_or(max),
                End::Failed(error) => {
                    tracing::warn!(%error, "the work stream ended; connecting again");
                    waits.next().unwrap_or(max)
                }
            };
            if self.meanwhile(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// Waits for something while work goes on and ends. `None` when there is nothing more to wait for.
    async fn meanwhile<F: Future>(&mut self, awaited: F) -> Option<F::Output> {
        tokio::pin!(awaited);
        loop {
            let timeout = self.next_timeout();
            tokio::select! {
                output = &mut awaited => return Some(output),
                up = self.ups.recv() => self.take_up(up?).await,
                () = tokio::time::sleep_until(timeout) => {
                    self.check_lonely();
                    if self.may_close() {
                        return None;
                    }
                }
            }
        }
    }

    /// When to look at the clock next while no stream is open.
    fn next_timeout(&self) -> Instant {
        const EVERY: Duration = Duration::from_secs(1);
        let soon = Instant::now() + EVERY;
        self.close_by.map_or(soon, |close_by| close_by.clamp(Instant::now(), soon))
    }

    fn check_lonely(&mut self) {
        let Some(ttl) = self.lease_ttl else { return };
        if self.last_contact.elapsed() > ttl * LONELY_TTLS && !self.leases.is_empty() {
            tracing::warn!("heard nothing of the coordinator for too long; stopping all work");
            self.leases.lose_all();
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
            kinds: self.kinds.limits(),
            version: self.config.version.clone(),
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
                        self.add_children(PendingChildren { lease, chunk, items, reply }).await;
                    }
                }
                Up::Drain { reason } => {
                    self.draining = Some(reason.clone());
                    self.send(WorkerMessage::Draining { reason }).await;
                }
                Up::CancelAll => self.leases.cancel_all(),
                Up::Close { deadline } => self.close_by = Some(deadline),
            }
            next = self.ups.try_recv().ok();
        }
        // A kind is withdrawn before the item goes back, or it would come right again.
        if limits_changed {
            self.send(WorkerMessage::Credits { free_slots: 0, kinds: self.kinds.limits() }).await;
        }
        for message in self.leases.closing_messages(&finished) {
            self.send(message).await;
        }
        if free_slots > 0 {
            self.send(WorkerMessage::Credits { free_slots, kinds: Vec::new() }).await;
        }
    }

    fn note_outcome(&mut self, lease: &LeaseRef, outcome: &Outcome) -> bool {
        let Some(kind) = self.leases.kind(lease) else { return false };
        match outcome {
            Outcome::Failed(failure) if matches!(failure.class, FailureClass::Unavailable { .. }) => {
                self.kinds.unavailable(kind, Instant::now())
            }
            Outcome::Done { .. } | Outcome::Failed(_) => self.kinds.available(kind),
            Outcome::Released(_) => false,
        }
    }

    async fn add_children(&mut self, pending: PendingChildren) {
        let request_id = self.next_request;
        self.next_request += 1;
        let message = children_message(request_id, &pending);
        self.children.insert(request_id, pending);
        self.send(message).await;
    }

    /// Takes a grant: to the runtime, or straight back when nothing more is to be begun.
    async fn take_grant(&mut self, grant: Grant) {
        let (lease, cancel) = (grant.lease.clone(), CancellationToken::new());
        self.leases.grant(lease.clone(), grant.item.kind.clone(), cancel.clone());
        self.occupied += 1;
        let refused = self.draining.is_some() || self.grants.try_send(Granted { grant, cancel }).is_err();
        if refused {
            self.occupied = self.occupied.saturating_sub(1);
            self.leases.finish(&lease, Outcome::Released(ReleaseReason::NotStarted));
            for message in self.leases.closing_messages([&lease]) {
                self.send(message).await;
            }
        }
    }

    /// Sends over the open stream. Without one the message is dropped: what matters is said again after Hello.
    async fn send(&mut self, message: WorkerMessage) {
        if let Some(out) = &self.out
            && out.send(worker_message_to(message)).await.is_err()
        {
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
