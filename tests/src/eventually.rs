//! Bounded waiting for a condition, so that no test sleeps for a guessed time.
//!
//! A test says what it waits for; when the bound passes, the panic says so too. The pauses between two looks are
//! short and grow, since some conditions (a child process, a file) announce nothing.

use std::future::Future;
use std::time::{Duration, Instant};

/// The pause after the first look; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(2);
/// Long enough to leave the two cores to the system under test, short enough not to be felt.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Waits until `look` gives a value and returns it.
///
/// # Panics
/// When `within` passes first; the message names `what`.
pub async fn eventually<T, F, Fut>(what: &str, within: Duration, mut look: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let mut pauses = Pauses::start(within);
    loop {
        if let Some(value) = look().await {
            return value;
        }
        tokio::time::sleep(pauses.next_or_panic(what)).await;
    }
}

/// Waits until `holds` is true; otherwise like [`eventually`].
///
/// # Panics
/// When `within` passes first; the message names `what`.
pub async fn eventually_true(what: &str, within: Duration, mut holds: impl FnMut() -> bool) {
    eventually(what, within, || std::future::ready(holds().then_some(()))).await;
}

/// [`eventually`] for tests without a runtime.
///
/// # Panics
/// When `within` passes first; the message names `what`.
pub fn eventually_blocking<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let mut pauses = Pauses::start(within);
    loop {
        if let Some(value) = look() {
            return value;
        }
        std::thread::sleep(pauses.next_or_panic(what));
    }
}

struct Pauses {
    started: Instant,
    within: Duration,
    next: Duration,
}

impl Pauses {
    fn start(within: Duration) -> Self {
        Self { started: Instant::now(), within, next: FIRST_PAUSE }
    }

    /// The next pause, cut to the bound so that the last look happens at it.
    fn next_or_panic(&mut self, what: &str) -> Duration {
        let left = self.within.saturating_sub(self.started.elapsed());
        assert!(!left.is_zero(), "waited {:?} in vain for: {what}", self.within);
        let pause = self.next.min(left);
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_value_as_soon_as_it_is_there() {
        let mut looks = 0;
        let value = eventually_blocking("the third look", Duration::from_secs(5), || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(value, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain for: a number that never comes")]
    async fn says_what_it_waited_for() {
        let never = || std::future::ready(None::<u8>);
        eventually("a number that never comes", Duration::from_millis(5), never).await;
    }

    #[tokio::test]
    async fn a_condition_that_holds_costs_one_look() {
        let mut looks = 0;
        eventually_true("at once", Duration::ZERO, || {
            looks += 1;
            true
        })
        .await;
        assert_eq!(looks, 1);
    }
}
