//! What an ingestion is given.

use std::path::PathBuf;
use std::sync::Arc;

use edgraph_shared::storage::SharedStore;
use edgraph_worker::handler::{ProgressReporter, Refusals};
use tokio_util::sync::CancellationToken;

use super::plan::BatchLimits;

/// Asked immediately before the graph is published: an error says why the lease no longer holds.
pub type LeaseCheck = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What an ingestion works with.
#[derive(Clone)]
pub struct Ingestion {
    /// The graph's folder.
    pub graph: PathBuf,
    /// A folder for files of a batch, on a local disk.
    pub scratch: PathBuf,
    /// Where manifests, files and snapshots are.
    pub store: SharedStore,
    /// How much is done at once.
    pub limits: BatchLimits,
    /// Looked at between batches.
    pub cancel: CancellationToken,
    /// Told after every batch, in filings.
    pub progress: ProgressReporter,
    /// Told of filings whose output is missing or damaged.
    pub refusals: Refusals,
    /// Looked at before the rename.
    pub lease_check: LeaseCheck,
}
