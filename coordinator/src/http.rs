//! The API as plain JSON over HTTP, for those without gRPC: the page that is served beside it, scripts, `curl`.
//!
//! ```text
//! GET /api/v1/pipelines/nightly ─▶ routes: which method ─▶ request: JSON to its message
//!                                     ▲ strangers stay out        │
//!            JSON, or server-sent events ◀─ codec ◀─ the gRPC services, in this process
//! GET / ─▶ page: files as they are   graph's rows ◀─ rows
//! ```
//! It translates and implements nothing: what a call may do, to whom it is answered and what an error says is decided
//! by the services, which are asked as any other client asks them.

mod routes;
mod codec;
mod rows;
mod request;
mod refusal;
mod strangers;
mod page;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{Method, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use prost_reflect::{DescriptorPool, DynamicMessage};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::Streaming;
use tonic::service::Routes;

use crate::engine::{Recorder, Seat};
use crate::service::{self, Door, ServeConfig, ServeError, Visit, note_asked};
use refusal::Refusal;
use routes::{Parts, Route};
use strangers::Callers;

pub use codec::DynamicCodec;

/// Readers of a stream hear something this often, so that nobody between takes the silence for the end.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Connections that have not ended this long after the shutdown are dropped.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Of the connections that the process has room for, one in so many may be this listener's.
const SHARE_OF_CONNECTIONS: usize = 4;

#[derive(Clone)]
struct Face {
    services: Routes,
    pool: DescriptorPool,
    seat: Seat,
    callers: Callers,
    recorder: Option<Recorder>,
}

/// Serves on a bound listener until `shutdown`.
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
        config.check_unencrypted(address)?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "the JSON face is not encrypted; keep the network private, or a proxy before it");
        }
    }
    let pool = DescriptorPool::decode(service::DESCRIPTORS).expect("the compiler made it");
    let services = service::router(seat.clone(), &config, shutdown.clone()).await;
    let callers = if config.tokens.is_open() && !config.insecure { Callers::Anybody } else { Callers::Known };
    let router = Router::new().fallback(answer).with_state(Face {
        services,
        pool,
        seat,
        callers,
        recorder: config.recorder.clone(),
    });
    let limit =
        config.max_connections.unwrap_or_else(|| service::room_for_connections() / SHARE_OF_CONNECTIONS);
    let visitors = router.into_make_service_with_connect_info::<Visit>();
    let serving = axum::serve(Door::new(listener, limit), visitors)
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tokio::select! {
        served = serving => served.map_err(ServeError::Http),
        () = async { shutdown.cancelled().await; tokio::time::sleep(SHUTDOWN_GRACE).await } => Ok(()),
    }
}

async fn answer(State(face): State<Face>, request: axum::extract::Request) -> Response {
    let answered = face.answer(request).await;
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    response
}

impl Face {
    async fn answer(&self, mut request: axum::extract::Request) -> Result<Response, Refusal> {
        // Under the name by which the services look for it.
        if let Some(ConnectInfo(visit)) = request.extensions_mut().remove::<ConnectInfo<Visit>>() {
            request.extensions_mut().insert(visit);
        }
        note_asked(request.extensions());
        match request.uri().path() {
            "/livez" => return Ok("the process lives\n".into_response()),
            "/readyz" => return Ok(self.readiness()),
            "/metrics" => return self.metrics(request).await,
            _ => {}
        }
        strangers::keep_out(&request, self.callers)?;
        let path = request.uri().path().to_owned();
        if let Some(file) = page::file(request.method(), &path) {
            return Ok(file);
        }
        let (route, parts) = routes::find(request.method(), &path)?;
        self.ask(route, parts, request).await
    }

    /// Asks the services, as any other client does.
    async fn ask(
        &self,
        route: &Route,
        parts: Parts<'_>,
        request: axum::extract::Request,
    ) -> Result<Response, Refusal> {
        let visit = request.extensions().get::<Visit>().cloned();
        let method = self.pool.get_service_by_name(route.service).and_then(|service| {
            let mut methods = service.methods();
            methods.find(|method| method.name() == route.method)
        });
        let method = method.expect("a test holds the routes against the descriptors");
        let token = request.headers().get(header::AUTHORIZATION).cloned();
        let message = request::message(&method.input(), parts, request).await?;
        let mut asked = tonic::Request::new(message);
        if let Some(token) = token.and_then(|token| token.to_str().ok()?.parse().ok()) {
            asked.metadata_mut().insert("authorization", token);
        }
        visit.map(|visit| asked.extensions_mut().insert(visit));
        let path = format!("/{}/{}", route.service, route.method);
        let path = path.parse().expect("names of methods are paths");
        let mut grpc = tonic::client::Grpc::new(self.services.clone());
        let codec = DynamicCodec(method.output());
        if method.is_server_streaming() {
            let responses = grpc.server_streaming(asked, path, codec).await?.into_inner();
            if route.service == routes::GRAPH {
                return rows::document(responses).await;
            }
            return Ok(Sse::new(events(responses))
                .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
                .into_response());
        }
        let response = grpc.unary(asked, path, codec).await?.into_inner();
        Ok(codec::answer(StatusCode::OK, codec::text(&response)))
    }

    /// What monitoring asks for, told to those who may look at workers. A standby has it too.
    async fn metrics(&self, request: axum::extract::Request) -> Result<Response, Refusal> {
        strangers::keep_out(&request, self.callers)?;
        let absent = || Refusal::of(StatusCode::NOT_FOUND, "NOT_FOUND", "this process counts nothing");
        let recorder = self.recorder.as_ref().ok_or_else(absent)?;
        let (route, _) = routes::find(&Method::GET, "/api/v1/scaling")?;
        let asked = self.ask(route, Vec::new(), request).await;
        if let Err(refusal) = asked
            && matches!(refusal.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        {
            return Err(refusal);
        }
        let signal = match self.seat.engine() {
            Ok(engine) => engine.scaling_signal().await.ok(),
            Err(_) => None,
        };
        Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], recorder.render(signal)).into_response())
    }

    /// 200 while this coordinator leads.
    fn readiness(&self) -> Response {
        match self.seat.engine() {
            Ok(_) => "leads\n".into_response(),
            Err(standby) => (StatusCode::SERVICE_UNAVAILABLE, format!("{standby}\n")).into_response(),
        }
    }
}

/// Each message as an event, and what ends the stream before its time as the last one, named `error`.
fn events(responses: Streaming<DynamicMessage>) -> impl Stream<Item = Result<Event, Infallible>> {
    responses.map(|response| {
        Ok(match response {
            Ok(message) => Event::default().data(codec::text(&message)),
            Err(status) => Event::default().event("error").data(Refusal::from(status).text()),
        })
    })
}
