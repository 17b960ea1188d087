//! When a coordinator that waits may take the lead: pure, on a clock of its own.
//!
//! A tracker that was away may come back older or empty, with no sign of a leader that lives and knows more. That
//! leader renews within a part of its lock's TTL, so whoever waits lets it come first: the lead is taken only after
//! the tracker was seen for a whole TTL without a break, and only where the lock ended when it had to. Nothing is
//! decided from one look.

use std::time::Duration;

use crate::tracker::{LockSight, Look, patience};

/// Times are of any monotonic clock.
#[derive(Debug)]
pub(crate) struct Vigil {
    ttl: Duration,
    /// Seen without a break since then.
    since: Option<Duration>,
    last: Duration,
    epoch: u64,
    /// When the lock ends that was seen last.
    lock_ends: Option<Duration>,
    /// There was a break: for a TTL nothing that is seen can be told from what is lost.
    was_away: bool,
}

impl Vigil {
    pub(crate) fn new(ttl: Duration) -> Self {
        Self { ttl, since: None, last: Duration::ZERO, epoch: 0, lock_ends: None, was_away: false }
    }

    /// A look failed.
    pub(crate) fn away(&mut self) {
        (self.since, self.lock_ends, self.was_away) = (None, None, true);
    }

    /// A look asked for and answered at these times. Whether the lead may be taken.
    pub(crate) fn sees(&mut self, asked: Duration, answered: Duration, look: &Look) -> bool {
        let is_late = answered.saturating_sub(self.last) > patience(self.ttl);
        let vanished = look.lock == LockSight::Free && self.lock_ends.is_some_and(|ends| answered < ends);
        if self.since.is_some() && (is_late || look.epoch < self.epoch || vanished) {
            self.away();
        }
        (self.last, self.epoch) = (answered, look.epoch);
        let watched = answered - *self.since.get_or_insert(answered);
        let is_long_enough = watched >= self.ttl;
        match look.lock {
            // Left by an attempt that failed after it had the lock.
            LockSight::Own => true,
            LockSight::Held { left } => {
                self.lock_ends = Some(asked + left);
                false
            }
            LockSight::Resigned => is_long_enough || !self.was_away,
            LockSight::Free => is_long_enough,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: u64 = 5_000;

    /// A vigil that has seen `sights` at these times.
    fn looks(sights: &[(u64, Option<Look>)]) -> Vec<bool> {
        let mut vigil = Vigil::new(Duration::from_millis(TTL));
        let mut look = |(at, sight): &(u64, Option<Look>)| {
            let at = Duration::from_millis(*at);
            match sight {
                Some(sight) => vigil.sees(at, at, sight),
                None => {
                    vigil.away();
                    false
                }
            }
        };
        sights.iter().map(&mut look).collect()
    }

    fn seen(epoch: u64, lock: LockSight) -> Option<Look> {
        Some(Look { epoch, at: 0, lock, leader: None })
    }

    fn held(epoch: u64, left: u64) -> Option<Look> {
        seen(epoch, LockSight::Held { left: Duration::from_millis(left) })
    }

    fn free(epoch: u64) -> Option<Look> {
        seen(epoch, LockSight::Free)
    }

    fn resigned(epoch: u64) -> Option<Look> {
        seen(epoch, LockSight::Resigned)
    }

    /// Looks every half second: the first time at which the lead may be taken.
    fn taken(sight: impl Fn(u64) -> Option<Look>) -> Option<u64> {
        let times: Vec<(u64, Option<Look>)> = (0..60).map(|n| (n * 500, sight(n * 500))).collect();
        looks(&times).iter().position(|may| *may).map(|place| times[place].0)
    }

    #[test]
    fn a_lock_that_ends_in_its_time_is_taken_at_once_by_who_watched() {
        assert_eq!(taken(|at| if at < 12_000 { held(7, 12_000 - at) } else { free(7) }), Some(12_000));
    }

    #[test]
    fn an_empty_tracker_is_watched_for_a_ttl() {
        assert_eq!(taken(|_| free(0)), Some(TTL));
    }

    #[test]
    fn a_lock_that_vanishes_before_its_end_is_waited_for() {
        // Wiped at 10 s, with a leader that would have held the lock for 3 s more.
        assert_eq!(taken(|at| if at < 10_000 { held(7, 3_600) } else { free(0) }), Some(15_000));
    }

    #[test]
    fn an_outage_of_any_length_is_followed_by_a_ttl_of_watching() {
        let sight = |at| match at {
            ..10_000 => held(7, 3_600),
            10_000..16_000 => None,
            _ => free(6),
        };
        assert_eq!(taken(sight), Some(16_000 + TTL));
        // A freeze shows as one late answer.
        let frozen = [(9_500, held(7, 3_600)), (15_900, free(7)), (16_400, free(7)), (21_000, free(7))];
        assert_eq!(looks(&frozen), [false, false, false, false]);
    }

    #[test]
    fn an_older_epoch_is_a_tracker_that_went_back() {
        assert_eq!(
            taken(|at| if at < 10_000 { free(if at < 4_000 { 7 } else { 6 }) } else { free(6) }),
            Some(9_000)
        );
    }

    #[test]
    fn who_resigns_is_followed_at_once_unless_it_may_be_an_old_story() {
        assert_eq!(taken(|at| if at < 2_000 { held(7, 3_600) } else { resigned(7) }), Some(2_000));
        assert_eq!(taken(|_| resigned(7)), Some(0));
        let after_an_outage = taken(|at| match at {
            ..2_000 => held(7, 3_600),
            2_000..3_000 => None,
            _ => resigned(6),
        });
        assert_eq!(after_an_outage, Some(3_000 + TTL));
    }

    #[test]
    fn a_living_leader_is_never_replaced() {
        assert_eq!(taken(|at| held(7, if at % 1_500 == 0 { 4_900 } else { 3_600 })), None);
    }
}
