//! The embedded run: lock the output, open everything, start one pipeline, watch it to its end.

use std::io;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use edgraph_coordinator::engine::{
    Engine, EngineConfig, EngineError, EngineHandle, RequestRules, Seat, StoreAccepted,
};
use edgraph_coordinator::kinds;
use edgraph_coordinator::service::{self, ServeConfig};
use edgraph_coordinator::tracker::MemoryTracker;
use edgraph_graph::database::cypher::check_path;
use edgraph_graph::database::folder::GraphFolder;
use edgraph_graph::gc::{self, Grace};
use edgraph_graph::ingest::{self, IngestHandler};
use edgraph_graph::publish::PublishHandler;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::kinds::sec_xbrl::{DiscoverCompanies, NAME};
use edgraph_shared::model::{DeadPolicy, PipelineSpec, PipelineState, PipelineStatus};
use edgraph_shared::storage::{self, LocalStore, SharedStore};
use edgraph_worker::download::Desk;
use edgraph_worker::edgar::{ConfigError, Edgar, EdgarConfig};
use edgraph_worker::handler::Handler;
use edgraph_worker::kinds::sec_xbrl::handlers;
use edgraph_worker::kinds::sec_xbrl::processor::ProcessorVersion;
use edgraph_worker::runtime::{Coordinators, Tls, Worker, WorkerConfig};
use edgraph_worker::taxonomy_store::{TaxonomyConfig, TaxonomyStore};
use edgraph_worker::universe::{self, ResolveError, SecList};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::lock::{self, LockError};
use super::outcome::{RunResult, outcome};

/// The pipeline's id: the same every time, so its accepted list is replaced and never piles up.
const PIPELINE: &str = "run";
/// The worker that ingests.
const INGESTER: &str = "ingester";
/// How long an item waits for a dependency that is down: nobody leaves a laptop waiting for a day. Longer than the
/// longest pause that a host is granted.
const MAX_UNAVAILABLE: Duration = Duration::from_secs(20 * 60);
/// How long a handler has to stop after Ctrl-C; the ingestion looks between batches.
const CANCEL_GRACE: Duration = Duration::from_secs(5);
/// How long workers may take to hand back what they hold after Ctrl-C.
const STOP_GRACE: Duration = Duration::from_secs(20);

/// An embedded run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder for everything: `store/` and, unless elsewhere, `graph/`.
    pub out: PathBuf,
    /// The graph's folder; no graph is made when absent.
    pub graph: Option<PathBuf>,
    /// How EDGAR is reached.
    pub edgar: EdgarConfig,
    /// Where taxonomies come from.
    pub taxonomies: TaxonomyConfig,
    /// Which companies and filings, and how they are processed.
    pub parameters: DiscoverCompanies,
    /// Whose output is current.
    pub processor: ProcessorVersion,
    /// Everything else.
    pub options: Options,
}

/// Settings that change how a run goes, not what it gives.
#[derive(Clone, Debug)]
pub struct Options {
    /// Workers, each with one slot.
    pub workers: usize,
    /// Longest time from grant to settlement, by item kind, where it differs from the preset.
    pub max_run: Vec<(String, Duration)>,
    /// How much one transaction of the ingestion loads.
    pub batch: ingest::BatchLimits,
}

/// Why a run did not start, or was cut off.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The output folder is in use, or cannot be written.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store in the output folder does not open.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// EDGAR or a source of taxonomies is configured wrongly.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The companies cannot be told.
    #[error(transparent)]
    Universe(#[from] ResolveError),
    /// The graph does not open.
    #[error(transparent)]
    Graph(#[from] edgraph_graph::Error),
    /// EDGAR's lists, what is kept in the store, or a source of taxonomies cannot be read.
    #[error(transparent)]
    Kept(#[from] Failure),
    /// The loopback server does not start.
    #[error("coordinator and workers cannot talk over the loopback interface: {0}; is it up?")]
    Listen(io::Error),
    /// The engine ended early.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The run was interrupted.
    #[error("interrupted; what is done is kept, and running it again goes on from there")]
    Interrupted,
}

impl Error {
    /// Whether the command line is to blame.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Error::Config(_)
                | Error::Universe(ResolveError::Unknown(_))
                | Error::Graph(edgraph_graph::Error::Invalid { .. })
        )
    }
}

/// Runs a pipeline to its end. `observe` sees every new status.
///
/// # Errors
/// [`Error`] if it cannot start or is interrupted. Filings that fail are part of the [`RunResult`].
pub async fn run(
    config: Config,
    mut observe: impl FnMut(&PipelineStatus),
    shutdown: CancellationToken,
) -> Result<RunResult, Error> {
    let scratch = config.out.join("tmp");
    check_path(&scratch)?;
    config.graph.as_deref().map(check_path).transpose()?;
    let _lock = lock::take(&config.out)?;
    let root = config.out.join("store");
    let local = LocalStore::open(&root)?;
    let store: SharedStore = Arc::new(local.clone());
    // Taken and let go: a graph that cannot be opened is said before anything is downloaded.
    config.graph.as_deref().map(GraphFolder::open).transpose().map(drop)?;

    config.edgar.check_rules()?;
    let desk = Desk::default();
    let edgar = Edgar::lent(config.edgar.clone(), &desk)?;
    let offline = config.taxonomies.offline || edgar.is_local();
    let taxonomies = TaxonomyConfig { offline, is_alone: true, ..config.taxonomies.clone() };
    let taxonomies = TaxonomyStore::new(&taxonomies, store.clone(), &edgar)?;

    // The parts stop in order: workers hand back what they hold, then the engine and its server end.
    let engine_stop = CancellationToken::new();
    let accepted = Arc::new(StoreAccepted(store.clone()));
    let engine = EngineConfig {
        timing: Default::default(),
        tracker: Arc::new(MemoryTracker::default()),
        accepted,
        // Nothing outlives this process but its output, which the next run finds by itself.
        finished: None,
        requests: RequestRules {
            per_second: config.edgar.rate.per_second(),
            user_agent: config.edgar.user_agent.clone().unwrap_or_default(),
        },
        // All of it is one process, over one store.
        home: Default::default(),
    };
    let engine = Engine::start(engine, engine_stop.clone()).await.map_err(|_| EngineError::Stopped)?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Error::Listen)?;
    let address = listener.local_addr().map_err(Error::Listen)?;
    // A machine whose loopback interface is down lets us listen and nobody connect.
    drop(TcpStream::connect(address).await.map_err(Error::Listen)?);
    let seat = Seat::leading(engine.handle.clone());
    // Anybody on this machine can reach the port; only the workers here know the token.
    let (serving, token) = ServeConfig::for_own_workers();
    let server = tokio::spawn(service::serve(listener, seat, serving, engine_stop.clone()));
    let coordinators = Coordinators {
        addresses: vec![format!("http://{address}")],
        tls: Tls::default(),
        token: Some(token),
    };

    let version = config.processor.clone();
    let list = SecList::new(edgar.clone(), store.clone());
    let handlers = handlers(list.clone(), edgar, store.clone(), taxonomies, version);
    let publish: Arc<dyn Handler> = Arc::new(PublishHandler::new(store.clone()));
    let ingest = |graph| -> Arc<dyn Handler> {
        Arc::new(IngestHandler::new(graph, scratch, store.clone(), config.options.batch))
    };
    let ingester: Vec<Arc<dyn Handler>> =
        [publish].into_iter().chain(config.graph.clone().map(ingest)).collect();
    let workers_stop = shutdown.child_token();
    let mut workers = JoinSet::new();
    for (name, handlers) in names(config.options.workers, &handlers, &ingester) {
        let worker = WorkerConfig {
            coordinators: coordinators.clone(),
            worker: name.parse().expect("a valid worker id"),
            slots: NonZeroU32::MIN,
            drain: Duration::ZERO,
            cancel_grace: CANCEL_GRACE,
            home: Default::default(),
            // One connection asks for the turns of all workers here: the ingester's, which has nothing to do and so
            // cannot be stuck as long as anything is downloaded.
            desk: if name == INGESTER { desk.clone() } else { Desk::default() },
        };
        workers.spawn(Worker::run(worker, handlers, workers_stop.clone()));
    }

    let started = Instant::now();
    let watched = async {
        // Before the pipeline is started, so that unknown names are reported without having asked for anything else.
        tokio::select! {
            resolved = universe::resolve(&list, &config.parameters) => { resolved?; }
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        }
        watch(&engine.handle, spec(&config), &mut observe, &shutdown).await
    };
    let watched = watched.await;
    let result = match watched {
        Ok(status) => Ok(outcome(&engine.handle, &status, started.elapsed()).await?),
        Err(error) => Err(error),
    };
    workers_stop.cancel();
    let ended = async { while workers.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_GRACE, ended).await.is_err() {
        tracing::warn!("workers did not stop in time");
    }
    engine_stop.cancel();
    let _ = tokio::join!(server, engine.task);
    // Nobody else works in this folder: what was superseded can go at once, and nobody who lists it counts it twice.
    let result = match result {
        Ok(result) => Ok(RunResult { removed: remove_superseded(&store).await, ..result }),
        Err(error) => Err(error),
    };
    local.close();
    // Empty but for what a killed run left, and gone either way.
    let _ = std::fs::remove_dir_all(config.out.join("tmp"));
    result
}

/// How many files were removed. A failure is said and costs nothing: the next run, or `edgraph gc`, removes them.
async fn remove_superseded(store: &SharedStore) -> u64 {
    let grace = Grace { time: Duration::ZERO, now: SystemTime::now() };
    match gc::collect(store, grace).await {
        Ok(collected) => collected.files,
        Err(error) => {
            tracing::warn!(%error, "files of older versions stay in the store for now");
            0
        }
    }
}

fn names<'a>(
    workers: usize,
    handlers: &'a [Arc<dyn Handler>],
    ingester: &'a [Arc<dyn Handler>],
) -> impl Iterator<Item = (String, Vec<Arc<dyn Handler>>)> + 'a {
    let plain = (1..=workers.max(1)).map(|number| (format!("worker-{number}"), handlers.to_vec()));
    plain.chain(std::iter::once((INGESTER.to_owned(), ingester.to_vec())))
}

/// The preset, for one person at one machine: what succeeds is ingested, however much fails.
fn spec(config: &Config) -> PipelineSpec {
    let parameters = serde_json::to_string(&config.parameters).expect("strings and numbers always serialise");
    let mut spec = kinds::base(NAME, &parameters);
    spec.dead_policy = DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 };
    for (kind, limits) in &mut spec.limits {
        limits.max_unavailable = MAX_UNAVAILABLE;
        if let Some((_, max_run)) = config.options.max_run.iter().find(|(of, _)| of == kind) {
            limits.max_run = *max_run;
        }
    }
    spec
}

/// Starts the pipeline and shows every status until it ends.
async fn watch(
    engine: &EngineHandle,
    spec: PipelineSpec,
    observe: &mut impl FnMut(&PipelineStatus),
    shutdown: &CancellationToken,
) -> Result<PipelineStatus, Error> {
    let id: PipelineId = PIPELINE.parse().expect("a valid pipeline id");
    engine.start(Some(id.clone()), "", spec).await?;
    let mut statuses = engine.watch(&id).await?;
    loop {
        let status = statuses.borrow_and_update().as_ref().clone();
        observe(&status);
        // Nobody decides about a held pipeline in an embedded run.
        if status.state.is_finished() || status.state == PipelineState::Held {
            return Ok(status);
        }
        tokio::select! {
            changed = statuses.changed() => changed.map_err(|_| EngineError::Stopped)?,
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        }
    }
}
