//! The gRPC services: requests become commands of the engine's handle, answers become responses. No decisions.
//!
//! With [`edgraph_shared::wire`] and the clients the only code that sees proto types. [`preset`] is the one table
//! that says what a pipeline kind means.

mod pipelines;
mod workers;
pub mod preset;
mod refusal;

use std::time::Duration;

use edgraph_proto::v1::pipeline_service_server::PipelineServiceServer;
use edgraph_proto::v1::worker_service_server::WorkerServiceServer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::engine::EngineHandle;

/// Largest message taken: 1,000 children with payloads of several KiB. Larger chunks are the sender's to split.
pub const MAX_MESSAGE_LEN: usize = 16 * 1024 * 1024;
/// Half-open connections are noticed by pings: without them a vanished peer holds its stream for ever.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(10));
/// Connections that have not ended this long after the shutdown are dropped.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
#[error("the gRPC server failed: {0}")]
pub struct ServeError(#[from] tonic::transport::Error);

/// All services of the coordinator, to serve alone or beside others.
pub fn router(engine: EngineHandle, shutdown: CancellationToken) -> Routes {
    let pipelines = pipelines::Pipelines::new(engine.clone(), shutdown.clone());
    let workers = workers::Workers::new(engine, shutdown);
    Routes::new(PipelineServiceServer::new(pipelines).max_decoding_message_size(MAX_MESSAGE_LEN))
        .add_service(WorkerServiceServer::new(workers).max_decoding_message_size(MAX_MESSAGE_LEN))
}

/// Serves all services on a bound listener until `shutdown`, then for a short grace.
pub async fn serve(
    listener: TcpListener,
    engine: EngineHandle,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let (interval, timeout) = KEEPALIVE;
    // Small messages go back and forth: with Nagle's algorithm each would wait for a delayed acknowledgement, 40 ms.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = Server::builder()
        .http2_keepalive_interval(Some(interval))
        .http2_keepalive_timeout(Some(timeout))
        .add_routes(router(engine, shutdown.clone()))
        .serve_with_incoming_shutdown(incoming, shutdown.clone().cancelled_owned());
    tokio::select! {
        served = server => Ok(served?),
        () = async { shutdown.cancelled().await; tokio::time::sleep(SHUTDOWN_GRACE).await } => Ok(()),
    }
}

#[cfg(test)]
mod tests;
