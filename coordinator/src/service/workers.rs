//! WorkerService: one stream per worker. Bytes in, commands out; the engine's messages back.

use std::pin::Pin;

use edgraph_proto::v1;
use edgraph_proto::v1::worker_service_server::WorkerService;
use edgraph_shared::model::{CoordinatorMessage, WorkerMessage};
use edgraph_shared::wire::stream::{coordinator_message_to, worker_message_from};
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::refusal::{bad_request, refused};
use crate::engine::EngineHandle;

/// Responses between this task and the transport: the engine's own queue for the worker stands behind it.
const RESPONSES_LEN: usize = 16;

pub(super) struct Workers {
    engine: EngineHandle,
    shutdown: CancellationToken,
}

impl Workers {
    pub(super) fn new(engine: EngineHandle, shutdown: CancellationToken) -> Self {
        Self { engine, shutdown }
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
        let (engine, shutdown) = (self.engine.clone(), self.shutdown.clone());
        tokio::spawn(async move {
            if let Err(status) = converse(engine, request.into_inner(), &responses, shutdown).await {
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
    engine: EngineHandle,
    mut requests: Streaming<v1::WorkRequest>,
    responses: &Responses,
    shutdown: CancellationToken,
) -> Result<(), Status> {
    let hello = tokio::select! {
        () = shutdown.cancelled() => return Err(Status::unavailable("the coordinator is stopping")),
        first = requests.next() => match first {
            Some(first) => worker_message_from(first?).map_err(bad_request)?,
            None => return Ok(()),
        },
    };
    let WorkerMessage::Hello(hello) = hello else {
        return Err(Status::invalid_argument("the first message of a stream must be Hello"));
    };
    let mut session = engine.connect(hello).await.map_err(refused)?;
    let messages = session.take_messages();

    let inbound = async {
        while let Some(request) = requests.next().await {
            let message = worker_message_from(request?).map_err(bad_request)?;
            session.handle(message).await.map_err(refused)?;
        }
        Ok(())
    };
    // Either end closes the stream: the worker by ending its half, the engine by ending its messages.
    tokio::select! {
        ended = inbound => ended,
        ended = outbound(messages, responses) => ended,
    }
}

async fn outbound(
    mut messages: mpsc::Receiver<CoordinatorMessage>,
    responses: &Responses,
) -> Result<(), Status> {
    let mut drained = false;
    while let Some(message) = messages.recv().await {
        drained |= matches!(message, CoordinatorMessage::Drain { .. });
        if responses.send(Ok(coordinator_message_to(message))).await.is_err() {
            return Ok(());
        }
    }
    match drained {
        true => Ok(()),
        false => Err(Status::aborted("replaced by a newer stream, or the worker reads too slowly")),
    }
}
