//! Threads beside a handler's own, for work that waits for tasks of its runtime by itself, counted against the slot of
//! the item they work for.
//!
//! A thread cannot be stopped from outside. When its item is, the slot stays in use until the thread is done, so that
//! a worker never does more at a time than it has slots.

use std::future::Future;

use tokio::sync::watch;
use tokio::task::{JoinError, spawn_blocking};

tokio::task_local! {
    static THREADS: Threads;
}

/// Runs work on a thread of its own and waits for it. Called from a handler's own task, as opposed to one that it
/// spawned, the thread counts against the item's slot.
///
/// # Errors
/// The work panicked, or the runtime is ending.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    let entry = THREADS.try_with(Threads::enter).ok();
    let counted = move || {
        let _entry = entry;
        work()
    };
    spawn_blocking(counted).await
}

/// The threads of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Threads {
    running: watch::Sender<u32>,
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self { running: watch::Sender::new(0) }
    }

    /// Counts the threads that this work starts with [`run`].
    pub(crate) fn count<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        THREADS.scope(self.clone(), work)
    }

    /// Waits until none is running.
    pub(crate) async fn idle(&self) {
        // Waiting fails when all senders are gone, and this is one.
        let _ = self.running.subscribe().wait_for(|running| *running == 0).await;
    }

    fn enter(&self) -> Entry {
        self.running.send_modify(|running| *running += 1);
        Entry { threads: self.clone() }
    }
}

struct Entry {
    threads: Threads,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.threads.running.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_thread_counts_until_it_is_done_though_nobody_waits_for_it() {
        let threads = Threads::new();
        assert!(threads.idle().now_or_never().is_some());
        let (go_on, gate) = mpsc::channel::<()>();
        let work = threads.count(run(move || gate.recv()));
        // Polled once, so that the thread is started, then dropped.
        assert!(work.now_or_never().is_none());
        assert!(threads.idle().now_or_never().is_none());
        go_on.send(()).unwrap();
        threads.idle().await;
    }

    #[tokio::test]
    async fn outside_of_an_item_work_is_done_all_the_same() {
        assert_eq!(run(|| 42).await.unwrap(), 42);
    }
}
