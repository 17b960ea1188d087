//! `edgraph ingester`: the worker's runtime with the handlers of what ends a round, on the graph's host. Without a
//! graph, as a coordinator may be, it publishes alone. It also removes what nothing reads any more.
//!
//! In protocol a worker like any other. The command line sees this module alone, not the runtime behind it.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::ids::{GraphId, Incarnation};
use edgraph_shared::secret::Secret;
use edgraph_shared::{retry, storage};
use edgraph_worker::app;
use edgraph_worker::config::{ConfigError, Connected};
use edgraph_worker::handler::Handler;
use edgraph_worker::runtime::{Coordinators, Tls, WorkRuntime, Worker, WorkerConfig, WorkerError};
use edgraph_worker::scratch::Scratch;
use tokio_util::sync::CancellationToken;

use crate::database::cypher::check_path;
use crate::database::folder::GraphFolder;
use crate::error::Error as GraphError;
use crate::gc::GcHandler;
use crate::ingest::{BatchLimits, IngestHandler, id_of};
use crate::publish::{CompactMonthHandler, FindMonthsHandler, PublishHandler};

pub use edgraph_worker::config::ConnectionArgs;

/// One to publish in and one to remove files in while an ingestion takes its hours; a graph has one writer, whoever has
/// how many slots.
const SLOTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// How long a cancelled ingestion has to stop: it looks between batches.
const CANCEL_GRACE: Duration = Duration::from_secs(5);

/// An ingester, ready to be built.
#[derive(Debug)]
pub struct Config {
    connection: Connected,
    /// The graph's folder; none is written when absent.
    graph: Option<PathBuf>,
    batch: BatchLimits,
}

impl Config {
    /// Checks what can be checked without opening anything.
    ///
    /// # Errors
    /// [`Error`] names the flag.
    pub fn new(connection: ConnectionArgs, graph: PathBuf, batch: BatchLimits) -> Result<Self, Error> {
        Ok(Self { connection: connection.validate(SLOTS)?, graph: Some(graph), batch })
    }

    /// One in the coordinator's own process, which it reaches at a loopback address with a token.
    pub fn in_process(
        (address, token): (String, Secret),
        store: String,
        (graph, scratch): (Option<PathBuf>, PathBuf),
        batch: BatchLimits,
    ) -> Self {
        let name = format!("ingester-{}", Incarnation::random());
        let worker = WorkerConfig {
            coordinators: Coordinators { addresses: vec![address], tls: Tls::default(), token: Some(token) },
            worker: name.parse().expect("a short name of letters, digits and dashes"),
            slots: SLOTS,
            drain: Duration::ZERO,
            cancel_grace: CANCEL_GRACE,
            home: Default::default(),
            desk: Default::default(),
        };
        Self { connection: Connected { worker, store, scratch }, graph, batch }
    }
}

/// Why an ingester did not start, or ended otherwise than told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store does not open.
    #[error("--store: {0}")]
    Store(#[from] storage::Error),
    /// The graph does not open.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The directory for temporary files cannot be made.
    #[error("cannot make a directory in {}: {source}; give a writable one with --scratch", path.display())]
    Scratch {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The threads for ingestion did not start.
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
            Error::Config(_)
            | Error::Store(storage::Error::Misconfigured { .. })
            | Error::Worker(WorkerError::Refused { .. }) => 2,
            Error::Worker(WorkerError::AllSlotsStuck { .. }) => app::ALL_SLOTS_STUCK,
            Error::Store(_)
            | Error::Graph(_)
            | Error::Scratch { .. }
            | Error::Threads(_)
            | Error::Worker(_) => 1,
        }
    }
}

/// Runs until `shutdown`, until an operator drains the ingester, or until an ingestion does not stop.
///
/// # Errors
/// [`Error`]; the graph is whole in any case.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let Config { connection, graph, batch } = config;
    let graph_id = match shutdown.run_until_cancelled(take(graph.as_deref())).await {
        Some(taken) => taken?,
        None => return Ok(()),
    };
    // Its files lie there for a while, and are gone with it.
    let scratch = graph.is_some().then(|| scratch(&connection.scratch)).transpose()?;
    let work = WorkRuntime::start().map_err(Error::Threads)?;
    // Whatever the store keeps running for its connections belongs to the runtime that uses it.
    let opening = work.handle().spawn(async move { storage::open_by_id(&connection.store).await });
    let (store, id) = tokio::select! {
        opened = opening => opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let mut handlers: Vec<Arc<dyn Handler>> = vec![
        Arc::new(PublishHandler::new(store.clone())),
        Arc::new(GcHandler::new(store.clone())),
        Arc::new(FindMonthsHandler { store: store.clone() }),
        Arc::new(CompactMonthHandler { store: store.clone() }),
    ];
    if let Some((graph, scratch)) = graph.zip(scratch.as_ref()) {
        handlers.push(Arc::new(IngestHandler::new(graph, scratch.path().to_owned(), store.clone(), batch)));
    }
    let mut worker = connection.worker;
    (worker.home.store, worker.home.graph) = (Some(id), graph_id);
    let ended = Worker::run_on(work.handle(), worker, handlers, shutdown).await;
    store.close();
    Ok(ended?)
}

/// Taken and let go: a graph that cannot be opened is said before an item is taken, and what a killed ingestion left is
/// removed. Who holds the folder lets it go, and a full disk is cleared, while this waits.
async fn take(graph: Option<&Path>) -> Result<Option<GraphId>, Error> {
    let Some(graph) = graph else { return Ok(None) };
    let open = async || GraphFolder::open(graph).and_then(|folder| id_of(&folder));
    Ok(Some(retry::until_it_can("the graph's folder", open, GraphError::may_pass).await?))
}

fn scratch(root: &Path) -> Result<Scratch, Error> {
    check_path(root)?;
    Scratch::open(root).map_err(|source| Error::Scratch { path: root.to_owned(), source })
}
