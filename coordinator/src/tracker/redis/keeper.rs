//! Renews the lock while a load takes longer than the lock lives.

use std::sync::Mutex;
use std::time::Instant;

use super::RedisTracker;
use crate::tracker::{Term, TrackerError};

/// See the module's documentation.
pub(super) struct Keeper<'a> {
    tracker: &'a RedisTracker,
    term: &'a Term,
    renewed: Mutex<Instant>,
}

impl<'a> Keeper<'a> {
    /// The lock was taken just now.
    pub(super) fn new(tracker: &'a RedisTracker, term: &'a Term) -> Self {
        Self { tracker, term, renewed: Mutex::new(Instant::now()) }
    }

    /// Renews it when that is due.
    pub(super) async fn keep(&self) -> Result<(), TrackerError> {
        let is_due = {
            let mut renewed = self.renewed.lock().expect("nothing panics while it holds this");
            let is_due = renewed.elapsed() >= self.term.leader.lock.renew_every;
            if is_due {
                *renewed = Instant::now();
            }
            is_due
        };
        if is_due {
            self.tracker.renew_lock(self.term).await?;
        }
        Ok(())
    }
}
