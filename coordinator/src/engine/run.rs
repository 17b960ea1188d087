//! The engine's task: takes requests, steps the core, gathers what is to be committed. Holds no rules.
//!
//! The simulation's leader (`pipeline/tests/simulation/leader.rs`) mirrors this loop: what changes here in order or in
//! what waits for a commit changes there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::batch::Release;
use super::commits::name_what_is_lost;
use super::handle::{Queues, Request};
use super::limits::{BATCH_LEN, RECONNECT_AFTER, STOP_PATIENCE, TICK, TURN, VERIFY_EVERY};
use super::pending::next;
use super::shell::Shell;
use crate::pipeline::core::{Command, CommandError, PipelineChange, Reply, Step};
use crate::tracker::TrackerError;

impl Shell {
    /// Runs until the shutdown, until nobody holds a handle any more, or until another coordinator leads. In the
    /// last case everything is dropped at once: streams end, and whoever waits for a reply hears that there is none.
    pub(super) async fn run(
        mut self,
        queues: Queues,
        shutdown: CancellationToken,
    ) -> Result<(), TrackerError> {
        if let Err(error) = self.serve(queues, shutdown).await {
            let (tracker, acknowledged) = (Arc::clone(&self.tracker), self.marks.acknowledged());
            // First of all nobody is kept waiting: the streams end, and with them every reply that is not given.
            drop(self);
            if let TrackerError::Fenced { epoch } = error {
                name_what_is_lost(tracker, acknowledged, epoch).await;
            }
            return Err(error);
        }
        match tokio::time::timeout(STOP_PATIENCE, self.stop()).await {
            Ok(stopped) => stopped,
            Err(_) => {
                tracing::warn!("stopped without the tracker: what was not committed yet was told to nobody");
                Ok(())
            }
        }
    }

    async fn serve(&mut self, mut queues: Queues, shutdown: CancellationToken) -> Result<(), TrackerError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // At once: reading everything took a while, and a leader that was thought dead may have come back meanwhile.
        self.renew_after(Duration::ZERO);
        loop {
            // In this order. Heartbeats come before time passes, so that none is late for having waited here. Time
            // stands still while requests cannot be taken: no lease may end by a message that waits unread. Each has its
            // turn, and no turn is long: a flood of heartbeats starves nobody, and no flood starves them.
            let have_room = self.batches.have_room();
            tokio::select! {
                biased;
                done = next(&mut self.in_flight) => self.waited(done)?,
                () = next(&mut self.rest) => self.rest = None,
                () = shutdown.cancelled() => break,
                renewed = next(&mut self.renewal) => self.renewed(renewed)?,
                kept = next(&mut self.pauses.under_way) => self.pause_kept(kept)?,
                Some(beat) = queues.beats.recv() => {
                    self.turn(beat, &mut queues.beats);
                    if have_room && tick.tick().now_or_never().is_some() {
                        self.tick();
                    }
                    if let Some(request) = have_room.then(|| queues.requests.try_recv().ok()).flatten() {
                        self.turn(request, &mut queues.requests);
                    }
                }
                _ = tick.tick(), if have_room => self.tick(),
                room = self.gatherings.room(), if !self.gatherings.are_empty() => {
                    self.gatherings.gather(room, &self.core);
                }
                room = self.recordings.gatherings.room(), if !self.recordings.gatherings.are_empty() => {
                    self.recordings.gatherings.gather(room, &self.core);
                }
                Some(done) = self.recordings.under_way.join_next(), if !self.recordings.under_way.is_empty() => {
                    self.recorded(done);
                }
                Some(written) = self.writes.join_next(), if !self.writes.is_empty() => self.written(written),
                request = queues.requests.recv(), if have_room => match request {
                    Some(request) => self.turn(request, &mut queues.requests),
                    None => break,
                },
            }
            self.flush();
            self.keep_pauses();
        }
        Ok(())
    }

    /// Ends all streams and the last commits. Leases are not touched.
    async fn stop(mut self) -> Result<(), TrackerError> {
        (self.renewal, self.rest) = (None, None);
        // The lock is not renewed any more. What is let out from here on is verified with the last commit, or is the
        // end of a stream, so it may count as proven.
        self.proven.send_replace(Instant::now() + 2 * STOP_PATIENCE);
        self.step(Command::Stop { retry_after: RECONNECT_AFTER }, None);
        // The last chance to notice a loss: the next leader knows only what is stored.
        self.verify = true;
        self.flush();
        while self.in_flight.is_some() || !self.batches.are_empty() {
            let done = next(&mut self.in_flight).await;
            self.waited(done)?;
            self.rest = None;
            self.flush();
        }
        // The next leader knows only those pauses that the tracker keeps.
        self.keep_pauses();
        while let Some(keeping) = self.pauses.under_way.take() {
            self.pause_kept(keeping.await)?;
            self.keep_pauses();
        }
        if let Err(error) = self.tracker.resign(&self.term).await {
            tracing::warn!(%error, "the lead ends with its lock");
        }
        Ok(())
    }

    /// Handles a request and those that wait behind it, until the turn is over.
    fn turn(&mut self, first: Request, queue: &mut mpsc::Receiver<Request>) {
        let began = Instant::now();
        self.handle(first);
        for _ in 1..BATCH_LEN {
            if began.elapsed() >= TURN {
                return;
            }
            let Ok(next) = queue.try_recv() else { return };
            self.handle(next);
        }
    }

    fn handle(&mut self, request: Request) {
        match request {
            Request::Command { command: Command::Delete(id), reply } => self.delete(id, reply),
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
            Request::Peek { pipeline, reply } => {
                let is_proven = Instant::now() < *self.proven.borrow();
                let status = is_proven.then(|| self.shown.status(&pipeline, &self.core)).flatten();
                // Nobody waits any more when the answer cannot be delivered.
                drop(reply.send(status));
            }
            Request::Watch { pipeline, reply } => {
                // The watcher must not begin with a status older than what it was told before.
                self.publish(&pipeline);
                let answer = self.watch(pipeline);
                self.batches.release(Release::Watch(reply, answer));
            }
        }
    }

    pub(super) fn step(
        &mut self,
        command: Command,
        reply: Option<oneshot::Sender<Result<Reply, CommandError>>>,
    ) {
        let began = Instant::now();
        // Two of these 64 bits of a v4 UUID are fixed, which does not hurt a seed.
        let seed = uuid::Uuid::new_v4().as_u64_pair().1;
        let Step {
            reply: answer,
            changes,
            messages,
            urgent,
            ended,
            accepted,
            finished,
            pauses,
            refreshed,
            news,
            discarded,
        } = self.core.step(command, self.clock.now(), seed);
        for (session, message) in urgent {
            self.deliver(session, message);
        }
        for change in &changes {
            let id = match change {
                PipelineChange::Saved(changes) => &changes.head.id,
                PipelineChange::Removed(id) => {
                    self.removals.add(id);
                    id
                }
            };
            if self.watched.contains_key(id) {
                self.stale.insert(id.clone());
            }
        }
        let keeps = !pauses.is_empty();
        self.pauses.waiting.extend(pauses.into_iter().map(|pause| (pause.family, pause)));
        self.stale.extend(refreshed.into_iter().filter(|id| self.watched.contains_key(id)));
        self.batches.add(changes, &self.core);
        for (session, message) in messages {
            self.batches.release(Release::Message(session, message));
        }
        for session in ended {
            self.batches.release(Release::End(session));
        }
        for list in accepted {
            self.batches.release(Release::WriteAccepted(list));
        }
        for end in finished {
            self.batches.release(Release::WriteEnd(end));
        }
        if !discarded.is_empty() {
            tokio::task::spawn_blocking(move || drop(discarded));
        }
        for news in news {
            self.batches.release(Release::Tell(news));
        }
        if let (Some(reply), Some(answer)) = (reply, answer) {
            let reply = Release::Reply(reply, answer);
            if keeps { self.pauses.releases.push(reply) } else { self.batches.release(reply) }
        }
        self.batches.end_step(&self.core);
        self.stats.note_step(began.elapsed());
    }

    fn tick(&mut self) {
        self.step(Command::Tick, None);
        if self.rewrite_at.is_some_and(|at| at <= Instant::now()) {
            self.rewrite_at = None;
            self.step(Command::WriteAgain, None);
        }
        if self.verify_at <= Instant::now() {
            (self.verify, self.verify_at) = (true, Instant::now() + VERIFY_EVERY);
        }
        for id in self.stale.clone() {
            self.publish(&id);
        }
        self.watched.retain(|_, status| status.receiver_count() > 0);
    }
}
