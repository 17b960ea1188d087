//! The engine: one task that owns all pipelines and moves bytes around the pure core.
//!
//! ```text
//! EngineHandle ─▶ queue ─▶ Core::step ─▶ batches of changes ─▶ Tracker::commit ─▶ release: replies, grants, lists
//!                              └──────── heartbeat answers at once ───────────▶
//! ```
//! Nobody hears of a step before the commit that contains it. One commit is in flight at a time; what is decided
//! meanwhile goes into the next one (group commit), so a slow tracker costs latency and not throughput, and
//! heartbeats are answered throughout. [`run`] is the task; decisions are [`crate::pipeline`]'s. [`lead`] runs an
//! engine whenever this coordinator leads, and [`Seat`] says whether it does.

mod accepted;
mod handle;
mod seat;
pub mod lead;
mod run;
mod batch;
mod marks;
mod commits;
mod release;
mod pauses;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::tracker::{Leader, LockTiming, Tracker, TrackerError};
use handle::Request;

pub use accepted::{AcceptedSink, DiscardAccepted, StoreAccepted};
pub use handle::{EngineError, EngineHandle, EngineStats, WorkerSession};
pub use lead::LeadConfig;
pub use seat::{NotLeader, Role, Seat};
// What callers of the handle need of the core: nobody else names it.
pub use crate::pipeline::SpecError;
pub use crate::pipeline::core::{CommandError, ItemFilter, Timing};
pub use crate::pipeline::token_buckets::{DEFAULT_RATE, MAX_SEC_RATE, RequestRules};

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

/// How long a stop waits for a tracker that does not answer: what is not committed by then was told to nobody.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// What waits for the engine. Heartbeats have a queue of their own: they are taken even when so much waits for the
/// tracker that nothing else is.
struct Queues {
    requests: tokio::sync::mpsc::Receiver<Request>,
    beats: tokio::sync::mpsc::Receiver<Request>,
}

/// What an engine is made of.
pub struct EngineConfig {
    /// Lease TTL and what goes with it.
    pub timing: Timing,
    /// Where pipelines are kept.
    pub tracker: Arc<dyn Tracker>,
    /// Where accepted lists are written.
    pub accepted: Arc<dyn AcceptedSink>,
    /// How requests to the SEC are limited.
    pub requests: RequestRules,
}

/// A running engine.
pub struct Engine {
    /// For everybody who wants something of it.
    pub handle: EngineHandle,
    /// Ends after the shutdown, or with an error when another coordinator has taken over.
    pub task: JoinHandle<Result<(), TrackerError>>,
}

impl Engine {
    /// Leads for all its life, as the only coordinator: see [`Self::lead`].
    pub async fn start(config: EngineConfig, shutdown: CancellationToken) -> Result<Self, TrackerError> {
        Self::lead(config, &Leader::new(None, LockTiming::default()), shutdown).await
    }

    /// Takes the lead, reads what the tracker kept, and runs until `shutdown` or until another one leads. The same
    /// leader may try again after an error, and must not lead twice.
    pub async fn lead(
        config: EngineConfig,
        leader: &Leader,
        shutdown: CancellationToken,
    ) -> Result<Self, TrackerError> {
        let lead = config.tracker.lead(leader).await?;
        let (requests, taken_requests) = tokio::sync::mpsc::channel(QUEUE_LEN);
        let (beats, taken_beats) = tokio::sync::mpsc::channel(QUEUE_LEN);
        let handle = EngineHandle::new(requests, beats);
        let shell = run::Shell::new(config, lead, handle.counters());
        let queues = Queues { requests: taken_requests, beats: taken_beats };
        let task = tokio::spawn(shell.run(queues, shutdown));
        Ok(Self { handle, task })
    }
}
