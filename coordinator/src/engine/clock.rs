//! The leader's clock: the wall clock when it started, moved on by a monotonic one.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::pipeline::Millis;

/// See [`Millis`].
pub(super) struct Clock {
    wall_at_start: Duration,
    started: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        let wall_at_start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall_at_start, started: Instant::now() }
    }

    pub(super) fn now(&self) -> Millis {
        self.at(Instant::now())
    }

    pub(super) fn at(&self, instant: Instant) -> Millis {
        Millis::ZERO.plus(self.wall_at_start + instant.saturating_duration_since(self.started))
    }
}
