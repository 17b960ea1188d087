//! Which thread does what. Work that does not await is done where it is asked for: handing it to another thread and
//! waiting costs two wake-ups, and cores that stand idle until their scheduler notices.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

use crate::failure::one_line;

/// What a piece of work said when it panicked, in one line: libraries quote their input, which may be a whole document.
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
    outcome.map_err(Panicked::of)
}

/// Runs work on a thread of its own, where it may wait for a runtime's tasks by itself, while the caller's thread waits.
///
/// # Errors
/// The outer one when the system gives no thread, the inner one when the work panicked.
pub fn apart<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> io::Result<Result<T, Panicked>> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work)?;
        Ok(thread.join().map_err(Panicked::of))
    })
}

impl Panicked {
    fn of(panic: Box<dyn Any + Send>) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self(text.map_or_else(|| "no text".to_owned(), |text| one_line(&text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::MAX_LINE_CHARS;

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
    }

    #[test]
    fn work_apart_may_wait_for_a_runtime() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let waiting = apart("waiter", || runtime.block_on(async { 42 })).unwrap();
        assert_eq!(waiting.unwrap(), 42);
        let panicked = apart("waiter", || panic!("here")).unwrap();
        assert_eq!(panicked.unwrap_err().to_string(), "here");
    }

    #[test]
    fn a_panic_says_one_line_of_what_it_was_about() {
        let document = "<p>\n".repeat(9_000);
        let text = in_place(|| panic!("cannot read {document}")).unwrap_err().to_string();
        assert!(text.starts_with("cannot read <p> <p>") && text.chars().count() == MAX_LINE_CHARS, "{text}");
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_waits() {
        check();
    }
}
