//! The engine: one task that owns all pipelines and moves bytes around the pure core.
//!
//! ```text
//! EngineHandle ─▶ queue ─▶ Core::step ─▶ batches of changes ─▶ Tracker::commit ─▶ release: replies, grants, lists
//!                              └──────── heartbeat answers at once ───────────▶
//! ```
//! Nobody hears of a step before the commit that contains it. One commit is in flight at a time; what is decided
//! meanwhile goes into the next one (group commit), so a slow tracker costs latency and not throughput, and heartbeats
//! are answered throughout. [`run`] is the task, [`shell`] its state; decisions are [`crate::pipeline`]'s. [`ends`]
//! writes the ends of pipelines to the store, and [`restoring`] reads them when the tracker was lost. [`lead`] runs an
//! engine whenever this coordinator leads, and [`Seat`] says whether it does.

mod config;
mod handle;
mod seat;
pub(crate) mod vigil;
pub mod lead;
mod shell;
mod run;
mod clock;
mod batch;
mod marks;
mod removals;
mod commits;
mod pending;
mod shown;
mod release;
mod monitoring;
mod log;
mod accepted;
mod gathering;
mod finished;
mod recording;
mod ends;
mod restoring;
mod pauses;
mod limits;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::tracker::{Lead, Leader, LockTiming, TrackerError};
use finished::FinishedStore;
use handle::Queues;
use limits::QUEUE_LEN;
use shell::Shell;

pub use accepted::{AcceptedSink, DiscardAccepted, StoreAccepted};
pub use config::EngineConfig;
pub use handle::{EngineError, EngineHandle, EngineStats, WorkerSession};
pub use lead::LeadConfig;
pub use monitoring::{DECLARED, Recorder, Sort};
pub use restoring::{Outcome, Restored};
pub use seat::{NotLeader, Role, Seat};
// What callers of the handle need of the core: nobody else names it.
pub use crate::pipeline::SpecError;
pub use crate::pipeline::core::{CommandError, Timing};
pub use crate::pipeline::token_buckets::{DEFAULT_RATE, MAX_SEC_RATE, RequestRules};
pub use crate::pipeline::{Acted, ClientSays, Deed, ItemEnd, Selection};

/// A running engine.
pub struct Engine {
    /// For everybody who wants something of it.
    pub handle: EngineHandle,
    /// Ends after the shutdown, or with an error when another coordinator has taken over.
    pub task: JoinHandle<Result<(), TrackerError>>,
}

impl Engine {
    /// Leads for all its life, as the only coordinator.
    pub async fn start(config: EngineConfig, shutdown: CancellationToken) -> Result<Self, TrackerError> {
        let leader = Leader::new(None, LockTiming::default());
        let lead = config.tracker.lead_alone(&leader).await?;
        Ok(Self::lead(config, lead, shutdown))
    }

    /// Runs from what the tracker kept, until `shutdown` or until another one leads.
    pub(crate) fn lead(config: EngineConfig, lead: Lead, shutdown: CancellationToken) -> Self {
        let (requests, taken_requests) = tokio::sync::mpsc::channel(QUEUE_LEN);
        let (beats, taken_beats) = tokio::sync::mpsc::channel(QUEUE_LEN);
        let finished = FinishedStore::of(&config, lead.term.epoch).map(Arc::new);
        let handle = EngineHandle::new(requests, beats, finished.clone());
        monitoring::lead_won();
        tracing::info!(
            epoch = lead.term.epoch, leader = lead.term.leader.id, pipelines = lead.stored.len(), before = ?lead.predecessor,
            "lead won"
        );
        let shell = Shell::new(config, lead, finished, handle.counters());
        let queues = Queues { requests: taken_requests, beats: taken_beats };
        let task = tokio::spawn(shell.run(queues, shutdown));
        Self { handle, task }
    }
}
