//! What happens to a pipeline and what follows from it: the core's whole vocabulary.

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{GraphId, Incarnation, ItemKey, LeaseId, WorkerId};
use edgraph_shared::model::{
    CancelReason, ChildrenAnswer, Completion, Grant, LeaseProgress, LeaseRef, PipelineState, ReleaseReason,
    SettleAnswer, WorkItem,
};

use super::head::Deed;
use super::item::{Closing, ItemIx};
use super::selection::Selection;
use super::time::Millis;

/// Something that happened. Randomness and deadlines are data of the event.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An item is leased to a worker that has room for it.
    Granted(Granting),
    /// A worker's heartbeat extends one of its leases.
    Renewed {
        /// The item.
        item: ItemIx,
        /// The lease's new deadline.
        deadline: Millis,
    },
    /// A worker says how far the work under a lease is. For display: changes nothing that is kept.
    Progressed(LeaseProgress),
    /// A worker's Complete.
    Completed {
        /// The result.
        completion: Completion,
        /// In [0, 1), in case the completion counts as a failure.
        jitter: f64,
    },
    /// A worker's Fail.
    Failed {
        /// The lease it closes.
        lease: LeaseRef,
        /// What went wrong.
        failure: Failure,
        /// In [0, 1).
        jitter: f64,
    },
    /// A worker's Release.
    Released {
        /// The lease it closes.
        lease: LeaseRef,
        /// Why.
        reason: ReleaseReason,
    },
    /// A worker's AddChildren.
    ChildrenAdded {
        /// The parent's lease.
        lease: LeaseRef,
        /// Counts the lease's chunks from 0.
        chunk: u32,
        /// The items.
        items: Vec<WorkItem>,
    },
    /// A worker incarnation said Hello without naming this lease: the grant never reached it.
    Unclaimed(ItemIx),
    /// The next incarnation of the worker said Hello: the one that held this lease is gone.
    HolderLost(ItemIx),
    /// A worker holds a lease with a token above the recorded one: the tracker lost writes.
    TokenProven(LeaseRef),
    /// Time passes.
    Tick {
        /// In [0, 1).
        jitter: f64,
    },
    /// A client cancels.
    Cancel,
    /// A client pauses.
    Pause,
    /// A client resumes, or decides to go on without the dead items.
    Resume,
    /// A client has something done to all items of this selection that it suits.
    Sweep(Deed, Selection),
    /// A client says something of the items that are its own.
    ClientSays {
        /// What.
        says: ClientSays,
        /// Chosen by the client, the same when it says it again; may be empty.
        request: String,
    },
    /// The accepted list of a round was written, or could not be.
    AcceptedWritten {
        /// The round.
        round: u32,
        /// Why not.
        outcome: Result<(), String>,
    },
    /// The tracker had lost writes: another leader may have gone on from there, and written its end to the store.
    RecordDoubted,
    /// A version of a finished pipeline lies in the store.
    Recorded {
        /// Which.
        version: u64,
    },
}

impl Event {
    /// The event's name, for errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Granted(_) => "grant",
            Self::Renewed { .. } => "renew",
            Self::Progressed(_) => "show progress",
            Self::Completed { .. } => "complete",
            Self::Failed { .. } => "fail",
            Self::Released { .. } => "release",
            Self::ChildrenAdded { .. } => "add children",
            Self::Unclaimed(_) => "unclaim",
            Self::HolderLost(_) => "lose holder",
            Self::TokenProven(_) => "prove token",
            Self::Tick { .. } => "tick",
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Sweep(Deed::Revive, _) => "retry failed items",
            Self::Sweep(Deed::Cancel, _) => "cancel items",
            Self::Sweep(Deed::Advance, _) => "run items now",
            Self::ClientSays { .. } => "take in items",
            Self::AcceptedWritten { .. } => "write accepted list",
            Self::RecordDoubted => "doubt the record",
            Self::Recorded { .. } => "record",
        }
    }
}

/// The data of a grant.
#[derive(Debug, Clone, PartialEq)]
pub struct Granting {
    /// The item, from [`super::Pipeline::best`].
    pub item: ItemIx,
    /// Who gets it.
    pub worker: WorkerId,
    /// The worker's process.
    pub incarnation: Incarnation,
    /// Random.
    pub lease_id: LeaseId,
    /// When the lease expires without a heartbeat.
    pub deadline: Millis,
    /// The graph that this round goes to by it, where the worker holds one.
    pub graph: Option<GraphId>,
}

/// What a client says of items that are its own.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientSays {
    /// These are to be done.
    Named {
        /// Of the counted kind.
        items: Vec<WorkItem>,
        /// There will be no more.
        last: bool,
    },
    /// These were done, or could not be; they are made where they were not named.
    Settled(Vec<(ItemKey, ItemEnd)>),
}

/// How a client's own item ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemEnd {
    /// Done.
    Done {
        /// JSON text.
        result: String,
    },
    /// Not done.
    Failed {
        /// For a person.
        reason: String,
    },
}

/// What a client's call did to items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acted {
    /// Items that it changed, or made.
    pub items: u64,
    /// It ended the round's work.
    pub ended: bool,
}

/// What the caller has to do after an event. Effects never fail back into the event.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send the lease to its worker.
    Granted(Grant),
    /// Answer a closing message.
    Settled(SettleAnswer),
    /// Answer a chunk of children.
    ChildrenAdded(ChildrenAnswer),
    /// The worker does not hold this item any more.
    LeaseClosed {
        /// The item.
        item: ItemIx,
        /// Who held it.
        worker: WorkerId,
        /// Since when.
        granted: Millis,
        /// What ended it.
        how: Closing,
    },
    /// Tell the worker to stop.
    Cancel {
        /// Who holds it.
        worker: WorkerId,
        /// The lease.
        lease: LeaseRef,
        /// Why.
        reason: CancelReason,
    },
    /// Write the accepted list, then report with [`Event::AcceptedWritten`].
    WriteAccepted {
        /// The round.
        round: u32,
    },
    /// Answer a client that had something done to items.
    Acted(Acted),
    /// Answer a client whose items are not taken in.
    ItemsRefused {
        /// The rule that they break.
        reason: String,
    },
}

/// An event that the pipeline's state forbids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {event}: the pipeline is {}", .state.name())]
pub struct IllegalTransition {
    /// Where the pipeline stands.
    pub state: PipelineState,
    /// What was tried.
    pub event: &'static str,
}
