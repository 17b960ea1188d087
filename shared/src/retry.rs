//! How long to wait between attempts: exponential with full jitter, so that a fleet never retries in step.
//!
//! For use with `tokio_retry::Retry`, and [`until_it_can`] for what a process cannot begin without. What is worth retrying is the caller's decision.

use std::fmt::Display;
use std::future::Future;
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

/// The first wait of [`until_it_can`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Its longest wait: a person who has put right what was wrong sees it go on.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Tries until it works, or fails for a reason that `may_pass` says no of. Each new reason to wait is a warning.
///
/// # Errors
/// The first that does not pass.
pub async fn until_it_can<T, E: Display, F: Future<Output = Result<T, E>>>(
    what: &str,
    mut attempt: impl FnMut() -> F,
    may_pass: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let mut waits = full_jitter(FIRST_WAIT, LONGEST_WAIT);
    let mut said = String::new();
    loop {
        let error = match attempt().await {
            Err(error) if may_pass(&error) => error.to_string(),
            ended => return ended,
        };
        if error != said {
            tracing::warn!(reason = error, "{what} is waited for");
            said = error;
        }
        tokio::time::sleep(waits.next().unwrap_or(LONGEST_WAIT)).await;
    }
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

    #[tokio::test]
    async fn what_may_pass_is_waited_for_and_nothing_else() {
        let mut left = 2;
        let done = until_it_can(
            "a test",
            || {
                left -= 1;
                std::future::ready(if left > 0 { Err(left) } else { Ok("done") })
            },
            |error| *error != 0,
        );
        assert_eq!(done.await, Ok("done"));
        let failed: Result<(), i32> =
            until_it_can("a test", || std::future::ready(Err(7)), |error| *error != 7).await;
        assert_eq!(failed, Err(7));
    }
}
