//! How far a piece of work is, from its handler to the next heartbeat.
//!
//! Handlers report as often as they like; what stands here when a heartbeat goes out is what is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use edgraph_shared::model::{MAX_PROGRESS_LEN, Progress};

/// Takes the reports of one attempt. Cheap to clone; clones are one.
#[derive(Debug, Clone, Default)]
pub struct ProgressReporter {
    latest: Arc<Mutex<Latest>>,
}

#[derive(Debug, Default)]
struct Latest {
    progress: Option<Progress>,
    is_told: bool,
}

impl ProgressReporter {
    /// `done` of `total`, in units of the handler's choice; a `total` of 0 is not known. `text` says what is being
    /// done, on one line; what is longer than [`MAX_PROGRESS_LEN`] is cut.
    pub fn report(&self, done: u64, total: u64, text: &str) {
        let text = text[..text.floor_char_boundary(MAX_PROGRESS_LEN)].to_owned();
        let progress = Some(Progress { done, total, text });
        let mut latest = self.latest();
        if latest.progress != progress {
            *latest = Latest { progress, is_told: false };
        }
    }

    /// The latest report, unless it was told already.
    pub fn take_news(&self) -> Option<Progress> {
        let mut latest = self.latest();
        if std::mem::replace(&mut latest.is_told, true) { None } else { latest.progress.clone() }
    }

    /// The latest report is news again: the coordinator may be another one.
    pub(crate) fn tell_again(&self) {
        self.latest().is_told = false;
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        // A report is replaced as a whole: one that panicked has changed nothing.
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_told_once_and_again_to_the_next_coordinator() {
        let reporter = ProgressReporter::default();
        assert_eq!(reporter.take_news(), None);
        reporter.clone().report(1, 2, "half");
        let half = Some(Progress { done: 1, total: 2, text: "half".to_owned() });
        assert_eq!((reporter.take_news(), reporter.take_news()), (half.clone(), None));
        reporter.report(1, 2, "half");
        assert_eq!(reporter.take_news(), None);
        reporter.tell_again();
        assert_eq!(reporter.take_news(), half);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let reporter = ProgressReporter::default();
        reporter.report(0, 0, &format!("x{}", "é".repeat(MAX_PROGRESS_LEN)));
        assert_eq!(reporter.take_news().unwrap().text.len(), MAX_PROGRESS_LEN - 1);
    }
}
