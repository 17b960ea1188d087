//! The slots: what runs, what is stuck, and how a worker stops.
//!
//! Taking ▶ finishing (nothing more is begun) ▶ releasing (what still runs is given back) ▶ closed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::model::ReleaseReason;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::attempt::{Attempt, Ended};
use super::config::WorkerConfig;
use super::error::WorkerError;
use super::stop::{Listening, StopEvent, Stopping};
use super::threads::Threads;
use crate::connection::Granted;
use crate::handler::Handler;
use crate::messages::{Outcome, Up};

/// What comes to the pool: work to do, and what is heard of stopping.
pub(super) struct Inbox {
    pub(super) grants: mpsc::Receiver<Granted>,
    pub(super) stops: Listening,
}

/// See the module's documentation.
pub(super) struct Pool {
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    threads: Threads,
    work: Handle,
    slots: u32,
    drain: Duration,
    cancel_grace: Duration,
    ups: mpsc::Sender<Up>,
    /// Fires when items are given back whether they have stopped or not.
    releasing: CancellationToken,
    running: JoinSet<Ended>,
    /// Handlers that do not stop; each holds its slot.
    stuck: JoinSet<()>,
}

impl Pool {
    pub(super) fn new(
        config: &WorkerConfig,
        handlers: Vec<Arc<dyn Handler>>,
        work: Handle,
        ups: mpsc::Sender<Up>,
    ) -> Self {
        Self {
            handlers: handlers.into_iter().map(|handler| (handler.kind(), handler)).collect(),
            threads: Threads::default(),
            work,
            slots: config.slots.get(),
            drain: config.drain,
            cancel_grace: config.cancel_grace,
            ups,
            releasing: CancellationToken::new(),
            running: JoinSet::new(),
            stuck: JoinSet::new(),
        }
    }

    /// Runs until told to stop and everything is given back, or until the connection is gone.
    pub(super) async fn run(
        mut self,
        mut inbox: Inbox,
        mut connection: AbortOnDropHandle<Option<String>>,
    ) -> Result<(), WorkerError> {
        let event = self.take(&mut inbox, &mut connection).await?;
        let stopping = self.finish(event, &mut inbox, &mut connection).await?;
        self.release(stopping, &mut inbox, &mut connection).await;
        match event {
            StopEvent::AllStuck => Err(WorkerError::AllSlotsStuck { slots: self.slots }),
            StopEvent::Shutdown | StopEvent::Told | StopEvent::Noticed(_) => Ok(()),
        }
    }

    async fn take(
        &mut self,
        inbox: &mut Inbox,
        connection: &mut AbortOnDropHandle<Option<String>>,
    ) -> Result<StopEvent, WorkerError> {
        while self.stuck.len() < self.slots as usize {
            tokio::select! {
                event = inbox.stops.next() => return Ok(event),
                ended = &mut *connection => return Err(alone(ended)),
                Some(granted) = inbox.grants.recv() => self.begin(granted),
                Some(ended) = self.running.join_next() => self.note(ended).await,
                Some(_) = self.stuck.join_next() => self.say(Up::SlotFree).await,
            }
        }
        Ok(StopEvent::AllStuck)
    }

    /// Lets running items end: for as long as they take, or until what is heard of stopping says when.
    async fn finish(
        &mut self,
        event: StopEvent,
        inbox: &mut Inbox,
        connection: &mut AbortOnDropHandle<Option<String>>,
    ) -> Result<Stopping, WorkerError> {
        let mut stopping = Stopping::after(event, Instant::now(), self.drain);
        self.announce(stopping).await;
        while !self.running.is_empty() {
            tokio::select! {
                () = reached(stopping.release_at) => break,
                event = inbox.stops.next() => stopping = self.hasten(stopping, event).await,
                ended = &mut *connection => return Err(alone(ended)),
                Some(granted) = inbox.grants.recv() => self.refuse(granted).await,
                Some(ended) = self.running.join_next() => self.note(ended).await,
                Some(_) = self.stuck.join_next() => self.say(Up::SlotFree).await,
            }
        }
        Ok(stopping)
    }

    /// What is decided after one more event.
    async fn hasten(&self, stopping: Stopping, event: StopEvent) -> Stopping {
        let sooner = stopping.and(Stopping::after(event, Instant::now(), self.drain));
        if sooner != stopping {
            self.announce(sooner).await;
        }
        sooner
    }

    async fn announce(&self, stopping: Stopping) {
        let Stopping { reason, release_at, gone_at } = stopping;
        let running = self.running.len();
        match release_at.map(|at| at.saturating_duration_since(Instant::now())) {
            Some(left) => {
                tracing::info!(reason, running, "taking nothing more; what runs is given back in {left:.1?}")
            }
            None => tracing::info!(reason, running, "taking nothing more; finishing what runs"),
        }
        self.say(Up::Drain { reason: reason.to_owned(), deadline: gone_at }).await;
    }

    /// Gives back what still runs, and waits for the answers: while the coordinator is away outcomes are kept, and
    /// told when it is back.
    async fn release(
        &mut self,
        mut stopping: Stopping,
        inbox: &mut Inbox,
        connection: &mut AbortOnDropHandle<Option<String>>,
    ) {
        self.releasing.cancel();
        self.say(Up::CancelAll).await;
        let mut deadline = stopping.tell_until(Instant::now());
        self.say(Up::Close { deadline }).await;
        loop {
            tokio::select! {
                // It closes once everything is answered, or at its deadline.
                _ = &mut *connection => return,
                event = inbox.stops.next() => {
                    stopping = self.hasten(stopping, event).await;
                    deadline = deadline.min(stopping.tell_until(Instant::now()));
                    self.say(Up::Close { deadline }).await;
                }
                Some(granted) = inbox.grants.recv() => self.refuse(granted).await,
                Some(ended) = self.running.join_next() => self.note(ended).await,
            }
        }
    }

    fn begin(&mut self, granted: Granted) {
        let lease = &granted.grant.lease;
        let span = tracing::info_span!(
            "item", pipeline = %lease.pipeline, key = %lease.key, attempt = granted.grant.attempt, token = %lease.token
        );
        let attempt = Attempt {
            handler: self.handlers.get(granted.grant.item.kind.as_str()).cloned(),
            granted,
            ups: self.ups.clone(),
            threads: self.threads.clone(),
            work: self.work.clone(),
            cancel_grace: self.cancel_grace,
            releasing: self.releasing.clone(),
        };
        self.running.spawn(attempt.run().instrument(span));
    }

    /// Gives back what was granted while the worker had begun to stop.
    async fn refuse(&mut self, granted: Granted) {
        let outcome = Outcome::Released(ReleaseReason::NotStarted);
        self.say(Up::Finished { lease: granted.grant.lease, outcome }).await;
        self.say(Up::SlotFree).await;
    }

    async fn note(&mut self, ended: Result<Ended, JoinError>) {
        match ended {
            Ok(Ended::Stuck(rest)) => {
                self.stuck.spawn(rest);
                let (stuck, slots) = (self.stuck.len(), self.slots);
                tracing::error!(stuck, slots, "a handler does not stop; its slot is lost until it does");
            }
            // What watches over an item does not panic; if it did, the slot would still be free.
            Ok(Ended::Free) | Err(_) => self.say(Up::SlotFree).await,
        }
    }

    async fn say(&self, up: Up) {
        // The connection's end is noticed where it is waited for.
        let _ = self.ups.send(up).await;
    }
}

/// The connection has ended by itself, perhaps for a reason.
fn alone(ended: Result<Option<String>, JoinError>) -> WorkerError {
    match ended {
        Ok(Some(reason)) => WorkerError::Refused { reason },
        Ok(None) | Err(_) => WorkerError::ConnectionLost,
    }
}

/// Ends then; never without a time.
async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
