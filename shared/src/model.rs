//! The domain model that coordinator and worker share: what is to be done, and what they tell each other.
//!
//! Plain data without behaviour, of bounded size. [`spec`] is what starts a pipeline, [`status`] what is shown of it,
//! [`home`] where a process belongs, [`stream`] the messages of the Work stream, [`fleet`] what operators see of the
//! workers, [`request_tokens`] the budget of requests to the SEC, [`query`] a question to the graph. Proto types become these in [`crate::wire`] and
//! nowhere else.

mod limits;
pub mod spec;
pub mod status;
pub mod home;
pub mod stream;
pub mod fleet;
pub mod request_tokens;
pub mod query;

use std::sync::Arc;

use crate::ids::ItemKey;

pub use fleet::{ScalingSignal, WorkerDrain, WorkerState, WorkerStatus};
pub use home::Home;
pub use limits::{
    MAX_CHILDREN_PER_CHUNK, MAX_COUNTERS, MAX_FINISH_STEPS, MAX_FREE_SLOTS, MAX_KIND_LEN, MAX_KINDS,
    MAX_LEASES_NAMED, MAX_MESSAGE_LEN, MAX_OUTCOMES_PER_STEP, MAX_PARAMS_LEN, MAX_PAYLOAD_LEN,
    MAX_PROGRESS_LEN, MAX_REFUSAL_LEN, MAX_REFUSED, MAX_RESULT_LEN, MAX_ROOTS, MAX_VERSION_LEN,
};
pub use query::{
    FindKind, FindQuestion, GraphQuery, GraphQuestion, QueryLimits, QueryPart, QueryRefusal, SeriesLength,
    SeriesQuestion, StatementQuestion, StatementSpan,
};
pub use request_tokens::{
    HostFamily, HostPause, MAX_HOST_PAUSE, RequestBudget, RequestTerms, RequestTokens, Throttled,
};
pub use spec::{
    Backoff, Budgets, ClientItems, DeadPolicy, DisplayCounter, FinishSpec, GRAPH_WRITER, KindSettings,
    PipelineSpec, ResultRule,
};
pub use status::{
    FailureGroup, ItemFailure, ItemProgress, ItemSnapshot, ItemState, PhaseCounts, PipelineState,
    PipelineStatus,
};
pub use stream::{
    CancelReason, ChildrenAnswer, Completion, CoordinatorMessage, FailedLease, Grant, Hello, KindLimit,
    LeaseProgress, LeaseRef, Progress, RefusedResult, ReleaseReason, SettleAnswer, Settlement, Welcome,
    WorkerMessage,
};

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
