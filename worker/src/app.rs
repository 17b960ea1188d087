//! `edgraph-worker`, put together: store, EDGAR, taxonomies and handlers, then the runtime until it ends.

use std::sync::Arc;

use edgraph_shared::storage::{self, SharedStore};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::download::Desk;
use crate::edgar::{self, Edgar};
use crate::handler::Handler;
use crate::kinds::sec_xbrl;
use crate::kinds::sec_xbrl::processor::ProcessorVersion;
use crate::runtime::{Stops, WorkRuntime, Worker, WorkerError};
use crate::scratch::Scratch;
use crate::spot;
use crate::taxonomy_store::{TaxonomyConfig, TaxonomyStore};
use crate::universe::SecList;

/// The exit code of a worker whose slots are all held by work that does not stop (`EX_TEMPFAIL`): start it again.
pub const ALL_SLOTS_STUCK: u8 = 75;

/// Why a worker did not start, or ended otherwise than told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// EDGAR or a source of taxonomies is configured wrongly.
    #[error(transparent)]
    Config(#[from] edgar::ConfigError),
    /// The store does not open.
    #[error("--store: {0}")]
    Store(#[from] storage::Error),
    /// The directory for temporary files cannot be made.
    #[error("cannot make a directory in {}: {source}; give a writable one with --scratch", path.display())]
    Scratch {
        /// Where.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The threads for handlers did not start.
    #[error("the threads for work did not start: {0}")]
    Threads(std::io::Error),
    /// The runtime.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

impl Error {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Config(_) | Error::Store(storage::Error::Misconfigured { .. }) => 2,
            Error::Worker(WorkerError::Refused { .. }) => 2,
            Error::Worker(WorkerError::AllSlotsStuck { .. }) => ALL_SLOTS_STUCK,
            Error::Store(_) | Error::Scratch { .. } | Error::Threads(_) | Error::Worker(_) => 1,
        }
    }
}

/// Runs until `shutdown`, until an operator drains the worker, until its machine is taken away or likely to be, or
/// until every slot is stuck.
///
/// # Errors
/// [`Error`]; nothing is left behind that another start would not clean up.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let Config { connection, edgar, taxonomies, processor, spot } = config;
    let stops = Stops { shutdown: shutdown.clone(), notices: spot::watch(spot) };
    let root = connection.scratch;
    let _scratch = Scratch::open(&root).map_err(|source| Error::Scratch { path: root, source })?;
    let work = WorkRuntime::start().map_err(Error::Threads)?;
    // Whatever store and hosts keep running for their connections belongs to the runtime that uses them.
    let opening = work.handle().spawn(async move { storage::open_by_id(&connection.store).await });
    let (store, id) = tokio::select! {
        opened = opening => opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let mut worker = connection.worker;
    worker.home.store = Some(id);
    let handlers = handlers(&store, edgar, taxonomies, processor, &worker.desk)?;
    let ended = Worker::run_on(work.handle(), worker, handlers, stops).await;
    store.close();
    Ok(ended?)
}

/// Of every kind that this worker knows, over one store and one view of EDGAR.
fn handlers(
    store: &SharedStore,
    edgar: edgar::EdgarConfig,
    taxonomies: TaxonomyConfig,
    version: ProcessorVersion,
    desk: &Desk,
) -> Result<Vec<Arc<dyn Handler>>, Error> {
    let edgar = Edgar::lent(edgar, desk)?;
    let offline = taxonomies.offline || edgar.is_local();
    let taxonomies = TaxonomyConfig { offline, ..taxonomies };
    let taxonomies = TaxonomyStore::new(&taxonomies, store.clone(), &edgar)?;
    let list = SecList::new(edgar.clone(), store.clone());
    Ok(sec_xbrl::handlers(list, edgar, store.clone(), taxonomies, version))
}
