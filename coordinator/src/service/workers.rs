//! WorkerService: one stream per worker. Bytes in, commands out; the engine's messages back.

use std::pin::Pin;

use edgraph_proto::v1;
use edgraph_proto::v1::worker_service_server::WorkerService;
use edgraph_shared::model::{CoordinatorMessage, WorkerMessage};
use edgraph_shared::wire::stream::{Said, coordinator_message_to, said_by_worker};
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::refusal::{bad_request, no_hello, not_leader, refused, replaced, stopping};
use super::stream_life::StreamLife;
use crate::engine::Seat;

/// Responses between this task and the transport: the engine's own queue for the worker stands behind it.
const RESPONSES_LEN: usize = 16;

pub(super) struct Workers {
    seat: Seat,
    shutdown: CancellationToken,
}

impl Workers {
    pub(super) fn new(seat: Seat, shutdown: CancellationToken) -> Self {
        Self { seat, shutdown }
    }
}

#[tonic::async_trait]
impl WorkerService for Workers {
    type WorkStream = Pin<Box<dyn Stream<Item = Result<v1::WorkResponse, Status>> + Send>>;

    /// Returns the response stream at once: a client that waits for headers before it sends Hello must not wait
    /// for ever.
    async fn work(
        &self,
        request: Request<Streaming<v1::WorkRequest>>,
    ) -> Result<Response<Self::WorkStream>, Status> {
        let (responses, stream) = mpsc::channel(RESPONSES_LEN);
        // The engine's own farewell tells workers when to come back, so the stream outlives the shutdown's signal.
        let life = StreamLife::of(&request, &self.seat, &CancellationToken::new());
        let (seat, shutdown) = (self.seat.clone(), self.shutdown.clone());
        tokio::spawn(async move {
            if let Err(status) = converse(seat, life, request.into_inner(), &responses, shutdown).await {
                // The worker may be gone already.
                let _ = responses.send(Err(status)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

type Responses = mpsc::Sender<Result<v1::WorkResponse, Status>>;

/// Runs one stream to its end. The session ends with this function, whatever ends it.
async fn converse(
    seat: Seat,
    mut life: StreamLife,
    mut requests: Streaming<v1::WorkRequest>,
    responses: &Responses,
    shutdown: CancellationToken,
) -> Result<(), Status> {
    let hello = tokio::select! {
        () = shutdown.cancelled() => return Err(stopping()),
        reason = life.ended() => return Err(reason),
        first = requests.next() => match first {
            Some(first) => said_by_worker(first?).map_err(bad_request)?,
            None => return Ok(()),
        },
    };
    let hello = match hello {
        Said::Messages(mut messages) => messages.pop(),
        Said::Refused(_) | Said::Unknown => None,
    };
    let Some(WorkerMessage::Hello(hello)) = hello else {
        return Err(no_hello());
    };
    let worker = hello.worker.clone();
    life.admit_worker(&worker)?;
    let engine = seat.engine().map_err(not_leader)?;
    let mut session = engine.connect(hello).await.map_err(refused)?;
    let messages = session.take_messages();

    let inbound = async {
        let mut warned = false;
        while let Some(request) = requests.next().await {
            let messages = match said_by_worker(request?).map_err(bad_request)? {
                Said::Messages(messages) => messages,
                Said::Unknown => {
                    // Once: a worker that says it at all says it often.
                    if !std::mem::replace(&mut warned, true) {
                        tracing::warn!(
                            %worker,
                            "what this version does not know is ignored: the worker is newer; update this coordinator"
                        );
                    }
                    continue;
                }
                Said::Refused(answer) => {
                    tracing::warn!(%worker, ?answer, "a worker asked for what may not be");
                    if responses.send(Ok(coordinator_message_to(answer))).await.is_err() {
                        return Ok(());
                    }
                    continue;
                }
            };
            for message in messages {
                if let WorkerMessage::Draining { reason, deadline } = &message {
                    tracing::info!(%worker, reason, ?deadline, "a worker is about to stop");
                }
                session.handle(message).await.map_err(refused)?;
            }
        }
        Ok(())
    };
    // Either end closes the stream: the worker by ending its half, the engine by ending its messages.
    tokio::select! {
        ended = inbound => ended,
        farewell = outbound(messages, responses) => match farewell {
            Farewell::Said => Ok(()),
            Farewell::None => Err(life.reason(replaced)),
        },
        reason = life.ended() => Err(reason),
    }
}

/// Whether the engine told the worker that its stream ends.
enum Farewell {
    Said,
    None,
}

async fn outbound(mut messages: mpsc::Receiver<CoordinatorMessage>, responses: &Responses) -> Farewell {
    let mut farewell = Farewell::None;
    while let Some(message) = messages.recv().await {
        if matches!(message, CoordinatorMessage::Reconnect { .. } | CoordinatorMessage::Refused { .. }) {
            farewell = Farewell::Said;
        }
        if responses.send(Ok(coordinator_message_to(message))).await.is_err() {
            return Farewell::Said;
        }
    }
    farewell
}
