//! The messages of the Work stream. `proto/edgraph/v1/worker.proto` says who sends each, when, and what the
//! peer may do.

use std::time::Duration;

use super::{Home, HostFamily, HostPause, RequestTerms, RequestTokens, Throttled, WorkItem};
use crate::failure::Failure;
use crate::ids::{FencingToken, Incarnation, ItemKey, LeaseId, PipelineId, WorkerId};

/// Names one lease exactly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseRef {
    /// The item's pipeline.
    pub pipeline: PipelineId,
    /// The item.
    pub key: ItemKey,
    /// The grant's token.
    pub token: FencingToken,
    /// The grant's random name.
    pub lease_id: LeaseId,
}

/// From the worker.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkerMessage {
    /// First message of a stream.
    Hello(Hello),
    /// Slots became free; limits changed when `kinds` is not empty.
    Credits {
        /// Added to the credit.
        free_slots: u32,
        /// Replaces the limits when not empty.
        kinds: Vec<KindLimit>,
    },
    /// Extends all leases of this incarnation.
    Heartbeat {
        /// Named by the answer.
        sequence: u64,
        /// Leases the worker believes it holds.
        held: Vec<LeaseRef>,
        /// How far long-running items are.
        progress: Vec<LeaseProgress>,
    },
    /// Items that follow from a leased one.
    AddChildren {
        /// Named by the answer.
        request_id: u64,
        /// The parent's lease.
        lease: LeaseRef,
        /// Counts the chunks of this lease from 0.
        chunk: u32,
        /// At most [`super::MAX_CHILDREN_PER_CHUNK`].
        items: Vec<WorkItem>,
    },
    /// Items are done.
    Complete(Vec<Completion>),
    /// Attempts failed.
    Fail(Vec<FailedLease>),
    /// Leases given back.
    Release {
        /// The leases.
        leases: Vec<LeaseRef>,
        /// Why.
        reason: ReleaseReason,
    },
    /// No more grants.
    Draining {
        /// For lists and logs.
        reason: String,
        /// When the machine will be gone, from now, where somebody knows.
        deadline: Option<Duration>,
    },
    /// Requests wait for their turn.
    RequestDemand {
        /// To which hosts.
        family: HostFamily,
        /// Tokens asked for on this stream in all.
        asked: u64,
        /// Good answers since the last message.
        answered: u32,
    },
    /// A host asked to slow down.
    Throttled(Throttled),
}

/// The whole truth about a worker incarnation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The worker.
    pub worker: WorkerId,
    /// Its process.
    pub incarnation: Incarnation,
    /// Leases it works on, or whose settlement it has not seen answered.
    pub held: Vec<LeaseRef>,
    /// The initial credit.
    pub free_slots: u32,
    /// The kinds it runs.
    pub kinds: Vec<KindLimit>,
    /// Its version.
    pub version: String,
    /// Where it belongs.
    pub home: Home,
}

/// How many leases of one kind a worker holds at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindLimit {
    /// The kind.
    pub kind: String,
    /// 0 withdraws the kind for now.
    pub max_leases: u32,
}

/// The result of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The lease it closes.
    pub lease: LeaseRef,
    /// JSON text, at most [`super::MAX_RESULT_LEN`] bytes.
    pub result: String,
    /// Found done already.
    pub skipped: bool,
    /// Items that the AddChildren messages of this lease carried in all.
    pub children: u32,
    /// Items of the round whose results could not be used; only an item that ends the round may name any.
    pub refused: Vec<RefusedResult>,
}

/// A result that those who read it could not use: its item is dead, and made again by a retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedResult {
    /// The item whose result it is.
    pub key: ItemKey,
    /// For a person.
    pub reason: String,
}

/// The failure of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedLease {
    /// The lease it closes.
    pub lease: LeaseRef,
    /// What went wrong.
    pub failure: Failure,
}

/// How far the work under a lease is. Shown in the status, never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseProgress {
    /// The lease.
    pub lease: LeaseRef,
    /// How far.
    pub progress: Progress,
}

/// How far a piece of work is, in units of the handler's choice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Done of `total`.
    pub done: u64,
    /// 0 when it is not known.
    pub total: u64,
    /// What is being done, at most [`super::MAX_PROGRESS_LEN`] bytes.
    pub text: String,
}

/// Why leases are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseReason {
    /// Work had begun; counts against the preemption budget.
    Preempted,
    /// Work had not begun; counts against nothing.
    NotStarted,
}

/// From the coordinator.
#[derive(Debug, Clone, PartialEq)]
pub enum CoordinatorMessage {
    /// Answers Hello.
    Welcome(Welcome),
    /// Answers Hello too: this worker is not taken in, and its stream ends.
    Refused {
        /// What is in the way and what to change.
        reason: String,
        /// It may pass within this time; absent where it never does.
        try_for: Option<Duration>,
    },
    /// New leases.
    Grant(Vec<Grant>),
    /// Answers Heartbeat.
    HeartbeatAck {
        /// Of the heartbeat.
        sequence: u64,
        /// Not current any more.
        lost: Vec<LeaseRef>,
        /// Items of a cancelled pipeline.
        cancelled: Vec<LeaseRef>,
    },
    /// Answers AddChildren.
    ChildrenAdded {
        /// Of the request.
        request_id: u64,
        /// What became of it.
        answer: ChildrenAnswer,
    },
    /// Answers Complete, Fail and Release.
    Settled(Vec<Settlement>),
    /// Stop working on an item.
    CancelItem {
        /// The lease.
        lease: LeaseRef,
        /// Why.
        reason: CancelReason,
    },
    /// The coordinator is about to stop.
    Reconnect {
        /// Connect again after this long, plus jitter.
        retry_after: Duration,
    },
    /// An operator drains this worker: finish or release what is held, then end the process.
    StopWorker {
        /// For logs.
        reason: String,
    },
    /// Turns for requests that wait.
    RequestTokens(RequestTokens),
    /// No requests for a while.
    HostPaused(HostPause),
}

/// The coordinator's answer to Hello.
#[derive(Debug, Clone, PartialEq)]
pub struct Welcome {
    /// A lease lives this long after its grant or the last heartbeat.
    pub lease_ttl: Duration,
    /// Send heartbeats this often.
    pub heartbeat_interval: Duration,
    /// Leases named in Hello that are not current.
    pub lost: Vec<LeaseRef>,
    /// The rules for hosts that count requests over the whole fleet.
    pub requests: Vec<RequestTerms>,
    /// Who asks, as the `User-Agent` header says it; empty when the coordinator was not told.
    pub user_agent: String,
    /// Where the coordinator belongs.
    pub home: Home,
}

/// One granted lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Names the lease.
    pub lease: LeaseRef,
    /// What to do.
    pub item: WorkItem,
    /// 1 for the first grant of the item.
    pub attempt: u32,
    /// The lease is revoked this long after the grant.
    pub max_run: Duration,
    /// The items that named this one, as far as they had when it was granted; empty for a root or finish item.
    pub parents: Vec<ItemKey>,
}

/// What became of a chunk of children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChildrenAnswer {
    /// All items exist now.
    Accepted,
    /// The lease is not current; nothing was added.
    LeaseLost,
    /// The chunk breaks a rule; nothing was added.
    Refused {
        /// Which rule.
        reason: String,
    },
}

/// The answer for one closing message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The lease.
    pub lease: LeaseRef,
    /// The answer.
    pub answer: SettleAnswer,
}

/// How a closing message was taken. All are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettleAnswer {
    /// Recorded.
    Accepted,
    /// Expired, but nobody else had taken the item: recorded all the same.
    AcceptedLate,
    /// The round is closed without this item.
    TooLate,
    /// A newer lease exists, or this one was closed before.
    Superseded,
    /// The pipeline is being cancelled.
    Cancelled,
    /// No such pipeline, item or lease.
    Unknown,
}

/// Why an item is to be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// The pipeline is being cancelled: stop, then release.
    Pipeline,
    /// Ran longer than its kind's limit; the lease is revoked.
    MaxRun,
    /// Somebody else owns the item.
    LeaseLost,
}
