//! Hosts that do not answer: each costs a process one wait in a while, and not one for every document of theirs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::download::Error;

/// A host that took so long to fail is left alone for so many times as long: whatever needs it, at most an eleventh of
/// one slot waits for it.
const SHARE: u32 = 10;
/// How long it is left alone.
const LEFT_ALONE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

/// What is known of hosts that failed, official ones and those of `--taxonomies`.
#[derive(Default)]
pub(super) struct Outages {
    failed: Mutex<HashMap<String, Outage>>,
}

struct Outage {
    until: Instant,
    error: Error,
}

impl Outages {
    /// The error of a host that is left alone.
    pub(super) fn of(&self, host: &str, now: Instant) -> Option<Error> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(host).filter(|outage| outage.until > now).map(|outage| outage.error.clone())
    }

    /// A request that began then has failed or been answered now.
    pub(super) fn note(&self, host: &str, error: Option<&Error>, began: Instant, now: Instant) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match error.filter(|error| matches!(error, Error::Unreachable { .. })) {
            Some(error) => {
                let alone = ((now - began) * SHARE).clamp(LEFT_ALONE.0, LEFT_ALONE.1);
                failed.insert(host.to_owned(), Outage { until: now + alone, error: error.clone() });
            }
            None => drop(failed.remove(host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "xbrl.example";

    fn unreachable() -> Error {
        Error::Unreachable {
            url: format!("https://{HOST}/a.xsd"),
            host: HOST.to_owned(),
            cause: "no answer".to_owned(),
        }
    }

    #[test]
    fn a_host_that_kept_us_waiting_is_left_alone_for_much_longer() {
        let (outages, began) = (Outages::default(), Instant::now());
        assert!(outages.of(HOST, began).is_none());
        let failed = began + Duration::from_secs(20);
        outages.note(HOST, Some(&unreachable()), began, failed);
        assert!(outages.of(HOST, failed + Duration::from_secs(199)).is_some());
        assert!(outages.of(HOST, failed + Duration::from_secs(201)).is_none());
        assert!(outages.of("another.example", failed).is_none());
    }

    #[test]
    fn an_answer_ends_an_outage() {
        let (outages, now) = (Outages::default(), Instant::now());
        outages.note(HOST, Some(&unreachable()), now, now);
        assert!(outages.of(HOST, now).is_some());
        outages.note(HOST, None, now, now);
        assert!(outages.of(HOST, now).is_none());
    }
}
