//! Why a worker ended.

use crate::connection::endpoint::EndpointError;

/// Why a worker ended.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The coordinators cannot be reached as configured.
    #[error(transparent)]
    Coordinators(#[from] EndpointError),
    /// A thread did not start.
    #[error("the worker's control thread did not start: {0}")]
    Thread(#[from] std::io::Error),
    /// Handlers that do not stop hold every slot: the process should end and be started again.
    #[error("all {slots} slots are held by handlers that do not stop")]
    AllSlotsStuck {
        /// The slots.
        slots: u32,
    },
    /// The coordinator does not take this worker in.
    #[error("the coordinator refuses this worker: {reason}")]
    Refused {
        /// What is in the way and what to change.
        reason: String,
    },
    /// The control thread ended although nobody told it to.
    #[error("the worker's connection ended unexpectedly")]
    ConnectionLost,
}
