//! One attempt at one item, from its grant to the end of its handler.
//!
//! A handler has a thread to itself, on which it may compute. One that does not stop when told is stopped at its next
//! `await`; one that blocks its thread cannot be stopped, keeps its slot and is counted. The outcome is told before
//! either.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::blocking::Panicked;
use edgraph_shared::failure::Failure;
use edgraph_shared::model::{MAX_RESULT_LEN, ReleaseReason};
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument;

use super::threads::Threads;
use crate::connection::Granted;
use crate::handler::{Children, Handler, Job, Refusals};
use crate::leases::Terms;
use crate::messages::{Outcome, Up};

/// A worker that is stopping gives its items back after this, whatever their handlers do: somebody else is to go on
/// with them within a second of the signal.
pub const RELEASE_WITHIN: Duration = Duration::from_millis(500);
/// A stopped handler that awaits anything ends within this.
const STOP_GRACE: Duration = Duration::from_secs(1);

/// See the module's documentation.
pub(super) struct Attempt {
    /// Absent when the coordinator grants a kind that nobody offered.
    pub(super) handler: Option<Arc<dyn Handler>>,
    pub(super) granted: Granted,
    pub(super) ups: mpsc::Sender<Up>,
    /// Where the handler runs, and the runtime of what it awaits.
    pub(super) threads: Threads,
    pub(super) work: Handle,
    pub(super) cancel_grace: Duration,
    pub(super) releasing: CancellationToken,
}

/// What became of the slot.
pub(super) enum Ended {
    /// It is free.
    Free,
    /// The handler was told to stop and did not; it holds the slot until this ends.
    Stuck(BoxFuture<'static, ()>),
}

/// A handler on its thread. Dropping this stops it where it can be stopped.
struct Work {
    thread: oneshot::Receiver<Result<Option<Worked>, Panicked>>,
    stop: DropGuard,
}

type Worked = Result<String, Failure>;

impl Work {
    fn start(
        threads: &Threads,
        on: &Handle,
        running: impl Future<Output = Worked> + Send + 'static,
    ) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let (handle, stopped) = (on.clone(), stop.clone());
        let running = async move {
            tokio::select! {
                biased;
                () = stopped.cancelled() => None,
                worked = running => Some(worked),
            }
        };
        let thread = threads.begin(move || handle.block_on(running))?;
        Ok(Self { thread, stop: stop.drop_guard() })
    }

    /// Stops it if it can be stopped, and waits for its end.
    async fn end(self) {
        drop(self.stop);
        // Nobody wants its result any more.
        let _ = self.thread.await;
    }
}

impl Attempt {
    /// Runs the item and tells its outcome. The slot is the caller's to free.
    pub(super) async fn run(self) -> Ended {
        let Attempt { handler, granted, ups, threads, work, cancel_grace, releasing } = self;
        let Granted { grant, terms: Terms { cancel, progress }, validity } = granted;
        let lease = grant.lease.clone();
        let tell = async |outcome: Outcome| {
            // Without a connection there is nobody to tell: the worker is being dropped.
            let _ = ups.send(Up::Finished { lease: lease.clone(), outcome }).await;
        };
        let Some(handler) = handler else {
            let failure = Failure::permanent(format!("this worker has no handler for `{}`", grant.item.kind));
            tell(Outcome::Failed(failure)).await;
            return Ended::Free;
        };
        let children = Children::new(lease.clone(), ups.clone());
        let refusals = Refusals::default();
        let job = Job {
            pipeline: lease.pipeline.clone(),
            key: lease.key.clone(),
            payload: grant.item.payload,
            parents: grant.parents,
            attempt: grant.attempt,
            token: lease.token,
            children: children.clone(),
            refusals: refusals.clone(),
            validity,
            progress,
            cancel: cancel.clone(),
        };
        let running = async move { handler.run(job).await };
        let mut work = match Work::start(&threads, &work, running.in_current_span()) {
            Ok(work) => work,
            Err(error) => {
                let failure = Failure::transient(format!("no thread for the handler: {error}"));
                tell(Outcome::Failed(failure)).await;
                return Ended::Free;
            }
        };
        let finished = tokio::select! {
            finished = &mut work.thread => finished.ok(),
            () = patience_ends(&cancel, cancel_grace, &releasing) => None,
        };
        let ended = finished.is_some();
        tell(outcome(finished, &children, refusals, &cancel).await).await;
        if ended {
            return Ended::Free;
        }
        let mut ending = Box::pin(work.end());
        match timeout(STOP_GRACE, &mut ending).await {
            Ok(()) => Ended::Free,
            Err(_) => Ended::Stuck(ending),
        }
    }
}

/// Ends when a handler has been told to stop and has had time to do so.
async fn patience_ends(cancel: &CancellationToken, grace: Duration, releasing: &CancellationToken) {
    let hurry = async {
        releasing.cancelled().await;
        sleep(RELEASE_WITHIN).await;
    };
    tokio::select! {
        () = async { cancel.cancelled().await; sleep(grace).await } => {}
        () = hurry => {}
    }
}

/// What to tell. `None` is a handler that did not stop in time.
async fn outcome(
    finished: Option<Result<Option<Worked>, Panicked>>,
    children: &Children,
    refusals: Refusals,
    cancel: &CancellationToken,
) -> Outcome {
    match finished {
        Some(Ok(Some(Ok(result)))) => done(result, children, refusals).await,
        // Cancelled work that stops with whatever error was interrupted, it did not fail.
        _ if cancel.is_cancelled() => Outcome::Released(ReleaseReason::Preempted),
        Some(Ok(Some(Err(failure)))) => Outcome::Failed(failure),
        Some(Err(panic)) => Outcome::Failed(Failure::transient(format!("the handler panicked: {panic}"))),
        // The worker stops and the item was not told so yet.
        Some(Ok(None)) | None => Outcome::Released(ReleaseReason::Preempted),
    }
}

async fn done(result: String, children: &Children, refusals: Refusals) -> Outcome {
    if result.len() > MAX_RESULT_LEN {
        let reason = format!("the result has {} bytes, at most {MAX_RESULT_LEN} are allowed", result.len());
        return Outcome::Failed(Failure::permanent(reason));
    }
    match children.total().await {
        Ok(children) => {
            Outcome::Done { skipped: says_skipped(&result), result, children, refused: refusals.take() }
        }
        Err(failure) => Outcome::Failed(failure),
    }
}

/// See [`Handler::run`].
fn says_skipped(result: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Skippable {
        #[serde(default)]
        skipped: bool,
    }
    serde_json::from_str(result).is_ok_and(|result: Skippable| result.skipped)
}

#[cfg(test)]
mod tests {
    use super::says_skipped;

    #[test]
    fn a_result_says_whether_the_work_was_skipped() {
        for (result, expected) in [
            (r#"{"skipped":true,"rows":1}"#, true),
            (r#"{"skipped":false}"#, false),
            (r#"{"rows":1}"#, false),
            (r#"{"skipped":"yes"}"#, false),
            ("[]", false),
            ("", false),
        ] {
            assert_eq!(says_skipped(result), expected, "{result}");
        }
    }
}
