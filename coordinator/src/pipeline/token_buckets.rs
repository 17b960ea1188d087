//! The request tokens: who may ask the SEC next, and whether anybody may. Pure.
//!
//! One bucket for each family of hosts, spaced by the rate, with nothing saved up. A token is lent only while the
//! leader is proven to lead, and not before a leader's predecessor can have lent its last. Rate, slack and validity
//! are chosen together: no second, wherever it begins, sees more than [`LIMIT`] requests on the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use edgraph_shared::model::{
    HostFamily, HostPause, MAX_HOST_PAUSE, RequestBudget, RequestTerms, RequestTokens, Throttled,
};

use super::fleet::SessionId;
use super::time::Millis;

/// What the SEC allows in any second.
const LIMIT: f64 = 10.0;
/// The most the SEC is ever asked per second, whatever the configuration says: blocks have been reported at 9.7.
pub const MAX_SEC_RATE: f64 = 9.5;
/// The rate when nobody says otherwise.
pub const DEFAULT_RATE: f64 = 8.0;
/// The longest time from lending a token to the request's first byte: enough for a network and a busy worker.
const MAX_VALIDITY: Duration = Duration::from_millis(150);
/// How much of a late tick is made up for: after a token that was lent late, the next one follows sooner by so much at
/// the most.
const MAX_SLACK: Duration = Duration::from_millis(100);
/// The first pause when a host does not say how long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest such pause: the SEC's blocks last ten minutes after the last offence.
const MAX_PAUSE: Duration = Duration::from_secs(10 * 60);
/// Enough to reach [`MAX_PAUSE`].
const MAX_DOUBLINGS: u32 = 10;
/// Tokens that one worker may wait for: many times its slots, and nothing that a mistaken total could spoil.
const MAX_OWED: u64 = 10_000;

/// How requests are limited, and who asks.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRules {
    /// Requests per second to EDGAR; `None` is no limit, and never holds for the SEC's own hosts.
    pub per_second: Option<f64>,
    /// Who asks, as the `User-Agent` header says it; may be empty.
    pub user_agent: String,
}

impl Default for RequestRules {
    fn default() -> Self {
        Self { per_second: Some(DEFAULT_RATE), user_agent: String::new() }
    }
}

impl RequestRules {
    fn rate(&self, family: HostFamily) -> Option<f64> {
        match (family, self.per_second) {
            (HostFamily::Mirror, rate) => rate,
            (HostFamily::Sec, Some(rate)) if rate <= MAX_SEC_RATE => Some(rate),
            (HostFamily::Sec, _) => Some(DEFAULT_RATE),
        }
    }
}

/// A pause as the tracker keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPause {
    /// Which hosts.
    pub family: HostFamily,
    /// By the wall clock of the leader that wrote it.
    pub until: Millis,
    /// Pauses since the last good answer; none where an operator ended this one.
    pub strikes: u32,
    /// What was seen, or who ended it.
    pub cause: String,
}

impl KeptPause {
    /// Whether it only says that a pause is over. Whatever the clocks say: nobody waits for it.
    pub fn is_lifted(&self) -> bool {
        self.strikes == 0
    }
}

/// All buckets.
#[derive(Debug)]
pub struct TokenBuckets {
    rules: RequestRules,
    buckets: BTreeMap<HostFamily, Bucket>,
    /// Nobody else can lead before that.
    proven_until: Millis,
    /// Another leader may have lent until then.
    not_before: Millis,
}

#[derive(Debug, Default)]
struct Bucket {
    /// Between two tokens; `None` is no limit.
    interval: Option<f64>,
    slack: f64,
    /// When the next token may be lent, in ms.
    next: f64,
    asks: BTreeMap<SessionId, Ask>,
    /// Those that are owed something.
    waiting: BTreeSet<SessionId>,
    /// Since when somebody waits. Time before that counts for nothing: tokens that nobody asked for are not saved up.
    hungry: Option<Millis>,
    /// Whose turn was last.
    last: Option<SessionId>,
    lent: u64,
    pause: Option<Pause>,
    strikes: u32,
}

/// What one worker has asked for on its stream.
#[derive(Debug)]
struct Ask {
    asked: u64,
    /// When `asked` was last raised.
    since: Millis,
    lent: u64,
}

impl Ask {
    fn owed(&self) -> u64 {
        self.asked.saturating_sub(self.lent)
    }
}

#[derive(Debug)]
struct Pause {
    until: Millis,
    cause: String,
    /// The tracker has it.
    is_kept: bool,
    /// An operator ended it then, which the tracker does not have yet.
    lifted: Option<Millis>,
}

impl TokenBuckets {
    /// Buckets by these rules. Nothing is lent before the lead is proven.
    pub fn new(rules: RequestRules) -> Self {
        let bucket = |family: HostFamily| {
            let rate = rules.rate(family);
            let interval = rate.map(|rate| 1_000.0 / rate);
            let slack = rate.map_or(0.0, |rate| timing(rate).1.as_secs_f64() * 1_000.0);
            (family, Bucket { interval, slack, ..Bucket::default() })
        };
        let buckets = HostFamily::ALL.map(bucket).into();
        Self { rules, buckets, proven_until: Millis::ZERO, not_before: Millis::ZERO }
    }

    /// Takes over from another leader: its pauses go on, and nothing is lent before `not_before`.
    pub fn take_over(&mut self, kept: Vec<KeptPause>, not_before: Millis, now: Millis) {
        self.not_before = not_before;
        for KeptPause { family, until, strikes, cause } in kept.into_iter().filter(|kept| !kept.is_lifted()) {
            let Some(bucket) = self.buckets.get_mut(&family) else { continue };
            // Another machine's clock may be wrong: no pause is longer than any that is ever begun.
            let until = until.min(now.plus(MAX_HOST_PAUSE));
            bucket.strikes = strikes;
            bucket.pause = Some(Pause { until, cause, is_kept: true, lifted: None });
        }
    }

    /// The rules as workers hear them.
    pub fn terms(&self) -> Vec<RequestTerms> {
        let terms = |family: HostFamily| {
            let per_second = self.rules.rate(family);
            RequestTerms {
                family,
                per_second,
                validity: per_second.map_or(MAX_VALIDITY, |rate| timing(rate).0),
            }
        };
        HostFamily::ALL.map(terms).into()
    }

    /// Who asks.
    pub fn user_agent(&self) -> &str {
        &self.rules.user_agent
    }

    /// Until when nobody else can lead; and from when on nobody else can lend, where another may have led meanwhile.
    pub fn prove(&mut self, until: Millis, alone_from: Option<Millis>) {
        self.proven_until = self.proven_until.max(until);
        self.not_before = self.not_before.max(alone_from.unwrap_or(Millis::ZERO));
    }

    /// A worker wants more. Totals only rise; what it says twice changes nothing.
    pub fn demand(&mut self, session: SessionId, family: HostFamily, asked: u64, answered: u32, now: Millis) {
        let Some(bucket) = self.buckets.get_mut(&family) else { return };
        if answered > 0 && bucket.paused(now).is_none() {
            bucket.strikes = 0;
        }
        let ask = bucket.asks.entry(session).or_insert(Ask { asked: 0, since: now, lent: 0 });
        let asked = asked.min(ask.lent + MAX_OWED);
        if asked > ask.asked {
            (ask.asked, ask.since) = (asked, now);
            bucket.waiting.insert(session);
            bucket.hungry.get_or_insert(now);
        }
    }

    /// A worker's stream is gone, and with it what it asked for.
    pub fn forget(&mut self, session: SessionId) {
        for bucket in self.buckets.values_mut() {
            bucket.asks.remove(&session);
            bucket.waiting.remove(&session);
        }
    }

    /// A host asked to slow down. Returns what is to be kept; `None` when nothing new is known.
    pub fn throttled(&mut self, said: &Throttled, now: Millis) -> Option<KeptPause> {
        let bucket = self.buckets.get_mut(&said.family)?;
        // A `Retry-After` of zero is treated as none.
        let asked = said.retry_after.filter(|asked| !asked.is_zero()).map(|asked| asked.min(MAX_HOST_PAUSE));
        // A second refusal during a pause answers a request that was sent before it: it is not counted as another strike.
        let running = bucket.paused(now).map(|pause| pause.until);
        if running.is_none() {
            bucket.strikes = bucket.strikes.saturating_add(1);
        } else if asked.is_none_or(|asked| running >= Some(now.plus(asked))) {
            return None;
        }
        let doublings = bucket.strikes.saturating_sub(1).min(MAX_DOUBLINGS);
        let wait = asked.unwrap_or_else(|| FIRST_PAUSE.saturating_mul(1 << doublings).min(MAX_PAUSE));
        let until = now.plus(wait);
        bucket.pause = Some(Pause { until, cause: said.cause.clone(), is_kept: false, lifted: None });
        Some(KeptPause { family: said.family, until, strikes: bucket.strikes, cause: said.cause.clone() })
    }

    /// An operator ends a pause. Returns what is to be kept, and what ends then: until it is kept, the pause goes on.
    pub fn lift(&mut self, family: HostFamily, by: &str, now: Millis) -> Option<(KeptPause, HostPause)> {
        let pause = self.buckets.get_mut(&family)?.pause.as_mut().filter(|pause| pause.until > now)?;
        pause.lifted = Some(now);
        let ends = HostPause { family, remaining: pause.until.since(now), cause: pause.cause.clone() };
        Some((KeptPause { family, until: now, strikes: 0, cause: format!("lifted by {by}") }, ends))
    }

    /// The tracker has kept a pause, or the end of one. Returns it, for everybody to hear; nothing where a newer one is
    /// on its way to the tracker.
    pub fn kept(&mut self, kept: &KeptPause, now: Millis) -> Option<HostPause> {
        let family = kept.family;
        let bucket = self.buckets.get_mut(&family)?;
        if kept.is_lifted() {
            bucket.pause.take_if(|pause| pause.lifted == Some(kept.until))?;
            bucket.strikes = 0;
            return Some(HostPause { family, remaining: Duration::ZERO, cause: kept.cause.clone() });
        }
        let pause = bucket.pause.as_mut().filter(|pause| pause.until == kept.until)?;
        pause.is_kept = true;
        self.pause(family, now)
    }

    /// The pause of a family, once it is kept.
    pub fn pause(&self, family: HostFamily, now: Millis) -> Option<HostPause> {
        let pause = self.buckets.get(&family)?.paused(now).filter(|pause| pause.is_kept)?;
        Some(HostPause { family, remaining: pause.until.since(now), cause: pause.cause.clone() })
    }

    /// The tokens that are due.
    pub fn lend(&mut self, now: Millis) -> Vec<(SessionId, RequestTokens)> {
        if now >= self.proven_until {
            return Vec::new();
        }
        let not_before = self.not_before;
        let due = self.buckets.iter_mut().flat_map(|(family, bucket)| {
            // At the SEC's limit or above, the hosts are a mirror's: there the tokens of the leader before need not be
            // waited out.
            let is_early =
                bucket.interval.is_some_and(|interval| interval > 1_000.0 / LIMIT) && now < not_before;
            let mut tokens: BTreeMap<SessionId, RequestTokens> = BTreeMap::new();
            while let Some((session, ask)) = (!is_early).then(|| bucket.take_turn(now)).flatten() {
                let token = tokens.entry(session).or_insert(RequestTokens {
                    family: *family,
                    count: 0,
                    asked: ask.0,
                    waited: now.since(ask.1),
                });
                token.count += 1;
            }
            tokens
        });
        due.collect()
    }

    /// How the budgets stand that anybody has asked of.
    pub fn budgets(&self, now: Millis) -> Vec<RequestBudget> {
        let budget = |(family, bucket): (&HostFamily, &Bucket)| RequestBudget {
            family: *family,
            per_second: self.rules.rate(*family),
            waiting: bucket.waiting.iter().map(|session| bucket.asks[session].owed()).sum(),
            lent: bucket.lent,
            paused: bucket.paused(now).map(|pause| (pause.until.0, pause.cause.clone())),
        };
        let budgets = self.buckets.iter().map(budget);
        budgets.filter(|budget| budget.waiting > 0 || budget.lent > 0 || budget.paused.is_some()).collect()
    }
}

impl Bucket {
    fn paused(&self, now: Millis) -> Option<&Pause> {
        self.pause.as_ref().filter(|pause| pause.until > now)
    }

    /// Lends one token, if one is due: to the next worker in turn. Returns what the worker had asked for, and when.
    fn take_turn(&mut self, now: Millis) -> Option<(SessionId, (u64, Millis))> {
        let (interval, at) = (self.interval?, now.0 as f64);
        if self.next > at || self.paused(now).is_some() {
            return None;
        }
        let after = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let later = self.waiting.range((after, Bound::Unbounded)).next();
        let Some(session) = later.or_else(|| self.waiting.first()).copied() else {
            self.hungry = None;
            return None;
        };
        let ask = self.asks.get_mut(&session)?;
        ask.lent += 1;
        if ask.owed() == 0 {
            self.waiting.remove(&session);
        }
        self.lent += 1;
        self.last = Some(session);
        let hungry = self.hungry.map_or(at, |since| since.0 as f64);
        self.next = self.next.max(at - self.slack).max(hungry) + interval;
        Some((session, (ask.asked, ask.since)))
    }
}

/// The validity of a token at this rate, and how much of a delay is made up for: together they leave room for no
/// eleventh request, `rate × (1 s + validity + slack) < LIMIT`.
fn timing(rate: f64) -> (Duration, Duration) {
    if rate > MAX_SEC_RATE {
        // Such a rate is only ever given for a mirror, so the SEC's limit does not apply.
        return (MAX_VALIDITY, MAX_SLACK);
    }
    let room = LIMIT / rate - 1.0;
    let part = |share: f64, most: Duration| Duration::from_secs_f64(room * share).min(most);
    (part(0.58, MAX_VALIDITY), part(0.4, MAX_SLACK))
}

#[cfg(test)]
mod tests;
