//! Faults between this process and Redis: calls that are never made, replies that never come.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::tracker::TrackerError;

/// No limit.
const NEVER: i64 = i64::MAX / 2;

/// Counts the calls of one tracker and makes some of them fail.
pub(crate) struct Faults {
    calls: AtomicI64,
    crash_after: AtomicI64,
    lose_reply_of: AtomicI64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            calls: AtomicI64::new(0),
            crash_after: AtomicI64::new(NEVER),
            lose_reply_of: AtomicI64::new(NEVER),
        }
    }
}

impl Faults {
    /// Calls made so far.
    pub(crate) fn calls(&self) -> i64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// After so many more calls nothing gets through any more, as if the process were dead.
    pub(crate) fn crash_after(&self, calls: i64) {
        self.crash_after.store(self.calls() + calls, Ordering::Relaxed);
    }

    /// The n-th call from now, counted from 1, takes effect, but its reply is lost.
    pub(crate) fn lose_reply_of(&self, call: i64) {
        self.lose_reply_of.store(self.calls() + call, Ordering::Relaxed);
    }

    pub(crate) fn before_call(&self) -> Result<(), TrackerError> {
        if self.calls() >= self.crash_after.load(Ordering::Relaxed) {
            return Err(TrackerError::Unavailable("crashed by a test".to_owned().into()));
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn after_call(&self) -> redis::RedisResult<()> {
        if self.calls() != self.lose_reply_of.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(std::io::Error::other("reply lost by a test").into())
    }
}
