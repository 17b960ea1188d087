//! Watching a pipeline across broken connections and takeovers.

use std::time::Instant;

use edgraph_proto::v1;
use tonic::{Code, Status, Streaming};

use crate::call::{Repeat, waits};
use crate::{Client, Error};

/// Whether nothing more happens to a pipeline by itself. A held one is not finished: it waits for a decision.
pub fn is_finished(pipeline: &v1::Pipeline) -> bool {
    matches!(
        pipeline.state(),
        v1::PipelineState::Completed
            | v1::PipelineState::CompletedWithFailures
            | v1::PipelineState::Failed
            | v1::PipelineState::Cancelled
    )
}

/// The statuses of one pipeline: the newest at once, then the newest after every change, until it has finished.
///
/// A broken connection, a takeover and a coordinator that finds this reader too slow are not the reader's business:
/// the stream is opened again where it ended.
pub struct Watch {
    client: Client,
    pipeline_id: String,
    resume_token: String,
    stream: Option<(String, Streaming<v1::WatchPipelineResponse>)>,
    is_finished: bool,
    /// Since when no stream has given anything.
    broken_since: Option<Instant>,
}

impl Watch {
    pub(crate) fn new(client: Client, pipeline_id: &str) -> Self {
        Self {
            client,
            pipeline_id: pipeline_id.to_owned(),
            resume_token: String::new(),
            stream: None,
            is_finished: false,
            broken_since: None,
        }
    }

    /// The next status; `None` after that of a finished pipeline.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such pipeline (any more); [`Error::Unavailable`] or [`Error::Connect`] if
    /// no coordinator leads for longer than calls are repeated. Calling again tries again.
    pub async fn next(&mut self) -> Result<Option<v1::Pipeline>, Error> {
        if self.is_finished {
            return Ok(None);
        }
        let patience = self.client.channels.settings.retry_for;
        let mut waits = waits();
        loop {
            let opened = Instant::now();
            let error = match self.read().await {
                Err(error) if error.is_retryable() => error,
                done => return done.map(Some),
            };
            // A stream that was open for long has done its part: only those that break again and again count.
            let since = match self.broken_since {
                Some(since) if opened.elapsed() < patience => since,
                _ => *self.broken_since.insert(Instant::now()),
            };
            if since.elapsed() >= patience {
                self.broken_since = None;
                return Err(error);
            }
            tokio::time::sleep(waits.next().unwrap_or_default()).await;
        }
    }

    /// A response of the stream, opened if there is none.
    async fn read(&mut self) -> Result<v1::Pipeline, Error> {
        if self.stream.is_none() {
            self.stream = Some(self.open().await?);
        }
        let (address, stream) = self.stream.as_mut().expect("opened above");
        let status = match stream.message().await {
            Ok(Some(response)) => {
                let pipeline = response.pipeline.unwrap_or_default();
                self.resume_token = response.resume_token;
                self.is_finished = is_finished(&pipeline);
                self.broken_since = None;
                return Ok(pipeline);
            }
            Ok(None) => Status::unavailable("the coordinator ended the stream before the pipeline"),
            Err(status) => status,
        };
        // Too slow a reader is told so by the coordinator; coming back is what it asks for.
        let error = match status.code() {
            Code::Aborted => Error::from(Status::unavailable(status.message())),
            _ => Error::from(status),
        };
        let (error, _) = self.client.learn(address, error);
        self.stream = None;
        Err(error)
    }

    async fn open(&self) -> Result<(String, Streaming<v1::WatchPipelineResponse>), Error> {
        let request = v1::WatchPipelineRequest {
            pipeline_id: self.pipeline_id.clone(),
            resume_token: self.resume_token.clone(),
        };
        let stream = self
            .client
            .ask(Repeat::Always, request, |mut client, request| async move {
                client.watch_pipeline(request).await
            })
            .await?;
        Ok((self.client.channels.address(), stream))
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("pipeline_id", &self.pipeline_id).finish_non_exhaustive()
    }
}
