//! The trackers' tests: one conformance suite for all, and what only one outside the process can do.

pub(crate) mod faults;
pub(crate) mod samples;
pub(crate) mod redis_server;
pub(crate) mod conformance;
mod suites;
mod codec;
mod finished;
mod releases;
mod journal;
mod losses;
mod scripts;
mod urls;
mod refusals;
mod encrypted;

use std::future::Future;
use std::time::{Duration, Instant};

/// Waits until `look` gives a value.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    const PATIENCE: Duration = Duration::from_secs(30);
    let started = Instant::now();
    loop {
        if let Some(value) = look().await {
            return value;
        }
        assert!(started.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
