//! Pauses of hosts, and their ends: kept by the tracker beside all commits, told to everybody once they are.

use std::sync::Arc;

use edgraph_shared::retry;

use super::limits::RETRY;
use super::shell::Shell;
use crate::pipeline::core::Command;
use crate::pipeline::token_buckets::KeptPause;
use crate::tracker::{Term, Tracker, TrackerError};

impl Shell {
    /// Begins with the next pause that waits.
    pub(super) fn keep_pauses(&mut self) {
        if self.pauses.under_way.is_some() {
            return;
        }
        let Some((_, pause)) = self.pauses.waiting.pop_first() else { return };
        let (tracker, term) = (Arc::clone(&self.tracker), Arc::clone(&self.term));
        self.pauses.under_way = Some(Box::pin(until_kept(tracker, term, pause)));
    }

    pub(super) fn pause_kept(&mut self, kept: Result<KeptPause, TrackerError>) -> Result<(), TrackerError> {
        self.pauses.under_way = None;
        let kept = kept?;
        let (hosts, cause) = (kept.family, &kept.cause);
        if kept.is_lifted() {
            tracing::warn!(%hosts, cause, "requests go on: a pause was ended by hand");
        } else {
            tracing::warn!(%hosts, cause, "no requests for a while: a host asked to slow down");
        }
        self.step(Command::PauseKept(kept), None);
        if self.pauses.waiting.is_empty() {
            std::mem::take(&mut self.pauses.releases)
                .into_iter()
                .for_each(|release| self.batches.release(release));
        }
        Ok(())
    }
}

/// The same pause again is safe: a leader that has been replaced is refused.
async fn until_kept(
    tracker: Arc<dyn Tracker>,
    term: Arc<Term>,
    pause: KeptPause,
) -> Result<KeptPause, TrackerError> {
    let (base, max) = RETRY;
    let mut waits = retry::full_jitter(base, max);
    loop {
        match tracker.keep_pause(&term, &pause).await {
            Err(TrackerError::Unavailable(_)) => tokio::time::sleep(waits.next().unwrap_or(max)).await,
            kept => return kept.map(|()| pause),
        }
    }
}
