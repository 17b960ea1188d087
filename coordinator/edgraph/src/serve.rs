//! `edgraph serve`: a coordinator as a process of its own.
//!
//! ```text
//! tracker ─▶ leadership ─▶ seat ─▶ services on the listener
//!                            └──▶ in-process publisher and ingester, and `nightly`, while this coordinator leads
//! ```
//! Only the assembly and the order of stopping are here: the ingester hands back what it holds, then the engine
//! commits what it decided and resigns, then the services end. A kill at any point is a reconnect for the workers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::ids::Namespace;
use edgraph_shared::model::Home;
use edgraph_shared::secret::Secret;
use edgraph_shared::storage;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use edgraph_coordinator::engine::{LeadConfig, RequestRules, Role, Seat, StoreAccepted, Timing, lead};
use edgraph_coordinator::http;
use edgraph_coordinator::service::{self, ServeConfig, ServeError, TooFewDescriptors};
use edgraph_coordinator::tracker::{BadUrl, LockTiming, RedisTracker, TrackerError};
use edgraph_graph::database::cypher::check_path;
use edgraph_graph::database::folder::GraphFolder;
use edgraph_graph::ingest::BatchLimits;
use edgraph_graph::ingester;

use crate::nightly::{self, Nightly};

/// How long a stopped part may take before the process ends without it.
const STOP_GRACE: Duration = Duration::from_secs(15);

/// How long an ingester that ended early is left alone.
const RESTART_AFTER: Duration = Duration::from_secs(5);

/// A coordinator.
#[derive(Debug)]
pub struct Config {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where it serves JSON over HTTP, too, if it does.
    pub http: Option<SocketAddr>,
    /// What standbys tell of it while it leads, where that is not the address it listens at.
    pub advertise: Option<String>,
    /// The tracker's address.
    pub redis: Secret,
    /// Who vouches for the tracker over TLS, PEM; the system's authorities when absent.
    pub redis_authority: Option<Vec<u8>>,
    /// Of the tracker's keys; the default one when absent.
    pub namespace: Option<Namespace>,
    /// The store's address.
    pub store: String,
    /// What this process itself does at the end of a round.
    pub ending: Ending,
    /// What is started every night.
    pub nightly: Nightly,
    /// Of leases and finished pipelines.
    pub timing: Timing,
    /// Of the leader's lock.
    pub lock: LockTiming,
    /// How requests to the SEC are limited, and who asks.
    pub requests: RequestRules,
    /// Certificate and tokens.
    pub service: ServeConfig,
}

/// The end of rounds inside the coordinator's process: publication, and ingestion where it has a graph.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The graph's folder; others ingest when absent.
    pub graph: Option<PathBuf>,
    /// Where the files of a batch lie for a while, where there is a graph.
    pub scratch: PathBuf,
    /// How much one transaction loads.
    pub batch: BatchLimits,
}

/// Why a coordinator did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tracker's address is wrong.
    #[error("--redis: {0}")]
    Redis(#[from] BadUrl),
    /// The tracker holds what this version cannot read.
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// The tracker belongs to another fleet.
    #[error(
        "--redis: the pipelines kept there are those of the fleet with the store {store}, and --store leads to the \
         store {own}; give the --store of that fleet, or a --namespace for this one"
    )]
    AnotherStore {
        /// The other fleet's.
        store: String,
        /// This coordinator's.
        own: String,
    },
    /// The store does not open.
    #[error("--store: {0}")]
    Store(#[from] storage::Error),
    /// The graph does not open.
    #[error("--graph: {0}")]
    Graph(#[from] edgraph_graph::Error),
    /// The address is taken, or not of this machine.
    #[error("cannot listen at {address}: {source}; give another --listen")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The process may open too few sockets.
    #[error(transparent)]
    Descriptors(#[from] TooFewDescriptors),
    /// The services failed.
    #[error(transparent)]
    Service(#[from] ServeError),
}

impl Error {
    /// Whether the command line is to blame.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Redis(_)
                | Self::AnotherStore { .. }
                | Self::Store(storage::Error::Misconfigured { .. })
                | Self::Graph(edgraph_graph::Error::Invalid { .. })
                | Self::Service(ServeError::Config(_))
        )
    }
}

/// Serves until `shutdown`. `announce` is told the addresses, of gRPC and of the JSON face, once the services can be reached there.
///
/// # Errors
/// [`Error`] if it cannot start, or the services fail. A tracker that cannot be reached is waited for.
pub async fn run(
    config: Config,
    announce: impl FnOnce(&str, Option<&str>),
    shutdown: CancellationToken,
) -> Result<(), Error> {
    service::raise_descriptors()?;
    let tracker = match config.redis_authority {
        None => RedisTracker::connect(config.redis.expose())?,
        Some(authority) => RedisTracker::connect_trusting(config.redis.expose(), authority)?,
    };
    let tracker = Arc::new(tracker.within(config.namespace.as_ref()));
    // Boxed: the future of a store that is waited for is large.
    let opening = Box::pin(storage::open_by_id(&config.store));
    let (store, id) = match shutdown.run_until_cancelled(opening).await {
        Some(opened) => opened?,
        None => return Ok(()),
    };
    if let Some(graph) = &config.ending.graph {
        // Taken and let go: a graph that cannot be opened is said at once, not after hours of work. What may pass, the
        // ingester waits for.
        match GraphFolder::open(graph) {
            Err(error) if error.may_pass() => {
                tracing::warn!(reason = %error, "the graph's folder is waited for")
            }
            taken => drop(taken?),
        }
        check_path(&config.ending.scratch)?;
    }
    if config.timing.lease_ttl <= config.lock.ttl {
        tracing::warn!(
            lease_ttl = ?config.timing.lease_ttl, lock_ttl = ?config.lock.ttl,
            "leases may end before a standby takes over; give a --lease-ttl longer than the --lock-ttl"
        );
    }
    let (listener, address) = listen(config.listen).await?;
    let scheme = if config.service.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}");

    let stop = CancellationToken::new();
    let (role, seat) = watch::channel(Role::Standby { leader: None });
    let seat = Seat::new(seat);
    let json = match config.http {
        None => None,
        Some(address) => {
            let (listener, bound) = listen(address).await?;
            let face = http::serve(listener, seat.clone(), config.service.clone(), stop.clone());
            Some((tokio::spawn(face), format!("http://{bound}")))
        }
    };
    let (mut json, page) = json.map_or((None, None), |(json, page)| (Some(json), Some(page)));
    let mut server = tokio::spawn(service::serve(listener, seat.clone(), config.service, stop.clone()));
    let leading = LeadConfig {
        timing: config.timing,
        lock: config.lock,
        tracker,
        accepted: Arc::new(StoreAccepted(store.clone())),
        finished: Some(store),
        requests: config.requests,
        home: Home { store: Some(id.clone()), namespace: config.namespace, graph: None },
        advertise: Some(config.advertise.unwrap_or_else(|| url.clone())),
    };
    let mut leading = tokio::spawn(lead::run(leading, role, stop.clone()));
    let ingester_stop = shutdown.child_token();
    let nights = tokio::spawn(nightly::keep(config.nightly, seat.clone(), ingester_stop.clone()));
    let ingesting =
        tokio::spawn(end_rounds_while_leading(config.ending, config.store, seat, ingester_stop.clone()));
    announce(&url, page.as_deref());

    // Either ends by itself only for an error that waiting cannot help, or by a panic.
    let ended = tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        ended = &mut server => joined(ended).map_err(Error::Service),
        ended = ended_early(&mut json) => joined(ended).map_err(Error::Service),
        ended = &mut leading => joined(ended).map_err(|error| match error {
            TrackerError::AnotherStore { store } => Error::AnotherStore { store, own: id.to_string() },
            error => Error::Tracker(error),
        }),
    };
    ingester_stop.cancel();
    in_time("the ingester", ingesting).await;
    in_time("what is started every night", nights).await;
    stop.cancel();
    in_time("the leadership", leading).await;
    in_time("the services", server).await;
    if let Some(json) = json {
        in_time("the JSON face", json).await;
    }
    ended
}

/// Waits for a part that may not be there.
async fn ended_early<T>(part: &mut Option<tokio::task::JoinHandle<T>>) -> Result<T, tokio::task::JoinError> {
    match part {
        Some(part) => part.await,
        None => std::future::pending().await,
    }
}

fn joined<T>(ended: Result<T, tokio::task::JoinError>) -> T {
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

async fn in_time<T>(what: &str, mut task: tokio::task::JoinHandle<T>) {
    // A task that was awaited in the select above has given its result there.
    if task.is_finished() {
        return;
    }
    match tokio::time::timeout(STOP_GRACE, &mut task).await {
        Ok(Ok(_)) => {}
        Ok(Err(panic)) => tracing::error!(%panic, "{what} ended early"),
        Err(_) => tracing::warn!("{what} did not stop in time"),
    }
}

/// Ends rounds whenever this coordinator leads. A standby stays away: the leader's deployment does it, and two would mean
/// two graphs.
async fn end_rounds_while_leading(
    config: Ending,
    store: String,
    mut seat: Seat,
    shutdown: CancellationToken,
) {
    loop {
        // A coordinator begins as a standby.
        tokio::select! {
            known = seat.changed() => if !known { return },
            () = shutdown.cancelled() => return,
        }
        while seat.engine().is_ok() && !shutdown.is_cancelled() {
            let stop = shutdown.child_token();
            let life = ingest(&config, &store, seat.clone(), stop.clone());
            tokio::pin!(life);
            tokio::select! {
                // What made it end early, such as a store that is down, may pass.
                () = &mut life => { shutdown.run_until_cancelled(tokio::time::sleep(RESTART_AFTER)).await; }
                _ = seat.changed() => {
                    stop.cancel();
                    life.await;
                }
            }
        }
    }
}

/// One life of the ingester, over a loopback port and a token that nobody else knows.
async fn ingest(config: &Ending, store: &str, seat: Seat, shutdown: CancellationToken) {
    let (service, token) = ServeConfig::for_own_workers();
    let (listener, address) = match listen((Ipv4Addr::LOCALHOST, 0).into()).await {
        Ok(listening) => listening,
        Err(error) => return tracing::error!(%error, "the ingester of this process cannot start"),
    };
    let stop = CancellationToken::new();
    let server = tokio::spawn(service::serve(listener, seat, service, stop.clone()));
    let ingester = ingester::Config::in_process(
        (format!("http://{address}"), token),
        store.to_owned(),
        (config.graph.clone(), config.scratch.clone()),
        config.batch,
    );
    if let Err(error) = ingester::run(ingester, shutdown).await {
        tracing::error!(%error, "the ingester of this process ended");
    }
    stop.cancel();
    in_time("the ingester's port", server).await;
}
