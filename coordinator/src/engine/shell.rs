//! The engine's state around the core: what is decided and not yet committed, what is under way, who listens.
//!
//! Its files are the verbs: [`run`](super::run) takes requests and steps the core, [`commits`](super::commits) writes
//! and renews, [`release`](super::release) lets out what a commit has made true, [`ends`](super::ends) writes those of
//! pipelines to the store, [`pauses`](super::pauses) keeps those of hosts.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{AcceptedItem, CoordinatorMessage, PipelineStatus};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::accepted::{AcceptedSink, Written};
use super::batch::Batches;
use super::clock::Clock;
use super::config::EngineConfig;
use super::finished::FinishedStore;
use super::gathering::{self, Gatherings};
use super::handle::Counters;
use super::limits::VERIFY_EVERY;
use super::marks::Marks;
use super::pending::{InFlight, Pauses, Renewal, Rest};
use super::recording::Recordings;
use super::removals::Removals;
use super::shown::Shown;
use crate::pipeline::core::Core;
use crate::pipeline::fleet::SessionId;
use crate::tracker::{Damaged, Lead, Predecessor, Term, Tracker};

/// See the module's documentation.
pub(super) struct Shell {
    pub(super) core: Core,
    pub(super) clock: Clock,
    pub(super) tracker: Arc<dyn Tracker>,
    pub(super) sink: Arc<dyn AcceptedSink>,
    pub(super) term: Arc<Term>,
    pub(super) marks: Marks,
    pub(super) batches: Batches,
    pub(super) shown: Shown,
    /// Ask of every pipeline, with the next commit, whether the tracker still has it as it was left.
    pub(super) verify: bool,
    pub(super) verify_at: Instant,
    pub(super) removals: Arc<Removals>,
    pub(super) in_flight: Option<InFlight>,
    /// No commit begins before its end.
    pub(super) rest: Option<Rest>,
    pub(super) renewal: Option<Renewal>,
    pub(super) pauses: Pauses,
    /// Until when nobody else can have the lock.
    pub(super) proven: watch::Sender<Instant>,
    pub(super) stats: Arc<Counters>,
    pub(super) outboxes: HashMap<SessionId, mpsc::Sender<CoordinatorMessage>>,
    pub(super) watched: HashMap<PipelineId, watch::Sender<Arc<PipelineStatus>>>,
    /// Watched pipelines whose last change is not published.
    pub(super) stale: BTreeSet<PipelineId>,
    pub(super) gatherings: Gatherings<AcceptedItem>,
    pub(super) writes: JoinSet<Written>,
    pub(super) writing: HashSet<(PipelineId, u32)>,
    pub(super) recordings: Recordings,
    /// When to try again what could not be written to the store. At the start: what waits since before it.
    pub(super) rewrite_at: Option<Instant>,
}

impl Shell {
    pub(super) fn new(
        config: EngineConfig,
        lead: Lead,
        finished: Option<Arc<FinishedStore>>,
        stats: Arc<Counters>,
    ) -> Self {
        let clock = Clock::from(lead.clock);
        let marks = Marks::of(&lead.stored);
        let stored = lead.stored.into_iter().map(|stored| (stored.head, stored.items)).collect();
        let quiet_until = clock.now().plus(quiet_after(lead.predecessor, &lead.term));
        let mut core = Core::restore(config.timing, stored, quiet_until, clock.now());
        for Damaged { pipeline, why } in lead.damaged {
            let reason = &why.reason;
            match why.is_newer {
                true => {
                    tracing::error!(%pipeline, reason, "a pipeline is set aside: a newer edgraph wrote it")
                }
                false => {
                    tracing::error!(%pipeline, reason, "a pipeline is set aside: its record in the tracker is damaged");
                }
            }
            core.set_aside(pipeline, why);
        }
        core.settle_at(config.home);
        core.limit_requests(config.requests, lead.pauses, quiet_until, clock.now());
        let shown = Shown::of(&core);
        Self {
            core,
            clock,
            tracker: config.tracker,
            sink: config.accepted,
            term: Arc::new(lead.term),
            marks,
            batches: Batches::default(),
            shown,
            verify: false,
            verify_at: Instant::now() + VERIFY_EVERY,
            removals: Arc::default(),
            in_flight: None,
            rest: None,
            renewal: None,
            pauses: Pauses::default(),
            proven: watch::Sender::new(Instant::now()),
            stats,
            outboxes: HashMap::new(),
            watched: HashMap::new(),
            stale: BTreeSet::new(),
            gatherings: Gatherings::of(gathering::accepted),
            writes: JoinSet::new(),
            writing: HashSet::new(),
            recordings: Recordings::to(finished),
            rewrite_at: Some(Instant::now()),
        }
    }
}

/// How long a new leader lends no request tokens and ends no lease: those of the one before it may still be used, and
/// its workers may not have heard of this one. Who has resigned lends no more; of anybody else nothing is known but
/// that it stops before its lock ends, and the tracker may have lost that lock.
pub(super) fn quiet_after(predecessor: Predecessor, term: &Term) -> Duration {
    const WINDOW: Duration = Duration::from_secs(1);
    match predecessor {
        Predecessor::Unknown => term.leader.lock.ttl + WINDOW,
        Predecessor::Nobody | Predecessor::Resigned => WINDOW,
    }
}
