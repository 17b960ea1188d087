//! One attempt to make the next database: from a copy of the one in use, or anew.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::GraphCopy;
use edgraph_shared::schema::Row;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::identity::id_of;
use super::job::Ingestion;
use super::load::{Loader, Loading, Written};
use super::plan::{self, Candidate, Marker, Markers, Plan};
use super::reconcile::reconcile;
use super::replace;
use super::stage::{self, StagedBatch};
use super::state;
use crate::database::Mode;
use crate::database::folder::GraphFolder;
use crate::database::kuzu::{Database, Session};
use crate::error::Error;

/// What the graph in use holds.
#[derive(Default)]
pub(super) struct Present {
    /// Its filings.
    pub markers: Markers,
    /// Rows that were replaced since it was built.
    pub removed_rows: u64,
}

/// What an attempt works with.
pub(super) struct Attempt<'a> {
    /// The ingestion.
    pub job: &'a Ingestion,
    /// The graph's folder.
    pub folder: &'a GraphFolder,
    /// The graph in use.
    pub present: &'a Present,
    /// What there is to do.
    pub plan: &'a Plan,
    /// Entity rows of companies, from their snapshots.
    pub entities: &'a BTreeMap<Cik, Row>,
    /// Serves the store.
    pub runtime: &'a Handle,
    /// Whether nothing of the graph in use is taken over.
    pub is_anew: bool,
}

/// What came of it.
pub(super) struct Attempted {
    /// Whether the next database is whole.
    pub outcome: Loading,
    /// What was written to it.
    pub written: Written,
    /// What copying the graph in use has cost, if it was copied.
    pub copied: Option<GraphCopy>,
    /// Rows that shared tables should have.
    shared: BTreeMap<&'static str, u64>,
}

impl Attempt<'_> {
    /// Makes the next database, and reconciles it once it is closed.
    pub(super) fn load(&self, scratch: &Path) -> Result<Attempted, Error> {
        let done = self.fill(scratch)?;
        if done.outcome == Loading::Loaded {
            let replaced = self.plan.replaced();
            let mut markers = if self.is_anew { Markers::new() } else { self.present.markers.clone() };
            markers.retain(|accession, _| !replaced.contains(accession));
            markers.extend(done.written.markers.clone());
            self.tell_all_loaded("checking the graph");
            let database = Database::open(&self.folder.next(), Mode::Read)?;
            let touched = done.written.markers.keys().copied().collect();
            reconcile(&database.session()?, &markers, &done.shared, &touched)?;
        }
        Ok(done)
    }

    /// Fills the next database and closes it.
    fn fill(&self, scratch: &Path) -> Result<Attempted, Error> {
        let copied = if self.is_anew { None } else { Some(self.copy()?) };
        let memory = self.job.limits.memory.database();
        let database = Database::open(&self.folder.next(), Mode::Write { memory })?;
        let session = database.session()?;
        if self.is_anew {
            state::create(&session, id_of(self.folder)?.as_str())?;
        } else if let Err(kept) = self.remove(&session, scratch)? {
            let (outcome, shared) = (Loading::Spoiled, BTreeMap::new());
            return Ok(Attempted { outcome, written: kept, copied, shared });
        }
        let mut loader = Loader::new(&session, self.entities)?;
        let filings = if self.is_anew {
            self.plan.load_anew(&self.present.markers)
        } else {
            loader.extend(&self.present.markers, &self.plan.extend, &self.plan.refresh, scratch)?;
            self.plan.load.clone()
        };
        let outcome = self.batches(&mut loader, &filings)?;
        if outcome == Loading::Loaded {
            self.tell_all_loaded("writing the graph");
            session.run("CHECKPOINT")?;
        }
        Ok(Attempted { outcome, copied, shared: loader.shared_rows(), written: loader.written })
    }

    fn copy(&self) -> Result<GraphCopy, Error> {
        let copied = self.folder.copy()?;
        let GraphCopy { bytes, milliseconds, shares_blocks } = copied;
        tracing::info!(bytes, milliseconds, shares_blocks, "graph copied");
        self.job.progress.report(0, self.plan.load.len() as u64, &format!("copied the graph: {copied}"));
        Ok(copied)
    }

    /// Takes out the old rows of what is replaced. When a filing that stays is damaged, and a row of it should win over
    /// one that goes, nothing is replaced in this round: what that means is in the inner error. Once that filing was
    /// made again, everything can be.
    fn remove(&self, session: &Session<'_>, scratch: &Path) -> Result<Result<(), Written>, Error> {
        let replaced = self.plan.replaced();
        let holder = Cell::new(None);
        let read = |accession: &AccessionNumber, input_key: &str, table| {
            holder.set(Some((*accession, input_key.to_owned())));
            self.runtime.block_on(stage::rows_of(&self.job.store, accession, input_key, table))
        };
        let markers = &self.present.markers;
        match replace::remove(session, &replaced, markers, &read, scratch) {
            Err(error @ Error::Damaged { .. }) => {
                let reason = |accession| (accession, format!("not replaced: {error}"));
                Ok(Err(Written {
                    rejected: replaced.into_iter().map(reason).collect(),
                    damaged: holder.into_inner().into_iter().collect(),
                    ..Written::default()
                }))
            }
            removed => {
                removed?;
                if !replaced.is_empty() {
                    let removed = self.present.removed_rows + rows_of(markers, &replaced);
                    state::set_removed_rows(session, removed)?;
                }
                Ok(Ok(()))
            }
        }
    }

    /// Loads batch after batch, staging the next meanwhile.
    fn batches(&self, loader: &mut Loader<'_, '_>, filings: &[Candidate]) -> Result<Loading, Error> {
        let (mut loaded, total) = (0, filings.len() as u64);
        self.job.progress.report(loaded, total, "loading filings");
        let mut batches = plan::batches(filings, self.job.limits).into_iter();
        let mut staging = batches.next().map(|batch| self.stage(batch));
        while let Some(current) = staging.take() {
            let batch =
                self.runtime.block_on(current).map_err(|panic| Error::invalid("staging", panic))??;
            staging = batches.next().map(|batch| self.stage(batch));
            if self.job.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            for (filing, reason) in &batch.damaged {
                loader.written.rejected.insert(filing.accession, reason.clone());
                loader.written.damaged.insert(filing.accession, filing.input_key.clone());
            }
            if loader.load(&batch)? == Loading::Spoiled {
                return Ok(Loading::Spoiled);
            }
            tracing::info!(filings = batch.filings.len(), nodes = loader.written.nodes, "batch loaded");
            loaded += (batch.filings.len() + batch.damaged.len()) as u64;
            self.job.progress.report(loaded, total, "loading filings");
        }
        if self.job.cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(Loading::Loaded) }
    }

    fn tell_all_loaded(&self, doing: &str) {
        let total = self.plan.load.len() as u64;
        self.job.progress.report(total, total, doing);
    }

    fn stage(&self, batch: Vec<Candidate>) -> JoinHandle<Result<StagedBatch, Error>> {
        let (store, scratch) = (self.job.store.clone(), self.job.scratch.clone());
        let cancel = self.job.cancel.clone();
        self.runtime.spawn(async move {
            cancel
                .run_until_cancelled(stage::stage(store, batch, scratch))
                .await
                .unwrap_or(Err(Error::Cancelled))
        })
    }
}

/// Rows of filings that are in a graph.
pub(super) fn rows_of(markers: &Markers, filings: &BTreeSet<AccessionNumber>) -> u64 {
    let rows = |marker: &Marker| marker.rows.values().sum::<u64>();
    filings.iter().filter_map(|filing| markers.get(filing)).map(rows).sum()
}
