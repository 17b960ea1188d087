//! The engine: one task that owns all pipelines and moves bytes around the pure core.
//!
//! ```text
//! EngineHandle ─▶ queue ─▶ Core::step ─▶ batch of changes ─▶ Tracker::commit ─▶ release: replies, grants, lists
//!                              └──────── heartbeat answers at once ───────────▶
//! ```
//! Nobody hears of a step before the commit that contains it. One commit is in flight at a time; what is decided
//! meanwhile goes into the next one (group commit), so a slow tracker costs latency and not throughput, and
//! heartbeats are answered throughout. [`run`] is the task; decisions are [`crate::pipeline`]'s.

mod accepted;
mod handle;
mod run;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::tracker::{Tracker, TrackerError};

pub use accepted::{AcceptedSink, DiscardAccepted};
pub use handle::{EngineError, EngineHandle, WorkerSession};
// What callers of the handle need of the core: nobody else names it.
pub use crate::pipeline::step::{CommandError, ItemFilter, Timing};

/// Requests that wait for the engine. It handles some 100,000 a second, so a full queue is a delay of
/// milliseconds, and senders wait.
const QUEUE_LEN: usize = 1_024;
/// Messages that wait for one worker. Credit bounds grants, and the rest are answers to the worker's own messages:
/// a worker that lets so many wait has stopped reading, and its stream is cut.
const OUTBOX_LEN: usize = 4_096;
/// How often time passes for the core: far finer than any TTL, coarse enough to cost nothing.
const TICK: Duration = Duration::from_millis(20);
/// Requests taken into one batch before the next commit starts.
const BATCH_LEN: usize = 512;
/// When workers are to come back after a stop; they add jitter.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// What an engine is made of.
pub struct EngineConfig {
    /// Lease TTL and what goes with it.
    pub timing: Timing,
    /// Where pipelines are kept.
    pub tracker: Arc<dyn Tracker>,
    /// Where accepted lists are written.
    pub accepted: Arc<dyn AcceptedSink>,
}

/// A running engine.
pub struct Engine {
    /// For everybody who wants something of it.
    pub handle: EngineHandle,
    /// Ends after the shutdown, or with an error when another coordinator has taken over.
    pub task: JoinHandle<Result<(), TrackerError>>,
}

impl Engine {
    /// Takes the lead, reads what the tracker kept, and runs until `shutdown`.
    pub async fn start(config: EngineConfig, shutdown: CancellationToken) -> Result<Self, TrackerError> {
        let leadership = config.tracker.lead().await?;
        let (requests, queue) = tokio::sync::mpsc::channel(QUEUE_LEN);
        let handle = EngineHandle::new(requests);
        let shell = run::Shell::new(config, leadership);
        let task = tokio::spawn(shell.run(queue, shutdown));
        Ok(Self { handle, task })
    }
}
