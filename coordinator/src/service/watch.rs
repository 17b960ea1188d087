//! WatchPipeline: the newest status, then the newest after every change, for readers of any speed.
//!
//! One response waits for the reader at a time; what changes meanwhile is told by the next one. So a slow reader
//! costs one status, and one that does not read at all is let go after [`super::told::PATIENCE`].

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use edgraph_proto::v1;
use edgraph_shared::model::PipelineStatus;
use edgraph_shared::wire::pipeline;
use futures::Stream;
use tokio::sync::watch;
use tonic::Status;

use super::refusal::{stopping, too_slow};
use super::stream_life::StreamLife;
use super::told::{Reader, Unread, told};

/// How often a watch looks whether the tracker is away.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What a reader does that was let go.
const COME_BACK: &str = "call again with the resume_token of the last response";
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
    told(patience, move |reader| tell(statuses, resume_token, life, reader))
}

async fn tell(
    mut statuses: watch::Receiver<Arc<PipelineStatus>>,
    resume_token: String,
    mut life: StreamLife,
    reader: Reader<v1::WatchPipelineResponse>,
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
                sent = reader.tell(response) => match sent {
                    Ok(()) => {}
                    Err(Unread::Slow(patience)) => return Err(too_slow(patience, COME_BACK)),
                    Err(Unread::Gone) => return Ok(()),
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
            () = reader.gone() => return Ok(()),
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
