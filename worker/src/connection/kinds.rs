//! Which kinds this worker takes right now: a kind whose dependency is down is withdrawn, then probed with one item.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::model::KindLimit;
use edgraph_shared::retry;
use tokio::time::Instant;

/// Waits between probes: a short outage costs little, a long one is not hammered at.
const PROBE_WAIT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

type Waits = Box<dyn Iterator<Item = Duration> + Send>;

enum Gate {
    Open,
    /// Takes nothing until then.
    Closed {
        until: Instant,
        waits: Waits,
    },
    /// Takes one item at a time; its outcome decides.
    Probing {
        waits: Waits,
    },
}

/// All kinds this worker has handlers for.
pub(super) struct Kinds {
    slots: u32,
    gates: BTreeMap<&'static str, Gate>,
}

impl Kinds {
    pub(super) fn new(kinds: impl IntoIterator<Item = &'static str>, slots: u32) -> Self {
        Self { slots, gates: kinds.into_iter().map(|kind| (kind, Gate::Open)).collect() }
    }

    /// The limits to tell the coordinator.
    pub(super) fn limits(&self) -> Vec<KindLimit> {
        let limit = |(kind, gate): (&&str, &Gate)| KindLimit {
            kind: (*kind).to_owned(),
            max_leases: match gate {
                Gate::Open => self.slots,
                Gate::Closed { .. } => 0,
                Gate::Probing { .. } => 1,
            },
        };
        self.gates.iter().map(limit).collect()
    }

    /// An item found its dependency down; it is probed when `paused_until` is known to be over, or after a wait. True
    /// when the limits changed.
    pub(super) fn unavailable(&mut self, kind: &str, now: Instant, paused_until: Option<Instant>) -> bool {
        let Some(gate) = self.gates.get_mut(kind) else { return false };
        let mut waits: Waits = match std::mem::replace(gate, Gate::Open) {
            Gate::Open => Box::new(retry::full_jitter(PROBE_WAIT.0, PROBE_WAIT.1)),
            Gate::Probing { waits } => waits,
            closed @ Gate::Closed { .. } => {
                *gate = closed;
                return false;
            }
        };
        let wait = waits.next().unwrap_or(PROBE_WAIT.1);
        *gate = Gate::Closed { until: paused_until.unwrap_or(now + wait), waits };
        true
    }

    /// An item ended otherwise: its dependency answers. True when the limits changed.
    pub(super) fn available(&mut self, kind: &str) -> bool {
        match self.gates.get_mut(kind) {
            Some(gate @ Gate::Probing { .. }) => {
                *gate = Gate::Open;
                true
            }
            _ => false,
        }
    }

    /// When the next withdrawn kind is to be probed.
    pub(super) fn next_probe(&self) -> Option<Instant> {
        let until = |gate: &Gate| match gate {
            Gate::Closed { until, .. } => Some(*until),
            Gate::Open | Gate::Probing { .. } => None,
        };
        self.gates.values().filter_map(until).min()
    }

    /// Probes the kinds whose wait is over. True when the limits changed.
    pub(super) fn probe(&mut self, now: Instant) -> bool {
        let mut changed = false;
        for gate in self.gates.values_mut() {
            *gate = match std::mem::replace(gate, Gate::Open) {
                Gate::Closed { until, waits } if until <= now => {
                    changed = true;
                    Gate::Probing { waits }
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

    fn limit(kinds: &Kinds) -> u32 {
        kinds.limits()[0].max_leases
    }

    #[test]
    fn a_kind_is_withdrawn_probed_and_taken_again() {
        let now = Instant::now();
        let mut kinds = Kinds::new(["work"], 4);
        assert_eq!(limit(&kinds), 4);
        assert!(kinds.unavailable("work", now, None));
        // Items that were under way find the same outage: no change.
        assert!(!kinds.unavailable("work", now, None));
        assert!(!kinds.available("work"));
        assert_eq!(limit(&kinds), 0);
        let later = kinds.next_probe().unwrap();
        assert!(kinds.probe(later));
        assert_eq!(limit(&kinds), 1);
        let pause_ends = later + Duration::from_secs(600);
        assert!(kinds.unavailable("work", later, Some(pause_ends)));
        assert_eq!(kinds.next_probe(), Some(pause_ends));
        assert!(kinds.probe(pause_ends));
        assert!(kinds.available("work"));
        assert_eq!((limit(&kinds), kinds.next_probe()), (4, None));
    }
}
