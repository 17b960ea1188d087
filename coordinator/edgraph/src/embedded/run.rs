//! The embedded run: start one pipeline on a fleet in this process, watch it to its end, and tell what came of it.

use std::time::{Duration, Instant};

use edgraph_coordinator::engine::{EngineError, EngineHandle};
use edgraph_coordinator::kinds;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::kinds::sec_xbrl::{DiscoverCompanies, NAME};
use edgraph_shared::model::{DeadPolicy, PipelineSpec, PipelineState, PipelineStatus};
use edgraph_worker::universe;
use tokio_util::sync::CancellationToken;

use super::error::Error;
use super::fleet::{Fleet, Setup};
use super::open::{Open, Page};
use super::outcome::{RunResult, outcome};

/// The pipeline's id: the same every time, so its accepted list is replaced and never piles up.
const PIPELINE: &str = "run";
/// How long an item waits for a dependency that is down: nobody leaves a laptop waiting for a day. Longer than the
/// longest pause that a host is granted.
const MAX_UNAVAILABLE: Duration = Duration::from_secs(20 * 60);

/// An embedded run.
#[derive(Clone, Debug)]
pub struct Config {
    /// What it runs on.
    pub setup: Setup,
    /// Which companies and filings, and how they are processed.
    pub parameters: DiscoverCompanies,
    /// Longest time from grant to settlement, by item kind, where it differs from the preset.
    pub max_run: Vec<(String, Duration)>,
    /// A page to look at it, which stays after the end until the shutdown.
    pub page: Option<Page>,
}

/// Who is told how a run goes.
pub trait Observe {
    /// The page is there.
    fn opens(&mut self, _page: &str) {}
    /// A new status.
    fn sees(&mut self, _status: &PipelineStatus) {}
    /// The pipeline has ended, and the page stays.
    fn stays(&mut self, _result: &RunResult, _page: &str) {}
}

/// Statuses alone.
impl<F: FnMut(&PipelineStatus)> Observe for F {
    fn sees(&mut self, status: &PipelineStatus) {
        self(status);
    }
}

/// Runs a pipeline to its end.
///
/// # Errors
/// [`Error`] if it cannot start or is interrupted. Filings that fail are part of the [`RunResult`].
pub async fn run(
    config: Config,
    observe: &mut impl Observe,
    shutdown: CancellationToken,
) -> Result<RunResult, Error> {
    let mut fleet = Fleet::start(&config.setup).await?;
    let ran = on(&mut fleet, &config, observe, &shutdown).await;
    fleet.stop().await;
    ran
}

async fn on(
    fleet: &mut Fleet,
    config: &Config,
    observe: &mut impl Observe,
    shutdown: &CancellationToken,
) -> Result<RunResult, Error> {
    let mut page = match &config.page {
        Some(page) => Some(Open::page(page, fleet).await?),
        None => None,
    };
    if let Some(page) = &page {
        observe.opens(&page.url);
    }
    let started = Instant::now();
    // Before the pipeline is started, so that unknown names are reported without having asked for anything else.
    tokio::select! {
        resolved = universe::resolve(&fleet.list, &config.parameters) => { resolved?; }
        () = shutdown.cancelled() => return Err(Error::Interrupted),
    }
    let status = watch(&fleet.engine, spec(config), observe, shutdown).await?;
    let result = outcome(&fleet.engine, &status, started.elapsed()).await?;
    let result = RunResult { removed: fleet.settle().await, ..result };
    if let Some(page) = &mut page {
        observe.stays(&result, &page.url);
        // What failed can be retried there.
        fleet.resume();
        tokio::select! {
            () = shutdown.cancelled() => {}
            ended = page.ended() => ended?,
        }
        fleet.settle().await;
    }
    Ok(result)
}

/// The preset, for one person at one machine: what succeeds is ingested, however much fails.
fn spec(config: &Config) -> PipelineSpec {
    let parameters = serde_json::to_string(&config.parameters).expect("strings and numbers always serialise");
    let mut spec = kinds::base(NAME, &parameters);
    spec.dead_policy = DeadPolicy::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 };
    for (kind, limits) in &mut spec.limits {
        limits.max_unavailable = MAX_UNAVAILABLE;
        if let Some((_, max_run)) = config.max_run.iter().find(|(of, _)| of == kind) {
            limits.max_run = *max_run;
        }
    }
    spec
}

/// Starts the pipeline and shows every status until it ends.
async fn watch(
    engine: &EngineHandle,
    spec: PipelineSpec,
    observe: &mut impl Observe,
    shutdown: &CancellationToken,
) -> Result<PipelineStatus, Error> {
    let id: PipelineId = PIPELINE.parse().expect("a valid pipeline id");
    engine.start(Some(id.clone()), "", spec).await?;
    let mut statuses = engine.watch(&id).await?;
    loop {
        let status = statuses.borrow_and_update().as_ref().clone();
        observe.sees(&status);
        // Nobody decides about a held pipeline in an embedded run.
        if status.state.is_finished() || status.state == PipelineState::Held {
            return Ok(status);
        }
        tokio::select! {
            changed = statuses.changed() => changed.map_err(|_| EngineError::Stopped)?,
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        }
    }
}
