//! The durable state of all pipelines, behind one small trait.
//!
//! ```text
//! engine ─▶ lead ─▶ everything that was kept          commit ─▶ parts, one per pipeline, each whole or not at all
//! ```
//! The engine writes commits and reads everything once, when it becomes the leader. A tracker decides nothing about
//! pipelines; it only keeps a leader that has been replaced from taking effect, and notices when what is
//! kept is not what was once acknowledged. [`RedisTracker`] and [`MemoryTracker`] pass one conformance suite.

mod trouble;
mod commit;
mod memory;
mod codec;
mod display;
mod redis;

#[cfg(test)]
pub(crate) mod tests;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use edgraph_shared::ids::{PipelineId, StoreId};

use crate::pipeline::core::SetAside;
use crate::pipeline::token_buckets::KeptPause;

pub use self::redis::{BadUrl, RedisTracker};
pub(crate) use codec::finished;
pub use commit::{CommitId, Content, Mark, Part, Saved, Stored};
pub use memory::MemoryTracker;
pub use trouble::Trouble;

/// How leaders hold on to the lead, and how standbys wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockTiming {
    /// A leader that does not renew for so long may be replaced.
    pub ttl: Duration,
    /// How often a leader renews.
    pub renew_every: Duration,
    /// How often a standby tries to take the lead.
    pub retry_every: Duration,
}

impl LockTiming {
    /// Timing with this TTL: three renewals within it, ten attempts of a standby.
    pub fn with_ttl(ttl: Duration) -> Self {
        Self { ttl, renew_every: ttl * 3 / 10, retry_every: ttl / 10 }
    }
}

impl Default for LockTiming {
    fn default() -> Self {
        Self::with_ttl(Duration::from_secs(5))
    }
}

/// Somebody who wants to lead.
#[derive(Debug, Clone)]
pub struct Leader {
    /// Random, 16 hex digits: tells two leaders of one epoch apart, should a Redis that lost writes ever give the
    /// same epoch twice.
    pub id: String,
    /// Where clients and workers reach it, for those who ask a standby.
    pub address: Option<String>,
    /// How long its lock lives.
    pub lock: LockTiming,
    /// The store that its pipelines' output lies in, where it is known.
    pub store: Option<StoreId>,
}

impl Leader {
    /// A leader nobody has heard of.
    pub fn new(address: Option<String>, lock: LockTiming) -> Self {
        Self { id: format!("{:016x}", commit::random()), address, lock, store: None }
    }

    /// The same, of the fleet with this store.
    pub fn of_store(self, store: Option<StoreId>) -> Self {
        Self { store, ..self }
    }
}

/// One leader's time as leader. Every write names it.
#[derive(Debug, Clone)]
pub struct Term {
    /// Rises with every leader.
    pub epoch: u64,
    /// Whose it is.
    pub leader: Leader,
}

/// The lock as it looked at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Of the newest leader; 0 where there was none.
    pub epoch: u64,
    /// When, in ms of the tracker's own clock.
    pub at: u64,
    /// Whose it is.
    pub lock: LockSight,
    /// Where its holder is reached, as far as it is known.
    pub leader: Option<String>,
}

/// Whose the lock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockSight {
    /// The one's who looks.
    Own,
    /// Somebody's, for at least so long from the moment of asking.
    Held {
        /// See above.
        left: Duration,
    },
    /// Nobody's: its holder resigned.
    Resigned,
    /// Nobody's: it ended, or is lost.
    Free,
}

/// How long a tracker may be silent to one who watches it and misses nothing: a leader that renews in time holds the
/// lock before and after. A look is good for as long.
pub(crate) fn patience(ttl: Duration) -> Duration {
    ttl / 2
}

/// What a leader starts from.
#[derive(Debug)]
pub struct Lead {
    /// Names its writes from now on.
    pub term: Term,
    /// All pipelines that can be read.
    pub stored: Vec<Stored>,
    /// The others.
    pub damaged: Vec<Damaged>,
    /// Pauses of hosts that may still run.
    pub pauses: Vec<KeptPause>,
    /// Who led before.
    pub predecessor: Predecessor,
    /// What the tracker's clock showed.
    pub clock: ClockReading,
}

/// What the tracker's clock showed, and when by the clock of this process: coordinators share the tracker's alone.
#[derive(Debug, Clone, Copy)]
pub struct ClockReading {
    /// In ms since the Unix epoch.
    pub at: u64,
    /// When it was read.
    pub read: Instant,
}

impl ClockReading {
    /// The clock of this machine.
    pub(crate) fn own() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { at: u64::try_from(now.as_millis()).unwrap_or(u64::MAX), read: Instant::now() }
    }
}

/// A pipeline whose record cannot be used: keys of it are lost, it is not what any version wrote that this one knows,
/// or it says itself that it needs a newer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// What is wrong, and who may start it again.
    pub why: SetAside,
}

/// What is known of the leader before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predecessor {
    /// There was none.
    Nobody,
    /// It gave up the lead and did nothing after.
    Resigned,
    /// Its lock ended. It may not know yet.
    Unknown,
}

/// How a renewal went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// Nothing has happened since the last one.
    Kept,
    /// The lock is as it was left, over another connection: the tracker may have been away, and have lost acknowledged
    /// commits. Send [`Content::Verify`] for every pipeline.
    Reconnected,
    /// The lock was not as it was left. Besides, where the tracker has forgotten who led, another leader may have been
    /// told so meanwhile that has not heard of this one: for as long as its lock may last nobody knows whether one
    /// leads alone.
    Retaken,
}

/// Why a tracker did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum TrackerError {
    /// It cannot be reached, or refuses; whether the last commit took effect is unknown. Send the same commit again,
    /// also where somebody has to change something first: whoever does so tells nobody.
    #[error("the tracker is unavailable: {0}")]
    Unavailable(Trouble),
    /// Another leader has taken over. Stop; nothing of what this leader sends takes effect any more.
    #[error("another coordinator leads since epoch {epoch}")]
    Fenced {
        /// Its epoch.
        epoch: u64,
    },
    /// Another leader lives.
    #[error("another coordinator leads{}", leader.as_deref().map(|leader| format!(" at {leader}")).unwrap_or_default())]
    Led {
        /// Its advertised address, if it has one.
        leader: Option<String>,
    },
    /// The records are those of a fleet whose output lies in another store: its pipelines' results are missing here.
    /// Nothing was changed.
    #[error("the tracker keeps the pipelines of the fleet with the store {store}")]
    AnotherStore {
        /// That store's id.
        store: String,
    },
    /// The lock is not as it was looked at, or the look is too old. Look again.
    #[error("the lock has changed since it was looked at")]
    Changed,
    /// These pipelines are not kept as they were last committed: it has lost writes. Every other part of
    /// the commit is done. Write these pipelines whole.
    #[error("the tracker has lost writes of {} pipelines, {} among them", pipelines.len(), pipelines.first().map_or("none", PipelineId::as_str))]
    Diverged {
        /// Which ones.
        pipelines: Vec<PipelineId>,
    },
    /// One pipeline's record cannot be used.
    #[error("the tracker's record of pipeline `{}` cannot be used: {}", .0.pipeline, .0.why.reason)]
    Unreadable(Damaged),
}

/// Keeps pipelines over the life of a coordinator.
#[async_trait]
pub trait Tracker: Send + Sync + 'static {
    /// Looks at the lock. Changes nothing. A leader of a fleet with another store than the first one's is told so, here
    /// and by [`Self::lead`], whoever leads.
    async fn look(&self, leader: &Leader) -> Result<Look, TrackerError>;

    /// Becomes the leader, if the lock is still as it was looked at a moment ago, then reads everything. From its
    /// return on no older leader's commit takes effect: the epoch is raised before the list of pipelines is read, and
    /// each pipeline's fence before its contents. A crash during it leaves a raised epoch and a lock that expires. The
    /// same leader may try again after an error.
    async fn lead(&self, leader: &Leader, upon: &Look) -> Result<Lead, TrackerError>;

    /// Becomes the leader upon one look: for who knows that there is no other coordinator.
    async fn lead_alone(&self, leader: &Leader) -> Result<Lead, TrackerError> {
        let look = self.look(leader).await?;
        self.lead(leader, &look).await
    }

    /// Makes the lock live on. A crash before it costs the next leader the rest of the lock's TTL.
    async fn renew(&self, term: &Term) -> Result<Renewed, TrackerError>;

    /// Writes a commit: every part whole or not at all, parts independent of each other. One at a time. A crash
    /// before its return leaves each pipeline before or after its part; nobody has heard of it, and sending the same
    /// commit again is safe: a part that was written is a success without effect.
    async fn commit(&self, term: &Term, parts: &[Part]) -> Result<(), TrackerError>;

    /// Keeps a pause of a host family in place of the one before. A crash before its return leaves either; nobody
    /// has heard of the new one from the leader.
    async fn keep_pause(&self, term: &Term, pause: &KeptPause) -> Result<(), TrackerError>;

    /// Those of these pipelines that are not kept as far as this. For a leader that has been replaced and wants to say
    /// what the tracker has lost; what another one has written since cannot be told from it.
    async fn behind(&self, marks: &[(PipelineId, Mark)]) -> Result<Vec<PipelineId>, TrackerError>;

    /// Gives up the lead, so that a standby need not wait for the lock to expire. A crash instead of it costs that
    /// wait and nothing else.
    async fn resign(&self, term: &Term) -> Result<(), TrackerError>;
}
