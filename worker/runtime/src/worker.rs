//! The worker's runtime: slots, handlers, shutdown. What it says to the coordinator is [`crate::connection`]'s.
//!
//! ```text
//! control thread: connection ◀─▶ pool of slots ─▶ attempt: one item, its token, its end
//! work runtime:                                     └─▶ handler
//! ```
//! Handlers run on a runtime of their own: whatever they block, heartbeats go out, shutdowns are heard and items are
//! taken back in time.

mod config;
mod error;
mod pool;
mod attempt;
mod threads;
mod stop;

use std::sync::Arc;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::connection::endpoint::Targets;
use crate::connection::{Connection, ConnectionConfig, Needs};
use crate::handler::Handler;
use crate::messages::UPS_LEN;
use pool::{Inbox, Pool};
use stop::Listening;

pub use attempt::RELEASE_WITHIN;
pub use config::WorkerConfig;
pub use error::WorkerError;
pub use stop::{LAST_WORDS, Stops};

/// The worker.
#[derive(Debug)]
pub struct Worker;

impl Worker {
    /// Takes leases and runs them until one of `stops`, or until an operator drains it, then gives back what it holds.
    /// A [`CancellationToken`] alone will do for them. Handlers run on the caller's runtime, each on a thread to
    /// itself. Dropping the future is a crash: leases are left to their deadline.
    pub async fn run(
        config: WorkerConfig,
        handlers: Vec<Arc<dyn Handler>>,
        stops: impl Into<Stops>,
    ) -> Result<(), WorkerError> {
        Self::run_on(&Handle::current(), config, handlers, stops).await
    }

    /// The same with handlers on another runtime, such as a [`WorkRuntime`].
    pub async fn run_on(
        work: &Handle,
        config: WorkerConfig,
        handlers: Vec<Arc<dyn Handler>>,
        stops: impl Into<Stops>,
    ) -> Result<(), WorkerError> {
        let slots = config.slots.get();
        let (ups, ups_receiver) = mpsc::channel(UPS_LEN);
        let (grants_sender, grants) = mpsc::channel(slots as usize);
        let told_to_stop = CancellationToken::new();
        let connection = ConnectionConfig {
            targets: Targets::new(&config.coordinators)?,
            worker: config.worker.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            slots,
            kinds: handlers.iter().map(|handler| handler.kind()).collect(),
            needs: needs(handlers.clone()),
            home: config.home.clone(),
            desk: config.desk.clone(),
        };
        let connection = Connection::new(connection, ups_receiver, grants_sender, told_to_stop.clone());
        let pool = Pool::new(&config, handlers, work.clone(), ups);
        let inbox = Inbox { grants, stops: Listening::new(stops.into(), told_to_stop) };
        let crashed = CancellationToken::new();
        let _crash_guard = crashed.clone().drop_guard();
        let ended = spawn_control(connection, pool, inbox, crashed)?;
        ended.await.unwrap_or(Err(WorkerError::ConnectionLost))
    }
}

fn needs(handlers: Vec<Arc<dyn Handler>>) -> Needs {
    Box::new(move |kind, dependency| {
        let of_kind = handlers.iter().find(|handler| handler.kind() == kind);
        of_kind.is_none_or(|handler| handler.needs(dependency))
    })
}

/// Runs connection and pool on a thread with a runtime of its own: work that blocks another runtime delays neither
/// heartbeats nor the return of an item.
fn spawn_control(
    connection: Connection,
    pool: Pool,
    inbox: Inbox,
    crashed: CancellationToken,
) -> Result<oneshot::Receiver<Result<(), WorkerError>>, std::io::Error> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (ending, ended) = oneshot::channel();
    std::thread::Builder::new().name("edgraph-connection".to_owned()).spawn(move || {
        let outcome = runtime.block_on(async {
            let connection = AbortOnDropHandle::new(tokio::spawn(connection.run()));
            tokio::select! {
                outcome = pool.run(inbox, connection) => Some(outcome),
                () = crashed.cancelled() => None,
            }
        });
        // A name that is being resolved keeps nobody waiting.
        runtime.shutdown_background();
        if let Some(outcome) = outcome {
            // Nobody waits when the worker was dropped meanwhile.
            let _ = ending.send(outcome);
        }
    })?;
    Ok(ended)
}

/// A runtime for handlers alone. Dropping it waits for nobody: a thread that a handler blocks ends with the process.
#[derive(Debug)]
pub struct WorkRuntime {
    runtime: Option<Runtime>,
}

impl WorkRuntime {
    /// With a thread for every core, beside those that handlers have for themselves.
    pub fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().thread_name("edgraph-work").enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// To start work on it.
    pub fn handle(&self) -> &Handle {
        self.runtime.as_ref().expect("taken when dropped").handle()
    }
}

impl Drop for WorkRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
