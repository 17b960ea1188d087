//! How fast counted items settle: the throughput and the time left that the status shows.
//!
//! Kept in memory alone: a leader begins to measure when it takes over. Nothing is decided by it.

use std::time::Duration;

use super::time::Millis;

/// What "now" means: long enough to smooth batches, short enough to follow an outage.
const WINDOW_SECONDS: u64 = 60;

/// Settled items per second of the last minute.
#[derive(Debug)]
pub(super) struct Throughput {
    /// By second modulo the window.
    buckets: [u32; WINDOW_SECONDS as usize],
    /// The second of the newest bucket.
    newest: u64,
    /// When there was first something to measure.
    began: Option<Millis>,
    /// Settled items seen so far.
    settled: u64,
}

impl Throughput {
    /// Begins with so many items settled already.
    pub(super) fn new(settled: u64) -> Self {
        Self { buckets: [0; WINDOW_SECONDS as usize], newest: 0, began: None, settled }
    }

    /// So many items are settled now, and so many are being worked on.
    pub(super) fn note(&mut self, settled: u64, leased: u64, now: Millis) {
        // A retry makes the number of settled items fall; that does not count as negative work.
        let added = settled.saturating_sub(self.settled);
        self.settled = settled;
        if added == 0 && (leased == 0 || self.began.is_some()) {
            return;
        }
        self.began.get_or_insert(now);
        self.advance(now);
        let bucket = &mut self.buckets[(self.newest % WINDOW_SECONDS) as usize];
        *bucket = bucket.saturating_add(u32::try_from(added).unwrap_or(u32::MAX));
    }

    /// Items per second over the last minute, or since there was something to do.
    pub(super) fn per_second(&self, now: Millis) -> f64 {
        let Some(began) = self.began else { return 0.0 };
        let second = second_of(now);
        let age = |ago: u64| second.saturating_sub(self.newest) + ago;
        let recent = (0..WINDOW_SECONDS.min(self.newest + 1)).filter(|ago| age(*ago) < WINDOW_SECONDS);
        let items: u64 =
            recent.map(|ago| u64::from(self.buckets[((self.newest - ago) % WINDOW_SECONDS) as usize])).sum();
        items as f64 / now.since(began).as_secs_f64().clamp(1.0, WINDOW_SECONDS as f64)
    }

    /// Until so many items are settled at this rate.
    pub(super) fn time_for(&self, items: u64, now: Millis) -> Option<Duration> {
        let rate = self.per_second(now);
        if rate > 0.0 { Duration::try_from_secs_f64((items as f64 / rate).ceil()).ok() } else { None }
    }

    fn advance(&mut self, now: Millis) {
        let second = second_of(now).max(self.newest);
        for skipped in (self.newest + 1..=second).rev().take(self.buckets.len()) {
            self.buckets[(skipped % WINDOW_SECONDS) as usize] = 0;
        }
        self.newest = second;
    }
}

fn second_of(now: Millis) -> u64 {
    now.0 / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_minute() {
        let at = |seconds: u64| Millis(1_000_000_000 + seconds * 1_000);
        let mut pace = Throughput::new(7);
        assert_eq!((pace.per_second(at(0)), pace.time_for(9, at(0))), (0.0, None));
        pace.note(7, 2, at(0));
        for second in 1..=10 {
            pace.note(7 + 2 * second, 2, at(second));
        }
        assert_eq!(pace.per_second(at(10)), 2.0);
        assert_eq!(pace.time_for(9, at(10)), Some(Duration::from_secs(5)));
        pace.note(20, 2, at(10));
        assert_eq!(pace.per_second(at(10)), 2.0, "a retry is no negative work");
        assert_eq!(pace.per_second(at(60)), 20.0 / 60.0);
        assert_eq!(pace.per_second(at(66)), 8.0 / 60.0, "the seconds 7 to 10 remain");
        assert_eq!(pace.per_second(at(500)), 0.0);
        pace.note(21, 2, at(500));
        assert_eq!(pace.per_second(at(500)), 1.0 / 60.0);
    }
}
