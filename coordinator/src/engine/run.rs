//! The engine's task: takes requests, steps the core, commits, releases. Holds no rules.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, PipelineStatus};
use edgraph_shared::retry;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::accepted::{self, AcceptedSink};
use super::handle::{Request, Watched};
use super::{BATCH_LEN, EngineConfig, RECONNECT_AFTER, TICK};
use crate::pipeline::Millis;
use crate::pipeline::fleet::SessionId;
use crate::pipeline::step::{AcceptedList, Command, CommandError, Core, PipelineChange, Reply, Step};
use crate::tracker::{Commit, Leadership, Tracker, TrackerError};

/// How long a failed write of an accepted list waits for the next attempt.
const ACCEPTED_RETRY: Duration = Duration::from_secs(2);
/// Waits between attempts at a commit while the tracker is unavailable.
const COMMIT_RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// What happens once a commit is done.
enum Release {
    Reply(oneshot::Sender<Result<Reply, CommandError>>, Result<Reply, CommandError>),
    Message(SessionId, CoordinatorMessage),
    End(SessionId),
    WriteAccepted(AcceptedList),
    Watch(oneshot::Sender<Watched>, Watched),
    Publish(Arc<PipelineStatus>),
}

/// Changes that are not yet committed, and what waits for them.
#[derive(Default)]
struct Batch {
    commit: Commit,
    releases: Vec<Release>,
}

type InFlight = Pin<Box<dyn Future<Output = (Vec<Release>, Result<(), TrackerError>)> + Send>>;
type Written = (PipelineId, u32, Result<(), String>);

/// The engine's state around the core.
pub(super) struct Shell {
    core: Core,
    clock: Clock,
    tracker: Arc<dyn Tracker>,
    sink: Arc<dyn AcceptedSink>,
    epoch: u64,
    sequence: u64,
    batch: Batch,
    in_flight: Option<InFlight>,
    outboxes: HashMap<SessionId, mpsc::Sender<CoordinatorMessage>>,
    watched: HashMap<PipelineId, watch::Sender<Arc<PipelineStatus>>>,
    /// Watched pipelines whose last change is not published.
    stale: BTreeSet<PipelineId>,
    writes: JoinSet<Written>,
    writing: HashSet<(PipelineId, u32)>,
    /// When to try accepted lists again. At the start: lists that wait since before it.
    rewrite_at: Option<Instant>,
}

impl Shell {
    pub(super) fn new(config: EngineConfig, leadership: Leadership) -> Self {
        let clock = Clock::start();
        Self {
            core: Core::restore(config.timing, leadership.stored, clock.now()),
            clock,
            tracker: config.tracker,
            sink: config.accepted,
            epoch: leadership.epoch,
            sequence: 0,
            batch: Batch::default(),
            in_flight: None,
            outboxes: HashMap::new(),
            watched: HashMap::new(),
            stale: BTreeSet::new(),
            writes: JoinSet::new(),
            writing: HashSet::new(),
            rewrite_at: Some(Instant::now()),
        }
    }

    pub(super) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Request>,
        shutdown: CancellationToken,
    ) -> Result<(), TrackerError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut requests = Vec::with_capacity(BATCH_LEN);
        loop {
            tokio::select! {
                biased;
                done = next_commit(&mut self.in_flight) => self.committed(done)?,
                () = shutdown.cancelled() => break,
                _ = tick.tick() => self.tick(),
                Some(written) = self.writes.join_next(), if !self.writes.is_empty() => self.written(written),
                taken = queue.recv_many(&mut requests, BATCH_LEN) => {
                    if taken == 0 {
                        break;
                    }
                    for request in requests.drain(..) {
                        self.handle(request);
                    }
                }
            }
            self.flush();
        }
        self.stop().await
    }

    /// Ends all streams and the last commit. Leases are not touched.
    async fn stop(mut self) -> Result<(), TrackerError> {
        self.step(Command::Stop { retry_after: RECONNECT_AFTER }, None);
        while self.in_flight.is_some() || !self.batch.commit.is_empty() || !self.batch.releases.is_empty() {
            self.flush();
            if self.in_flight.is_some() {
                let done = next_commit(&mut self.in_flight).await;
                self.committed(done)?;
            }
        }
        self.tracker.resign(self.epoch).await;
        Ok(())
    }

    fn handle(&mut self, request: Request) {
        match request {
            Request::Command { command, reply } => {
                if let Command::Disconnected(session) = &command {
                    self.outboxes.remove(session);
                }
                self.step(command, reply);
            }
            Request::Connect { session, hello, outbox } => {
                self.outboxes.insert(session, outbox);
                self.step(Command::Connected { session, hello }, None);
            }
            Request::Watch { pipeline, reply } => {
                // The watcher must not begin with a status older than what it was told before.
                self.publish(&pipeline);
                let answer = self.watch(pipeline);
                self.batch.releases.push(Release::Watch(reply, answer));
            }
        }
    }

    fn step(&mut self, command: Command, reply: Option<oneshot::Sender<Result<Reply, CommandError>>>) {
        // v4 bits are random; the fixed ones do no harm to a seed.
        let seed = uuid::Uuid::new_v4().as_u64_pair().1;
        let Step { reply: answer, changes, messages, urgent, ended, accepted } =
            self.core.step(command, self.clock.now(), seed);
        for (session, message) in urgent {
            self.deliver(session, message);
        }
        for change in changes {
            let id = match &change {
                PipelineChange::Saved(changes) => &changes.head.id,
                PipelineChange::Removed(id) => id,
            };
            if self.watched.contains_key(id) {
                self.stale.insert(id.clone());
            }
            self.batch.commit.add(change);
        }
        let releases = &mut self.batch.releases;
        releases.extend(messages.into_iter().map(|(session, message)| Release::Message(session, message)));
        releases.extend(ended.into_iter().map(Release::End));
        releases.extend(accepted.into_iter().map(Release::WriteAccepted));
        if let (Some(reply), Some(answer)) = (reply, answer) {
            releases.push(Release::Reply(reply, answer));
        }
    }

    fn tick(&mut self) {
        self.step(Command::Tick, None);
        if self.rewrite_at.is_some_and(|at| at <= Instant::now()) {
            self.rewrite_at = None;
            self.step(Command::WriteAccepted, None);
        }
        for id in self.stale.clone() {
            self.publish(&id);
        }
        self.watched.retain(|_, status| status.receiver_count() > 0);
    }

    /// Publishes a watched pipeline's status if it has changed, with the commit of everything decided so far.
    fn publish(&mut self, id: &PipelineId) {
        if !self.stale.remove(id) {
            return;
        }
        match self.core.pipelines().get(id) {
            Some(pipeline) => self.batch.releases.push(Release::Publish(Arc::new(pipeline.status()))),
            None => drop(self.watched.remove(id)),
        }
    }

    /// Starts the next commit, or lets out what waits for none.
    fn flush(&mut self) {
        if self.in_flight.is_some() {
            return;
        }
        let Batch { mut commit, releases } = std::mem::take(&mut self.batch);
        if commit.is_empty() {
            self.release(releases);
            return;
        }
        self.sequence += 1;
        (commit.epoch, commit.sequence) = (self.epoch, self.sequence);
        let tracker = Arc::clone(&self.tracker);
        self.in_flight = Some(Box::pin(async move {
            let result = commit_until_done(tracker.as_ref(), &commit).await;
            (releases, result)
        }));
    }

    fn committed(
        &mut self,
        (releases, result): (Vec<Release>, Result<(), TrackerError>),
    ) -> Result<(), TrackerError> {
        self.in_flight = None;
        result?;
        self.release(releases);
        Ok(())
    }

    fn release(&mut self, releases: Vec<Release>) {
        for release in releases {
            match release {
                // Nobody waits any more when the answer cannot be delivered.
                Release::Reply(reply, answer) => drop(reply.send(answer)),
                Release::Watch(reply, answer) => drop(reply.send(answer)),
                Release::Message(session, message) => self.deliver(session, message),
                Release::End(session) => drop(self.outboxes.remove(&session)),
                Release::WriteAccepted(list) => self.write_accepted(list),
                Release::Publish(status) => {
                    if let Some(watched) = self.watched.get(&status.id) {
                        watched.send_replace(status);
                    }
                }
            }
        }
    }

    fn deliver(&mut self, session: SessionId, message: CoordinatorMessage) {
        let Some(outbox) = self.outboxes.get(&session) else { return };
        let Err(unsent) = outbox.try_send(message) else { return };
        // A closed outbox is a worker that has just left, which is nothing to warn of.
        if matches!(unsent, TrySendError::Full(_)) {
            tracing::warn!(session = session.0, "cut a work stream that does not read");
        }
        self.outboxes.remove(&session);
        self.step(Command::Disconnected(session), None);
    }

    fn watch(&mut self, id: PipelineId) -> Watched {
        if let Some(watched) = self.watched.get(&id) {
            return Ok(watched.subscribe());
        }
        let Some(pipeline) = self.core.pipelines().get(&id) else {
            return Err(CommandError::NotFound { pipeline: id });
        };
        let (sender, receiver) = watch::channel(Arc::new(pipeline.status()));
        self.watched.insert(id, sender);
        Ok(receiver)
    }

    fn write_accepted(&mut self, list: AcceptedList) {
        if !self.writing.insert((list.pipeline.clone(), list.round)) {
            return;
        }
        let sink = Arc::clone(&self.sink);
        self.writes.spawn(async move {
            let written = sink.write(&list.path, accepted::lines(&list.items)).await;
            (list.pipeline, list.round, written.map_err(|error| error.to_string()))
        });
    }

    fn written(&mut self, written: Result<Written, tokio::task::JoinError>) {
        let (pipeline, round, outcome) = match written {
            Ok(written) => written,
            Err(panic) => {
                // Which list it was is lost with the task: all that wait are tried again.
                tracing::error!(error = %panic, "writing an accepted list panicked");
                self.writing.clear();
                self.rewrite_at = Some(Instant::now() + ACCEPTED_RETRY);
                return;
            }
        };
        self.writing.remove(&(pipeline.clone(), round));
        if let Err(error) = &outcome {
            tracing::warn!(%pipeline, round, %error, "an accepted list cannot be written");
            self.rewrite_at = Some(Instant::now() + ACCEPTED_RETRY);
        }
        self.step(Command::AcceptedWritten { pipeline, round, outcome }, None);
    }
}

/// The end of the commit in flight; never, when there is none.
async fn next_commit(in_flight: &mut Option<InFlight>) -> (Vec<Release>, Result<(), TrackerError>) {
    match in_flight {
        Some(commit) => commit.await,
        None => std::future::pending().await,
    }
}

/// Sends one commit until the tracker answers for it. The same commit again is safe.
async fn commit_until_done(tracker: &dyn Tracker, commit: &Commit) -> Result<(), TrackerError> {
    let (base, max) = COMMIT_RETRY;
    let mut waits = retry::full_jitter(base, max);
    loop {
        match tracker.commit(commit).await {
            Err(error @ TrackerError::Unavailable(_)) => {
                tracing::warn!(%error, "a commit waits for the tracker");
                tokio::time::sleep(waits.next().unwrap_or(max)).await;
            }
            done => return done,
        }
    }
}

/// The leader's clock: see [`Millis`].
struct Clock {
    wall_at_start: Duration,
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        let wall_at_start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall_at_start, started: Instant::now() }
    }

    fn now(&self) -> Millis {
        Millis::ZERO.plus(self.wall_at_start + self.started.elapsed())
    }
}
