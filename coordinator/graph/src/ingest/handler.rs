//! The handler of `ingest` items: payload in, [`Ingested`](edgraph_shared::kinds::sec_xbrl::Ingested) out.
//!
//! The work is [`run`]'s, on a thread of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edgraph_shared::blocking;
use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::sec_xbrl::kind;
use edgraph_shared::storage::SharedStore;
use edgraph_worker::handler::{Handler, Job};
use tokio::runtime::Handle;

use super::job::Ingestion;
use super::plan::BatchLimits;
use super::run::run;
use crate::{accepted, rejected};

/// How often an ingestion looks whether its lease is proven again.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Loads accepted filings into the graph of one folder.
pub struct IngestHandler {
    graph: PathBuf,
    scratch: PathBuf,
    store: SharedStore,
    limits: BatchLimits,
}

#[async_trait]
impl Handler for IngestHandler {
    fn kind(&self) -> &'static str {
        kind::INGEST
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let (_, accepted) = accepted::of(&job, &self.store).await?;
        let (validity, cancel) = (job.validity.clone(), job.cancel.clone());
        let ingestion = Ingestion {
            graph: self.graph.clone(),
            scratch: self.scratch.clone(),
            store: self.store.clone(),
            limits: self.limits,
            cancel: job.cancel.clone(),
            progress: job.progress.clone(),
            refusals: job.refusals.clone(),
            // A thread cannot be stopped from outside: one whose item was taken away must not publish either.
            lease_check: Arc::new(move || {
                // While the coordinator is away nobody can tell: it is waited for, and the runtime cancels what has
                // waited for too long.
                while !cancel.is_cancelled() && !validity.lasts() {
                    std::thread::sleep(LOOK_EVERY);
                }
                if cancel.is_cancelled() { Err(format!("{} was taken away", job.key)) } else { Ok(()) }
            }),
        };
        let runtime = Handle::current();
        let done = blocking::apart("edgraph-ingest", || run(&ingestion, &accepted, &runtime));
        let done = done.map_err(|error| Failure::transient(format!("ingestion could not start: {error}")))?;
        let done = done.map_err(|panic| Failure::transient(format!("ingestion ended early: {panic}")))?;
        let mut ingested = done.map_err(|error| error.failure())?;
        ingested.rejected = rejected::told(ingested.rejected);
        Ok(serde_json::to_string(&ingested).expect("names and numbers always serialise"))
    }
}

impl IngestHandler {
    /// A handler for the graph in a folder. `scratch` holds the files of a batch and must be on a local disk; `store`
    /// is where accepted lists, manifests, files and snapshots are.
    pub fn new(graph: PathBuf, scratch: PathBuf, store: SharedStore, limits: BatchLimits) -> Self {
        Self { graph, scratch, store, limits }
    }
}
