//! The handler of `gc` items: payload in, [`Collected`] out.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::gc::{COLLECT, CollectGarbage, Collected};
use edgraph_shared::storage::SharedStore;
use edgraph_worker::handler::{Handler, Job};

use super::collect::{Garbage, Grace, find, remove};

/// Removes from one store what nothing reads any more.
pub struct GcHandler {
    store: SharedStore,
}

impl GcHandler {
    /// A handler for the store in which tables and manifests are.
    pub fn new(store: SharedStore) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Handler for GcHandler {
    fn kind(&self) -> &'static str {
        COLLECT
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let CollectGarbage { grace_s } = job.payload()?;
        let taken_away = || Failure::preempted(format!("{} was taken away", job.key));
        let grace = Grace { time: Duration::from_secs(grace_s), now: SystemTime::now() };
        let found = job.cancel.run_until_cancelled(find(&self.store, grace)).await;
        let garbage: Garbage = found.ok_or_else(taken_away)?.map_err(|error| error.failure())?;
        let total = garbage.files.len() as u64;
        job.progress.report(0, total, "removing files that nothing reads");
        // What was found long ago may be read again: a process that stood still since then finds anew.
        if !job.validity.proven(&job.cancel).await {
            return Err(taken_away());
        }
        let removed = job.cancel.run_until_cancelled(remove(&self.store, &garbage)).await;
        removed.ok_or_else(taken_away)?.map_err(|error| error.failure())?;
        job.progress.report(total, total, "removing files that nothing reads");
        let collected = Collected::from(garbage);
        let Collected { files, bytes, young, unsure } = &collected;
        tracing::info!(files, bytes, young, "files that nothing reads removed");
        for accession in unsure {
            tracing::warn!(%accession, "its manifest cannot be read, so its files stay; process it again");
        }
        Ok(serde_json::to_string(&collected.shortened()).expect("names and numbers always serialise"))
    }
}
