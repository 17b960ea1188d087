//! What makes a worker stop, and by when: signals, an operator, a cloud that takes the machine away.
//!
//! The decision is pure: what was decided before and an event give what is decided now. Whatever comes later only
//! makes it sooner. Acting on it is the pool's.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::attempt::RELEASE_WITHIN;
use crate::notice::{Notice, Notices};

/// Before a machine is taken away everything is given back this much earlier: for handlers to stop, for the answers to
/// the last messages, and for a reconnect should the stream break just then.
const MARGIN: Duration = Duration::from_secs(10);
/// How long a stopping worker waits for the answers to its last messages at the least, whatever its deadline.
pub const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long it waits for them where nobody set a deadline: for a takeover, which is a half-open stream to be noticed
/// and a lock to expire, or for a coordinator that is started again. Work that nobody was told of is done again.
const LAST_WORDS_AT_LEISURE: Duration = Duration::from_secs(60);

/// What a worker hears of stopping from its process.
#[derive(Debug)]
pub struct Stops {
    /// Stop, and let what runs go on for no longer than `drain`.
    pub shutdown: CancellationToken,
    /// The machine is going away.
    pub notices: Notices,
}

impl From<CancellationToken> for Stops {
    /// On a machine that nobody takes away.
    fn from(shutdown: CancellationToken) -> Self {
        Self { shutdown, notices: Notices::none() }
    }
}

/// Something that makes a worker stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopEvent {
    /// A signal.
    Shutdown,
    /// The coordinator passed on what an operator wants.
    Told,
    /// A notice of the cloud.
    Noticed(Notice),
    /// No slot is left that could do anything.
    AllStuck,
}

/// A worker that takes nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopping {
    /// Of the event that decided when it ends.
    pub(super) reason: &'static str,
    /// What still runs then is given back; `None` lets everything end by itself.
    pub(super) release_at: Option<Instant>,
    /// When this worker is gone, for the coordinator to know.
    pub(super) gone_at: Option<Instant>,
}

impl Stopping {
    /// What one event asks for; `drain` is how long running items may go on after a signal.
    pub(super) fn after(event: StopEvent, now: Instant, drain: Duration) -> Self {
        let at_leisure = |reason| Self { reason, release_at: None, gone_at: None };
        match event {
            StopEvent::Told => at_leisure("the worker was told to stop"),
            StopEvent::AllStuck => at_leisure("every slot is held by work that does not stop"),
            StopEvent::Noticed(Notice::Rebalance) => at_leisure("EC2 recommends to replace the machine"),
            StopEvent::Noticed(Notice::Interruption { at }) => {
                let left = at.saturating_duration_since(now);
                let release_at = now + left - MARGIN.min(left / 2);
                let reason = "EC2 takes the machine away";
                Self { reason, release_at: Some(release_at), gone_at: Some(at) }
            }
            StopEvent::Shutdown => {
                // A drain beyond what a clock can hold is one without end.
                let release_at = now.checked_add(drain);
                Self { reason: "the worker is stopping", release_at, gone_at: release_at }
            }
        }
    }

    /// Until when outcomes are told once nothing is begun any more and nothing runs: as long as the worker lasts.
    pub(super) fn tell_until(self, now: Instant) -> Instant {
        let end = self.gone_at.unwrap_or(now + LAST_WORDS_AT_LEISURE);
        end.max(now + RELEASE_WITHIN + LAST_WORDS)
    }

    /// What both ask for: the sooner counts.
    pub(super) fn and(self, other: Self) -> Self {
        let sooner = |one: Option<Instant>, other| one.into_iter().chain(other).min();
        let release_at = sooner(self.release_at, other.release_at);
        let reason = if release_at == self.release_at { self.reason } else { other.reason };
        Self { reason, release_at, gone_at: sooner(self.gone_at, other.gone_at) }
    }
}

/// Everything a worker listens to; each event is given once.
pub(super) struct Listening {
    stops: Stops,
    told_to_stop: CancellationToken,
    heard_shutdown: bool,
    heard_told: bool,
}

impl Listening {
    pub(super) fn new(stops: Stops, told_to_stop: CancellationToken) -> Self {
        Self { stops, told_to_stop, heard_shutdown: false, heard_told: false }
    }

    /// Waits for the next event. Cancel safe.
    pub(super) async fn next(&mut self) -> StopEvent {
        let event = tokio::select! {
            biased;
            () = self.stops.shutdown.cancelled(), if !self.heard_shutdown => StopEvent::Shutdown,
            notice = self.stops.notices.next() => StopEvent::Noticed(notice),
            () = self.told_to_stop.cancelled(), if !self.heard_told => StopEvent::Told,
        };
        self.heard_shutdown |= event == StopEvent::Shutdown;
        self.heard_told |= event == StopEvent::Told;
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds until everything is given back and until the worker is gone, after events at these seconds.
    fn decided(drain: u64, events: &[(u64, StopEvent)], start: Instant) -> (Option<f64>, Option<f64>) {
        let mut stopping: Option<Stopping> = None;
        for (second, event) in events {
            let now = start + Duration::from_secs(*second);
            let next = Stopping::after(*event, now, Duration::from_secs(drain));
            stopping = Some(stopping.map_or(next, |before| before.and(next)));
        }
        let stopping = stopping.expect("something happened");
        let seconds = |at: Option<Instant>| at.map(|at| (at - start).as_secs_f64());
        (seconds(stopping.release_at), seconds(stopping.gone_at))
    }

    #[test]
    fn whatever_comes_later_only_makes_it_sooner() {
        use StopEvent::{AllStuck, Noticed, Shutdown, Told};
        let start = Instant::now();
        let taken_at = |second| Noticed(Notice::Interruption { at: start + Duration::from_secs(second) });
        let rebalance = Noticed(Notice::Rebalance);
        let cases = [
            // Alone.
            (0, vec![(3, Shutdown)], (Some(3.0), Some(3.0))),
            (30, vec![(3, Shutdown)], (Some(33.0), Some(33.0))),
            (30, vec![(3, Told)], (None, None)),
            (30, vec![(3, rebalance)], (None, None)),
            (30, vec![(3, AllStuck)], (None, None)),
            (0, vec![(0, taken_at(120))], (Some(110.0), Some(120.0))),
            // The margin shrinks with what is left.
            (0, vec![(0, taken_at(20))], (Some(10.0), Some(20.0))),
            (0, vec![(0, taken_at(8))], (Some(4.0), Some(8.0))),
            (0, vec![(5, taken_at(5))], (Some(5.0), Some(5.0))),
            // A signal during a spot drain, and the other way about.
            (0, vec![(0, taken_at(120)), (7, Shutdown)], (Some(7.0), Some(7.0))),
            (30, vec![(0, taken_at(120)), (7, Shutdown)], (Some(37.0), Some(37.0))),
            (300, vec![(0, taken_at(120)), (7, Shutdown)], (Some(110.0), Some(120.0))),
            (300, vec![(0, Shutdown), (7, taken_at(127))], (Some(117.0), Some(127.0))),
            (30, vec![(0, Shutdown), (7, taken_at(127))], (Some(30.0), Some(30.0))),
            // What had all the time it wanted has a deadline now.
            (0, vec![(0, rebalance), (60, taken_at(180))], (Some(170.0), Some(180.0))),
            (9, vec![(0, Told), (60, Shutdown)], (Some(69.0), Some(69.0))),
            // And keeps it.
            (0, vec![(0, taken_at(120)), (1, rebalance), (2, Told)], (Some(110.0), Some(120.0))),
            (u64::MAX, vec![(3, Shutdown)], (None, None)),
            (u64::MAX, vec![(0, Shutdown), (0, taken_at(120))], (Some(110.0), Some(120.0))),
        ];
        for (drain, events, expected) in cases {
            assert_eq!(decided(drain, &events, start), expected, "drain {drain} s, {events:?}");
        }
    }

    #[test]
    fn outcomes_are_told_as_long_as_the_worker_lasts() {
        use StopEvent::{AllStuck, Noticed, Shutdown, Told};
        let start = Instant::now();
        let taken_at = |second| Noticed(Notice::Interruption { at: start + Duration::from_secs(second) });
        let rebalance = Noticed(Notice::Rebalance);
        // The drain, what happened at the start, when the work had ended, and until when its outcome is told.
        for (drain, event, ended, until) in [
            (90, Shutdown, 10.0, 90.0),
            (90, Shutdown, 88.0, 93.5),
            (90, Shutdown, 90.0, 95.5),
            (0, Shutdown, 0.0, 5.5),
            (0, taken_at(120), 2.0, 120.0),
            (0, taken_at(120), 110.0, 120.0),
            (0, taken_at(8), 4.0, 9.5),
            (0, rebalance, 30.0, 90.0),
            (0, Told, 30.0, 90.0),
            (0, AllStuck, 0.0, 60.0),
            (u64::MAX, Shutdown, 30.0, 90.0),
        ] {
            let ended = start + Duration::from_secs_f64(ended);
            let stopping = Stopping::after(event, start, Duration::from_secs(drain));
            let told = stopping.tell_until(ended) - start;
            assert_eq!(told.as_secs_f64(), until, "drain {drain} s, {event:?}");
        }
    }

    #[test]
    fn the_reason_is_that_of_the_event_that_decides() {
        let now = Instant::now();
        let asks = |event| Stopping::after(event, now, Duration::ZERO);
        let taken = asks(StopEvent::Noticed(Notice::Interruption { at: now + Duration::from_secs(120) }));
        let rebalance = asks(StopEvent::Noticed(Notice::Rebalance));
        assert_eq!(rebalance.and(taken).reason, taken.reason);
        assert_eq!(taken.and(rebalance).reason, taken.reason);
        assert_eq!(taken.and(asks(StopEvent::Shutdown)).reason, "the worker is stopping");
    }

    #[tokio::test]
    async fn every_event_is_heard_once() {
        let (shutdown, told) = (CancellationToken::new(), CancellationToken::new());
        let mut listening = Listening::new(shutdown.clone().into(), told.clone());
        shutdown.cancel();
        told.cancel();
        assert_eq!((listening.next().await, listening.next().await), (StopEvent::Shutdown, StopEvent::Told));
        let silence = tokio::time::timeout(Duration::from_millis(20), listening.next()).await;
        assert!(silence.is_err(), "{silence:?}");
    }
}
