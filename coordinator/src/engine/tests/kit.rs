//! An engine, and workers without a network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::ids::{Incarnation, PipelineId};
use edgraph_shared::model::{
    Completion, CoordinatorMessage, Grant, Hello, KindLimit, LeaseRef, PipelineSpec, PipelineStatus,
    WorkItem, WorkerMessage,
};
use edgraph_shared::storage::SharedStore;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::engine::{
    AcceptedSink, DiscardAccepted, Engine, EngineConfig, EngineHandle, Selection, Timing, WorkerSession,
};
use crate::tracker::{Leader, LockTiming, Tracker, TrackerError};

/// Whatever takes longer hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(40);

/// No lease is lost by a slow machine.
pub(super) const LONG_TTL: Duration = Duration::from_secs(30);

/// A running engine, and its end.
pub(super) struct Running {
    pub(super) engine: EngineHandle,
    pub(super) shutdown: CancellationToken,
    pub(super) task: JoinHandle<Result<(), TrackerError>>,
}

impl Running {
    pub(super) async fn start(tracker: Arc<dyn Tracker>, lease_ttl: Duration) -> Self {
        Self::start_with(tracker, lease_ttl, LockTiming::default()).await
    }

    pub(super) async fn start_with(tracker: Arc<dyn Tracker>, lease_ttl: Duration, lock: LockTiming) -> Self {
        Self::begin(tracker, lease_ttl, lock, (Arc::new(DiscardAccepted), None)).await
    }

    /// One that writes its accepted lists there.
    pub(super) async fn start_writing(tracker: Arc<dyn Tracker>, accepted: Arc<dyn AcceptedSink>) -> Self {
        Self::begin(tracker, LONG_TTL, LockTiming::default(), (accepted, None)).await
    }

    /// One that writes ends of pipelines there.
    pub(super) async fn start_recording(tracker: Arc<dyn Tracker>, finished: SharedStore) -> Self {
        Self::begin(tracker, LONG_TTL, LockTiming::default(), (Arc::new(DiscardAccepted), Some(finished)))
            .await
    }

    async fn begin(
        tracker: Arc<dyn Tracker>,
        lease_ttl: Duration,
        lock: LockTiming,
        (accepted, finished): (Arc<dyn AcceptedSink>, Option<SharedStore>),
    ) -> Self {
        let timing = Timing::with_ttl(lease_ttl);
        let (requests, home) = Default::default();
        let config = EngineConfig { timing, tracker, accepted, finished, requests, home };
        let (shutdown, leader) = (CancellationToken::new(), Leader::new(None, lock));
        let lead = config.tracker.lead_alone(&leader).await.unwrap();
        let Engine { handle, task } = Engine::lead(config, lead, shutdown.clone());
        Self { engine: handle, shutdown, task }
    }

    pub(super) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// A pipeline `p` of so many items.
    pub(super) async fn run(&self, items: usize) -> PipelineId {
        let id: PipelineId = "p".parse().unwrap();
        in_time(self.engine.start(Some(id.clone()), "", spec(items))).await.unwrap();
        id
    }

    pub(super) async fn until(
        &self,
        id: &PipelineId,
        reached: impl FnMut(&PipelineStatus) -> bool,
    ) -> Arc<PipelineStatus> {
        in_time(self.engine.wait_until(id, reached)).await.unwrap()
    }

    /// Every item was granted once, and no lease was lost.
    pub(super) async fn assert_each_ran_once(&self, id: &PipelineId) {
        let (items, _) =
            in_time(self.engine.list_items(id, Selection::default(), 0, usize::MAX)).await.unwrap();
        for item in items {
            let history = (item.token.0, item.lost_leases, item.failures, item.preemptions);
            assert_eq!(history, (1, 0, 0, 0), "{}", item.key);
        }
    }
}

pub(super) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("done in time")
}

pub(super) fn spec(items: usize) -> PipelineSpec {
    let roots = (0..items).map(|n| WorkItem::new("work", format!("work/{n}").parse().unwrap(), "{}"));
    PipelineSpec {
        kind: "test".into(),
        roots: roots.collect(),
        counted_kind: "work".into(),
        limits: BTreeMap::new(),
        ..PipelineSpec::default()
    }
}

/// A worker whose messages a test writes itself.
pub(super) struct TestWorker {
    session: WorkerSession,
    messages: mpsc::Receiver<CoordinatorMessage>,
}

impl TestWorker {
    pub(super) async fn connect(engine: &EngineHandle, slots: u32) -> Self {
        let incarnation = Incarnation::random();
        let hello = Hello {
            worker: format!("w-{incarnation}").parse().unwrap(),
            incarnation,
            held: Vec::new(),
            free_slots: slots,
            kinds: vec![KindLimit { kind: "work".into(), max_leases: slots }],
            version: String::new(),
            home: Default::default(),
        };
        let mut session = engine.connect(hello).await.unwrap();
        let messages = session.take_messages();
        Self { session, messages }
    }

    pub(super) async fn say(&self, message: WorkerMessage) {
        in_time(self.session.handle(message)).await.unwrap();
    }

    /// The next message; `None` when the coordinator has ended the stream.
    pub(super) async fn hear(&mut self) -> Option<CoordinatorMessage> {
        in_time(self.messages.recv()).await
    }

    /// What is there to hear now.
    pub(super) fn heard(&mut self) -> Option<CoordinatorMessage> {
        self.messages.try_recv().ok()
    }

    pub(super) async fn granted(&mut self) -> Vec<Grant> {
        loop {
            match self.hear().await.expect("the stream goes on") {
                CoordinatorMessage::Grant(grants) => return grants,
                CoordinatorMessage::Welcome(_) => {}
                other => panic!("not a grant: {other:?}"),
            }
        }
    }
}

impl TestWorker {
    /// The next grants, among the answers to what was settled.
    pub(super) async fn settling(&mut self) -> Vec<Grant> {
        loop {
            if let CoordinatorMessage::Grant(grants) = self.hear().await.expect("the stream goes on") {
                return grants;
            }
        }
    }
}

pub(super) fn completion(lease: LeaseRef) -> Completion {
    Completion { lease, result: "{}".into(), skipped: false, children: 0, refused: Vec::new() }
}

/// A worker that completes what it is granted after a moment each, until the stream ends.
pub(super) async fn busy_worker(engine: &EngineHandle, slots: u32) -> JoinHandle<()> {
    let TestWorker { session, mut messages } = TestWorker::connect(engine, slots).await;
    tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            let CoordinatorMessage::Grant(grants) = message else { continue };
            // Work takes time: this is not waiting for anything.
            tokio::time::sleep(Duration::from_millis(5)).await;
            let free_slots = u32::try_from(grants.len()).unwrap();
            let done = grants.into_iter().map(|grant| completion(grant.lease)).collect();
            let told = session.handle(WorkerMessage::Complete(done)).await;
            let hungry = session.handle(WorkerMessage::Credits { free_slots, kinds: Vec::new() }).await;
            if told.and(hungry).is_err() {
                return;
            }
        }
    })
}
