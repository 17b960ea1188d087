//! A coordinator, its workers and its ingester in this process: opened, at work, and stopped in order.
//!
//! The workers hand back what they hold first, then the engine and its services end, then the store is closed. What is
//! asked of the fleet is not decided here.

use std::fs::File;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use edgraph_coordinator::engine::{
    Engine, EngineConfig, EngineError, EngineHandle, RequestRules, Seat, StoreAccepted,
};
use edgraph_coordinator::service::{self, ServeConfig, ServeError};
use edgraph_coordinator::tracker::{MemoryTracker, TrackerError};
use edgraph_graph::database::cypher::check_path;
use edgraph_graph::database::folder::GraphFolder;
use edgraph_graph::gc::{self, Grace};
use edgraph_graph::ingest::{BatchLimits, IngestHandler};
use edgraph_graph::publish::PublishHandler;
use edgraph_shared::storage::{LocalStore, SharedStore};
use edgraph_worker::download::Desk;
use edgraph_worker::edgar::{Edgar, EdgarConfig};
use edgraph_worker::handler::Handler;
use edgraph_worker::kinds::sec_xbrl::handlers;
use edgraph_worker::kinds::sec_xbrl::processor::ProcessorVersion;
use edgraph_worker::runtime::{Coordinators, Tls, Worker, WorkerConfig};
use edgraph_worker::taxonomy_store::{TaxonomyConfig, TaxonomyStore};
use edgraph_worker::universe::SecList;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::lock;

/// The worker that ingests.
const INGESTER: &str = "ingester";
/// How long a handler has to stop after Ctrl-C; the ingestion looks between batches.
const CANCEL_GRACE: Duration = Duration::from_secs(5);
/// How long workers may take to hand back what they hold after Ctrl-C.
const STOP_GRACE: Duration = Duration::from_secs(20);

/// What a fleet in this process is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The folder for everything: `store/` and, unless elsewhere, `graph/`.
    pub out: PathBuf,
    /// The graph's folder; no graph is made when absent.
    pub graph: Option<PathBuf>,
    /// How EDGAR is reached.
    pub edgar: EdgarConfig,
    /// Where taxonomies come from.
    pub taxonomies: TaxonomyConfig,
    /// Whose output is current.
    pub processor: ProcessorVersion,
    /// Workers, each with one slot.
    pub workers: usize,
    /// How much one transaction of the ingestion loads.
    pub batch: BatchLimits,
}

/// A fleet at work. Others are kept out of its folder as long as it lives.
pub(super) struct Fleet {
    /// Decides.
    pub(super) engine: EngineHandle,
    /// Whom services ask.
    pub(super) seat: Seat,
    /// Ends what serves the engine, after the workers.
    pub(super) stop: CancellationToken,
    /// EDGAR's lists of companies.
    pub(super) list: SecList,
    store: SharedStore,
    local: LocalStore,
    out: PathBuf,
    crew: Crew,
    server: JoinHandle<Result<(), ServeError>>,
    task: JoinHandle<Result<(), TrackerError>>,
    _lock: File,
}

impl Fleet {
    /// Opens everything and sets the workers to work.
    pub(super) async fn start(setup: &Setup) -> Result<Self, Error> {
        let scratch = setup.out.join("tmp");
        check_path(&scratch)?;
        setup.graph.as_deref().map(check_path).transpose()?;
        let lock = lock::take(&setup.out)?;
        let local = LocalStore::open(setup.out.join("store"))?;
        let store: SharedStore = Arc::new(local.clone());
        // Taken and let go: a graph that cannot be opened is said before anything is downloaded.
        setup.graph.as_deref().map(GraphFolder::open).transpose().map(drop)?;

        setup.edgar.check_rules()?;
        let desk = Desk::default();
        let edgar = Edgar::lent(setup.edgar.clone(), &desk)?;
        let offline = setup.taxonomies.offline || edgar.is_local();
        let taxonomies = TaxonomyConfig { offline, is_alone: true, ..setup.taxonomies.clone() };
        let taxonomies = TaxonomyStore::new(&taxonomies, store.clone(), &edgar)?;

        let stop = CancellationToken::new();
        let engine = EngineConfig {
            timing: Default::default(),
            tracker: Arc::new(MemoryTracker::default()),
            accepted: Arc::new(StoreAccepted(store.clone())),
            // Nothing outlives this process but its output, which the next one finds by itself.
            finished: None,
            requests: RequestRules {
                per_second: setup.edgar.rate.per_second(),
                user_agent: setup.edgar.user_agent.clone().unwrap_or_default(),
            },
            // All of it is one process, over one store.
            home: Default::default(),
        };
        let engine = Engine::start(engine, stop.clone()).await.map_err(|_| EngineError::Stopped)?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Error::Loopback)?;
        let address = listener.local_addr().map_err(Error::Loopback)?;
        // A machine whose loopback interface is down lets us listen and nobody connect.
        drop(TcpStream::connect(address).await.map_err(Error::Loopback)?);
        let seat = Seat::leading(engine.handle.clone());
        // Anybody on this machine can reach the port; only the workers here know the token.
        let (serving, token) = ServeConfig::for_own_workers();
        let server = tokio::spawn(service::serve(listener, seat.clone(), serving, stop.clone()));

        let list = SecList::new(edgar.clone(), store.clone());
        let handlers = handlers(list.clone(), edgar, store.clone(), taxonomies, setup.processor.clone());
        let publish: Arc<dyn Handler> = Arc::new(PublishHandler::new(store.clone()));
        let ingest = |graph| -> Arc<dyn Handler> {
            Arc::new(IngestHandler::new(graph, scratch, store.clone(), setup.batch))
        };
        let ending = [publish].into_iter().chain(setup.graph.clone().map(ingest)).collect();
        let plain = (1..=setup.workers.max(1)).map(|number| (format!("worker-{number}"), handlers.clone()));
        let mut crew = Crew {
            coordinators: Coordinators {
                addresses: vec![format!("http://{address}")],
                tls: Tls::default(),
                token: Some(token),
            },
            desk,
            members: plain.chain([(INGESTER.to_owned(), ending)]).collect(),
            stop: CancellationToken::new(),
            at_work: JoinSet::new(),
        };
        crew.begin();
        let (out, task) = (setup.out.clone(), engine.task);
        Ok(Self {
            engine: engine.handle,
            seat,
            stop,
            list,
            store,
            local,
            out,
            crew,
            server,
            task,
            _lock: lock,
        })
    }

    /// Sends the workers away, and removes what was superseded: nobody else works in this folder, so it can go at once, and
    /// nobody who lists it counts anything twice. How many files that were; a failure is said and costs nothing.
    pub(super) async fn settle(&mut self) -> u64 {
        self.crew.end().await;
        let grace = Grace { time: Duration::ZERO, now: SystemTime::now() };
        match gc::collect(&self.store, grace).await {
            Ok(collected) => collected.files,
            Err(error) => {
                tracing::warn!(%error, "files of older versions stay in the store for now");
                0
            }
        }
    }

    /// Sets the workers to work again.
    pub(super) fn resume(&mut self) {
        self.crew.begin();
    }

    /// Ends everything. The workers were sent away before, or are now.
    pub(super) async fn stop(mut self) {
        self.crew.end().await;
        self.stop.cancel();
        let _ = tokio::join!(self.server, self.task);
        self.local.close();
        // Empty but for what a killed run left, and gone either way.
        let _ = std::fs::remove_dir_all(self.out.join("tmp"));
    }
}

/// The workers.
struct Crew {
    coordinators: Coordinators,
    desk: Desk,
    members: Vec<(String, Vec<Arc<dyn Handler>>)>,
    stop: CancellationToken,
    at_work: JoinSet<Result<(), edgraph_worker::runtime::WorkerError>>,
}

impl Crew {
    fn begin(&mut self) {
        self.stop = CancellationToken::new();
        for (name, handlers) in &self.members {
            let worker = WorkerConfig {
                coordinators: self.coordinators.clone(),
                worker: name.parse().expect("a valid worker id"),
                slots: NonZeroU32::MIN,
                drain: Duration::ZERO,
                cancel_grace: CANCEL_GRACE,
                home: Default::default(),
                // One connection asks for the turns of all workers here: the ingester's, which has nothing to do and so
                // cannot be stuck as long as anything is downloaded.
                desk: if name == INGESTER { self.desk.clone() } else { Desk::default() },
            };
            self.at_work.spawn(Worker::run(worker, handlers.clone(), self.stop.clone()));
        }
    }

    async fn end(&mut self) {
        self.stop.cancel();
        let ended = async { while self.at_work.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, ended).await.is_err() {
            tracing::warn!("workers did not stop in time");
        }
    }
}
