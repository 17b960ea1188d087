//! How long items take, by kind: what the scaling signal turns waiting items into seconds with.

use std::collections::BTreeMap;
use std::time::Duration;

/// Mean run times, from grant to completion, by item kind. Recent items weigh more, so that it follows the work.
#[derive(Debug, Default)]
pub(super) struct RunTimes {
    seconds: BTreeMap<String, f64>,
}

impl RunTimes {
    /// The weight of the newest run: about the last ten count.
    const NEWEST: f64 = 0.1;
    /// Kinds remembered: far more than there are handlers.
    const MAX_KINDS: usize = 1_000;
    /// For kinds of which nothing has ended yet.
    const UNKNOWN: Duration = Duration::from_secs(1);

    /// An item of the kind has completed.
    pub(super) fn note(&mut self, kind: &str, ran: Duration) {
        let ran = ran.as_secs_f64();
        if let Some(mean) = self.seconds.get_mut(kind) {
            *mean += (ran - *mean) * Self::NEWEST;
        } else if self.seconds.len() < Self::MAX_KINDS {
            self.seconds.insert(kind.to_owned(), ran);
        }
    }

    /// What so many items of the kind take one after the other.
    pub(super) fn of_many(&self, kind: &str, items: u64) -> Duration {
        let one = self.seconds.get(kind).copied().unwrap_or(Self::UNKNOWN.as_secs_f64());
        Duration::try_from_secs_f64(one * items as f64).unwrap_or(Duration::MAX)
    }
}
