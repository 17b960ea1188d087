//! What the engine's task waits for beside requests: at most one of each, or none.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use edgraph_shared::model::HostFamily;

use super::batch::Release;
use crate::pipeline::token_buckets::KeptPause;
use crate::tracker::{Renewed, TrackerError};

/// What was waited for before these were let out.
pub(super) struct Done {
    pub(super) releases: Vec<Release>,
    pub(super) waited: Waited,
}

/// What that was.
pub(super) enum Waited {
    /// A commit.
    Commit(Answered),
    /// Nothing to commit, only proof that this leader still leads.
    Proof,
}

/// A commit that the tracker has answered.
pub(super) struct Answered {
    pub(super) result: Result<(), TrackerError>,
    pub(super) items: usize,
    /// The tracker was away meanwhile.
    pub(super) was_away: bool,
    pub(super) took: Duration,
}

pub(super) type InFlight = Pin<Box<dyn Future<Output = Done> + Send>>;
pub(super) type Rest = Pin<Box<dyn Future<Output = ()> + Send>>;
pub(super) type Renewal = Pin<Box<dyn Future<Output = (Instant, Result<Renewed, TrackerError>)> + Send>>;

type Keeping = Pin<Box<dyn Future<Output = Result<KeptPause, TrackerError>> + Send>>;

/// Pauses on their way to the tracker, one at a time.
#[derive(Default)]
pub(super) struct Pauses {
    /// The newest of each family that waits.
    pub(super) waiting: BTreeMap<HostFamily, KeptPause>,
    pub(super) under_way: Option<Keeping>,
    /// To be let out when nothing waits any more: answers to who ended pauses.
    pub(super) releases: Vec<Release>,
}

/// The end of a future that may not be there: then never.
pub(super) async fn next<T>(future: &mut Option<Pin<Box<dyn Future<Output = T> + Send>>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
