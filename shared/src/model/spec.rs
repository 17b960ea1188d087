//! What starts a pipeline: items, limits and policies. Says nothing of what the items mean, but for the names of the
//! rules that a kind's results follow.

use std::collections::BTreeMap;
use std::time::Duration;

use super::WorkItem;
use crate::ids::ItemKey;
use crate::kinds::sec_xbrl::FilingProcessed;

/// All that the coordinator needs to know to run a pipeline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PipelineSpec {
    /// Names the pipeline kind, for example `sec_xbrl`.
    pub kind: String,
    /// The client's parameters, JSON text; for display.
    pub params: String,
    /// The first items, at least one unless clients name them.
    pub roots: Vec<WorkItem>,
    /// The last items of each round, one after the other: each waits for the success of the one before.
    pub finish: Vec<FinishSpec>,
    /// Settings by item kind; absent kinds have the defaults.
    pub limits: BTreeMap<String, KindSettings>,
    /// The kind whose items count as tasks.
    pub counted_kind: String,
    /// Counters shown in the status.
    pub counters: Vec<DisplayCounter>,
    /// What to do about dead items at the gate.
    pub dead_policy: DeadPolicy,
    /// The pipeline is cancelled this long after its start.
    pub deadline: Option<Duration>,
    /// Items of the counted kind are its clients': they name and settle them, and no worker is given one.
    pub client_items: Option<ClientItems>,
}

/// When the clients of a pipeline have named all their items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientItems {
    /// As soon as there are so many; 0: when a client says so.
    pub expected: u64,
}

/// One of the items that end a round, created when all others are settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishSpec {
    /// Its kind, which no other of the pipeline's items has; its key is `{kind}/{round}`.
    pub kind: String,
    /// JSON text that becomes `params` of its payload; empty reads as `null`.
    pub payload: String,
}

/// The exclusive name that is the way into the graph: what has it goes, in all pipelines, to workers of one graph alone.
pub const GRAPH_WRITER: &str = "ingest";

/// Limits of one kind of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindSettings {
    /// From grant to settlement, heartbeats or not.
    pub max_run: Duration,
    /// Leases at one time in the pipeline; `None` is no limit.
    pub max_in_flight: Option<u32>,
    /// How often an item may fail, and in which ways.
    pub budgets: Budgets,
    /// How long a failed item waits.
    pub backoff: Backoff,
    /// An item whose dependency is down for this long is dead.
    pub max_unavailable: Duration,
    /// At most one lease at a time over all pipelines that use this name.
    pub exclusive: Option<String>,
    /// What the results of this kind must be.
    pub result: ResultRule,
}

/// What a result must be to count. A result that its reader cannot use is refused where it arrives, and costs its own
/// item; taken, it would fail the finish item of the round again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResultRule {
    /// Any text of bounded length.
    #[default]
    Any,
    /// What the ingestion of filings reads.
    Filing,
}

impl ResultRule {
    /// Whether the result of the item with this key counts.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, key: &ItemKey, result: &str) -> Result<(), String> {
        match self {
            Self::Any => Ok(()),
            Self::Filing => FilingProcessed::of_item(key, result).map(drop),
        }
    }
}

impl Default for KindSettings {
    fn default() -> Self {
        Self {
            max_run: Duration::from_secs(15 * 60),
            max_in_flight: None,
            budgets: Budgets::default(),
            backoff: Backoff::default(),
            max_unavailable: Duration::from_secs(24 * 3600),
            exclusive: None,
            result: ResultRule::Any,
        }
    }
}

/// Attempts an item has, counted apart by what ended them: losing machines is no fault of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Failed attempts that make an item dead.
    pub failures: u32,
    /// Lost leases that make an item dead: it may be what kills the workers.
    pub lost_leases: u32,
    /// Preemptions that make an item dead: an end even on the most restless fleet.
    pub preemptions: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { failures: 5, lost_leases: 5, preemptions: 20 }
    }
}

/// Exponential backoff with full jitter: the n-th wait is a random part of `min(max, base * 2^(n-1))`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Upper end of the first wait.
    pub base: Duration,
    /// Upper end of every wait.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(1), max: Duration::from_secs(5 * 60) }
    }
}

/// A counter shown in the status: how many items of a kind succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayCounter {
    /// As shown, for example `filings`.
    pub name: String,
    /// The kind counted.
    pub kind: String,
}

/// What to do about dead items when everything else of the round is settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DeadPolicy {
    /// Finish without them; hold when a kind has more than the larger of both limits.
    FinishWithout {
        /// In items.
        max_dead: u64,
        /// Of the kind's items, 0 to 1.
        max_dead_fraction: f64,
    },
    /// Hold the pipeline for a decision.
    Hold,
    /// Fail the pipeline.
    Fail,
}

impl Default for DeadPolicy {
    fn default() -> Self {
        Self::FinishWithout { max_dead: 5, max_dead_fraction: 0.01 }
    }
}
