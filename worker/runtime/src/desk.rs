//! Request tokens on this worker's side: those who wait for a turn, and the connection that asks for turns.
//!
//! ```text
//! Turnstile::pass ──▶ Desk ──▶ connection ══ RequestDemand ══▶ leader
//!            ◀──      ◀──            ◀═ RequestTokens ═══
//! ```
//! A token is used before its time is over or not at all: then it is asked for again. Its age is told by this
//! process's clock alone, from when the demand was sent that it answers; so a message that was held up somewhere, a
//! process that was stopped or a clock that is wrong cannot make an old token look new.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use edgraph_shared::model::{
    HostFamily, HostPause, MAX_PROGRESS_LEN, RequestTerms, RequestTokens, Throttled, WorkerMessage,
};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::pause::{MAX_PAUSE_WAITED, Pause};

/// How long a turn is good where no token is needed: longer than any request waits to be sent.
pub const NO_DEADLINE: Duration = Duration::from_secs(24 * 3_600);
/// Slow-downs of one family that wait for an answer: the newest says what the others say.
const MAX_SLOW_DOWNS: usize = 4;
/// After so many tokens that came too late, one after the other, it is said aloud: nothing is downloaded meanwhile.
const LATE_TOKENS_SAID: u32 = 20;

/// Cheap to clone; clones are one.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
    /// The leader has said how long a pause is: those who sit it out look again.
    told: Notify,
}

#[derive(Debug, Default)]
struct State {
    lines: BTreeMap<HostFamily, Line>,
    agent: String,
}

/// Those who wait to ask one family of hosts.
#[derive(Debug, Default)]
struct Line {
    /// Known while a stream is open.
    terms: Option<RequestTerms>,
    waiting: VecDeque<oneshot::Sender<Instant>>,
    /// Tokens asked for on this stream, those of them that came, and those that the coordinator was told of.
    asked: u64,
    lent: u64,
    told: u64,
    /// When each total was told.
    sent: BTreeMap<u64, Instant>,
    answered: u32,
    /// Tokens in a row that came too late.
    late: u32,
    pause: Pause,
    /// Not answered by a pause of the whole fleet yet.
    slow_downs: Vec<SlowDown>,
}

/// What a host said when it asked to slow down.
#[derive(Debug)]
struct SlowDown {
    said: Throttled,
    /// When what it asked for is over, or what is assumed where it did not say.
    until: Instant,
    /// On this stream.
    is_told: bool,
}

impl SlowDown {
    /// What is left of it now.
    fn rest(&self, now: Instant) -> Throttled {
        let retry_after = self.said.retry_after.map(|_| self.until.saturating_duration_since(now));
        Throttled { retry_after, ..self.said.clone() }
    }
}

enum Wait {
    Pause(Instant),
    Token(oneshot::Receiver<Instant>),
}

impl Desk {
    /// Waits for a turn; returns by when the request's first byte must be sent.
    ///
    /// # Errors
    /// The rest of the pause, when it is too long to sit out.
    pub async fn pass(&self, family: HostFamily) -> Result<Instant, Duration> {
        loop {
            // Made before the pause is looked at, so that nothing told in between is missed.
            let told = self.inner.told.notified();
            match self.wait_for(family)? {
                Wait::Pause(until) => tokio::select! {
                    () = sleep_until(until) => {}
                    () = told => {}
                },
                Wait::Token(token) => {
                    self.inner.changed.notify_one();
                    // A pause empties the line: then there is no token.
                    let Ok(deadline) = token.await else { continue };
                    let now = Instant::now();
                    if deadline > now && self.with(family, |line| line.pause.end(now).is_none()) {
                        return Ok(deadline);
                    }
                }
            }
        }
    }

    fn wait_for(&self, family: HostFamily) -> Result<Wait, Duration> {
        let now = Instant::now();
        self.with(family, |line| {
            if let Some(until) = line.pause.end(now) {
                let rest = until - now;
                return if rest > MAX_PAUSE_WAITED { Err(rest) } else { Ok(Wait::Pause(until)) };
            }
            let (sender, receiver) = oneshot::channel();
            line.waiting.push_back(sender);
            line.serve(now);
            Ok(Wait::Token(receiver))
        })
    }

    /// A host asked to slow down: nobody here asks it until the leader says how long. Returns what is assumed until
    /// then.
    pub fn throttled(
        &self,
        family: HostFamily,
        mut cause: String,
        retry_after: Option<Duration>,
    ) -> Duration {
        cause.truncate(cause.floor_char_boundary(MAX_PROGRESS_LEN));
        let wait = self.with(family, |line| {
            if line.slow_downs.len() == MAX_SLOW_DOWNS {
                line.slow_downs.pop();
            }
            let now = Instant::now();
            let wait = line.pause.begin(retry_after, now);
            let said = Throttled { family, cause, retry_after };
            line.slow_downs.push(SlowDown { said, until: now + wait, is_told: false });
            // Good answers of before are no sign that the host has come round.
            line.answered = 0;
            wait
        });
        self.inner.changed.notify_one();
        wait
    }

    /// A good answer. The first after a pause is told even where nothing is asked for.
    pub fn answered(&self, family: HostFamily) {
        let has_recovered = self.with(family, |line| {
            line.answered = line.answered.saturating_add(1);
            line.pause.forget()
        });
        if has_recovered {
            self.inner.changed.notify_one();
        }
    }

    /// Who asks, as the coordinator says; empty when it was not told.
    pub fn agent(&self) -> String {
        self.state().agent.clone()
    }

    /// A stream is open, with these rules.
    pub fn opened(&self, terms: Vec<RequestTerms>, agent: String) {
        let mut state = self.state();
        state.agent = agent;
        let now = Instant::now();
        for terms in terms {
            let line = state.lines.entry(terms.family).or_default();
            line.terms = Some(terms);
            line.slow_downs.iter_mut().for_each(|slow_down| slow_down.is_told = false);
            line.serve(now);
        }
        drop(state);
        self.inner.changed.notify_one();
    }

    /// The stream is gone, and with it what was asked for.
    pub fn closed(&self) {
        for line in self.state().lines.values_mut() {
            line.terms = None;
            (line.asked, line.lent, line.told) = (0, 0, 0);
            line.sent.clear();
        }
    }

    /// When the longest pause ends that is known here.
    pub fn paused_until(&self) -> Option<Instant> {
        let now = Instant::now();
        self.state().lines.values().filter_map(|line| line.pause.end(now)).max()
    }

    /// Ends when there is something to tell.
    pub async fn changed(&self) {
        self.inner.changed.notified().await;
    }

    /// What is to be told now.
    pub fn messages(&self) -> Vec<WorkerMessage> {
        let mut messages = Vec::new();
        let now = Instant::now();
        for (family, line) in &mut self.state().lines {
            // What is over is no news any more.
            line.slow_downs.retain(|slow_down| slow_down.until > now);
            for slow_down in line.slow_downs.iter_mut().filter(|slow_down| !slow_down.is_told) {
                slow_down.is_told = true;
                messages.push(WorkerMessage::Throttled(slow_down.rest(now)));
            }
            if line.asked > line.told || (line.answered > 0 && line.terms.is_some()) {
                if line.asked > line.told {
                    line.told = line.asked;
                    line.sent.insert(line.asked, now);
                }
                let answered = std::mem::take(&mut line.answered);
                messages.push(WorkerMessage::RequestDemand { family: *family, asked: line.asked, answered });
            }
        }
        messages
    }

    /// Tokens have come.
    pub fn lent(&self, tokens: RequestTokens) {
        let now = Instant::now();
        self.with(tokens.family, |line| line.take(tokens, now));
        self.inner.changed.notify_one();
    }

    /// The whole fleet pauses, or goes on where nothing is left of the pause. Requests that wait here wake up without a
    /// token and look at the pause themselves: they sit it out, or fail where it is too long.
    pub fn paused(&self, pause: &HostPause) {
        self.with(pause.family, |line| {
            let until = Instant::now() + pause.remaining;
            // What this worker alone knows of stays: the leader may not have heard of it when it said that.
            line.slow_downs.retain(|slow_down| !slow_down.is_told && slow_down.until > until);
            line.pause.set(line.slow_downs.iter().map(|slow_down| slow_down.until).fold(until, Instant::max));
            line.waiting.clear();
            line.answered = 0;
        });
        self.inner.told.notify_waiters();
        self.inner.changed.notify_one();
    }

    /// Turns asked for on this stream.
    pub fn asked(&self, family: HostFamily) -> u64 {
        self.with(family, |line| line.asked)
    }

    fn with<T>(&self, family: HostFamily, change: impl FnOnce(&mut Line) -> T) -> T {
        change(self.state().lines.entry(family).or_default())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Lets everybody through where no token is needed; otherwise asks for as many as wait.
    fn serve(&mut self, now: Instant) {
        let Some(terms) = &self.terms else { return };
        if terms.per_second.is_none() {
            for waiting in self.waiting.drain(..) {
                // Who does not wait any more needs no turn.
                let _ = waiting.send(now + NO_DEADLINE);
            }
            return;
        }
        self.waiting.retain(|waiting| !waiting.is_closed());
        self.asked = self.asked.max(self.lent + self.waiting.len() as u64);
    }

    fn take(&mut self, tokens: RequestTokens, now: Instant) {
        self.lent += u64::from(tokens.count);
        let validity = self.terms.as_ref().map_or(Duration::ZERO, |terms| terms.validity);
        let told = self.sent.get(&tokens.asked).copied();
        self.sent = self.sent.split_off(&tokens.asked);
        let deadline = told.map(|told| told + tokens.waited + validity).filter(|deadline| *deadline > now);
        if let Some(deadline) = deadline {
            self.late = 0;
            let mut left = tokens.count;
            while left > 0
                && let Some(waiting) = self.waiting.pop_front()
            {
                left -= u32::from(waiting.send(deadline).is_ok());
            }
        } else {
            tracing::debug!(hosts = %tokens.family, "a request token came too late and is asked for again");
            self.late += 1;
            if self.late == LATE_TOKENS_SAID {
                let validity = self.terms.as_ref().map(|terms| terms.validity);
                tracing::warn!(
                    hosts = %tokens.family, ?validity,
                    "request tokens keep coming too late, so nothing is asked: bring worker and coordinator nearer to \
                     each other, or give the coordinator a lower --edgar-rate, which makes tokens last longer"
                );
            }
        }
        self.serve(now);
    }
}

#[cfg(test)]
mod tests;
