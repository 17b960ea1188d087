//! Removals of pipelines, which may go ahead of a commit that the tracker does not take: they make the room that it
//! waits for.
//!
//! A commit without an answer is sent until it has one, and what was decided after it waits. Between two attempts the
//! removals among that are sent ahead. Each is sent again in its turn, which changes nothing: a pipeline that is
//! started anew under the same id comes after that turn, and a commit of the old one that is still on its way finds no
//! pipeline and is answered with its loss.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edgraph_shared::ids::PipelineId;

use crate::tracker::{Content, Mark, Part, Term, Tracker};

/// Pipelines whose removal waits for its turn and was not sent ahead yet.
#[derive(Debug, Default)]
pub(super) struct Removals {
    waiting: Mutex<BTreeSet<PipelineId>>,
}

impl Removals {
    /// A removal was decided.
    pub(super) fn add(&self, id: &PipelineId) {
        self.waiting().insert(id.clone());
    }

    /// The removals among these parts have their turn; so has one that was overtaken, when a pipeline of the same id is
    /// written whole in its place.
    pub(super) fn have_turn(&self, parts: &[Part]) {
        let mut waiting = self.waiting();
        let ends = |part: &&Part| matches!(part.content, Content::Removed | Content::Whole(_));
        for part in parts.iter().filter(ends) {
            waiting.remove(&part.pipeline);
        }
    }

    /// Sends what waits. What the tracker does not take waits on.
    pub(super) async fn send_ahead(&self, tracker: &dyn Tracker, term: &Term) {
        let ids: Vec<PipelineId> = self.waiting().iter().cloned().collect();
        let part = |id: &PipelineId| Part {
            pipeline: id.clone(),
            before: Mark::default(),
            mark: Mark::default().next(),
            content: Content::Removed,
        };
        let parts: Vec<Part> = ids.iter().map(part).collect();
        // Why not is said by the commit's next attempt.
        if !parts.is_empty() && tracker.commit(term, &parts).await.is_ok() {
            tracing::info!(pipelines = parts.len(), "removed ahead of a commit that waits for the tracker");
            self.have_turn(&parts);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeSet<PipelineId>> {
        // One insertion or removal at a time, so a panic elsewhere leaves nothing half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
