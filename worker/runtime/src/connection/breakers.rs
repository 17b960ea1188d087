//! Which kinds this worker takes right now: a kind whose dependency is down is withdrawn, then probed with one item.
//!
//! Only for what every item of the kind needs. The item that found it down waits by itself; the others of its kind
//! would find out one by one.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::model::KindLimit;
use edgraph_shared::retry;
use tokio::time::Instant;

/// Waits between probes: a short outage costs little, a long one is not hammered at.
const PROBE_WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

type Waits = Box<dyn Iterator<Item = Duration> + Send>;

enum Breaker {
    /// Takes as many as there are slots.
    Taking,
    /// Takes nothing until then, which may be the end of a pause.
    Withdrawn { until: Instant, is_pause: bool, waits: Waits },
    /// Takes one item at a time; its outcome decides.
    Probing { waits: Waits },
}

/// All kinds this worker has handlers for.
pub(super) struct Breakers {
    slots: u32,
    breakers: BTreeMap<&'static str, Breaker>,
}

impl Breakers {
    pub(super) fn new(kinds: impl IntoIterator<Item = &'static str>, slots: u32) -> Self {
        Self { slots, breakers: kinds.into_iter().map(|kind| (kind, Breaker::Taking)).collect() }
    }

    /// The limits to tell the coordinator.
    pub(super) fn limits(&self) -> Vec<KindLimit> {
        let limit = |(kind, breaker): (&&str, &Breaker)| KindLimit {
            kind: (*kind).to_owned(),
            max_leases: match breaker {
                Breaker::Taking => self.slots,
                Breaker::Withdrawn { .. } => 0,
                Breaker::Probing { .. } => 1,
            },
        };
        self.breakers.iter().map(limit).collect()
    }

    /// An item found its dependency down; it is probed when `paused_until` is known to be over, or after a wait. True
    /// when the limits changed.
    pub(super) fn unavailable(&mut self, kind: &str, now: Instant, paused_until: Option<Instant>) -> bool {
        let Some(breaker) = self.breakers.get_mut(kind) else { return false };
        let mut waits: Waits = match std::mem::replace(breaker, Breaker::Taking) {
            Breaker::Taking => Box::new(retry::full_jitter(PROBE_WAIT.0, PROBE_WAIT.1)),
            Breaker::Probing { waits } => waits,
            withdrawn @ Breaker::Withdrawn { .. } => {
                *breaker = withdrawn;
                return false;
            }
        };
        let wait = waits.next().unwrap_or(PROBE_WAIT.1);
        let (until, is_pause) = (paused_until.unwrap_or(now + wait), paused_until.is_some());
        *breaker = Breaker::Withdrawn { until, is_pause, waits };
        true
    }

    /// No pause that is known lasts longer than until then.
    pub(super) fn paused_until(&mut self, end: Instant) {
        for breaker in self.breakers.values_mut() {
            if let Breaker::Withdrawn { until, is_pause: true, .. } = breaker {
                *until = end.min(*until);
            }
        }
    }

    /// An item ended otherwise: its dependency answers. True when the limits changed.
    pub(super) fn available(&mut self, kind: &str) -> bool {
        match self.breakers.get_mut(kind) {
            Some(breaker @ Breaker::Probing { .. }) => {
                *breaker = Breaker::Taking;
                true
            }
            _ => false,
        }
    }

    /// When the next withdrawn kind is to be probed.
    pub(super) fn next_probe(&self) -> Option<Instant> {
        let until = |breaker: &Breaker| match breaker {
            Breaker::Withdrawn { until, .. } => Some(*until),
            Breaker::Taking | Breaker::Probing { .. } => None,
        };
        self.breakers.values().filter_map(until).min()
    }

    /// Probes the kinds whose wait is over. True when the limits changed.
    pub(super) fn probe(&mut self, now: Instant) -> bool {
        let mut changed = false;
        for breaker in self.breakers.values_mut() {
            *breaker = match std::mem::replace(breaker, Breaker::Taking) {
                Breaker::Withdrawn { until, waits, .. } if until <= now => {
                    changed = true;
                    Breaker::Probing { waits }
                }
                other => other,
            };
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(breakers: &Breakers) -> u32 {
        breakers.limits()[0].max_leases
    }

    #[test]
    fn a_kind_is_withdrawn_probed_and_taken_again() {
        let now = Instant::now();
        let mut breakers = Breakers::new(["work"], 4);
        assert_eq!(limit(&breakers), 4);
        assert!(breakers.unavailable("work", now, None));
        // Items that were under way find the same outage: no change.
        assert!(!breakers.unavailable("work", now, None));
        assert!(!breakers.available("work"));
        assert_eq!(limit(&breakers), 0);
        let later = breakers.next_probe().unwrap();
        assert!(breakers.probe(later));
        assert_eq!(limit(&breakers), 1);
        let pause_ends = later + Duration::from_secs(600);
        assert!(breakers.unavailable("work", later, Some(pause_ends)));
        assert_eq!(breakers.next_probe(), Some(pause_ends));
        breakers.paused_until(pause_ends + Duration::from_secs(1));
        assert_eq!(breakers.next_probe(), Some(pause_ends), "it does not last longer for that");
        let pause_ends = later + Duration::from_secs(3);
        breakers.paused_until(pause_ends);
        assert_eq!(breakers.next_probe(), Some(pause_ends), "somebody ended the pause");
        assert!(breakers.probe(pause_ends));
        assert!(breakers.available("work"));
        assert_eq!((limit(&breakers), breakers.next_probe()), (4, None));
    }
}
