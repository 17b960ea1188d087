//! A coordinator inside the test: engine, memory tracker and services on a loopback port, with a seat that the test
//! can take away.

use std::sync::Arc;

use edgraph_client::Client;
use edgraph_client::v1::{self, start_pipeline_request::Input};
use edgraph_coordinator::engine::{DiscardAccepted, Engine, EngineConfig, EngineHandle, Role, Seat, Timing};
use edgraph_coordinator::service::{self, ServeConfig, ServeError};
use edgraph_coordinator::tracker::MemoryTracker;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

/// The shortest parameters of a `sec_xbrl` pipeline.
pub(crate) fn all() -> Option<Input> {
    let universe = v1::Universe::All.into();
    Some(Input::SecXbrl(v1::SecXbrlParameters { universe, ..Default::default() }))
}

/// An engine that services can be put over.
pub(crate) struct RunningEngine {
    pub(crate) handle: EngineHandle,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl RunningEngine {
    pub(crate) async fn start() -> Self {
        let stop = CancellationToken::new();
        let config = EngineConfig {
            timing: Timing::default(),
            tracker: Arc::new(MemoryTracker::default()),
            accepted: Arc::new(DiscardAccepted),
            finished: None,
            requests: Default::default(),
            home: Default::default(),
        };
        let Engine { handle, task, .. } = Engine::start(config, stop.clone()).await.unwrap();
        Self { handle, stop, task: tokio::spawn(async move { task.await.unwrap().unwrap() }) }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// The services of one coordinator.
pub(crate) struct Services {
    /// `host:port`.
    pub(crate) address: String,
    role: watch::Sender<Role>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Services {
    /// Over an engine, on a port of their own.
    pub(crate) async fn leading(engine: &RunningEngine) -> Self {
        Self::start(Role::Leading(engine.handle.clone()), ServeConfig::default()).await
    }

    /// Without an engine.
    pub(crate) async fn standby(leader: Option<&str>) -> Self {
        let leader = leader.map(str::to_owned);
        Self::start(Role::Standby { leader }, ServeConfig::default()).await
    }

    pub(crate) async fn start(role: Role, config: ServeConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        let (role, seat) = watch::channel(role);
        let task = tokio::spawn(service::serve(listener, Seat::new(seat), config, stop.clone()));
        Self { address, role, stop, task }
    }

    /// From now on this coordinator is something else.
    pub(crate) fn become_(&self, role: Role) {
        self.role.send_replace(role);
    }

    /// As clients are given it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.url()).await.unwrap()
    }

    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::from_shared(self.url()).unwrap().connect().await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}
