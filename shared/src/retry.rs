//! How long to wait between attempts: exponential with full jitter, so that a fleet never retries in step.
//!
//! For use with `tokio_retry::Retry`. What is worth retrying is the caller's decision.

use std::time::Duration;

use tokio_retry::strategy::{ExponentialBackoff, jitter};

/// Endless waits; the n-th is a random part of `min(max, base * 2^(n-1))`. Take as many as there are retries.
pub fn full_jitter(base: Duration, max: Duration) -> impl Iterator<Item = Duration> + Send {
    let factor = u64::try_from(base.as_millis()).unwrap_or(u64::MAX).div_ceil(2).max(1);
    ExponentialBackoff::from_millis(2).factor(factor).max_delay(max).map(jitter)
}

/// A period that differs by up to a fifth each time, so that a fleet does not beat in step.
pub fn vary(period: Duration) -> Duration {
    period.mul_f64(0.8) + jitter(period.mul_f64(0.4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_under_a_doubling_cap() {
        let caps = [100, 200, 400, 800, 1_000, 1_000].map(Duration::from_millis);
        let waits = full_jitter(Duration::from_millis(100), Duration::from_secs(1));
        for (wait, cap) in waits.zip(caps) {
            assert!(wait <= cap, "{wait:?} is over {cap:?}");
        }
    }
}
