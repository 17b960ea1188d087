//! The worker's runtime against a real coordinator over loopback gRPC: how it stops, and how it finds the leader.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use edgraph_coordinator::engine::{DiscardAccepted, Engine, EngineConfig, EngineHandle, Role, Seat, Timing};
use edgraph_coordinator::service::{self, ServeConfig};
use edgraph_coordinator::tracker::MemoryTracker;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{PipelineId, WorkerId};
use edgraph_shared::model::{
    Backoff, Budgets, ItemSnapshot, ItemState, KindSettings, PipelineSpec, PipelineStatus, WorkItem,
};
use edgraph_tests::eventually::eventually;
use edgraph_worker::handler::{Handler, Job};
use edgraph_worker::runtime::{WorkRuntime, Worker, WorkerConfig, WorkerError};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// No lease may expire in these stories but where one says so.
const LONG_TTL: Duration = Duration::from_secs(60);
const SHORT_TTL: Duration = Duration::from_millis(300);
/// Far longer than any story takes: a story that hangs fails instead.
const PATIENCE: Duration = Duration::from_secs(30);
/// For items that nobody is to wait for.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// A coordinator in this process.
struct Coordinator {
    engine: EngineHandle,
    address: SocketAddr,
    shutdown: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Coordinator {
    async fn start(ttl: Duration) -> Self {
        Self::start_with(ttl, Arc::new(MemoryTracker::default())).await
    }

    async fn start_with(ttl: Duration, tracker: Arc<MemoryTracker>) -> Self {
        Self::start_at(TcpListener::bind("127.0.0.1:0").await.unwrap(), ttl, tracker).await
    }

    async fn start_at(listener: TcpListener, ttl: Duration, tracker: Arc<MemoryTracker>) -> Self {
        let shutdown = CancellationToken::new();
        let config = EngineConfig {
            timing: Timing::with_ttl(ttl),
            tracker,
            accepted: Arc::new(DiscardAccepted),
            finished: None,
            requests: Default::default(),
            home: Default::default(),
        };
        let Engine { handle, task } = Engine::start(config, shutdown.clone()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seat = Seat::leading(handle.clone());
        let served = service::serve(listener, seat, ServeConfig::default(), shutdown.clone());
        let tasks = vec![
            tokio::spawn(async { task.await.unwrap().unwrap() }),
            tokio::spawn(async { served.await.unwrap() }),
        ];
        Self { engine: handle, address, shutdown, tasks }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }

    /// Starts a pipeline of items `work/1` to `work/{items}`.
    async fn run(&self, items: u32, max_run: Duration, failures: u32) -> PipelineId {
        let settings = KindSettings {
            max_run,
            budgets: Budgets { failures, ..Budgets::default() },
            backoff: Backoff { base: Duration::from_millis(5), max: Duration::from_millis(10) },
            ..KindSettings::default()
        };
        let item = |n| WorkItem::new("work", format!("work/{n}").parse().unwrap(), "{}");
        let spec = PipelineSpec {
            kind: "test".into(),
            roots: (1..=items).map(item).collect(),
            limits: [("work".to_owned(), settings)].into(),
            counted_kind: "work".into(),
            ..PipelineSpec::default()
        };
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

    async fn item(&self, id: &PipelineId, n: u32) -> ItemSnapshot {
        self.engine.item(id, &format!("work/{n}").parse().unwrap()).await.unwrap()
    }
}

/// A worker as its process has it: handlers on a runtime of their own.
struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), WorkerError>>,
    _work: WorkRuntime,
}

impl Running {
    fn start(coordinators: &str, slots: u32, drain: Duration, handler: Arc<dyn Handler>) -> Self {
        let slots = NonZeroU32::new(slots).unwrap();
        let config = WorkerConfig {
            coordinators: coordinators.to_owned().into(),
            worker: "w".parse().unwrap(),
            slots,
            drain,
            // What ignores its cancellation makes use of all of it.
            cancel_grace: Duration::from_millis(50),
            home: Default::default(),
            desk: Default::default(),
        };
        Self::start_as(config, handler)
    }

    fn start_as(config: WorkerConfig, handler: Arc<dyn Handler>) -> Self {
        let work = WorkRuntime::start().unwrap();
        let (shutdown, on) = (CancellationToken::new(), work.handle().clone());
        let stop = shutdown.clone();
        let task = tokio::spawn(async move { Worker::run_on(&on, config, vec![handler], stop).await });
        Self { shutdown, task, _work: work }
    }

    async fn end(self) -> Result<(), WorkerError> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("ended in time").unwrap()
    }

    async fn stop(self) -> Result<(), WorkerError> {
        self.shutdown.cancel();
        self.end().await
    }
}

type Run = Pin<Box<dyn Future<Output = Result<String, Failure>> + Send>>;

struct Scripted<F>(F);

#[async_trait]
impl<F: Fn(Job) -> Run + Send + Sync + 'static> Handler for Scripted<F> {
    fn kind(&self) -> &'static str {
        "work"
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        (self.0)(job).await
    }
}

fn handler<F, R>(script: F) -> Arc<dyn Handler>
where
    F: Fn(Job) -> R + Send + Sync + 'static,
    R: Future<Output = Result<String, Failure>> + Send + 'static,
{
    Arc::new(Scripted(move |job| Box::pin(script(job)) as Run))
}

/// A handler that waits to be let go, and how often it was started.
fn gated() -> (Arc<dyn Handler>, Arc<Notify>, watch::Receiver<u32>) {
    let (gate, starts) = (Arc::new(Notify::new()), watch::Sender::new(0));
    let (counted, opened) = (starts.subscribe(), gate.clone());
    let waits = handler(move |_| {
        starts.send_modify(|starts| *starts += 1);
        let gate = gate.clone();
        async move {
            gate.notified().await;
            Ok("{}".to_owned())
        }
    });
    (waits, opened, counted)
}

/// How a handler blocks.
/// A handler that never stops by itself; dropping the sender stops it, so that the test can end.
fn blocks() -> (Arc<dyn Handler>, mpsc::Sender<()>) {
    let (release, gate) = mpsc::channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let waits = handler(move |_| {
        let gate = gate.clone();
        async move {
            // An error is what is waited for: the sender is gone.
            let _ = gate.lock().unwrap().recv();
            Ok("{}".to_owned())
        }
    });
    (waits, release)
}

fn url(coordinator: &Coordinator) -> String {
    format!("http://{}", coordinator.address)
}

/// What a worker that is stopping gives back, it gives back within a second, whatever its handler does.
async fn is_released_at_once(hangs: Arc<dyn Handler>) {
    let begins = Arc::new(Notify::new());
    let begun = begins.clone();
    let handler = handler(move |job| {
        begins.notify_one();
        let hangs = hangs.clone();
        async move { hangs.run(job).await }
    });
    let coordinator = Coordinator::start(LONG_TTL).await;
    let slots = NonZeroU32::MIN;
    let config = WorkerConfig {
        coordinators: url(&coordinator).into(),
        worker: "w".parse().unwrap(),
        slots,
        drain: Duration::ZERO,
        cancel_grace: FOR_EVER,
        home: Default::default(),
        desk: Default::default(),
    };
    let worker = Running::start_as(config, handler);
    let id = coordinator.run(1, FOR_EVER, 5).await;
    // What is granted and still on its way is not given back.
    tokio::time::timeout(PATIENCE, begun.notified()).await.expect("begun in time");
    let told = Instant::now();
    worker.shutdown.cancel();
    coordinator.until(&id, |status| status.tasks.leased == 0).await;
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
    assert!(worker.end().await.is_ok());
    assert!(told.elapsed() < Duration::from_secs(5), "nothing is waited for: {:?}", told.elapsed());
    let item = coordinator.item(&id, 1).await;
    assert_eq!((item.state, item.failures, item.lost_leases, item.preemptions), (ItemState::Ready, 0, 0, 1));
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_worker_gives_back_at_once_what_awaits_for_ever() {
    is_released_at_once(handler(|_| std::future::pending())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_worker_gives_back_at_once_what_blocks_its_thread() {
    let (handler, _release) = blocks();
    is_released_at_once(handler).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_worker_finishes_what_runs_and_begins_nothing() {
    let coordinator = Coordinator::start(LONG_TTL).await;
    let (handler, gate, mut starts) = gated();
    let worker = Running::start(&url(&coordinator), 1, FOR_EVER, handler);
    let id = coordinator.run(2, FOR_EVER, 5).await;
    starts.wait_for(|starts| *starts == 1).await.unwrap();
    worker.shutdown.cancel();
    coordinator.until(&id, |status| status.tasks.leased == 1).await;
    gate.notify_one();
    assert!(worker.end().await.is_ok());
    let (first, second) = (coordinator.item(&id, 1).await, coordinator.item(&id, 2).await);
    assert_eq!((first.state, second.state, *starts.borrow()), (ItemState::Succeeded, ItemState::Ready, 1));
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_an_operator_drains_finishes_what_runs_and_ends_well() {
    let coordinator = Coordinator::start(LONG_TTL).await;
    let (handler, gate, mut starts) = gated();
    // Its own drain time is for emergencies: an operator's is none.
    let worker = Running::start(&url(&coordinator), 1, Duration::ZERO, handler);
    let id = coordinator.run(2, FOR_EVER, 5).await;
    starts.wait_for(|starts| *starts == 1).await.unwrap();
    let name: WorkerId = "w".parse().unwrap();
    coordinator.engine.drain_worker(&name).await.unwrap();
    // Twice is the same as once.
    coordinator.engine.drain_worker(&name).await.unwrap();
    gate.notify_one();
    assert!(worker.end().await.is_ok());
    let (first, second) = (coordinator.item(&id, 1).await, coordinator.item(&id, 2).await);
    assert_eq!((first.state, first.preemptions, second.state), (ItemState::Succeeded, 0, ItemState::Ready));
    assert_eq!(*starts.borrow(), 1);
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_never_returns_dies_of_max_run_and_its_slot_is_free_again() {
    let coordinator = Coordinator::start(LONG_TTL).await;
    let hangs = handler(|job| async move {
        if job.key.as_str() == "work/1" {
            std::future::pending::<()>().await;
        }
        Ok("{}".to_owned())
    });
    let worker = Running::start(&url(&coordinator), 1, Duration::ZERO, hangs);
    let id = coordinator.run(2, Duration::from_millis(100), 2).await;
    let status = coordinator.until(&id, |status| status.tasks.dead + status.tasks.succeeded == 2).await;
    assert_eq!((status.tasks.dead, status.tasks.succeeded), (1, 1));
    let item = coordinator.item(&id, 1).await;
    assert_eq!((item.failures, item.token.0), (2, 2));
    assert!(
        item.reason.contains("failed 2 times") && item.reason.contains("ran longer than"),
        "{}",
        item.reason
    );
    assert!(worker.stop().await.is_ok());
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_slots_are_all_blocked_gives_up() {
    let coordinator = Coordinator::start(LONG_TTL).await;
    let (handler, _release) = blocks();
    let worker = Running::start(&url(&coordinator), 2, FOR_EVER, handler);
    let id = coordinator.run(3, Duration::from_millis(100), 1).await;
    let ended = worker.end().await;
    assert!(matches!(ended, Err(WorkerError::AllSlotsStuck { slots: 2 })), "{ended:?}");
    let status = coordinator.engine.status(&id).await.unwrap();
    assert_eq!((status.tasks.dead, status.tasks.ready, status.tasks.leased), (2, 1, 0));
    for n in [1, 2] {
        let item = coordinator.item(&id, n).await;
        assert!(item.reason.contains("ran longer than"), "{}", item.reason);
    }
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_that_was_stuck_comes_back_when_its_thread_does() {
    let coordinator = Coordinator::start(LONG_TTL).await;
    let (handler, release) = blocks();
    let worker = Running::start(&url(&coordinator), 2, Duration::ZERO, handler);
    let id = coordinator.run(1, Duration::from_millis(100), 1).await;
    coordinator.until(&id, |status| status.tasks.dead == 1).await;
    let free = || async {
        let workers = coordinator.engine.list_workers(None, 10).await.unwrap();
        workers.first().filter(|worker| worker.free_slots == 2).map(drop)
    };
    // The item is dead, and its thread still holds a slot.
    assert!(free().await.is_none());
    drop(release);
    eventually("both slots are free", PATIENCE, free).await;
    assert!(worker.stop().await.is_ok());
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_handler_reports_is_in_the_status() {
    // Reports go with heartbeats: three of them in a TTL.
    let coordinator = Coordinator::start(Duration::from_secs(3)).await;
    let gate = Arc::new(Notify::new());
    let waits = gate.clone();
    let reports = handler(move |job| {
        let gate = waits.clone();
        async move {
            job.progress.report(3, 10, "three of ten");
            gate.notified().await;
            Ok("{}".to_owned())
        }
    });
    let worker = Running::start(&url(&coordinator), 1, Duration::ZERO, reports);
    let id = coordinator.run(1, FOR_EVER, 1).await;
    let status = coordinator.until(&id, |status| !status.running.is_empty()).await;
    let progress = &status.running[0].progress;
    assert_eq!((progress.done, progress.total, progress.text.as_str()), (3, 10, "three of ten"));
    gate.notify_one();
    let status = coordinator.until(&id, |status| status.tasks.succeeded == 1).await;
    assert!(status.running.is_empty());
    assert!(worker.stop().await.is_ok());
    coordinator.stop().await;
}

/// A coordinator that waits, and names a leader.
async fn standby(leader: Option<String>) -> (SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
    let seat = Seat::new(watch::channel(Role::Standby { leader }).1);
    tokio::spawn(service::serve(listener, seat, ServeConfig::default(), shutdown.clone()));
    (address, shutdown)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_finds_the_leader_past_the_dead_and_the_waiting() {
    let coordinator = Coordinator::start(LONG_TTL).await;
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (unaware, stop_unaware) = standby(None).await;
    let (aware, stop_aware) = standby(Some(coordinator.address.to_string())).await;
    // The leader itself is not among those that the worker was told of.
    let addresses = format!("http://{unused},http://{unaware},http://{aware}");
    let worker = Running::start(&addresses, 1, Duration::ZERO, handler(|_| async { Ok("{}".to_owned()) }));
    let id = coordinator.run(1, FOR_EVER, 1).await;
    coordinator.until(&id, |status| status.tasks.succeeded == 1).await;
    assert!(worker.stop().await.is_ok());
    stop_unaware.cancel();
    stop_aware.cancel();
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_while_nobody_led_is_told_to_the_next_leader() {
    let tracker = Arc::new(MemoryTracker::default());
    let first = Coordinator::start_with(LONG_TTL, tracker.clone()).await;
    // Its place is known before it leads, as a standby's is.
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (handler, gate, mut starts) = gated();
    let addresses = format!("{},http://{}", url(&first), reserved.local_addr().unwrap());
    let worker = Running::start(&addresses, 1, Duration::ZERO, handler);
    let id = first.run(1, FOR_EVER, 1).await;
    starts.wait_for(|starts| *starts == 1).await.unwrap();
    first.stop().await;
    gate.notify_one();

    let next = Coordinator::start_at(reserved, LONG_TTL, tracker).await;
    next.until(&id, |status| status.tasks.succeeded == 1).await;
    assert_eq!(*starts.borrow(), 1, "a takeover is a reconnect, not a retry");
    assert!(worker.stop().await.is_ok());
    next.stop().await;
}

/// What ends in a worker that is stopping while nobody leads is told to whoever leads long after.
async fn is_told_later(drain: Duration, stop: impl AsyncFn(&Coordinator, &Running)) {
    let tracker = Arc::new(MemoryTracker::default());
    let first = Coordinator::start_with(LONG_TTL, tracker.clone()).await;
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (handler, gate, mut starts) = gated();
    let addresses = format!("{},http://{}", url(&first), reserved.local_addr().unwrap());
    let worker = Running::start(&addresses, 1, drain, handler);
    let id = first.run(1, FOR_EVER, 1).await;
    starts.wait_for(|starts| *starts == 1).await.unwrap();
    stop(&first, &worker).await;
    let drains =
        || async { first.engine.list_workers(None, 1).await.unwrap().first()?.drain.as_ref().map(drop) };
    eventually("the worker drains", PATIENCE, drains).await;
    first.stop().await;
    gate.notify_one();
    // The point of the story is that time passes: longer than a worker waits for an answer at the least.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(!worker.task.is_finished(), "it gave up, and the work is to be done again");

    let next = Coordinator::start_at(reserved, LONG_TTL, tracker).await;
    assert!(worker.end().await.is_ok());
    let item = next.item(&id, 1).await;
    assert_eq!((item.state, item.preemptions, item.lost_leases), (ItemState::Succeeded, 0, 0));
    assert_eq!(*starts.borrow(), 1);
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_worker_tells_its_outcomes_until_its_deadline() {
    is_told_later(FOR_EVER, async |_, worker| worker.shutdown.cancel()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_without_a_deadline_outwaits_a_takeover_with_what_it_has_to_tell() {
    is_told_later(Duration::ZERO, async |coordinator, _| {
        coordinator.engine.drain_worker(&"w".parse().unwrap()).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_alone_for_too_long_stops_its_work() {
    let coordinator = Coordinator::start(SHORT_TTL).await;
    let stopped = Arc::new(AtomicU32::new(0));
    let (told, started) = (stopped.clone(), Arc::new(Notify::new()));
    let starts = started.clone();
    let waits = handler(move |job| {
        let (told, starts) = (told.clone(), starts.clone());
        async move {
            starts.notify_one();
            job.cancel.cancelled().await;
            told.fetch_add(1, Ordering::Relaxed);
            Err(Failure::preempted("stopped"))
        }
    });
    let worker = Running::start(&url(&coordinator), 1, Duration::ZERO, waits);
    coordinator.run(1, FOR_EVER, 5).await;
    started.notified().await;
    let alone_since = Instant::now();
    coordinator.stop().await;
    let look = || std::future::ready((stopped.load(Ordering::Relaxed) == 1).then_some(()));
    eventually("the work is told to stop", PATIENCE, look).await;
    assert!(alone_since.elapsed() > 3 * SHORT_TTL, "a short silence is nothing: {:?}", alone_since.elapsed());
    assert!(worker.stop().await.is_ok());
}
