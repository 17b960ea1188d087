//! The handlers' threads: as many as handlers run at a time, and the one that was free last goes on first.
//!
//! A pool that hands work to whichever thread has idled longest finds its data in no core's cache any more, and a new
//! thread for every item costs more than a small item. A thread that its work blocks is missed by nobody: it is not in
//! here until it comes back.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::Duration;

use edgraph_shared::blocking::{self, Panicked};
use tokio::sync::oneshot;

/// How long a thread waits for more before it ends, and what its allocator kept for it returns.
const KEPT: Duration = Duration::from_secs(1);

/// Work, and what it calls when its thread is free again: before anybody hears of its end, or the next work would find
/// no free thread.
type Work = Box<dyn FnOnce(&dyn Fn()) + Send>;

/// A thread that waits.
struct Idle {
    id: ThreadId,
    next: SyncSender<Work>,
}

/// See the module's documentation. Clones are the same threads.
#[derive(Clone, Default)]
pub(super) struct Threads {
    /// The one that was free last comes last.
    idle: Arc<Mutex<Vec<Idle>>>,
}

impl Threads {
    /// Begins work on a thread that has nothing else to do; what comes of it can be awaited.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<oneshot::Receiver<Result<T, Panicked>>> {
        let (end, ended) = oneshot::channel();
        let mut work: Work = Box::new(move |free| {
            let outcome = blocking::in_place(work);
            free();
            // Nobody may want it any more.
            let _ = end.send(outcome);
        });
        while let Some(thread) = { lock(&self.idle).pop() } {
            match thread.next.send(work) {
                Ok(()) => return Ok(ended),
                Err(unsent) => work = unsent.0,
            }
        }
        let idle = Arc::downgrade(&self.idle);
        thread::Builder::new().name("edgraph-handler".to_owned()).spawn(move || live(&idle, work))?;
        Ok(ended)
    }
}

/// A thread's life: one work after the other, until none comes for a while or nobody is left who would bring any.
fn live(idle: &Weak<Mutex<Vec<Idle>>>, first: Work) {
    let id = thread::current().id();
    let mut work = first;
    loop {
        let (next, mine) = mpsc::sync_channel(1);
        work(&|| {
            if let Some(idle) = idle.upgrade() {
                lock(&idle).push(Idle { id, next: next.clone() });
            }
        });
        // The one in the list is the last one: it goes with the list.
        drop(next);
        work = match mine.recv_timeout(KEPT) {
            Ok(work) => work,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(idle) = idle.upgrade() {
                    lock(&idle).retain(|thread| thread.id != id);
                }
                // Somebody may have taken it from the list at the last moment, and is about to send.
                match mine.recv() {
                    Ok(work) => work,
                    Err(_) => return,
                }
            }
        };
    }
}

fn lock(idle: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    // A list of threads has no half-done state.
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who() -> ThreadId {
        thread::current().id()
    }

    /// Work that lasts until the sender sends or is dropped.
    async fn begun(
        threads: &Threads,
    ) -> (ThreadId, mpsc::Sender<()>, oneshot::Receiver<Result<(), Panicked>>) {
        let ((release, released), (tell, told)) = (mpsc::channel(), oneshot::channel());
        let ended = threads.begin(move || {
            tell.send(who()).unwrap();
            let _ = released.recv();
        });
        (told.await.unwrap(), release, ended.unwrap())
    }

    #[tokio::test]
    async fn the_thread_that_was_free_last_goes_on_and_a_blocked_one_is_not_waited_for() {
        let threads = Threads::default();
        let (blocked, release, _) = begun(&threads).await;
        let (first, end_first, first_ended) = begun(&threads).await;
        let (second, end_second, second_ended) = begun(&threads).await;
        assert!(blocked != first && first != second && blocked != second);
        drop(end_second);
        second_ended.await.unwrap().unwrap();
        drop(end_first);
        first_ended.await.unwrap().unwrap();
        for _ in 0..100 {
            let ran = threads.begin(who).unwrap().await.unwrap().unwrap();
            assert_eq!(ran, first, "the warmest");
        }
        drop(release);
    }

    #[tokio::test]
    async fn a_panic_ends_the_work_and_not_its_thread() {
        let threads = Threads::default();
        let before = threads.begin(who).unwrap().await.unwrap().unwrap();
        let panicked = threads.begin(|| panic!("here")).unwrap().await.unwrap();
        assert_eq!(panicked.map(|()| "fine").unwrap_err().to_string(), "here");
        assert_eq!(threads.begin(who).unwrap().await.unwrap().unwrap(), before);
    }

    #[tokio::test]
    async fn threads_end_when_nothing_comes_and_when_nobody_is_left_to_bring_it() {
        struct Tells(mpsc::Sender<()>);
        impl Drop for Tells {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        thread_local! {
            static LAST: std::cell::RefCell<Option<Tells>> = const { std::cell::RefCell::new(None) };
        }
        for keeps_threads in [true, false] {
            let (tell, ended) = mpsc::channel();
            let threads = Threads::default();
            let leave_a_mark = move || LAST.with(|last| *last.borrow_mut() = Some(Tells(tell)));
            threads.begin(leave_a_mark).unwrap().await.unwrap().unwrap();
            let kept = keeps_threads.then_some(threads);
            ended.recv_timeout(20 * KEPT).expect("the thread ends");
            assert!(kept.is_none_or(|threads| lock(&threads.idle).is_empty()));
        }
    }
}
