//! How long nothing is asked of a host that wants to be left alone.

use std::time::Duration;

use tokio::time::Instant;

/// The longest pause that a request sits out; for longer ones it fails and frees its slot.
pub const MAX_PAUSE_WAITED: Duration = Duration::from_secs(30);
/// The first pause when a host does not say how long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest such pause: the SEC's blocks last ten minutes after the last offence.
const MAX_PAUSE: Duration = Duration::from_secs(10 * 60);
/// Enough to reach [`MAX_PAUSE`].
const MAX_DOUBLINGS: u32 = 10;

/// Until when nothing is asked, and how often that was so since the last good answer.
#[derive(Debug, Default)]
pub struct Pause {
    until: Option<Instant>,
    strikes: u32,
}

impl Pause {
    /// Begins one, for as long as the host asked or for twice as long as the last time; gives its length.
    pub fn begin(&mut self, asked: Option<Duration>, now: Instant) -> Duration {
        // Answers to requests that were on the way already are not a further offence.
        if self.end(now).is_none() {
            self.strikes += 1;
        }
        let doublings = self.strikes.saturating_sub(1).min(MAX_DOUBLINGS);
        let wait = asked.unwrap_or_else(|| FIRST_PAUSE.saturating_mul(1 << doublings).min(MAX_PAUSE));
        self.until = self.until.max(Some(now + wait));
        wait
    }

    /// Ends it then, whatever was known before.
    pub fn set(&mut self, until: Instant) {
        self.until = Some(until);
    }

    /// Notes a good answer; whether it is the first after a pause.
    pub fn forget(&mut self) -> bool {
        std::mem::take(&mut self.strikes) > 0
    }

    /// When it is over; `None` when it is.
    pub fn end(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_with_every_offence_until_a_good_answer() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let seconds = Duration::from_secs;
        let mut pause = Pause::default();
        assert_eq!(pause.begin(None, at(0)), seconds(1));
        assert_eq!(pause.begin(None, at(0)), seconds(1), "it was on the way already");
        assert_eq!(pause.begin(None, at(2)), seconds(2));
        assert_eq!(pause.begin(None, at(5)), seconds(4));
        assert_eq!(pause.begin(Some(seconds(60)), at(10)), seconds(60));
        assert_eq!(pause.begin(None, at(11)), seconds(8), "a shorter wish does not shorten the pause");
        assert_eq!((pause.end(at(69)), pause.end(at(70))), (Some(at(70)), None));
        pause.strikes = 0;
        assert_eq!(pause.begin(None, at(100)), seconds(1));
        pause.strikes = 1_000;
        assert_eq!(pause.begin(None, at(200)), MAX_PAUSE);
    }
}
