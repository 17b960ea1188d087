//! Which workers are taken in. What a worker says of itself is checked here, before anything of it is recorded.
//!
//! A name is its process's for as long as that one lives: a second one under it, made by a copied unit file or a second
//! replica, would have every Hello count the leases of the other as lost. A process that was started again is taken in
//! at once where the stream of the one before is closed, and where nobody noticed its end, a TTL after its last word.

use std::time::Duration;

use edgraph_shared::ids::Namespace;
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
        let Some((reason, try_for)) = self.objection(hello, now) else { return true };
        gathered.step.news.push(News::refused(hello, &reason));
        gathered.step.messages.push((session, CoordinatorMessage::Refused { reason, try_for }));
        gathered.step.ended.push(session);
        false
    }

    /// What is in the way of a worker, and for how long it is worth to try again.
    fn objection(&self, hello: &Hello, now: Millis) -> Option<(String, Option<Duration>)> {
        if let Some(reason) = self.why_foreign(hello) {
            return Some((reason, None));
        }
        let ttl = self.timing.lease_ttl;
        self.fleet.is_taken(hello, ttl, now).then(|| {
            let text = "is in use by a living process; give this one another --worker-id";
            (format!("worker id `{}` {text}", hello.worker), Some(ttl * PATIENCE_TTLS))
        })
    }

    /// Why the worker belongs to another fleet. Its output would lie where nobody of this one looks for it.
    fn why_foreign(&self, hello: &Hello) -> Option<String> {
        let (worker, theirs, ours) = (&hello.worker, &hello.home, &self.home);
        if let (Some(their), Some(our)) = (&theirs.store, &ours.store)
            && their != our
        {
            return Some(format!(
                "worker `{worker}` has the store {their}, and this coordinator the store {our}; give it the same \
                 --store, or another --coordinator"
            ));
        }
        let their = theirs.namespace.as_ref().filter(|their| ours.namespace.as_ref() != Some(their))?;
        let our = ours.namespace.as_ref().map_or("the default one", Namespace::as_str);
        Some(format!(
            "worker `{worker}` is for the namespace `{their}`, and this coordinator's is {our}; give it the same \
             --namespace, or another --coordinator"
        ))
    }
}
