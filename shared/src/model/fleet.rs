//! What operators and autoscalers see of the workers.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ids::{Incarnation, WorkerId};

/// Where a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkerState {
    /// Its stream is open and it takes grants.
    Active,
    /// Its stream is open; it finishes what it holds and takes nothing more.
    Draining,
    /// Its stream is closed; its leases live until their deadline.
    Detached,
}

/// One worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerStatus {
    /// The worker.
    pub id: WorkerId,
    /// Its process.
    pub incarnation: Incarnation,
    /// Where it stands.
    pub state: WorkerState,
    /// As it said.
    pub version: String,
    /// Leases it holds.
    pub leases: u32,
    /// Leases it would take beyond those.
    pub free_slots: u32,
    /// The kinds it takes, with the most leases of each.
    pub kinds: BTreeMap<String, u32>,
    /// When it was last heard of, in milliseconds since the Unix epoch.
    pub last_seen_ms: u64,
    /// What it said of its end, if it is about to stop.
    pub drain: Option<WorkerDrain>,
}

/// The end of a worker, as it announced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerDrain {
    /// Why it stops, at most [`super::MAX_PROGRESS_LEN`] bytes.
    pub reason: String,
    /// When its machine will be gone, in milliseconds since the Unix epoch, where somebody knows.
    pub deadline_ms: Option<u64>,
}

/// The work that waits and those who do it, over all pipelines that run and are not paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScalingSignal {
    /// Items that wait, backoff included.
    pub ready_items: u64,
    /// Items with a worker.
    pub leased_items: u64,
    /// What these items will take one after the other, by the mean run time of each kind; a second for each item of
    /// a kind of which nothing has ended yet.
    pub backlog: Duration,
    /// Workers that are connected and not draining.
    pub active_workers: u32,
    /// Their slots, free and in use.
    pub slots: u32,
}
