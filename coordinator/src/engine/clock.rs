//! The leader's clock: the tracker's when the lead was taken, moved on by a monotonic one.
//!
//! The tracker's, because all coordinators share it, and theirs may be minutes apart.

use std::time::Instant;

use crate::pipeline::Millis;
use crate::tracker::ClockReading;

/// See [`Millis`].
pub(super) struct Clock {
    began: ClockReading,
}

impl Clock {
    pub(super) fn from(began: ClockReading) -> Self {
        Self { began }
    }

    pub(super) fn now(&self) -> Millis {
        self.at(Instant::now())
    }

    pub(super) fn at(&self, instant: Instant) -> Millis {
        let ClockReading { at, read } = self.began;
        Millis(at).plus(instant.saturating_duration_since(read))
    }
}
