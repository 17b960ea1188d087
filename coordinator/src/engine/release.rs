//! Letting out what a commit has made true: replies, messages, statuses, accepted lists, ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, PipelineStatus};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::watch;
use tokio::task::JoinError;

use super::accepted::{self, Written};
use super::batch::Release;
use super::gathering::Page;
use super::handle::Watched;
use super::shell::Shell;
use super::{log, monitoring};
use crate::pipeline::core::{AcceptedList, Command, CommandError};
use crate::pipeline::fleet::SessionId;

/// How long a failed write to the store waits for the next attempt.
pub(super) const REWRITE_AFTER: Duration = Duration::from_secs(2);

/// What waited for its commit longer than a watch exists must not replace the status that the watch began with.
fn publish_newer(watched: &watch::Sender<Arc<PipelineStatus>>, status: Arc<PipelineStatus>) {
    watched.send_if_modified(|current| {
        let is_newer = (status.created_ms, status.version) >= (current.created_ms, current.version);
        if is_newer {
            *current = status;
        }
        is_newer
    });
}

impl Shell {
    pub(super) fn release(&mut self, releases: Vec<Release>) {
        for release in releases {
            match release {
                // Nobody waits any more when the answer cannot be delivered.
                Release::Reply(reply, answer) => drop(reply.send(answer)),
                Release::Watch(reply, answer) => drop(reply.send(answer)),
                Release::Message(session, message) => self.deliver(session, message),
                Release::End(session) => drop(self.outboxes.remove(&session)),
                Release::Tell(news) => {
                    monitoring::happened(&news);
                    log::tell(news);
                }
                Release::WriteAccepted(list) => self.write_accepted(list),
                Release::WriteEnd(end) => self.write_end(end),
                Release::Publish(status) => {
                    if let Some(watched) = self.watched.get(&status.id) {
                        publish_newer(watched, status);
                    }
                }
            }
        }
    }

    pub(super) fn deliver(&mut self, session: SessionId, message: CoordinatorMessage) {
        let Some(outbox) = self.outboxes.get(&session) else { return };
        match &message {
            CoordinatorMessage::Grant(grants) => monitoring::granted(grants),
            CoordinatorMessage::Settled(settlements) => monitoring::answered(settlements),
            _ => {}
        }
        let Err(unsent) = outbox.try_send(message) else { return };
        // A closed outbox is a worker that has just left, which is nothing to warn of.
        if matches!(unsent, TrySendError::Full(_)) {
            tracing::warn!(session = session.0, "cut a work stream that does not read");
        }
        self.outboxes.remove(&session);
        self.step(Command::Disconnected(session), None);
    }

    pub(super) fn watch(&mut self, id: PipelineId) -> Watched {
        if let Some(watched) = self.watched.get(&id) {
            return Ok(watched.subscribe());
        }
        let Some(pipeline) = self.core.pipelines().get(&id) else {
            return Err(CommandError::NotFound { pipeline: id });
        };
        let (sender, receiver) = watch::channel(Arc::new(pipeline.status()));
        self.watched.insert(id, sender);
        Ok(receiver)
    }

    /// Publishes a watched pipeline's status if it has changed, with the commit of everything decided so far.
    pub(super) fn publish(&mut self, id: &PipelineId) {
        if !self.stale.remove(id) {
            return;
        }
        match self.core.pipelines().get(id) {
            Some(pipeline) => self.batches.release(Release::Publish(Arc::new(pipeline.status()))),
            None => drop(self.watched.remove(id)),
        }
    }

    fn write_accepted(&mut self, list: AcceptedList) {
        if !self.writing.insert((list.pipeline.clone(), list.round)) {
            return;
        }
        let sink = Arc::clone(&self.sink);
        let mut pages = self.gatherings.begin(&list.pipeline, list.round.into());
        self.writes.spawn(async move {
            let mut lines = Vec::new();
            let outcome = loop {
                let Some(Page { items, is_last }) = pages.recv().await else {
                    break Err("its round does not wait for it any more".to_owned());
                };
                accepted::append(&mut lines, &items);
                if is_last {
                    break sink.write(&list.path, lines).await.map_err(|error| error.to_string());
                }
            };
            (list.pipeline, list.round, outcome)
        });
    }

    pub(super) fn written(&mut self, written: Result<Written, JoinError>) {
        let (pipeline, round, outcome) = match written {
            Ok(written) => written,
            Err(panic) => {
                // The task that panicked cannot say which list it wrote, so all lists that wait are tried again.
                tracing::error!(error = %panic, "writing an accepted list panicked");
                self.writing.clear();
                self.rewrite_at = Some(Instant::now() + REWRITE_AFTER);
                return;
            }
        };
        self.writing.remove(&(pipeline.clone(), round));
        if let Err(error) = &outcome {
            tracing::warn!(%pipeline, round, %error, "an accepted list cannot be written");
            self.rewrite_at = Some(Instant::now() + REWRITE_AFTER);
        }
        self.step(Command::AcceptedWritten { pipeline, round, outcome }, None);
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::model::{PipelineSpec, WorkItem};

    use super::*;
    use crate::pipeline::{Event, Millis, Pipeline};

    #[test]
    fn an_older_status_never_replaces_a_newer_one() {
        let spec = PipelineSpec {
            roots: vec![WorkItem::new("work", "work/1".parse().unwrap(), "")],
            counted_kind: "work".into(),
            ..PipelineSpec::default()
        };
        let mut pipeline = Pipeline::new("p".parse().unwrap(), "", spec, Millis(1)).unwrap();
        let older = Arc::new(pipeline.status());
        pipeline.apply(Event::Cancel, Millis(1)).unwrap();
        let last = Arc::new(pipeline.status());
        assert!(last.version > older.version && last.state.is_finished());
        // The watch begins with what is decided, while an older status still waits for its commit.
        let (watched, mut reader) = watch::channel(last.clone());
        publish_newer(&watched, older);
        assert_eq!(*reader.borrow_and_update(), last);
        publish_newer(&watched, last.clone());
        assert!(reader.has_changed().unwrap());
    }
}
