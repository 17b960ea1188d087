//! One work item: its states, its newest lease, and what each way of closing the lease costs it.
//!
//! Decides about one item and nothing else; indexes and counts over items are [`super::ledger`]'s.

use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::ids::{FencingToken, Incarnation, ItemKey, LeaseId, WorkerId};
use edgraph_shared::model::{self, Backoff, KindSettings, LeaseRef, SettleAnswer};

use super::time::Millis;

/// An item's place in its pipeline: the order of creation, and so its place in the queue for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemIx(pub u32);

/// Index of an item kind in its pipeline, in order of first appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindIx(pub u16);

/// A work item with its history. Cloned as a whole into commits.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Unique in the pipeline.
    pub key: ItemKey,
    /// Names the handler, through the pipeline's list of kinds.
    pub kind: KindIx,
    /// Higher runs first.
    pub priority: i32,
    /// JSON text for the handler.
    pub payload: Arc<str>,
    /// Items that named this one, in order of naming.
    pub parents: Vec<ItemIx>,
    /// Where it stands.
    pub state: State,
    /// Of the newest grant; zero before the first.
    pub token: FencingToken,
    /// How the lease before the current one ended, so that a repeated message gets the same answer.
    pub closed: Option<ClosedLease>,
    /// Failed attempts.
    pub failures: u32,
    /// Lost leases.
    pub lost_leases: u32,
    /// Preemptions.
    pub preemptions: u32,
    /// Since when attempts end with a dependency down, without anything else between.
    pub unavailable_since: Option<Millis>,
    /// The last attempt's failure.
    pub last_failure: Option<Arc<str>>,
}

/// Where an item stands, with the data of that state alone.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Waiting; not granted before the given time.
    Ready {
        /// [`Millis::NEVER`] while the accepted list is not written.
        not_before: Millis,
    },
    /// With a worker.
    Leased(Box<Lease>),
    /// Done.
    Succeeded {
        /// JSON text.
        result: Arc<str>,
        /// Found done already.
        skipped: bool,
    },
    /// A dead letter.
    Dead {
        /// For a person.
        reason: Arc<str>,
        /// Whether a late completion may still revive it.
        cause: DeathCause,
    },
    /// Settled by a cancelled pipeline.
    Cancelled,
}

impl State {
    /// The state's name without its data.
    pub fn name(&self) -> model::ItemState {
        match self {
            Self::Ready { .. } => model::ItemState::Ready,
            Self::Leased(_) => model::ItemState::Leased,
            Self::Succeeded { .. } => model::ItemState::Succeeded,
            Self::Dead { .. } => model::ItemState::Dead,
            Self::Cancelled => model::ItemState::Cancelled,
        }
    }

    /// Whether the item waits or runs, and so keeps the gate closed.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Ready { .. } | Self::Leased(_))
    }
}

/// Why an item is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeathCause {
    /// Its workers vanished too often. One of them may only have been cut off and still deliver.
    LostLeases,
    /// Anything else.
    Failure,
}

/// The current lease of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// Who runs it.
    pub worker: WorkerId,
    /// The worker's process.
    pub incarnation: Incarnation,
    /// Random.
    pub lease_id: LeaseId,
    /// When it was granted; `max_run` counts from here.
    pub granted: Millis,
    /// When it expires without a heartbeat.
    pub deadline: Millis,
    /// Chunks of children recorded so far.
    pub chunks: u32,
    /// Items in these chunks.
    pub children: u32,
}

/// The end of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedLease {
    /// Of the lease.
    pub token: FencingToken,
    /// Of the lease.
    pub lease_id: LeaseId,
    /// What ended it.
    pub how: Closing,
    /// What the worker was told.
    pub answer: SettleAnswer,
    /// Items in the chunks of children recorded under it.
    pub children: u32,
}

/// What ended a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The worker's Complete.
    Completed,
    /// The worker's Fail.
    Failed,
    /// The worker's Release.
    Released,
    /// No heartbeat came, or the worker's next incarnation did.
    Expired,
    /// The coordinator took it back: it ran too long, or the worker did not claim it.
    Revoked,
}

/// How a lease that a message names relates to the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The item is leased under exactly this lease.
    Current,
    /// The newest lease, but closed.
    Closed(ClosedLease),
    /// Not the newest; closed, with its end still remembered.
    Remembered(ClosedLease),
    /// A newer grant exists, or the random id differs.
    Superseded,
    /// The item was never granted so often: the tracker lost writes, or the message is made up.
    Ahead,
}

impl Item {
    /// A new item, ready at once.
    pub fn new(item: model::WorkItem, kind: KindIx, parents: Vec<ItemIx>) -> Self {
        Self {
            key: item.key,
            kind,
            priority: item.priority,
            payload: item.payload.into(),
            parents,
            state: State::Ready { not_before: Millis::ZERO },
            token: FencingToken::default(),
            closed: None,
            failures: 0,
            lost_leases: 0,
            preemptions: 0,
            unavailable_since: None,
            last_failure: None,
        }
    }

    /// The current lease.
    pub fn lease(&self) -> Option<&Lease> {
        match &self.state {
            State::Leased(lease) => Some(lease),
            _ => None,
        }
    }

    /// Why it is dead, or how its last attempt failed.
    pub fn reason(&self) -> Option<&str> {
        match &self.state {
            State::Dead { reason, .. } => Some(reason),
            _ => self.last_failure.as_deref(),
        }
    }

    /// How `lease` relates to the item.
    pub fn standing(&self, lease: &LeaseRef) -> Standing {
        if lease.token > self.token {
            return Standing::Ahead;
        }
        if self.lease().is_some_and(|own| own.lease_id == lease.lease_id && self.token == lease.token) {
            return Standing::Current;
        }
        match self.closed {
            Some(closed) if closed.token == lease.token && closed.lease_id == lease.lease_id => {
                if lease.token == self.token {
                    Standing::Closed(closed)
                } else {
                    Standing::Remembered(closed)
                }
            }
            _ => Standing::Superseded,
        }
    }

    /// Counts a failure and says what becomes of the item. `jitter` is in [0, 1).
    pub fn after_failure(
        &mut self,
        failure: &Failure,
        settings: &KindSettings,
        now: Millis,
        jitter: f64,
    ) -> State {
        self.last_failure = Some(failure.message.as_str().into());
        let unavailable_since = self.unavailable_since.take();
        match &failure.class {
            FailureClass::Permanent => self.dead(failure.message.clone()),
            FailureClass::Transient => self.count_failure(failure, settings, now, jitter, Duration::ZERO),
            FailureClass::Throttled { retry_after } => {
                self.count_failure(failure, settings, now, jitter, *retry_after)
            }
            FailureClass::Unavailable { dependency } => {
                let since = unavailable_since.unwrap_or(now);
                self.unavailable_since = Some(since);
                if now.since(since) >= settings.max_unavailable {
                    let limit = settings.max_unavailable;
                    return self.dead(format!("{dependency} unavailable for {limit:?}: {}", failure.message));
                }
                State::Ready { not_before: now.plus(probe_wait(now.since(since), jitter)) }
            }
            FailureClass::Preempted => self.after_preemption(settings),
        }
    }

    fn count_failure(
        &mut self,
        failure: &Failure,
        settings: &KindSettings,
        now: Millis,
        jitter: f64,
        at_least: Duration,
    ) -> State {
        self.failures += 1;
        if self.failures >= settings.budgets.failures {
            return self.dead(format!("failed {} times, the last time: {}", self.failures, failure.message));
        }
        let wait = backoff(settings.backoff, self.failures, jitter).max(at_least.min(MAX_THROTTLE_WAIT));
        State::Ready { not_before: now.plus(wait) }
    }

    /// Counts a preemption and says what becomes of the item: it keeps its place in the queue.
    pub fn after_preemption(&mut self, settings: &KindSettings) -> State {
        self.preemptions += 1;
        if self.preemptions >= settings.budgets.preemptions {
            return self.dead(format!("preempted {} times", self.preemptions));
        }
        State::Ready { not_before: Millis::ZERO }
    }

    /// Counts a lost lease and says what becomes of the item: it keeps its place in the queue. The first loss costs no
    /// wait: machines go away. After another one it may be the item that ends its process.
    pub fn after_loss(&mut self, worker: &WorkerId, settings: &KindSettings, now: Millis) -> State {
        self.lost_leases += 1;
        if self.lost_leases >= settings.budgets.lost_leases {
            let reason =
                format!("{} workers vanished while running it, the last one was {worker}", self.lost_leases);
            return State::Dead { reason: reason.into(), cause: DeathCause::LostLeases };
        }
        let not_before = match self.lost_leases {
            1 => Millis::ZERO,
            losses => now.plus(backoff(settings.backoff, losses - 1, 1.0)),
        };
        State::Ready { not_before }
    }

    /// Whether its processes ended so often that it runs alone: should it end another one, nothing else is lost.
    pub fn is_suspect(&self) -> bool {
        self.lost_leases >= SUSPECTED_AFTER
    }

    fn dead(&self, reason: String) -> State {
        State::Dead { reason: reason.into(), cause: DeathCause::Failure }
    }

    /// Fresh budgets, for a retry by command. The token goes on rising.
    pub fn reset_budgets(&mut self) {
        self.failures = 0;
        self.lost_leases = 0;
        self.preemptions = 0;
        self.unavailable_since = None;
    }
}

/// Longest wait that a throttled attempt may ask for: longer ones are answers gone wrong.
pub const MAX_THROTTLE_WAIT: Duration = Duration::from_secs(3_600);

/// Lost leases after which an item is under suspicion: more than a machine that went away explains.
const SUSPECTED_AFTER: u32 = 2;

/// Waits between the attempts of an item whose dependency is down.
const PROBE_WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The wait before an item is tried again whose dependency has been down for so long: as long again, within bounds.
fn probe_wait(down_for: Duration, jitter: f64) -> Duration {
    down_for.clamp(PROBE_WAIT.0, PROBE_WAIT.1).mul_f64(0.75 + 0.5 * jitter.clamp(0.0, 1.0))
}

/// The wait before the next attempt after `failures` failed ones.
pub fn backoff(backoff: Backoff, failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    backoff.base.saturating_mul(1 << doublings).min(backoff.max).mul_f64(jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_limit() {
        let settings = Backoff { base: Duration::from_secs(1), max: Duration::from_secs(10) };
        for (failures, jitter, seconds) in [
            (1, 1.0, 1.0),
            (2, 1.0, 2.0),
            (4, 1.0, 8.0),
            (5, 1.0, 10.0),
            (99, 1.0, 10.0),
            (4, 0.25, 2.0),
            (4, 0.0, 0.0),
        ] {
            assert_eq!(backoff(settings, failures, jitter).as_secs_f64(), seconds, "failure {failures}");
        }
    }
}
