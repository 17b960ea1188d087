//! The gRPC services: requests become commands of the engine's handle, answers become responses. No decisions.
//!
//! With [`edgraph_shared::wire`] and the clients the only code that sees proto types. The services
//! stand on a [`Seat`]: they are there while this coordinator waits as a standby, and then say who leads.

mod config;
mod descriptors;
mod connections;
mod listener;
mod access;
mod pipelines;
mod items;
mod told;
mod watch;
mod pages;
mod workers;
mod admin;
mod graph;
mod stream_life;
mod refusal;
mod health;

use std::time::Duration;

use edgraph_proto::v1::admin_service_server::AdminServiceServer;
use edgraph_proto::v1::graph_service_server::GraphServiceServer;
use edgraph_proto::v1::pipeline_service_server::PipelineServiceServer;
use edgraph_proto::v1::worker_service_server::WorkerServiceServer;
use edgraph_shared::model::MAX_MESSAGE_LEN;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::service::interceptor::InterceptorLayer;
use tonic::transport::Server;
use tonic_reflection::server as reflection;

use crate::engine::Seat;
use access::Guarded;

pub use access::{Role, Tokens, TokensError};
pub use config::{ConfigError, ServeConfig, Tls, TlsFiles};
pub(crate) use descriptors::room_for_connections;
pub use descriptors::{TooFewDescriptors, raise_descriptors};
pub use graph::{AnswerQueries, Queries};
pub(crate) use listener::{Door, Visit, note_asked};

/// What services and messages there are, encoded.
pub(crate) const DESCRIPTORS: &[u8] = edgraph_proto::FILE_DESCRIPTOR_SET;
/// Half-open connections are noticed by pings: without them a vanished peer holds its stream for ever.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(10));
/// Calls under way on one connection; more wait. A client needs a handful, a page with many readers some dozens.
const MAX_STREAMS: u32 = 256;
/// Connections that have not ended this long after the shutdown are dropped.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The transport failed, or does not take the certificate.
    #[error("the gRPC server failed: {}", reason(.0))]
    Transport(#[from] tonic::transport::Error),
    /// The JSON face's listener failed.
    #[error("the HTTP server failed: {0}")]
    Http(std::io::Error),
    /// The listener's address does not go with the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// The transport's own message says only that something failed; its source says what.
fn reason(error: &tonic::transport::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// All services of the coordinator, to serve alone or beside others, with health and reflection. Tasks that follow
/// the seat and the tokens file run until `shutdown`.
///
/// Health is open to everybody, since probes carry no tokens. Reflection takes a token of any role.
pub async fn router(seat: Seat, config: &ServeConfig, shutdown: CancellationToken) -> Routes {
    let pipelines = pipelines::Pipelines::new(seat.clone(), shutdown.clone());
    let workers = workers::Workers::new(seat.clone(), shutdown.clone());
    let admin = admin::Admin::new(seat.clone());
    let graph = graph::Graph::new(config.graph.clone(), seat.clone(), shutdown.clone());

    let has_graph = config.graph.is_some();
    let (reporter, health) = tonic_health::server::health_reporter();
    // Before anybody can ask.
    health::say(&reporter, &seat, has_graph).await;
    tokio::spawn(health::follow(reporter, seat, has_graph, shutdown.clone()));
    tokio::spawn(config.tokens.clone().follow_file(shutdown));

    let descriptors = || {
        reflection::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Old clients, grpcurl's among them, ask v1alpha only.
    let v1 = descriptors().build_v1().expect("the compiler made the descriptors");
    let v1alpha = descriptors().build_v1alpha().expect("the compiler made the descriptors");

    let pipelines = PipelineServiceServer::new(pipelines).max_decoding_message_size(MAX_MESSAGE_LEN);
    let workers = WorkerServiceServer::new(workers).max_decoding_message_size(MAX_MESSAGE_LEN);
    let tokens = &config.tokens;
    Routes::new(Guarded::new(pipelines, tokens))
        .add_service(Guarded::new(workers, tokens))
        .add_service(Guarded::new(AdminServiceServer::new(admin), tokens))
        .add_service(Guarded::new(GraphServiceServer::new(graph), tokens))
        .add_service(Guarded::new(v1, tokens))
        .add_service(Guarded::new(v1alpha, tokens))
        .add_service(health)
}

/// Serves all services on a bound listener until `shutdown`, then for a short grace.
///
/// # Errors
/// [`ServeError`] if the listener is open to strangers and nothing keeps them out, or the transport fails.
pub async fn serve(
    listener: TcpListener,
    seat: Seat,
    config: ServeConfig,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    if let Ok(address) = listener.local_addr() {
        config.check(address)?;
        if config.tls.is_none() && !config.tokens.is_open() && !address.ip().is_loopback() {
            tracing::warn!(%address, "tokens travel unencrypted; give a certificate, or keep the network private");
        }
    }
    let (interval, timeout) = KEEPALIVE;
    let limit = config.max_connections.unwrap_or_else(descriptors::room_for_connections);
    let incoming = listener::incoming(listener, limit);
    let mut server = Server::builder()
        .http2_keepalive_interval(Some(interval))
        .http2_keepalive_timeout(Some(timeout))
        .max_concurrent_streams(MAX_STREAMS);
    if let Some(tls) = &config.tls {
        server = server.tls_config(tls.to_server())?;
    }
    let server = server
        .layer(InterceptorLayer::new(listener::Asking))
        .add_routes(router(seat, &config, shutdown.clone()).await)
        .serve_with_incoming_shutdown(incoming, shutdown.clone().cancelled_owned());
    tokio::select! {
        served = server => Ok(served?),
        () = async { shutdown.cancelled().await; tokio::time::sleep(SHUTDOWN_GRACE).await } => Ok(()),
    }
}

#[cfg(test)]
mod tests;
