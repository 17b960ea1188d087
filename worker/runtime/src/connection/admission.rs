//! A worker that is not taken in: how long it asks again, and when it gives up.

use std::time::Duration;

use tokio::time::Instant;

/// A worker asks again so many times within the time that the coordinator gives.
const ATTEMPTS: u32 = 16;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Admission {
    /// When the first and the last refusal since the last welcome came.
    refused: Option<(Instant, Instant)>,
}

impl Admission {
    pub(super) fn welcomed(&mut self) {
        self.refused = None;
    }

    /// How long to wait before it is worth asking again. `None` where nothing will change by itself, or has not in time.
    pub(super) fn refused(&mut self, try_for: Option<Duration>, now: Instant) -> Option<Duration> {
        let try_for = try_for?;
        // After a silence, as of a coordinator that was away, it is another story.
        let lasts = |(_, last): &(Instant, Instant)| now.duration_since(*last) < try_for;
        let (since, _) = self.refused.filter(lasts).unwrap_or((now, now));
        self.refused = Some((since, now));
        (now.duration_since(since) < try_for).then(|| try_for / ATTEMPTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_again_for_as_long_as_it_is_worth_it() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut admission = Admission::default();
        let asked =
            |admission: &mut Admission, at: u32| admission.refused(Some(16 * second), start + at * second);
        assert_eq!(
            [0, 8, 15, 16].map(|at| asked(&mut admission, at)),
            [Some(second), Some(second), Some(second), None]
        );
        admission.welcomed();
        assert_eq!([20, 35, 36].map(|at| asked(&mut admission, at)), [Some(second), Some(second), None]);
        assert_eq!(asked(&mut admission, 60), Some(second), "long after the last one");
        assert_eq!(admission.refused(None, start), None);
    }
}
