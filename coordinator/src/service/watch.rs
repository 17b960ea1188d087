//! WatchPipeline: the newest status, then the newest after every change, for readers of any speed.
//!
//! One response waits for the reader at a time; what changes meanwhile is told by the next one. So a slow reader
//! costs one status, and one that does not read at all is let go after [`PATIENCE`].

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use edgraph_proto::v1;
use edgraph_shared::model::PipelineStatus;
use edgraph_shared::wire::pipeline;
use futures::{Stream, StreamExt, stream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::refusal::{stopping, too_slow};
use super::stream_life::StreamLife;

/// A reader that takes nothing for so long is told to come back: its stream holds memory here.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The responses of one stream. Ends with the pipeline, or with the reason why it ends before.
pub(super) fn responses(
    statuses: watch::Receiver<Arc<PipelineStatus>>,
    resume_token: String,
    life: StreamLife,
    patience: Duration,
) -> impl Stream<Item = Result<v1::WatchPipelineResponse, Status>> + Send {
    let (responses, stream) = mpsc::channel(1);
    // Apart from the responses: the reason must not wait behind a response that nobody takes.
    let (reason, ended) = oneshot::channel();
    tokio::spawn(async move {
        if let Err(status) = tell(statuses, resume_token, life, patience, &responses).await {
            // The reader may be gone.
            let _ = reason.send(status);
        }
    });
    let last = stream::once(ended).filter_map(|reason| std::future::ready(reason.ok().map(Err)));
    ReceiverStream::new(stream).map(Ok).chain(last)
}

async fn tell(
    mut statuses: watch::Receiver<Arc<PipelineStatus>>,
    resume_token: String,
    mut life: StreamLife,
    patience: Duration,
    responses: &mpsc::Sender<v1::WatchPipelineResponse>,
) -> Result<(), Status> {
    let mut told = resume_token;
    loop {
        let status = statuses.borrow_and_update().clone();
        let token = token(&status);
        if token != told {
            told.clone_from(&token);
            let response = v1::WatchPipelineResponse {
                pipeline: Some(pipeline::status_to(&status)),
                resume_token: token,
            };
            tokio::select! {
                reason = life.ended() => return Err(reason),
                sent = responses.send_timeout(response, patience) => match sent {
                    Ok(()) => {}
                    Err(mpsc::error::SendTimeoutError::Timeout(_)) => return Err(too_slow(patience)),
                    Err(mpsc::error::SendTimeoutError::Closed(_)) => return Ok(()),
                },
            }
        }
        if status.state.is_finished() {
            return Ok(());
        }
        tokio::select! {
            reason = life.ended() => return Err(reason),
            changed = statuses.changed() => if changed.is_err() {
                return Err(life.reason(stopping));
            },
            () = responses.closed() => return Ok(()),
        }
    }
}

/// Names a status: when it was, and what it says. The time alone would not do, since much happens in a millisecond.
fn token(status: &PipelineStatus) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{status:?}").hash(&mut hasher);
    format!("{:x}-{:016x}", status.updated_ms, hasher.finish())
}
