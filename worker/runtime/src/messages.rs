//! What the runtime and its handlers tell the connection.
//!
//! It stands below all three, so that a handler knows nothing of how its children reach the coordinator.

use edgraph_shared::failure::Failure;
use edgraph_shared::model::{ChildrenAnswer, LeaseRef, RefusedResult, ReleaseReason, WorkItem};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Messages from the runtime that wait: one per slot is usual.
pub(crate) const UPS_LEN: usize = 1_024;

/// From the runtime and its handlers to the connection.
pub(crate) enum Up {
    /// The work under a lease has ended.
    Finished { lease: LeaseRef, outcome: Outcome },
    /// A slot is free again.
    SlotFree,
    /// A handler adds children.
    Children { lease: LeaseRef, chunk: u32, items: Vec<WorkItem>, reply: oneshot::Sender<ChildrenAnswer> },
    /// No more grants; said again when the deadline changes.
    Drain { reason: String, deadline: Option<Instant> },
    /// All work is to stop now.
    CancelAll,
    /// Close once every outcome is answered, at the latest then.
    Close { deadline: Instant },
}

/// How the work under a lease ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    /// With a result.
    Done { result: String, skipped: bool, children: u32, refused: Vec<RefusedResult> },
    /// With a failure.
    Failed(Failure),
    /// Without either.
    Released(ReleaseReason),
}
