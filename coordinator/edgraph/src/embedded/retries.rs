//! Another attempt at what may succeed later, as the engine gives one to the items of a run.

use std::time::Duration;

use edgraph_shared::failure::{Failure, FailureClass};
use edgraph_shared::model::{Backoff, Budgets};
use edgraph_shared::retry::full_jitter;
use tokio::time::sleep;

/// Tries as often as an item of a run may fail, and waits in between: as long as was asked for, or as the backoff says.
///
/// # Errors
/// The last failure, or the first that no further attempt can help.
pub(super) async fn patiently<T>(
    backoff: Backoff,
    mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let retries = Budgets::default().failures.saturating_sub(1) as usize;
    for wait in full_jitter(backoff.base, backoff.max).take(retries) {
        let failure = match attempt().await {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        let Some(wait) = wait_after(&failure.class, wait) else { return Err(failure) };
        tracing::warn!(cause = %failure, ?wait, "not to be had now, asked for again later");
        sleep(wait).await;
    }
    attempt().await
}

fn wait_after(class: &FailureClass, backoff: Duration) -> Option<Duration> {
    match class {
        FailureClass::Throttled { retry_after } => Some(backoff.max(*retry_after)),
        FailureClass::Transient | FailureClass::Unavailable { .. } => Some(backoff),
        FailureClass::Permanent | FailureClass::Preempted => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn what_may_mend_is_tried_as_often_as_an_item_and_as_late_as_was_asked() {
        let ms = Duration::from_millis;
        let short = Backoff { base: ms(1), max: ms(2) };
        let failures = [
            // The failure, attempts when it stays, and the least that an attempt after it waits.
            (Failure::transient("broken off"), 5, ms(0)),
            (Failure::unavailable("host", "does not answer"), 5, ms(0)),
            (Failure::throttled(ms(20), "slow down"), 5, ms(20)),
            (Failure::permanent("not found"), 1, ms(0)),
            (Failure::preempted("taken away"), 1, ms(0)),
        ];
        for (failure, expected, least) in failures {
            let (start, mut attempts) = (Instant::now(), 0);
            let outcome: Result<(), Failure> = patiently(short, async || {
                attempts += 1;
                Err(failure.clone())
            })
            .await;
            assert_eq!((outcome, attempts), (Err(failure.clone()), expected));
            assert!(start.elapsed() >= least * (expected - 1), "{failure}: {:?}", start.elapsed());

            let mut attempts = 0;
            let outcome = patiently(short, async || {
                attempts += 1;
                if attempts == expected { Ok(attempts) } else { Err(failure.clone()) }
            })
            .await;
            assert_eq!(outcome, Ok(expected), "{failure}");
        }
    }
}
