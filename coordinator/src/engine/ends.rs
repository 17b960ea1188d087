//! What becomes of the ends of pipelines: recorded in the store after their commit, removed from it before a deletion's.
//!
//! ```text
//! commit with the end ─▶ write: the items, then the head ─▶ Command::Recorded, a commit of its own
//! a client deletes    ─▶ remove                          ─▶ Command::Delete
//! ```
//! A kill anywhere leaves a head that does not say that its end is recorded, or a pipeline that is still there.

use std::time::Instant;

use edgraph_shared::ids::PipelineId;
use tokio::task::JoinError;

use super::recording::{Asker, Done};
use super::release::REWRITE_AFTER;
use super::shell::Shell;
use crate::pipeline::core::{Command, CommandError, End};

impl Shell {
    /// An end is committed, and is to lie in the store.
    pub(super) fn write_end(&mut self, end: End) {
        if self.recordings.has_store() {
            self.recordings.write(end);
            self.recordings.begin(&self.core);
        }
    }

    /// A client deletes a pipeline: what the store keeps of it goes first, or it would come back one day.
    pub(super) fn delete(&mut self, id: PipelineId, asker: Asker) {
        let has_ended = self.core.pipelines().get(&id).is_some_and(|it| it.head().state.is_finished());
        if has_ended && self.recordings.has_store() {
            self.recordings.remove(id, asker);
            self.recordings.begin(&self.core);
        } else {
            self.step(Command::Delete(id), asker);
        }
    }

    pub(super) fn recorded(&mut self, done: Result<Done, JoinError>) {
        match done {
            Ok(Done::Written(End { pipeline, version }, Ok(()))) => {
                self.step(Command::Recorded { pipeline, version }, None);
            }
            Ok(Done::Written(End { pipeline, .. }, Err(error))) => {
                tracing::warn!(%pipeline, %error, "the end of a pipeline cannot be written to the store");
                self.rewrite_at = Some(Instant::now() + REWRITE_AFTER);
            }
            Ok(Done::Removed(id, asker, Ok(()))) => self.step(Command::Delete(id), asker),
            Ok(Done::Removed(pipeline, asker, Err(reason))) => {
                tracing::warn!(%pipeline, reason, "what the store keeps of a pipeline cannot be removed");
                if let Some(asker) = asker {
                    // Nobody waits any more when the answer cannot be delivered.
                    drop(asker.send(Err(CommandError::Unforgotten { pipeline, reason })));
                }
            }
            Err(panic) => {
                tracing::error!(error = %panic, "writing the end of a pipeline panicked");
                self.rewrite_at = Some(Instant::now() + REWRITE_AFTER);
            }
        }
        self.recordings.begin(&self.core);
    }
}
