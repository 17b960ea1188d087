//! The engine's bounds and rhythms.

use std::time::Duration;

/// Requests that wait for the engine. It handles some 100,000 a second, so a full queue is a delay of
/// milliseconds, and senders wait.
pub(super) const QUEUE_LEN: usize = 1_024;
/// Messages that wait for one worker. Credit bounds grants, and the rest are answers to the worker's own messages:
/// a worker that lets so many wait has stopped reading, and its stream is cut.
pub(super) const OUTBOX_LEN: usize = 4_096;
/// How often time passes for the core: far finer than any TTL, coarse enough to cost nothing.
pub(super) const TICK: Duration = Duration::from_millis(20);
/// Requests taken in one turn, before anything else has its own.
pub(super) const BATCH_LEN: usize = 512;
/// How long a turn may be: requests are of bounded size, and hundreds of the largest would still be too much at once.
pub(super) const TURN: Duration = Duration::from_millis(10);
/// When workers are to come back after a stop; they add jitter.
pub(super) const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// How long a stop waits for a tracker that does not answer: what is not committed by then was told to nobody.
pub(super) const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// How often every pipeline is verified though nothing seems to have happened: single keys may be lost without a sign.
pub(super) const VERIFY_EVERY: Duration = Duration::from_secs(60);

/// Waits between attempts while the tracker is unavailable. Short: work goes on within seconds of its return.
pub(super) const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
