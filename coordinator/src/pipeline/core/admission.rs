//! Which workers are taken in. What a worker says of itself is checked here, before anything of it is recorded.
//!
//! A name is its process's for as long as that one lives: a second one under it, made by a copied unit file or a second
//! replica, would have every Hello count the leases of the other as lost. A process that was started again is taken in
//! at once where the stream of the one before is closed, and where nobody noticed its end, a TTL after its last word.

use edgraph_shared::model::{CoordinatorMessage, Hello};

use super::{Core, Gathered, News, SessionId};
use crate::pipeline::Millis;

/// A worker that may be taken in later asks again for so many lease TTLs.
const PATIENCE_TTLS: u32 = 2;

impl Core {
    /// Whether the worker is taken in. One that is not is told why; its stream ends, and nothing else has changed.
    pub(super) fn admits(
        &self,
        session: SessionId,
        hello: &Hello,
        now: Millis,
        gathered: &mut Gathered,
    ) -> bool {
        let ttl = self.timing.lease_ttl;
        if !self.fleet.is_taken(hello, ttl, now) {
            return true;
        }
        let reason = format!(
            "worker id `{}` is in use by a living process; give this one another --worker-id",
            hello.worker
        );
        gathered.step.news.push(News::refused(hello, &reason));
        let refused = CoordinatorMessage::Refused { reason, try_for: Some(ttl * PATIENCE_TTLS) };
        gathered.step.messages.push((session, refused));
        gathered.step.ended.push(session);
        false
    }
}
