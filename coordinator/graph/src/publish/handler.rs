//! The handler of `publish` items: payload in, [`Published`](edgraph_shared::kinds::sec_xbrl::Published) out.

use std::sync::Arc;

use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::kinds::sec_xbrl::{Published, kind};
use edgraph_shared::storage::SharedStore;
use edgraph_worker::handler::{Handler, Job};
use futures::FutureExt;

use super::run::{Permit, Publication, run};
use crate::accepted;
use crate::rejected::{self, among, refuse};
use crate::withdraw::withdraw;

/// Publishes accepted filings in the tables of one store.
pub struct PublishHandler {
    store: SharedStore,
}

impl PublishHandler {
    /// A handler for the store in which accepted lists, manifests, files and tables are.
    pub fn new(store: SharedStore) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Handler for PublishHandler {
    fn kind(&self) -> &'static str {
        kind::PUBLISH
    }

    async fn run(&self, job: Job) -> Result<String, Failure> {
        let (round, accepted) = accepted::of(&job, &self.store).await?;
        let publication = Publication {
            store: self.store.clone(),
            pipeline: job.pipeline.to_string(),
            round,
            permit: permit(&job),
            progress: job.progress.clone(),
        };
        let mut published = run(&publication, &accepted).await.map_err(|error| error.failure())?;
        let Published { tables, files_added, files_removed, version, .. } = published;
        tracing::info!(tables, files_added, files_removed, version, "tables published");
        for (line, accession, _) in among(&accepted, &published.rejected) {
            let withdrawn = withdraw(&self.store, &accession, &line.result.input_key).await;
            withdrawn.map_err(|error| error.failure())?;
        }
        refuse(&job.refusals, &accepted, &published.rejected);
        published.rejected = rejected::told(published.rejected);
        Ok(serde_json::to_string(&published).expect("names and numbers always serialise"))
    }
}

/// Whether the item is still this attempt's: what was decided before may be of a time when it was.
pub(super) fn permit(job: &Job) -> Permit {
    let (validity, cancel, key) = (job.validity.clone(), job.cancel.clone(), job.key.clone());
    Arc::new(move || {
        let (validity, cancel, key) = (validity.clone(), cancel.clone(), key.clone());
        async move {
            if validity.proven(&cancel).await { Ok(()) } else { Err(format!("{key} was taken away")) }
        }
        .boxed()
    })
}
