//! What is shown of a pipeline and its items: snapshots, detached from the state they were taken of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Progress, RequestBudget};
use crate::ids::{FencingToken, ItemKey, PipelineId, WorkerId};

/// Where a pipeline stands. Being paused is apart from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PipelineState {
    /// Work items are open.
    Running,
    /// All work of the round is settled; the finish item is open.
    Finishing,
    /// Waits for a decision about dead items.
    Held,
    /// Leased items of a cancelled pipeline are still with their workers.
    Cancelling,
    /// Everything succeeded.
    Completed,
    /// Finished without the dead items.
    CompletedWithFailures,
    /// Ended without a result.
    Failed,
    /// Cancelled, no lease remains.
    Cancelled,
}

impl PipelineState {
    /// Whether nothing more happens by itself.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Completed | Self::CompletedWithFailures | Self::Failed | Self::Cancelled)
    }

    /// The state's name, as logs and tables show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finishing => "ingesting",
            Self::Held => "held",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::CompletedWithFailures => "completed with failures",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemState {
    /// Waiting, backoff included.
    Ready,
    /// A worker holds a lease on it.
    Leased,
    /// Its result is recorded.
    Succeeded,
    /// A budget is spent or the error is permanent.
    Dead,
    /// Settled by a cancelled pipeline.
    Cancelled,
}

/// The items of one kind, counted. Every item is in exactly one of ready, leased, succeeded, dead, cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PhaseCounts {
    /// Waiting, backoff included.
    pub ready: u64,
    /// With a worker.
    pub leased: u64,
    /// Done, skipped ones included.
    pub succeeded: u64,
    /// Of the succeeded: found done already.
    pub skipped: u64,
    /// Dead letters.
    pub dead: u64,
    /// Cancelled.
    pub cancelled: u64,
}

impl PhaseCounts {
    /// All items of the kind created so far.
    pub fn expected(&self) -> u64 {
        self.ready + self.leased + self.settled()
    }

    /// Items that nothing more happens to by itself.
    pub fn settled(&self) -> u64 {
        self.succeeded + self.dead + self.cancelled
    }
}

/// A pipeline's status.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineStatus {
    /// The pipeline.
    pub id: PipelineId,
    /// Its kind, for example `sec_xbrl`.
    pub kind: String,
    /// The client's parameters, JSON text.
    pub params: Arc<str>,
    /// Where it stands.
    pub state: PipelineState,
    /// Why it is held, failed or cancelled, or what it waits for; empty when there is nothing to say.
    pub state_reason: String,
    /// Why work waits, such as that no worker takes a kind of items; empty while nothing keeps it from going on.
    pub waiting_for: String,
    /// Rises with every change: of two statuses of a pipeline the higher one is the newer.
    pub version: u64,
    /// Grants are stopped.
    pub paused: bool,
    /// Counts from 1.
    pub round: u32,
    /// Counts of the counted kind.
    pub tasks: PhaseCounts,
    /// Of that kind, all that there are, or will be as far as that is known.
    pub expected_tasks: u64,
    /// Everything that can create counted items is settled.
    pub discovery_complete: bool,
    /// 0 to 100; at most 99 until the end; never falls within a round.
    pub progress_percent: u32,
    /// Display counters by name.
    pub counters: BTreeMap<String, u64>,
    /// Counts by item kind, in order of first appearance.
    pub phases: Vec<(String, PhaseCounts)>,
    /// The first dead items.
    pub failures: Vec<ItemFailure>,
    /// Dead items by what they died of, the most frequent causes first.
    pub failure_groups: Vec<FailureGroup>,
    /// Dependencies that keep items waiting, by item kind.
    pub unavailable: BTreeMap<String, String>,
    /// Milliseconds since the Unix epoch.
    pub created_ms: u64,
    /// Milliseconds since the Unix epoch.
    pub updated_ms: u64,
    /// Milliseconds since the Unix epoch, once finished.
    pub ended_ms: Option<u64>,
    /// Counted items settled per second over the last minute.
    pub tasks_per_second: f64,
    /// Until all expected items are settled at this rate, where it can be told.
    pub eta: Option<Duration>,
    /// How far long-running leased items are.
    pub running: Vec<ItemProgress>,
    /// The fleet's request budgets that anybody has asked of.
    pub requests: Vec<RequestBudget>,
}

/// How far one leased item is, as its worker last said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemProgress {
    /// The item.
    pub key: ItemKey,
    /// How far.
    pub progress: Progress,
}

/// One dead item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFailure {
    /// The item.
    pub key: ItemKey,
    /// Why it is dead.
    pub reason: String,
    /// How often it was granted.
    pub attempts: u32,
}

/// Dead items of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureGroup {
    /// Their kind.
    pub kind: String,
    /// What their reasons have in common, by which they are selected.
    pub words: String,
    /// How many there are.
    pub items: u64,
    /// The oldest of them.
    pub first: ItemKey,
    /// What that one died of.
    pub reason: String,
}

/// One item with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemSnapshot {
    /// The item's name.
    pub key: ItemKey,
    /// Its kind.
    pub kind: String,
    /// JSON text.
    pub payload: Arc<str>,
    /// Higher runs first.
    pub priority: i32,
    /// Where it stands.
    pub state: ItemState,
    /// JSON text, once succeeded.
    pub result: Option<Arc<str>>,
    /// Found done already.
    pub skipped: bool,
    /// Why it is dead, or the last attempt's failure.
    pub reason: String,
    /// Items that named it.
    pub parents: Vec<ItemKey>,
    /// The newest token.
    pub token: FencingToken,
    /// Failed attempts since creation or the last RetryFailed.
    pub failures: u32,
    /// Lost leases since then.
    pub lost_leases: u32,
    /// Preemptions since then.
    pub preemptions: u32,
    /// Who holds the lease, while leased.
    pub worker: Option<WorkerId>,
    /// When it may be granted again, Unix milliseconds, while it waits after an attempt.
    pub next_run_ms: Option<u64>,
    /// Why it is not granted, while it is ready; empty where a worker only has to ask.
    pub waiting_for: String,
}
