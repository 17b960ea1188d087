//! The turnstile that every request passes: spaced, closed for a while when a host asks for it.
//!
//! In a fleet every turn is a token of the coordinator's ([`Desk`]). A process that is alone with its hosts limits
//! itself: a fair queue stands before the limiter, so no request starves, and nothing is saved up.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edgraph_shared::model::HostFamily;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep_until};

use edgraph_runtime::desk::{Desk, NO_DEADLINE};
use edgraph_runtime::pause::{MAX_PAUSE_WAITED, Pause};

/// The slowest rate: one request in ten minutes. Beyond it, a mistyped value looks like a hang.
const MIN_PER_SECOND: f64 = 1.0 / 600.0;
/// The fastest rate; whoever wants more says `off`.
const MAX_PER_SECOND: f64 = 10_000.0;

/// Requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// So many, evenly spaced.
    PerSecond(f64),
    /// No limit: for mirrors.
    Off,
}

impl Rate {
    /// Requests per second; `None` is no limit.
    pub fn per_second(self) -> Option<f64> {
        match self {
            Self::PerSecond(rate) => Some(rate),
            Self::Off => None,
        }
    }
}

impl Default for Rate {
    /// The SEC allows ten; blocks have been reported just under it.
    fn default() -> Self {
        Self::PerSecond(8.0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerSecond(rate) => write!(f, "{rate}/s"),
            Self::Off => f.write_str("off"),
        }
    }
}

/// A text that is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rate: expected requests per second, such as 8, or `off`")]
pub struct BadRate(String);

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        if text.eq_ignore_ascii_case("off") {
            return Ok(Self::Off);
        }
        match text.parse() {
            Ok(rate) if (MIN_PER_SECOND..=MAX_PER_SECOND).contains(&rate) => Ok(Self::PerSecond(rate)),
            _ => Err(BadRate(text.to_owned())),
        }
    }
}

/// The turnstile of one family of hosts. Clones share it.
#[derive(Clone)]
pub struct Turnstile {
    supply: Supply,
}

/// Where turns come from.
#[derive(Clone)]
enum Supply {
    /// A limiter of this process.
    Own(Arc<Own>),
    /// The coordinator, for the whole fleet.
    Lent { desk: Desk, family: HostFamily },
}

struct Own {
    limiter: Option<DefaultDirectRateLimiter>,
    queue: tokio::sync::Mutex<()>,
    pause: Mutex<Pause>,
}

/// A request's turn. Among requests of one limiter, the next one's comes when it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    /// By when the first byte must be sent.
    pub(super) deadline: Instant,
    _place: Option<MutexGuard<'a, ()>>,
}

impl fmt::Debug for Turnstile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let supply = match &self.supply {
            Supply::Own(own) if own.limiter.is_some() => "own limiter",
            Supply::Own(_) => "no limit",
            Supply::Lent { .. } => "lent tokens",
        };
        f.debug_tuple("Turnstile").field(&supply).finish()
    }
}

impl Turnstile {
    /// A turnstile for this rate, kept by this process alone.
    pub fn new(rate: Rate) -> Self {
        let limiter = match rate {
            Rate::Off => None,
            Rate::PerSecond(rate) => {
                let interval = Duration::from_secs_f64(1.0 / rate.clamp(MIN_PER_SECOND, MAX_PER_SECOND));
                let quota = Quota::with_period(interval).expect("the clamped interval is not zero");
                Some(RateLimiter::direct(quota.allow_burst(NonZeroU32::MIN)))
            }
        };
        let own = Own { limiter, queue: tokio::sync::Mutex::default(), pause: Mutex::default() };
        Self { supply: Supply::Own(Arc::new(own)) }
    }

    /// A turnstile that asks the coordinator for every turn.
    pub fn lent(desk: Desk, family: HostFamily) -> Self {
        Self { supply: Supply::Lent { desk, family } }
    }

    /// The turnstile for another family of hosts; where this process limits itself, the same one.
    pub fn of(&self, family: HostFamily) -> Self {
        match &self.supply {
            Supply::Own(_) => self.clone(),
            Supply::Lent { desk, .. } => Self::lent(desk.clone(), family),
        }
    }

    /// Whether the coordinator lends the turns.
    pub fn is_lent(&self) -> bool {
        matches!(self.supply, Supply::Lent { .. })
    }

    /// Who asks, as the coordinator says, where it lends the turns and was told.
    pub(super) fn agent(&self) -> Option<String> {
        match &self.supply {
            Supply::Own(_) => None,
            Supply::Lent { desk, .. } => Some(desk.agent()).filter(|agent| !agent.is_empty()),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// The rest of the pause, when it is too long to sit out.
    pub(super) async fn pass(&self) -> Result<Turn<'_>, Duration> {
        match &self.supply {
            Supply::Own(own) => own.pass().await,
            Supply::Lent { desk, family } => {
                let deadline = desk.pass(*family).await?;
                Ok(Turn { deadline, _place: None })
            }
        }
    }

    /// Closes the turnstile as long as the host asked, or twice as long as the last time. Returns for how long.
    pub(super) fn pause(&self, cause: String, asked: Option<Duration>) -> Duration {
        match &self.supply {
            Supply::Own(own) => own.lock().begin(asked, Instant::now()),
            Supply::Lent { desk, family } => desk.throttled(*family, cause, asked),
        }
    }

    /// Notes a good answer: the next pause starts small again.
    pub(super) fn answered(&self) {
        match &self.supply {
            Supply::Own(own) => {
                own.lock().forget();
            }
            Supply::Lent { desk, family } => desk.answered(*family),
        }
    }
}

impl Own {
    async fn pass(&self) -> Result<Turn<'_>, Duration> {
        let place = match &self.limiter {
            Some(_) => Some(self.queue.lock().await),
            None => None,
        };
        loop {
            if let Some(until) = self.paused_until() {
                let rest = until.saturating_duration_since(Instant::now());
                if rest > MAX_PAUSE_WAITED {
                    return Err(rest);
                }
                sleep_until(until).await;
            }
            if let Some(limiter) = &self.limiter {
                limiter.until_ready().await;
            }
            // A pause may have begun meanwhile.
            if self.paused_until().is_none() {
                return Ok(Turn { deadline: Instant::now() + NO_DEADLINE, _place: place });
            }
        }
    }

    fn paused_until(&self) -> Option<Instant> {
        self.lock().end(Instant::now())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_within_bounds() {
        let cases = [
            ("8", Some(Rate::PerSecond(8.0))),
            ("0.5", Some(Rate::PerSecond(0.5))),
            ("off", Some(Rate::Off)),
            ("OFF", Some(Rate::Off)),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("8/s", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse().ok(), expected, "{text:?}");
        }
    }

    #[tokio::test]
    async fn turns_are_one_interval_apart_and_never_saved_up() {
        let turnstile = Turnstile::new(Rate::PerSecond(50.0));
        drop(turnstile.pass().await);
        let start = std::time::Instant::now();
        let turns = (0..5).map(|_| async { drop(turnstile.pass().await) });
        futures::future::join_all(turns).await;
        assert!(start.elapsed() >= Duration::from_millis(99), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn a_long_pause_is_not_sat_out() {
        let turnstile = Turnstile::new(Rate::Off);
        turnstile.pause("told to".into(), Some(Duration::from_secs(60)));
        assert!(turnstile.pass().await.is_err_and(|rest| rest > Duration::from_secs(50)));
    }
}
