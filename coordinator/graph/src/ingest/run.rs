//! One ingestion from beginning to end.
//!
//! Runs on a blocking thread: the database has no other way. While it loads one batch, the next is staged.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::{Accepted, Ingested};
use edgraph_shared::schema::{Row, Value};
use edgraph_shared::storage::SharedStore;
use edgraph_worker::handler::ProgressReporter;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::entity;
use super::identity::id_of;
use super::load::{Loader, Loading, Written};
use super::merge::{self, Merged};
use super::plan::{self, BatchLimits, Candidate, Markers, Plan};
use super::reconcile::reconcile;
use super::replace;
use super::shared::SharedNodes;
use super::stage::{self, StagedBatch};
use super::state;
use super::withdraw::withdraw;
use crate::database::Mode;
use crate::database::folder::GraphFolder;
use crate::database::kuzu::Database;
use crate::error::Error;

/// Asked immediately before the graph is published: an error says why the lease no longer holds.
pub type LeaseCheck = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What an ingestion works with.
#[derive(Clone)]
pub struct Ingestion {
    /// The graph's folder.
    pub graph: PathBuf,
    /// A folder for files of a batch, on a local disk.
    pub scratch: PathBuf,
    /// Where manifests, files and snapshots are.
    pub store: SharedStore,
    /// How much one transaction loads.
    pub limits: BatchLimits,
    /// Looked at between batches.
    pub cancel: CancellationToken,
    /// Told after every batch, in filings.
    pub progress: ProgressReporter,
    /// Looked at before the rename.
    pub lease_check: LeaseCheck,
}

/// Brings the graph to what was accepted. Blocks; `runtime` serves the store.
///
/// # Errors
/// The graph in use is as it was, whatever the error.
pub fn run(job: &Ingestion, accepted: &[Accepted], runtime: &Handle) -> Result<Ingested, Error> {
    let folder = GraphFolder::open(&job.graph)?;
    let mut damaged = Damaged::new();
    let outcome = ingest(job, &folder, accepted, runtime, &mut damaged);
    if outcome.is_err() {
        // The error says more than a failure to clean up, and the next start cleans up again.
        let _ = folder.discard();
    }
    let ingested = outcome?;
    // Afterwards: what is whole is in the graph whether or not the store takes this.
    for (accession, input_key) in &damaged {
        runtime.block_on(withdraw(&job.store, accession, input_key))?;
    }
    Ok(ingested)
}

/// Filings of whose output something is damaged, and the input key it was made from.
type Damaged = BTreeMap<AccessionNumber, String>;

fn ingest(
    job: &Ingestion,
    folder: &GraphFolder,
    accepted: &[Accepted],
    runtime: &Handle,
    damaged: &mut Damaged,
) -> Result<Ingested, Error> {
    std::fs::create_dir_all(&job.scratch).map_err(Error::io("create", &job.scratch))?;
    let scratch = tempfile::Builder::new().prefix("ingest-").tempdir_in(&job.scratch);
    let scratch = scratch.map_err(Error::io("create a folder in", &job.scratch))?;
    let present = present(folder)?;
    let markers = present.clone().unwrap_or_default();
    let mut plan = plan::plan(accepted, &markers)?;
    let entities = runtime.block_on(stage::entities(&job.store, plan.companies()))?;
    if let Some(path) = folder.current() {
        plan.refresh = stale(&path, &plan.refresh, &entities, scratch.path())?;
    }
    let mut rejected = BTreeMap::new();
    loop {
        if plan.load.is_empty() && plan.extend.is_empty() && plan.refresh.is_empty() {
            return Ok(Ingested {
                unchanged: plan.unchanged,
                rejected: by_name(&rejected),
                ..Ingested::default()
            });
        }
        let attempt =
            Attempt { job, folder, present: present.as_ref(), plan: &plan, entities: &entities, runtime };
        let (outcome, written) = attempt.load(scratch.path())?;
        rejected.extend(written.rejected.clone());
        damaged.extend(written.damaged.clone());
        // A filing whose new rows were refused keeps its old ones, which this attempt has taken out already.
        let lost = |filing: &Candidate| filing.replaces && written.rejected.contains_key(&filing.accession);
        let nothing = written.nodes + written.relationships == 0 && written.markers.is_empty();
        if outcome == Loading::Spoiled || plan.load.iter().any(lost) || nothing {
            folder.discard()?;
            plan.load.retain(|filing| !rejected.contains_key(&filing.accession));
            continue;
        }
        (job.lease_check)().map_err(|reason| Error::LeaseLost { reason })?;
        folder.publish()?;
        return Ok(summary(&plan, written, &rejected));
    }
}

fn summary(plan: &Plan, written: Written, rejected: &BTreeMap<AccessionNumber, String>) -> Ingested {
    let loaded = |replaces: bool| {
        let taken = plan.load.iter().filter(|filing| !rejected.contains_key(&filing.accession));
        taken.filter(|filing| filing.replaces == replaces).count() as u64
    };
    Ingested {
        added: loaded(false),
        replaced: loaded(true),
        unchanged: plan.unchanged,
        rejected: by_name(rejected),
        nodes: written.nodes,
        relationships: written.relationships,
    }
}

fn by_name(rejected: &BTreeMap<AccessionNumber, String>) -> BTreeMap<String, String> {
    rejected.iter().map(|(accession, reason)| (accession.to_string(), reason.clone())).collect()
}

/// What the graph in use holds, if there is one.
fn present(folder: &GraphFolder) -> Result<Option<Markers>, Error> {
    let Some(path) = folder.current() else { return Ok(None) };
    let database = Database::open(&path, Mode::Read)?;
    let session = database.session()?;
    let id = state::identity(&session, folder.root())?;
    // What was offered is what is written to.
    if id != id_of(folder)?.as_str() {
        let what = folder.root().join("graph.id").display().to_string();
        let problem =
            format!("the graph beside it has the id {id}: put that into the file, or each where it was");
        return Err(Error::invalid(what, problem));
    }
    Ok(Some(state::markers(&session)?))
}

/// The companies whose snapshot is newer than their row.
fn stale(
    graph: &Path,
    companies: &BTreeSet<Cik>,
    entities: &BTreeMap<Cik, Row>,
    scratch: &Path,
) -> Result<BTreeSet<Cik>, Error> {
    let database = Database::open(graph, Mode::Read)?;
    let session = database.session()?;
    let mut shared = SharedNodes::new(&session)?;
    let mut stale = BTreeSet::new();
    let mut rows = Merged::new();
    for row in companies.iter().filter_map(|cik| entities.get(cik)) {
        if let Value::String(identifier) = &row[0] {
            rows.insert(identifier.clone(), (merge::standing(entity::table(), row), row.clone()));
        }
    }
    let (change, _) = shared.compare(entity::table(), rows, scratch)?;
    stale.extend(companies.iter().filter(|cik| entities.get(cik).is_some_and(|row| change.holds(row))));
    Ok(stale)
}

/// A database that was filled and closed.
struct Filled {
    outcome: Loading,
    /// Rows that shared tables should have.
    shared: BTreeMap<&'static str, u64>,
    written: Written,
}

/// One attempt to make the next database.
struct Attempt<'a> {
    job: &'a Ingestion,
    folder: &'a GraphFolder,
    present: Option<&'a Markers>,
    plan: &'a Plan,
    entities: &'a BTreeMap<Cik, Row>,
    runtime: &'a Handle,
}

impl Attempt<'_> {
    /// Makes the next database, and reconciles it once it is closed.
    fn load(&self, scratch: &Path) -> Result<(Loading, Written), Error> {
        let mut markers = self.present.cloned().unwrap_or_default();
        let replaced = self.plan.replaced();
        let Filled { outcome, shared, written } = self.fill(&markers, &replaced, scratch)?;
        if outcome == Loading::Loaded {
            markers.retain(|accession, _| !replaced.contains(accession));
            markers.extend(written.markers.clone());
            self.tell_all_loaded("checking the graph");
            let database = Database::open(&self.folder.next(), Mode::Read)?;
            reconcile(&database.session()?, &markers, &shared)?;
        }
        Ok((outcome, written))
    }

    /// Fills the next database and closes it.
    fn fill(
        &self,
        old: &Markers,
        replaced: &BTreeSet<AccessionNumber>,
        scratch: &Path,
    ) -> Result<Filled, Error> {
        // When nothing of the old graph stays, beginning anew is the same and faster.
        let anew = old.keys().all(|accession| replaced.contains(accession));
        if !anew {
            self.folder.copy()?;
        }
        let database = Database::open(&self.folder.next(), Mode::Write)?;
        let session = database.session()?;
        if anew {
            state::create(&session, id_of(self.folder)?.as_str())?;
        } else {
            let holder = Cell::new(None);
            let read = |accession: &AccessionNumber, input_key: &str, table| {
                holder.set(Some((*accession, input_key.to_owned())));
                self.runtime.block_on(stage::rows_of(&self.job.store, accession, input_key, table))
            };
            match replace::remove(&session, replaced, old, &read, scratch) {
                Err(error @ Error::Damaged { .. }) => {
                    return Ok(self.kept(holder.into_inner(), &error));
                }
                removed => removed?,
            }
        }
        let mut loader = Loader::new(&session, self.entities)?;
        if !anew {
            loader.extend(old, &self.plan.extend, &self.plan.refresh, scratch)?;
        }
        let outcome = self.batches(&mut loader)?;
        if outcome == Loading::Loaded {
            self.tell_all_loaded("writing the graph");
            session.run("CHECKPOINT")?;
        }
        Ok(Filled { outcome, shared: loader.shared_rows(), written: loader.written })
    }

    /// What is left to do when a filing that stays is damaged, and a row of it should win over one that goes: nothing is
    /// replaced in this round. Once it was made again, everything can be.
    fn kept(&self, holder: Option<(AccessionNumber, String)>, error: &Error) -> Filled {
        let reason = |accession| (accession, format!("not replaced: {error}"));
        let written = Written {
            rejected: self.plan.replaced().into_iter().map(reason).collect(),
            damaged: holder.into_iter().collect(),
            ..Written::default()
        };
        Filled { outcome: Loading::Spoiled, shared: BTreeMap::new(), written }
    }

    /// Loads batch after batch, staging the next meanwhile.
    fn batches(&self, loader: &mut Loader<'_, '_>) -> Result<Loading, Error> {
        let (mut loaded, total) = (0, self.plan.load.len() as u64);
        self.job.progress.report(loaded, total, "loading filings");
        let mut batches = self.plan.batches(self.job.limits).into_iter();
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
