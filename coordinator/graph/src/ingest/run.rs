//! One ingestion from beginning to end.
//!
//! Runs on a blocking thread: the database has no other way. While it loads one batch, the next is staged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::{Accepted, Ingested};
use edgraph_shared::schema::{Row, Value};
use tokio::runtime::Handle;

use super::attempt::{self, Attempt, Attempted, Present};
use super::entity;
use super::identity::id_of;
use super::job::Ingestion;
use super::listed::{self, Listed};
use super::load::{Loading, Refused, Written};
use super::merge::{self, Merged};
use super::plan::{self, Candidate, Plan};
use super::shared::SharedNodes;
use super::stage;
use super::state;
use crate::database::Mode;
use crate::database::folder::GraphFolder;
use crate::database::kuzu::Database;
use crate::error::Error;
use crate::rejected::refuse;
use crate::withdraw::withdraw;

/// Brings the graph to what was accepted. Blocks; `runtime` serves the store.
///
/// # Errors
/// The graph in use is as it was, whatever the error.
pub fn run(job: &Ingestion, accepted: &[Accepted], runtime: &Handle) -> Result<Ingested, Error> {
    let listed = listed::of_round(accepted)?;
    let folder = GraphFolder::open(&job.graph)?;
    let target = Target { listed, present: present(&folder)?, keep: BTreeSet::new() };
    let Brought { ingested, damaged, .. } = bring(job, &folder, &target, runtime)?;
    let mut reasons = ingested.rejected.clone();
    reasons.retain(|accession, _| damaged.keys().any(|damaged| damaged.as_str() == accession));
    refuse(&job.refusals, accepted, &reasons);
    Ok(ingested)
}

/// What a graph is brought to, and from what.
pub(super) struct Target {
    /// Filings that it shall have.
    pub listed: Vec<Listed>,
    /// What it has, all of which stays but for older versions of those; nothing where it is built anew.
    pub present: Present,
    /// Filings that must be loaded, or else the graph in use stays.
    pub keep: BTreeSet<AccessionNumber>,
}

/// What came of it.
pub(super) struct Brought {
    /// What was done.
    pub ingested: Ingested,
    /// Filings of whose output something is damaged. They are withdrawn: the next run makes them again.
    pub damaged: Damaged,
    /// Those of [`Target::keep`] that could not be loaded. If there are any, the graph in use is as it was.
    pub lacking: BTreeSet<AccessionNumber>,
}

/// Filings of whose output something is damaged, and the input key it was made from.
pub(super) type Damaged = BTreeMap<AccessionNumber, String>;

/// Brings the graph of a folder to a target.
///
/// # Errors
/// The graph in use is as it was, whatever the error.
pub(super) fn bring(
    job: &Ingestion,
    folder: &GraphFolder,
    target: &Target,
    runtime: &Handle,
) -> Result<Brought, Error> {
    let outcome = ingest(job, folder, target, runtime);
    if outcome.is_err() {
        // The error says more than a failure to clean up, and the next start cleans up again.
        let _ = folder.discard();
    }
    let brought = outcome?;
    // Afterwards: what is whole is in the graph whether or not the store takes this.
    for (accession, input_key) in &brought.damaged {
        runtime.block_on(withdraw(&job.store, accession, input_key))?;
    }
    Ok(brought)
}

fn ingest(
    job: &Ingestion,
    folder: &GraphFolder,
    target: &Target,
    runtime: &Handle,
) -> Result<Brought, Error> {
    std::fs::create_dir_all(&job.scratch).map_err(Error::io("create", &job.scratch))?;
    let scratch = tempfile::Builder::new().prefix("ingest-").tempdir_in(&job.scratch);
    let scratch = scratch.map_err(Error::io("create a folder in", &job.scratch))?;
    let present = &target.present;
    let mut plan = plan::plan(&target.listed, &present.markers);
    let mut entities = runtime.block_on(stage::entities(&job.store, plan.companies()))?;
    // Of a graph that is built anew beside the one in use, nothing is there to be refreshed.
    if let Some(path) = folder.current().filter(|_| !plan.refresh.is_empty()) {
        plan.refresh = stale(&path, &plan.refresh, &entities, scratch.path())?;
    }
    let mut damaged = Damaged::new();
    let mut rejected = Refused::new();
    let mut can_be_anew = true;
    loop {
        if plan.load.is_empty() && plan.extend.is_empty() && plan.refresh.is_empty() {
            let ingested = summary(&plan, Written::default(), &rejected);
            return Ok(Brought { ingested, damaged, lacking: target.keep.clone() });
        }
        let is_anew = can_be_anew && is_anew(job, present, &plan);
        if is_anew {
            let all = plan.load_anew(&present.markers);
            let companies = all.iter().flat_map(|filing| &filing.companies);
            let missing = companies.filter(|cik| !entities.contains_key(cik)).copied().collect();
            entities.extend(runtime.block_on(stage::entities(&job.store, missing))?);
        }
        let entities = &entities;
        let attempt = Attempt { job, folder, present, plan: &plan, entities, runtime, is_anew };
        let Attempted { outcome, written, copied, .. } = attempt.load(scratch.path())?;
        damaged.extend(written.damaged.clone());
        // What the graph has and the list does not ask to replace stays, and so do the old rows of a filing whose new
        // ones were refused: this attempt has neither.
        let is_listed =
            |accession: &AccessionNumber| plan.load.iter().any(|filing| filing.accession == *accession);
        let (refused, lost): (Refused, Refused) =
            written.rejected.clone().into_iter().partition(|(accession, _)| is_listed(accession));
        for (accession, reason) in &lost {
            tracing::warn!(%accession, reason, "filing kept as it is: the graph is not built anew");
            can_be_anew = false;
        }
        let is_lost = |filing: &Candidate| filing.replaces && refused.contains_key(&filing.accession);
        let is_lost = !lost.is_empty() || plan.load.iter().any(is_lost);
        let nothing = written.nodes + written.relationships == 0 && written.markers.is_empty();
        rejected.extend(refused);
        if outcome == Loading::Spoiled || is_lost || nothing {
            folder.discard()?;
            plan.load.retain(|filing| !rejected.contains_key(&filing.accession));
            continue;
        }
        let is_there = |filing: &&AccessionNumber| written.markers.contains_key(*filing);
        let lacking: BTreeSet<_> = target.keep.iter().filter(|filing| !is_there(filing)).copied().collect();
        if lacking.is_empty() {
            (job.lease_check)().map_err(|reason| Error::LeaseLost { reason })?;
            folder.publish()?;
        } else {
            folder.discard()?;
        }
        let ingested = Ingested { copied, ..summary(&plan, written, &rejected) };
        return Ok(Brought { ingested, damaged, lacking });
    }
}

/// Whether the next graph is built of files alone: when nothing of this one stays, or so much was replaced that
/// building is better than deleting.
fn is_anew(job: &Ingestion, present: &Present, plan: &Plan) -> bool {
    let (markers, replaced) = (&present.markers, plan.replaced());
    let all = markers.keys().copied().collect();
    let removed = present.removed_rows + attempt::rows_of(markers, &replaced);
    replaced.len() == markers.len()
        || (!replaced.is_empty() && job.limits.is_built_anew(attempt::rows_of(markers, &all), removed))
}

fn summary(plan: &Plan, written: Written, rejected: &Refused) -> Ingested {
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
        copied: None,
    }
}

fn by_name(rejected: &Refused) -> BTreeMap<String, String> {
    rejected.iter().map(|(accession, reason)| (accession.to_string(), reason.clone())).collect()
}

/// What the graph in use holds; nothing if there is none.
pub(super) fn present(folder: &GraphFolder) -> Result<Present, Error> {
    let Some(path) = folder.current() else { return Ok(Present::default()) };
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
    Ok(Present { markers: state::markers(&session)?, removed_rows: state::removed_rows(&session)? })
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
