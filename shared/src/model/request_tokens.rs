//! The fleet's budget of requests to hosts that count them over all machines together.
//!
//! The leader lends tokens, one for each request on the wire. What a worker says is a running total, so that a
//! message that comes twice, or late, changes nothing.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::failure::shortened;

/// The longest pause that a host is believed to want: a typing error in its `Retry-After` must not stop a run, or a
/// fleet, for a day. Longer than the SEC's own blocks, which last ten minutes.
pub const MAX_HOST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Hosts that share one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostFamily {
    /// `sec.gov` and everything below it.
    Sec,
    /// EDGAR's two bases where they are not the SEC's own.
    Mirror,
}

impl HostFamily {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Sec, Self::Mirror];

    /// Its name in messages, keys and status.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sec => "sec.gov",
            Self::Mirror => "mirror",
        }
    }
}

impl fmt::Display for HostFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A family that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no family of hosts that share a limit")]
pub struct UnknownFamily(String);

/// Characters of what is no family that a message shows.
const SHOWN_CHARS: usize = 80;

impl FromStr for HostFamily {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, UnknownFamily> {
        Self::ALL
            .into_iter()
            .find(|family| family.name() == text)
            .ok_or_else(|| UnknownFamily(shortened(text, SHOWN_CHARS)))
    }
}

/// The rules for one family, from the leader.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestTerms {
    /// Which hosts.
    pub family: HostFamily,
    /// Requests per second of the whole fleet; `None` needs no tokens.
    pub per_second: Option<f64>,
    /// From the moment a token is lent until the request's first byte must be sent.
    pub validity: Duration,
}

/// Tokens that the leader lends: each is one request on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestTokens {
    /// For which hosts.
    pub family: HostFamily,
    /// How many.
    pub count: u32,
    /// The newest total that the leader knew when it lent them.
    pub asked: u64,
    /// How long it had known that total by then: so a worker can tell how old a token is by its own clock alone.
    pub waited: Duration,
}

/// A host asked to slow down, in plain words or in disguise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttled {
    /// Which hosts.
    pub family: HostFamily,
    /// What was asked for, and what came instead; at most [`super::MAX_PROGRESS_LEN`] bytes.
    pub cause: String,
    /// As the host said.
    pub retry_after: Option<Duration>,
}

/// No requests for a while, for the whole fleet; of no length where an operator ends a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPause {
    /// Which hosts.
    pub family: HostFamily,
    /// From now.
    pub remaining: Duration,
    /// What was seen.
    pub cause: String,
}

/// How the budget stands, for the status.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestBudget {
    /// Which hosts.
    pub family: HostFamily,
    /// Requests per second of the whole fleet; `None` is no limit.
    pub per_second: Option<f64>,
    /// Tokens that workers wait for.
    pub waiting: u64,
    /// Tokens lent by this leader.
    pub lent: u64,
    /// While paused: until when, milliseconds since the Unix epoch, and why.
    pub paused: Option<(u64, String)>,
}
