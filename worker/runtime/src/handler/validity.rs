//! How long the leases of this worker are known to live: asked before an effect that nothing else fences.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// How often a proof is looked for while the coordinator is away.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The deadline of every lease that this worker holds, as far as it can know: the coordinator counts a TTL from when
/// it heard a heartbeat, this counts it from when the heartbeat was sent. Cheap to clone; clones are one.
#[derive(Debug, Clone)]
pub struct Validity {
    until: Arc<Mutex<Instant>>,
}

impl Validity {
    /// Over already, until the coordinator says otherwise.
    pub(crate) fn over() -> Self {
        Self { until: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Whether the leases still live. A process that was stopped for a while sees at once that they may not.
    pub fn lasts(&self) -> bool {
        Instant::now() < *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the leases are known to live, or until `cancel` takes away the one that is asked for: false then.
    /// While the coordinator is away nobody can tell, and the runtime cancels what has waited for too long.
    pub async fn proven(&self, cancel: &CancellationToken) -> bool {
        while !cancel.is_cancelled() && !self.lasts() {
            let _ = tokio::time::timeout(LOOK_EVERY, cancel.cancelled()).await;
        }
        !cancel.is_cancelled()
    }

    /// An answered heartbeat proves life until then; never less than what was proven before.
    pub(crate) fn extend(&self, until: Instant) {
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *known = until.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_as_long_as_was_proven() {
        let validity = Validity::over();
        assert!(!validity.lasts());
        validity.clone().extend(Instant::now() + Duration::from_secs(60));
        assert!(validity.lasts());
        validity.extend(Instant::now());
        assert!(validity.lasts(), "an older proof takes nothing back");
    }

    #[tokio::test]
    async fn a_proof_is_waited_for_until_the_item_is_taken_away() {
        let (validity, cancel) = (Validity::over(), CancellationToken::new());
        let waiting = tokio::spawn({
            let (validity, cancel) = (validity.clone(), cancel.clone());
            async move { validity.proven(&cancel).await }
        });
        validity.extend(Instant::now() + Duration::from_secs(60));
        assert!(waiting.await.unwrap());
        cancel.cancel();
        assert!(!validity.proven(&cancel).await, "what was taken away is not ours, whatever else is");
        assert!(!Validity::over().proven(&cancel).await);
    }
}
