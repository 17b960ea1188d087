//! Stories over real gRPC on 127.0.0.1: engine, server, workers with test handlers, clients.

mod connections;
mod newer;
mod pauses;
mod refused;
mod repeats;
mod stories;
mod watching;

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use edgraph_proto::v1;
use edgraph_proto::v1::pipeline_service_client::PipelineServiceClient;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{
    Backoff, Budgets, DeadPolicy, FinishSpec, KindSettings, PipelineSpec, PipelineState, PipelineStatus,
    WorkItem,
};
use edgraph_worker::handler::{Handler, Job};
use edgraph_worker::runtime::{Worker, WorkerConfig, WorkerError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

use super::ServeConfig;
use crate::engine::{AcceptedSink, Engine, EngineConfig, EngineHandle, Seat};
use crate::pipeline::core::Timing;
use crate::tracker::{MemoryTracker, Tracker};

/// For stories in which leases expire: short, and yet longer than a busy machine stalls.
const SHORT_TTL: Duration = Duration::from_secs(1);
/// For stories in which no lease may expire, however busy the machine is.
const LONG_TTL: Duration = Duration::from_secs(60);
/// Far longer than any story takes: a story that hangs fails instead.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct KeptLists(Mutex<Vec<(String, String)>>);

#[async_trait]
impl AcceptedSink for KeptLists {
    async fn write(
        &self,
        path: &str,
        lines: Vec<u8>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.lock().unwrap().push((path.to_owned(), String::from_utf8(lines)?));
        Ok(())
    }
}

/// A coordinator in this process.
struct Coordinator {
    engine: EngineHandle,
    address: SocketAddr,
    lists: Arc<KeptLists>,
    shutdown: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Coordinator {
    async fn start() -> Self {
        Self::start_with(LONG_TTL, Arc::new(MemoryTracker::default()), "127.0.0.1:0".parse().unwrap()).await
    }

    async fn start_impatient() -> Self {
        Self::start_with(SHORT_TTL, Arc::new(MemoryTracker::default()), "127.0.0.1:0".parse().unwrap()).await
    }

    /// With room for so many connections.
    async fn start_for(connections: usize) -> Self {
        let config = ServeConfig { max_connections: Some(connections), ..ServeConfig::default() };
        let address = "127.0.0.1:0".parse().unwrap();
        Self::start_serving(LONG_TTL, Arc::new(MemoryTracker::default()), address, config).await
    }

    async fn start_with(lease_ttl: Duration, tracker: Arc<dyn Tracker>, address: SocketAddr) -> Self {
        Self::start_serving(lease_ttl, tracker, address, ServeConfig::default()).await
    }

    async fn start_serving(
        lease_ttl: Duration,
        tracker: Arc<dyn Tracker>,
        address: SocketAddr,
        serving: ServeConfig,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, lists) = (CancellationToken::new(), Arc::new(KeptLists::default()));
        let config = EngineConfig {
            timing: Timing::with_ttl(lease_ttl),
            tracker,
            accepted: lists.clone(),
            finished: None,
            requests: Default::default(),
            home: Default::default(),
        };
        let Engine { handle, task } = Engine::start(config, shutdown.clone()).await.unwrap();
        let served = super::serve(listener, Seat::leading(handle.clone()), serving, shutdown.clone());
        let tasks = vec![
            tokio::spawn(async { task.await.unwrap().unwrap() }),
            tokio::spawn(async { served.await.unwrap() }),
        ];
        Self { engine: handle, address, lists, shutdown, tasks }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }

    fn worker(&self, name: &str, handlers: Vec<Arc<dyn Handler>>) -> RunningWorker {
        let config = WorkerConfig {
            coordinators: format!("http://{}", self.address).into(),
            worker: name.parse().unwrap(),
            slots: NonZeroU32::new(2).unwrap(),
            drain: Duration::ZERO,
            cancel_grace: Duration::from_millis(200),
            home: Default::default(),
            desk: Default::default(),
        };
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(Worker::run(config, handlers, shutdown.clone()));
        RunningWorker { shutdown, task }
    }

    async fn client(&self) -> PipelineServiceClient<Channel> {
        PipelineServiceClient::new(self.channel().await)
    }

    async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    async fn run(&self, spec: PipelineSpec) -> PipelineId {
        let id: PipelineId = "p".parse().unwrap();
        self.engine.start(Some(id.clone()), "", spec).await.unwrap();
        id
    }

    async fn until(
        &self,
        id: &PipelineId,
        reached: impl FnMut(&PipelineStatus) -> bool,
    ) -> Arc<PipelineStatus> {
        let waiting = self.engine.wait_until(id, reached);
        tokio::time::timeout(PATIENCE, waiting).await.expect("reached in time").unwrap()
    }

    async fn until_finished(&self, id: &PipelineId) -> Arc<PipelineStatus> {
        self.until(id, |status| status.state.is_finished()).await
    }
}

struct RunningWorker {
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), WorkerError>>,
}

impl RunningWorker {
    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// As if the process were gone: nothing is said to the coordinator.
    async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

type Run = Pin<Box<dyn Future<Output = Result<String, Failure>> + Send>>;

struct Scripted<F> {
    kind: &'static str,
    script: F,
}

#[async_trait]
impl<F: Fn(Job) -> Run + Send + Sync + 'static> Handler for Scripted<F> {
    fn kind(&self) -> &'static str {
        self.kind
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        (self.script)(job).await
    }
}

fn handler<F, R>(kind: &'static str, script: F) -> Arc<dyn Handler>
where
    F: Fn(Job) -> R + Send + Sync + 'static,
    R: Future<Output = Result<String, Failure>> + Send + 'static,
{
    Arc::new(Scripted { kind, script: move |job| Box::pin(script(job)) as Run })
}

/// Discovers `n` work items.
fn finds(n: usize) -> Arc<dyn Handler> {
    handler("find", move |job| async move {
        job.children.add((1..=n).map(|n| item("work", &format!("work/{n}"))).collect()).await?;
        Ok("{}".into())
    })
}

fn loads() -> Arc<dyn Handler> {
    handler("load", |job| async move { Ok(job.payload) })
}

fn item(kind: &str, key: &str) -> WorkItem {
    WorkItem::new(kind, key.parse().unwrap(), "{}")
}

fn spec() -> PipelineSpec {
    let settings = KindSettings {
        budgets: Budgets { failures: 3, ..Budgets::default() },
        backoff: Backoff { base: Duration::from_millis(10), max: Duration::from_millis(20) },
        ..KindSettings::default()
    };
    PipelineSpec {
        kind: "test".into(),
        roots: vec![item("find", "find/1")],
        finish: vec![FinishSpec { kind: "load".into(), payload: r#"{"a":1}"#.into() }],
        limits: ["find", "work", "load"].map(|kind| (kind.to_owned(), settings.clone())).into(),
        counted_kind: "work".into(),
        dead_policy: DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 },
        ..PipelineSpec::default()
    }
}

async fn pipeline(client: &mut PipelineServiceClient<Channel>, id: &PipelineId) -> v1::Pipeline {
    let request = v1::GetPipelineRequest { pipeline_id: id.to_string() };
    client.get_pipeline(request).await.unwrap().into_inner().pipeline.unwrap()
}
