//! The engine's handle: what service, embedded run, pages and tests see of it. Cheap to clone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use edgraph_shared::ids::{ItemKey, PipelineId, WorkerId};
use edgraph_shared::model::{
    CoordinatorMessage, Hello, HostFamily, HostPause, ItemSnapshot, PipelineSpec, PipelineStatus,
    ScalingSignal, WorkerMessage, WorkerStatus,
};
use tokio::sync::{mpsc, oneshot, watch};

use super::finished::FinishedStore;
use super::limits::OUTBOX_LEN;
use crate::pipeline::core::{Command, CommandError, Reply};
use crate::pipeline::fleet::SessionId;
use crate::pipeline::{Acted, ClientSays, Deed, Selection};
use crate::tracker::Trouble;

/// Why the engine did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The command cannot be done.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The engine has stopped, or stops before it could answer.
    #[error("the coordinator is stopping")]
    Stopped,
    /// The answer waits for the tracker longer than the caller does; the command may still take effect.
    #[error("the tracker is slow or unreachable; the command may still take effect{}", trouble.as_ref().map(|trouble| format!(" ({trouble})")).unwrap_or_default())]
    Slow {
        /// What the tracker did wrong, where it is known.
        trouble: Option<Trouble>,
    },
}

type Answer = Result<Reply, CommandError>;
/// The answer to a watch.
pub(super) type Watched = Result<watch::Receiver<Arc<PipelineStatus>>, CommandError>;

/// What the engine's task takes from its queue.
pub(super) enum Request {
    /// A command, with somebody waiting for its reply or not.
    Command { command: Command, reply: Option<oneshot::Sender<Answer>> },
    /// A worker's stream begins.
    Connect { session: SessionId, hello: Hello, outbox: mpsc::Sender<CoordinatorMessage> },
    /// Somebody wants a status now, if one may be told.
    Peek { pipeline: PipelineId, reply: oneshot::Sender<Option<PipelineStatus>> },
    /// Somebody wants to see every new status of a pipeline.
    Watch { pipeline: PipelineId, reply: oneshot::Sender<Watched> },
}

/// What waits for the engine. Heartbeats have a queue of their own, with those who want a status now: they are taken
/// even when so much waits for the tracker that nothing else is.
pub(super) struct Queues {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) beats: mpsc::Receiver<Request>,
}

/// What the engine has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineStats {
    /// Commits that the tracker has answered.
    pub commits: u64,
    /// Changes of items and pipelines in these.
    pub changes: u64,
    /// Pipelines written whole because the tracker had lost writes.
    pub rewrites: u64,
    /// The longest time that one command kept everything else waiting.
    pub longest_step: Duration,
}

/// The same, as the engine counts.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) changes: AtomicU64,
    pub(super) rewrites: AtomicU64,
    /// In microseconds.
    longest_step: AtomicU64,
    /// What the tracker did wrong when it was last asked.
    trouble: Mutex<Option<Trouble>>,
}

impl Counters {
    /// The tracker has done what it was asked.
    pub(super) fn tracker_did(&self) {
        *self.trouble() = None;
    }

    /// The tracker has not done what it was asked. What waiting does not help is an error, said once; everything else
    /// is said every time.
    pub(super) fn tracker_did_not(&self, asked: &str, trouble: &Trouble) {
        let before = self.trouble().replace(trouble.clone());
        match trouble.fix {
            None => tracing::warn!(reason = %trouble, "{asked} waits for the tracker"),
            Some(_) if before.as_ref() == Some(trouble) => {}
            Some(_) => {
                tracing::error!(reason = %trouble, "{asked} is refused by the tracker, and tried again")
            }
        }
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        // Replaced whole, so a panic elsewhere leaves nothing half done.
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A command was done in this time.
    pub(super) fn note_step(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.longest_step.fetch_max(micros, Ordering::Relaxed);
    }
}

/// See the module's documentation.
#[derive(Clone)]
pub struct EngineHandle {
    requests: mpsc::Sender<Request>,
    beats: mpsc::Sender<Request>,
    next_session: Arc<AtomicU64>,
    counters: Arc<Counters>,
    finished: Option<Arc<FinishedStore>>,
    patience: Option<Duration>,
}

impl EngineHandle {
    pub(super) fn new(
        requests: mpsc::Sender<Request>,
        beats: mpsc::Sender<Request>,
        finished: Option<Arc<FinishedStore>>,
    ) -> Self {
        let (next_session, counters) = Default::default();
        Self { requests, beats, next_session, counters, finished, patience: None }
    }

    /// The same engine, for callers that hear [`EngineError::Slow`] instead of waiting longer for an answer.
    pub fn patient_for(self, patience: Duration) -> Self {
        Self { patience: Some(patience), ..self }
    }

    /// Where the ends of pipelines lie, if they lie anywhere.
    pub(super) fn finished(&self) -> Option<Arc<FinishedStore>> {
        self.finished.clone()
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// What the engine has done so far.
    pub fn stats(&self) -> EngineStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { commits, changes, rewrites, longest_step, .. } = &*self.counters;
        EngineStats {
            commits: read(commits),
            changes: read(changes),
            rewrites: read(rewrites),
            longest_step: Duration::from_micros(read(longest_step)),
        }
    }

    /// Whether the tracker answered when it was last asked. Without it nothing is granted and no command is done.
    pub fn tracker_answers(&self) -> bool {
        self.counters.trouble().is_none()
    }

    /// Starts a pipeline, or returns the one that the same request started before.
    pub async fn start(
        &self,
        id: Option<PipelineId>,
        request_id: &str,
        spec: PipelineSpec,
    ) -> Result<PipelineStatus, EngineError> {
        self.start_or_find(id, request_id, spec).await.map(|(status, _)| status)
    }

    /// The same, and whether this start made the pipeline.
    pub async fn start_or_find(
        &self,
        id: Option<PipelineId>,
        request_id: &str,
        spec: PipelineSpec,
    ) -> Result<(PipelineStatus, bool), EngineError> {
        let command = Command::Start { id, request_id: request_id.to_owned(), spec: Box::new(spec) };
        match self.call(command).await? {
            Reply::Started(status, created) => Ok((*status, created)),
            other => unreachable!("a start is not answered with {other:?}"),
        }
    }

    /// The status after the last commit. At once, unless the pipeline is not known to be committed or the lead is not
    /// proven; then with the next commit or proof.
    pub async fn status(&self, id: &PipelineId) -> Result<PipelineStatus, EngineError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Peek { pipeline: id.clone(), reply };
        self.beats.send(request).await.map_err(|_| EngineError::Stopped)?;
        match answer.await.map_err(|_| EngineError::Stopped)? {
            Some(status) => Ok(status),
            None => self.status_after(Command::Get(id.clone())).await,
        }
    }

    /// Cancels a pipeline.
    pub async fn cancel(&self, id: &PipelineId) -> Result<PipelineStatus, EngineError> {
        self.status_after(Command::Cancel(id.clone())).await
    }

    /// Stops grants of a pipeline.
    pub async fn pause(&self, id: &PipelineId) -> Result<PipelineStatus, EngineError> {
        self.status_after(Command::Pause(id.clone())).await
    }

    /// Allows grants again; a held pipeline goes on without its dead items.
    pub async fn resume(&self, id: &PipelineId) -> Result<PipelineStatus, EngineError> {
        self.status_after(Command::Resume(id.clone())).await
    }

    /// Forgets a finished pipeline, in the store and then here; returns its last status.
    pub async fn delete(&self, id: &PipelineId) -> Result<PipelineStatus, EngineError> {
        self.status_after(Command::Delete(id.clone())).await
    }

    /// Has something done to selected items, and says to how many. A dry one only counts them.
    pub async fn sweep(
        &self,
        id: &PipelineId,
        deed: Deed,
        only: Selection,
        is_dry: bool,
    ) -> Result<(PipelineStatus, Acted), EngineError> {
        self.acted(Command::Sweep { pipeline: id.clone(), deed, only, is_dry }).await
    }

    /// Takes in what a client says of items that are its own. `request` is the same when it says it again.
    pub async fn client_says(
        &self,
        id: &PipelineId,
        says: ClientSays,
        request: String,
    ) -> Result<(PipelineStatus, Acted), EngineError> {
        self.acted(Command::ClientSays { pipeline: id.clone(), says, request }).await
    }

    async fn acted(&self, command: Command) -> Result<(PipelineStatus, Acted), EngineError> {
        match self.call(command).await? {
            Reply::Acted(status, acted) => Ok((*status, acted)),
            other => unreachable!("what is done to items is not answered with {other:?}"),
        }
    }

    /// Pipelines by id, after `after`, at most `limit`; and all that are set aside, with what is wrong.
    pub async fn list(
        &self,
        after: Option<PipelineId>,
        limit: usize,
    ) -> Result<(Vec<PipelineStatus>, BTreeMap<PipelineId, String>), EngineError> {
        match self.call(Command::List { after, limit }).await? {
            Reply::Pipelines(pipelines, damaged) => Ok((pipelines, damaged)),
            other => unreachable!("a list is not answered with {other:?}"),
        }
    }

    /// Items in order of creation from position `from`, at most `limit`, and where the next page begins.
    pub async fn list_items(
        &self,
        pipeline: &PipelineId,
        selection: Selection,
        from: u32,
        limit: usize,
    ) -> Result<(Vec<ItemSnapshot>, Option<u32>), EngineError> {
        let command = Command::ListItems { pipeline: pipeline.clone(), selection, from, limit };
        match self.call(command).await? {
            Reply::Items(items, next) => Ok((items, next)),
            other => unreachable!("a list of items is not answered with {other:?}"),
        }
    }

    /// One item.
    pub async fn item(&self, pipeline: &PipelineId, key: &ItemKey) -> Result<ItemSnapshot, EngineError> {
        let command = Command::GetItem { pipeline: pipeline.clone(), key: key.clone() };
        match self.call(command).await? {
            Reply::Item(item) => Ok(*item),
            other => unreachable!("an item is not answered with {other:?}"),
        }
    }

    /// Workers by id, after `after`, at most `limit`.
    pub async fn list_workers(
        &self,
        after: Option<WorkerId>,
        limit: usize,
    ) -> Result<Vec<WorkerStatus>, EngineError> {
        match self.call(Command::ListWorkers { after, limit }).await? {
            Reply::Workers(workers) => Ok(workers),
            other => unreachable!("a list of workers is not answered with {other:?}"),
        }
    }

    /// Grants nothing more to a worker and tells it to end.
    pub async fn drain_worker(&self, id: &WorkerId) -> Result<WorkerStatus, EngineError> {
        match self.call(Command::DrainWorker(id.clone())).await? {
            Reply::Worker(worker) => Ok(*worker),
            other => unreachable!("a drain is not answered with {other:?}"),
        }
    }

    /// How much work waits, and who does it.
    pub async fn scaling_signal(&self) -> Result<ScalingSignal, EngineError> {
        match self.call(Command::ScalingSignal).await? {
            Reply::Scaling(signal) => Ok(signal),
            other => unreachable!("a scaling signal is not answered with {other:?}"),
        }
    }

    /// Ends pauses of hosts, and returns those that it ended. Kept when it returns.
    pub async fn lift_pauses(
        &self,
        families: Vec<HostFamily>,
        by: String,
    ) -> Result<Vec<HostPause>, EngineError> {
        match self.call(Command::LiftPauses { families, by }).await? {
            Reply::Lifted(pauses) => Ok(pauses),
            other => unreachable!("the end of a pause is not answered with {other:?}"),
        }
    }

    /// The newest status now and after every change, some 50 times a second at most. Slow readers miss
    /// intermediate states, never the last one.
    pub async fn watch(&self, id: &PipelineId) -> Result<watch::Receiver<Arc<PipelineStatus>>, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.answered(Request::Watch { pipeline: id.clone(), reply }, answer).await
    }

    /// Waits for a status, for example a finished one.
    pub async fn wait_until(
        &self,
        id: &PipelineId,
        reached: impl FnMut(&PipelineStatus) -> bool,
    ) -> Result<Arc<PipelineStatus>, EngineError> {
        let mut reached = reached;
        let mut statuses = self.watch(id).await?;
        let status = statuses.wait_for(|status| reached(status)).await.map_err(|_| EngineError::Stopped)?;
        Ok(Arc::clone(&status))
    }

    /// Takes in a worker's stream.
    pub async fn connect(&self, hello: Hello) -> Result<WorkerSession, EngineError> {
        let session = SessionId(self.next_session.fetch_add(1, Ordering::Relaxed));
        let (outbox, messages) = mpsc::channel(OUTBOX_LEN);
        self.send(Request::Connect { session, hello, outbox }).await?;
        Ok(WorkerSession { engine: self.clone(), session, messages: Some(messages) })
    }

    async fn status_after(&self, command: Command) -> Result<PipelineStatus, EngineError> {
        match self.call(command).await? {
            Reply::Status(status) => Ok(*status),
            other => unreachable!("a command is not answered with {other:?}"),
        }
    }

    pub(super) async fn call(&self, command: Command) -> Result<Reply, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.answered(Request::Command { command, reply: Some(reply) }, answer).await
    }

    async fn answered<T>(
        &self,
        request: Request,
        answer: oneshot::Receiver<Result<T, CommandError>>,
    ) -> Result<T, EngineError> {
        let answered = async {
            self.send(request).await?;
            Ok(answer.await.map_err(|_| EngineError::Stopped)??)
        };
        match self.patience {
            None => answered.await,
            Some(patience) => tokio::time::timeout(patience, answered)
                .await
                .unwrap_or_else(|_| Err(EngineError::Slow { trouble: self.counters.trouble().clone() })),
        }
    }

    async fn send(&self, request: Request) -> Result<(), EngineError> {
        self.requests.send(request).await.map_err(|_| EngineError::Stopped)
    }
}

/// A worker's stream, seen from the service. Dropping it ends the stream; its leases live on.
pub struct WorkerSession {
    engine: EngineHandle,
    session: SessionId,
    messages: Option<mpsc::Receiver<CoordinatorMessage>>,
}

impl WorkerSession {
    /// Messages for the worker, once. They end when the coordinator ends the stream.
    pub fn take_messages(&mut self) -> mpsc::Receiver<CoordinatorMessage> {
        self.messages.take().expect("taken once, by the stream's owner")
    }

    /// Hands in a message from the worker.
    pub async fn handle(&self, message: WorkerMessage) -> Result<(), EngineError> {
        let queue = match &message {
            WorkerMessage::Heartbeat { .. } | WorkerMessage::RequestDemand { .. } => &self.engine.beats,
            _ => &self.engine.requests,
        };
        let command = Command::Message { session: self.session, message };
        queue.send(Request::Command { command, reply: None }).await.map_err(|_| EngineError::Stopped)
    }
}

impl Drop for WorkerSession {
    fn drop(&mut self) {
        let request = Request::Command { command: Command::Disconnected(self.session), reply: None };
        if let Err(mpsc::error::TrySendError::Full(request)) = self.engine.requests.try_send(request) {
            let requests = self.engine.requests.clone();
            // Dropping cannot wait. The task ends as soon as the queue has room or the engine is gone.
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move { requests.send(request).await.is_ok() });
            }
        }
    }
}
