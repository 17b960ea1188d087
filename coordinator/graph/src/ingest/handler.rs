//! The handler of `ingest` items: payload in, [`Ingested`](edgraph_shared::kinds::sec_xbrl::Ingested) out.
//!
//! The work is [`run`]'s, on a thread of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use edgraph_shared::blocking;
use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::sec_xbrl::{Accepted, Ingest, kind};
use edgraph_shared::storage::{ObjectKey, SharedStore};
use edgraph_worker::handler::{Handler, Job};
use tokio::runtime::Handle;

use super::job::Ingestion;
use super::plan::BatchLimits;
use super::run::run;
use crate::error::Error;

/// Bytes that reasons of rejected filings may take: a result holds 4 KiB, and the log holds all of them.
const MAX_REASONS_BYTES: usize = 3 * 1024;

/// How often an ingestion looks whether its lease is proven again.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Characters of one reason there.
const MAX_REASON_CHARS: usize = 400;

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
        let payload: Ingest = serde_json::from_str(&job.payload)
            .map_err(|error| Failure::permanent(format!("payload of {}: {error}", job.key)))?;
        let accepted = self.accepted(&payload.accepted).await.map_err(|error| error.failure())?;
        let (validity, cancel) = (job.validity.clone(), job.cancel.clone());
        let ingestion = Ingestion {
            graph: self.graph.clone(),
            scratch: self.scratch.clone(),
            store: self.store.clone(),
            limits: self.limits,
            cancel: job.cancel.clone(),
            progress: job.progress.clone(),
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
        for (accession, reason) in &ingested.rejected {
            tracing::warn!(%accession, reason, "filing rejected");
        }
        ingested.rejected = shortened(ingested.rejected);
        Ok(serde_json::to_string(&ingested).expect("names and numbers always serialise"))
    }
}

impl IngestHandler {
    /// A handler for the graph in a folder. `scratch` holds the files of a batch and must be on a local disk; `store`
    /// is where accepted lists, manifests, files and snapshots are.
    pub fn new(graph: PathBuf, scratch: PathBuf, store: SharedStore, limits: BatchLimits) -> Self {
        Self { graph, scratch, store, limits }
    }

    async fn accepted(&self, key: &str) -> Result<Vec<Accepted>, Error> {
        let object: ObjectKey = key.parse()?;
        let list = self.store.get(&object).await?;
        let lines = list.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        let parse = |(number, line): (usize, &[u8])| {
            serde_json::from_slice(line)
                .map_err(|error| Error::invalid(format!("{key}:{}", number + 1), error))
        };
        lines.map(parse).collect()
    }
}

/// The first rejections that fit, and how many there are beside them.
fn shortened(rejected: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    let (mut bytes, mut more) = (0, 0);
    for (accession, reason) in rejected {
        let reason: String = reason.chars().take(MAX_REASON_CHARS).collect();
        // Escapes count: the result is JSON.
        let size = accession.len() + serde_json::to_string(&reason).map_or(0, |text| text.len());
        if bytes + size > MAX_REASONS_BYTES {
            more += 1;
            continue;
        }
        bytes += size;
        kept.insert(accession, reason);
    }
    if more > 0 {
        kept.insert("others".to_owned(), format!("{more} more, named in the log"));
    }
    kept
}

#[cfg(test)]
mod tests {
    use edgraph_shared::kinds::sec_xbrl::Ingested;

    use super::*;

    #[test]
    fn a_result_stays_small_however_many_filings_are_rejected() {
        let rejected: BTreeMap<String, String> =
            (0..500).map(|number| (format!("filing {number:03}"), "\"reason\" ".repeat(100))).collect();
        let ingested = Ingested { rejected: shortened(rejected), ..Ingested::default() };
        let kept = ingested.rejected.len() - 1;
        assert!((3..20).contains(&kept), "{kept}");
        assert_eq!(ingested.rejected["others"], format!("{} more, named in the log", 500 - kept));
        assert!(serde_json::to_string(&ingested).unwrap().len() < 4 * 1024);
    }
}
