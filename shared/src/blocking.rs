//! Work that does not await, done where it is asked for: handing it to another thread and waiting costs two wake-ups,
//! and cores that stand idle until their scheduler notices.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// What a piece of work said when it panicked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Panicked(String);

/// Runs work on the caller's thread. What else a runtime of several threads had for that thread, another one takes over.
///
/// # Errors
/// The work panicked.
pub fn in_place<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let shared = Handle::try_current().is_ok_and(|on| on.runtime_flavor() == RuntimeFlavor::MultiThread);
    let work = AssertUnwindSafe(work);
    let outcome = if shared { block_in_place(|| catch_unwind(work)) } else { catch_unwind(work) };
    outcome.map_err(|panic| Panicked(said(&*panic)))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() {
        let here = std::thread::current().id();
        assert_eq!(in_place(|| std::thread::current().id()).unwrap(), here);
        let panicked = in_place(|| panic!("at {}", 42)).unwrap_err();
        assert_eq!(panicked.to_string(), "at 42");
    }

    #[test]
    fn work_stays_on_the_thread_and_a_panic_in_it() {
        check();
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        runtime.block_on(async { check() });
        runtime.block_on(async { tokio::spawn(async { check() }).await }).unwrap();
        let handle = runtime.handle().clone();
        runtime.block_on(tokio::task::spawn_blocking(move || handle.block_on(async { check() }))).unwrap();
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_waits() {
        check();
    }
}
