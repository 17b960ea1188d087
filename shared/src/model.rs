//! The domain model that coordinator and worker share: what is to be done, and what they tell each other.
//!
//! Plain data without behaviour. [`spec`] is what starts a pipeline, [`status`] what is shown of it,
//! [`stream`] the messages of the Work stream, [`fleet`] what operators see of the workers,
//! [`request_tokens`] the budget of requests to the SEC. Proto types become these in [`crate::wire`] and nowhere else.

pub mod spec;
pub mod status;
pub mod stream;
pub mod fleet;
pub mod request_tokens;

use std::sync::Arc;

use crate::ids::ItemKey;

pub use fleet::{ScalingSignal, WorkerDrain, WorkerState, WorkerStatus};
pub use request_tokens::{
    HostFamily, HostPause, MAX_HOST_PAUSE, RequestBudget, RequestTerms, RequestTokens, Throttled,
};
pub use spec::{Backoff, Budgets, DeadPolicy, DisplayCounter, FinishSpec, KindSettings, PipelineSpec};
pub use status::{
    ItemFailure, ItemProgress, ItemSnapshot, ItemState, PhaseCounts, PipelineState, PipelineStatus,
};
pub use stream::{
    CancelReason, ChildrenAnswer, Completion, CoordinatorMessage, FailedLease, Grant, Hello, KindLimit,
    LeaseProgress, LeaseRef, Progress, ReleaseReason, SettleAnswer, Settlement, Welcome, WorkerMessage,
};

/// Longest payload of an item in bytes: payloads stay in the coordinator's memory.
pub const MAX_PAYLOAD_LEN: usize = 64 * 1024;
/// Longest result of an item in bytes: results stay in the coordinator's memory; large ones belong in the store.
pub const MAX_RESULT_LEN: usize = 4 * 1024;
/// Longest pipeline parameters in bytes: they travel inside payloads, with room for what surrounds them.
pub const MAX_PARAMS_LEN: usize = 48 * 1024;
/// Most children in one message: keeps one commit small.
pub const MAX_CHILDREN_PER_CHUNK: usize = 1_000;
/// Longest text of a progress report, or of why a worker stops, in bytes: it is shown on one line.
pub const MAX_PROGRESS_LEN: usize = 256;
/// Longest name of an item kind in bytes: it is repeated in keys, metrics and status.
pub const MAX_KIND_LEN: usize = 63;

/// A unit of work as its creator describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    /// Names the handler that runs it.
    pub kind: String,
    /// Unique in its pipeline.
    pub key: ItemKey,
    /// JSON text for the handler, at most [`MAX_PAYLOAD_LEN`] bytes.
    pub payload: String,
    /// Higher runs first; equal priorities run in order of creation.
    pub priority: i32,
}

impl WorkItem {
    /// An item of ordinary priority.
    pub fn new(kind: impl Into<String>, key: ItemKey, payload: impl Into<String>) -> Self {
        Self { kind: kind.into(), key, payload: payload.into(), priority: 0 }
    }
}

/// One succeeded item of the counted kind, as the finish item finds it in the accepted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedItem {
    /// The item.
    pub key: ItemKey,
    /// Its result, JSON text.
    pub result: Arc<str>,
    /// Keys of all items that named it.
    pub parents: Vec<ItemKey>,
}
