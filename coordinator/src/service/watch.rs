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

/// How often a watch looks whether the tracker is away.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What a pipeline then waits for.
const TRACKER_AWAY: &str =
    "the tracker does not answer: nothing is granted and nothing recorded until it does";

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
        let status = shown(&statuses.borrow_and_update(), &life);
        let (token, is_last) = (token(&status), status.state.is_finished());
        // The last status is told in any case: whoever asks must learn it from this stream.
        if token != told || is_last {
            told.clone_from(&token);
            let response = v1::WatchPipelineResponse {
                pipeline: Some(pipeline::status_to(&status)),
                resume_token: token,
            };
            tokio::select! {
                biased;
                sent = responses.send_timeout(response, patience) => match sent {
                    Ok(()) => {}
                    Err(mpsc::error::SendTimeoutError::Timeout(_)) => return Err(too_slow(patience)),
                    Err(mpsc::error::SendTimeoutError::Closed(_)) => return Ok(()),
                },
                reason = life.ended() => return Err(reason),
            }
        }
        if is_last {
            return Ok(());
        }
        tokio::select! {
            biased;
            // Before the reason to end: the pipeline's last status is told even by a coordinator that stops.
            changed = statuses.changed() => if changed.is_err() {
                return Err(life.reason(stopping));
            },
            reason = life.ended() => return Err(reason),
            () = responses.closed() => return Ok(()),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// The status as it is told: no commit can say that the tracker is away.
fn shown(status: &Arc<PipelineStatus>, life: &StreamLife) -> Arc<PipelineStatus> {
    if status.state.is_finished() || !life.tracker_is_away() {
        return Arc::clone(status);
    }
    Arc::new(PipelineStatus { waiting_for: TRACKER_AWAY.to_owned(), ..PipelineStatus::clone(status) })
}

/// Names a status: when it was, and what it says. The time alone would not do, since much happens in a millisecond.
fn token(status: &PipelineStatus) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{status:?}").hash(&mut hasher);
    format!("{:x}-{:016x}", status.updated_ms, hasher.finish())
}
