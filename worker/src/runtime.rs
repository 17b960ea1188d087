//! The worker's runtime: slots, handlers, shutdown. What it says to the coordinator is [`crate::connection`]'s.
//!
//! A granted item runs in a task of its own with a cancellation token of its own. A handler that does not stop when
//! told is stopped at its next `await`; one that blocks its thread cannot be stopped, keeps its slot and is counted.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::WorkerId;
use edgraph_shared::model::{Grant, LeaseRef, MAX_RESULT_LEN, ReleaseReason};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::Endpoint;
use tracing::Instrument;

use crate::connection::{Connection, ConnectionConfig, Granted, UPS_LEN, Up};
use crate::handlers::{Children, Handler, Job};
use crate::leases::Outcome;

/// An aborted handler that awaits anything ends within this.
const ABORT_GRACE: Duration = Duration::from_secs(1);
/// How long a stopping worker waits for the answers to its last messages.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Both sides notice a vanished peer by pings.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// What a worker is made of.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Where the coordinator listens, for example `http://127.0.0.1:4000`.
    pub coordinator: String,
    /// This worker's name; one living process per name.
    pub worker: WorkerId,
    /// Items run at one time.
    pub slots: NonZeroU32,
    /// How long running items may go on after the shutdown; then they are released.
    pub drain: Duration,
    /// How long a cancelled handler has to return by itself.
    pub cancel_grace: Duration,
}

/// Why a worker ended.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Not an address.
    #[error("`{address}` is not an address of a coordinator: {source}")]
    Address {
        /// As configured.
        address: String,
        /// What is wrong with it.
        source: tonic::transport::Error,
    },
    /// The connection's thread did not start.
    #[error("the connection's thread did not start: {0}")]
    Thread(#[from] std::io::Error),
    /// Handlers that do not stop hold every slot: the process should end and be started again.
    #[error("all {slots} slots are held by handlers that do not stop")]
    AllSlotsStuck {
        /// The slots.
        slots: u32,
    },
    /// The connection's thread ended although nobody told it to.
    #[error("the connection's thread ended unexpectedly")]
    ConnectionLost,
}

/// The worker.
#[derive(Debug)]
pub struct Worker;

impl Worker {
    /// Takes leases and runs them until `shutdown`, then drains. Dropping the future is a crash: leases are left to
    /// their deadline.
    pub async fn run(
        config: WorkerConfig,
        handlers: Vec<Arc<dyn Handler>>,
        shutdown: CancellationToken,
    ) -> Result<(), WorkerError> {
        let slots = config.slots.get();
        let (ups, ups_receiver) = mpsc::channel(UPS_LEN);
        let (grants_sender, grants) = mpsc::channel(slots as usize);
        let connection = ConnectionConfig {
            endpoint: endpoint(&config.coordinator)?,
            worker: config.worker.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            slots,
            kinds: handlers.iter().map(|handler| handler.kind()).collect(),
        };
        let crashed = CancellationToken::new();
        let _crash_guard = crashed.clone().drop_guard();
        let connection = Connection::new(connection, ups_receiver, grants_sender);
        let closed = spawn_connection(connection, crashed)?;
        let pool = Pool {
            handlers: handlers.into_iter().map(|handler| (handler.kind(), handler)).collect(),
            running: JoinSet::new(),
            stuck: Arc::default(),
            slots,
            cancel_grace: config.cancel_grace,
            ups,
        };
        pool.run(grants, closed, config.drain, shutdown).await
    }
}

fn endpoint(address: &str) -> Result<Endpoint, WorkerError> {
    let endpoint = Endpoint::from_shared(address.to_owned())
        .map_err(|source| WorkerError::Address { address: address.to_owned(), source })?;
    Ok(endpoint
        .connect_timeout(KEEPALIVE)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true))
}

/// Runs the connection on a thread with a runtime of its own: work that blocks the main runtime delays no heartbeat.
fn spawn_connection(
    connection: Connection,
    crashed: CancellationToken,
) -> Result<oneshot::Receiver<()>, std::io::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (closing, closed) = oneshot::channel();
    std::thread::Builder::new().name("edgraph-connection".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                () = connection.run() => {}
                () = crashed.cancelled() => {}
            }
        });
        // Nobody waits when the worker was dropped.
        let _ = closing.send(());
    })?;
    Ok(closed)
}

/// The slots.
struct Pool {
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    running: JoinSet<()>,
    stuck: Arc<AtomicU32>,
    slots: u32,
    cancel_grace: Duration,
    ups: mpsc::Sender<Up>,
}

impl Pool {
    async fn run(
        mut self,
        mut grants: mpsc::Receiver<Granted>,
        mut closed: oneshot::Receiver<()>,
        drain: Duration,
        shutdown: CancellationToken,
    ) -> Result<(), WorkerError> {
        let stopped = loop {
            tokio::select! {
                () = shutdown.cancelled() => break Ok(()),
                _ = &mut closed => return Err(WorkerError::ConnectionLost),
                Some(granted) = grants.recv() => self.begin(granted),
                Some(_) = self.running.join_next() => {}
                () = all_stuck(Arc::clone(&self.stuck), self.slots) => break Err(WorkerError::AllSlotsStuck { slots: self.slots }),
            }
        };
        self.drain(drain, closed).await;
        stopped
    }

    fn begin(&mut self, granted: Granted) {
        let handler = self.handlers.get(granted.grant.item.kind.as_str()).cloned();
        let (ups, stuck, grace) = (self.ups.clone(), Arc::clone(&self.stuck), self.cancel_grace);
        let Grant { lease, attempt, .. } = &granted.grant;
        let span = tracing::info_span!("item", pipeline = %lease.pipeline, key = %lease.key, attempt, token = %lease.token);
        self.running.spawn(run_item(handler, granted, ups, stuck, grace).instrument(span));
    }

    /// Takes nothing more, lets running items end for a while, releases the rest, and waits for the answers.
    async fn drain(mut self, drain: Duration, closed: oneshot::Receiver<()>) {
        self.say(Up::Drain { reason: "the worker is stopping".to_owned() }).await;
        let _ = timeout(drain, self.ended()).await;
        self.say(Up::CancelAll).await;
        let _ = timeout(self.cancel_grace + 2 * ABORT_GRACE, self.ended()).await;
        self.say(Up::Close { deadline: Instant::now() + LAST_WORDS }).await;
        // The connection closes at its deadline by itself.
        let _ = closed.await;
    }

    async fn ended(&mut self) {
        while self.running.join_next().await.is_some() {}
    }

    async fn say(&self, up: Up) {
        // The connection's end is noticed where its closing is awaited.
        let _ = self.ups.send(up).await;
    }
}

/// Ends when every slot is held by a handler that does not stop.
async fn all_stuck(stuck: Arc<AtomicU32>, slots: u32) {
    const LOOK_EVERY: Duration = Duration::from_millis(500);
    while stuck.load(Ordering::Relaxed) < slots {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn run_item(
    handler: Option<Arc<dyn Handler>>,
    granted: Granted,
    ups: mpsc::Sender<Up>,
    stuck: Arc<AtomicU32>,
    grace: Duration,
) {
    let Granted { grant, cancel } = granted;
    let lease = grant.lease.clone();
    let Some(handler) = handler else {
        let failure = Failure::permanent(format!("this worker has no handler for `{}`", grant.item.kind));
        return end(&ups, lease, Outcome::Failed(failure)).await;
    };
    let children = Children::new(lease.clone(), ups.clone());
    let job = Job {
        pipeline: lease.pipeline.clone(),
        key: lease.key.clone(),
        payload: grant.item.payload,
        parents: grant.parents,
        attempt: grant.attempt,
        token: lease.token,
        children: children.clone(),
        cancel: cancel.clone(),
    };
    let work = async move { handler.run(job).await };
    let mut work = AbortOnDropHandle::new(tokio::spawn(work.in_current_span()));
    let finished = tokio::select! {
        finished = &mut work => Some(finished),
        () = cancel.cancelled() => timeout(grace, &mut work).await.ok(),
    };
    let outcome = match finished {
        Some(Ok(Ok(result))) => done(result, &children).await,
        // Cancelled work that stops with whatever error was interrupted, it did not fail.
        _ if cancel.is_cancelled() => Outcome::Released(ReleaseReason::Preempted),
        Some(Ok(Err(failure))) => Outcome::Failed(failure),
        Some(Err(panic)) => Outcome::Failed(Failure::transient(format!("the handler panicked: {panic}"))),
        None => Outcome::Released(ReleaseReason::Preempted),
    };
    if finished_or_aborted(&mut work).await {
        return end(&ups, lease, outcome).await;
    }
    stuck.fetch_add(1, Ordering::Relaxed);
    tracing::error!("a handler does not stop; its slot is lost until it does");
    // The lease goes back at once; the slot does not.
    let _ = ups.send(Up::Finished { lease, outcome }).await;
    let _ = work.await;
    stuck.fetch_sub(1, Ordering::Relaxed);
    let _ = ups.send(Up::SlotFree).await;
}

async fn finished_or_aborted(work: &mut AbortOnDropHandle<Result<String, Failure>>) -> bool {
    if work.is_finished() {
        return true;
    }
    work.abort();
    timeout(ABORT_GRACE, work).await.is_ok()
}

/// Reports the outcome, then the free slot, so that the lease is closed before its slot is granted again.
async fn end(ups: &mpsc::Sender<Up>, lease: LeaseRef, outcome: Outcome) {
    // Without a connection there is nobody to tell: the worker is being dropped.
    let _ = ups.send(Up::Finished { lease, outcome }).await;
    let _ = ups.send(Up::SlotFree).await;
}

async fn done(result: String, children: &Children) -> Outcome {
    if result.len() > MAX_RESULT_LEN {
        let reason = format!("the result has {} bytes, at most {MAX_RESULT_LEN} are allowed", result.len());
        return Outcome::Failed(Failure::permanent(reason));
    }
    match children.total().await {
        Ok(children) => Outcome::Done { skipped: says_skipped(&result), result, children },
        Err(failure) => Outcome::Failed(failure),
    }
}

/// See [`Handler::run`].
fn says_skipped(result: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Skippable {
        #[serde(default)]
        skipped: bool,
    }
    serde_json::from_str(result).is_ok_and(|result: Skippable| result.skipped)
}

#[cfg(test)]
mod tests {
    use super::says_skipped;

    #[test]
    fn a_result_says_whether_the_work_was_skipped() {
        for (result, expected) in [
            (r#"{"skipped":true,"rows":1}"#, true),
            (r#"{"skipped":false}"#, false),
            (r#"{"rows":1}"#, false),
            (r#"{"skipped":"yes"}"#, false),
            ("[]", false),
            ("", false),
        ] {
            assert_eq!(says_skipped(result), expected, "{result}");
        }
    }
}
