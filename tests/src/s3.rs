//! An S3 API over HTTP: a real server on a port of its own, with Signature Version 4 verified and objects in memory.
//!
//! The protocol, its XML and the signatures are the `s3s` crate's. The bucket behind it ([`bucket`]) keeps S3's
//! promises to the letter: puts are atomic, conditions are checked in the same moment, checksums are verified. It
//! logs every request and misbehaves by script ([`script`]). It runs in a thread with a runtime of its own, so that a
//! test which blocks its runtime cannot stall it.
//!
//! What it fakes is Amazon's side of the wire, and one bucket. It must not be kinder than S3: a request without a valid
//! signature, a condition that does not hold and a checksum that is wrong are refused as S3 refuses them. Nor stricter:
//! nothing fails unless a test's script says so.

mod bucket;
mod body;
mod script;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::response::Response;
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use tokio::net::TcpSocket;
use tokio_util::sync::CancellationToken;

use self::bucket::Bucket;
pub use self::bucket::Lapse;
use self::script::Script;
pub use self::script::{Fault, Request};
use crate::socket::{BreakableListener, Connection, Line};

/// The one bucket there is.
const BUCKET: &str = "edgraph-test";
const REGION: &str = "us-east-1";
const ACCESS_KEY: &str = "AKIDEDGRAPHTEST";
const SECRET_KEY: &str = "a-secret-that-opens-nothing-else";
/// Connections waiting to be accepted; plenty for a test.
const BACKLOG: u32 = 1_024;

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    service: S3Service,
    bucket: Bucket,
    script: Arc<Script>,
    standing: Mutex<Standing>,
}

/// Whether the server is up.
#[derive(Debug)]
enum Standing {
    Up {
        stop: CancellationToken,
        thread: JoinHandle<()>,
    },
    /// The port is kept but not listened on: connections are refused, and nobody else can take it meanwhile.
    Down {
        port: TcpSocket,
    },
    /// Between the two, and at the end.
    Stopped,
}

impl Standing {
    /// Closes the port and all connections; returns when they are closed. False if it was not up.
    fn stop(&mut self) -> bool {
        match std::mem::replace(self, Self::Stopped) {
            Self::Up { stop, thread } => {
                stop.cancel();
                // A panic of the server thread has been printed; the test's own assertions say what it broke.
                let _ = thread.join();
                true
            }
            other => {
                *self = other;
                false
            }
        }
    }
}

impl S3Server {
    /// An empty bucket on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When the port cannot be bound or the thread cannot be started.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// An empty bucket at an address, for a server that comes where another one stood.
    ///
    /// # Errors
    /// As [`S3Server::start`].
    pub fn start_at(address: SocketAddr) -> anyhow::Result<Self> {
        let bucket = Bucket::new(BUCKET);
        let mut service = S3ServiceBuilder::new(bucket.clone());
        service.set_auth(OneKey);
        let (service, script) = (service.build(), Arc::default());
        let port = bind(address)?;
        let address = port.local_addr()?;
        let standing = Mutex::new(serve(port, &service, &script)?);
        Ok(Self { address, service, bucket, script, standing })
    }

    /// Where it listens.
    pub fn socket_address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:{port}`, without a slash at the end.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The name of the bucket.
    pub fn bucket(&self) -> &str {
        BUCKET
    }

    /// The access key and its secret.
    pub fn keys(&self) -> (&str, &str) {
        (ACCESS_KEY, SECRET_KEY)
    }

    /// What `--store` takes, for the part of the bucket under `prefix` (all of it if empty).
    pub fn address(&self, prefix: &str) -> String {
        let slash = if prefix.is_empty() { "" } else { "/" };
        format!("s3://{BUCKET}{slash}{prefix}?endpoint={}&region={REGION}&path-style=true", self.endpoint())
    }

    /// The environment of a process that is to use this server, and nothing of the machine it runs on.
    pub fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Closes the port and all connections; the objects stay. Doing it twice is doing it once.
    ///
    /// # Panics
    /// When the port cannot be kept.
    pub fn down(&self) {
        let mut standing = self.standing();
        if standing.stop() {
            *standing = Standing::Down { port: bind(self.address).expect("the port was ours") };
        }
    }

    /// Serves again at the same address, with the same objects.
    ///
    /// # Panics
    /// When the address cannot be served.
    pub fn up(&self) {
        let mut standing = self.standing();
        match std::mem::replace(&mut *standing, Standing::Stopped) {
            Standing::Down { port } => {
                *standing = serve(port, &self.service, &self.script).expect("a thread can be started");
            }
            other => *standing = other,
        }
    }

    /// The next `requests` are served as they should be, before the faults that are added after this.
    pub fn spare(&self, requests: usize) {
        self.script.spare(requests);
    }

    /// The next `requests` are answered 503 `SlowDown`.
    pub fn slow_down(&self, requests: usize) {
        self.script.add(Fault::SlowDown, requests);
    }

    /// The next `requests` meet a reset connection in place of being served.
    pub fn reset(&self, requests: usize) {
        self.script.add(Fault::Reset, requests);
    }

    /// The next `requests` are served, and their connections reset in place of the reply.
    pub fn lose_replies(&self, requests: usize) {
        self.script.add(Fault::LostReply, requests);
    }

    /// The next `requests` are answered with the head of the answer and so many bytes of the body.
    pub fn cut_bodies(&self, requests: usize, keep: usize) {
        self.script.add(Fault::CutBody { keep }, requests);
    }

    /// Every request is served so much later, until another delay is set.
    pub fn delay(&self, delay: Duration) {
        self.script.set_delay(delay);
    }

    /// Every request is answered 400 `ExpiredToken`, until [`S3Server::renew_credentials`].
    pub fn expire_credentials(&self) {
        self.script.set_expired(true);
    }

    /// Credentials are good again.
    pub fn renew_credentials(&self) {
        self.script.set_expired(false);
    }

    /// From now on a promise of S3 is not kept.
    pub fn lapse(&self, lapse: Lapse) {
        self.bucket.lapse(lapse);
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.script.requests()
    }

    /// How many requests met a scripted fault: a fault test asserts that this is not zero.
    pub fn faults_met(&self) -> usize {
        self.requests().iter().filter(|request| request.fault.is_some()).count()
    }

    /// The names of all objects in the bucket, sorted, as no client's listing shows them.
    pub fn objects(&self) -> Vec<String> {
        self.bucket.names()
    }

    /// How many uploads in parts were begun and neither completed nor aborted.
    pub fn open_uploads(&self) -> usize {
        self.bucket.open_uploads()
    }

    /// Changes a byte of a stored object behind everybody's back; its checksum stays as it was.
    ///
    /// # Panics
    /// When there is no such object, or it is empty.
    pub fn corrupt(&self, name: &str) {
        self.bucket.corrupt(name);
    }

    fn standing(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().expect("no thread panics while it holds the standing")
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        if let Ok(standing) = self.standing.get_mut() {
            standing.stop();
        }
    }
}

/// A port that is ours and not listened on yet.
fn bind(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections of a server that stood here may still be winding down.
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| format!("cannot bind {address}"))?;
    Ok(socket)
}

fn serve(port: TcpSocket, service: &S3Service, script: &Arc<Script>) -> anyhow::Result<Standing> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listener = {
        let _context = runtime.enter();
        port.listen(BACKLOG)?
    };
    let site = Site { service: service.clone(), script: Arc::clone(script) };
    let app =
        Router::new().fallback(reply).with_state(site).into_make_service_with_connect_info::<Connection>();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let thread = std::thread::Builder::new().name("s3".to_owned()).spawn(move || {
        let serving = async { axum::serve(BreakableListener(listener), app).await };
        runtime.block_on(stopped.run_until_cancelled(serving));
        // Dropping the runtime here closes the connections that are still open.
    })?;
    Ok(Standing::Up { stop, thread })
}

/// The one access key there is. Any other is answered in S3's own words.
struct OneKey;

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == ACCESS_KEY { Ok(SECRET_KEY.into()) } else { Err(s3_error!(InvalidAccessKeyId)) }
    }
}

#[derive(Clone)]
struct Site {
    service: S3Service,
    script: Arc<Script>,
}

async fn reply(
    State(site): State<Site>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: HttpRequest,
) -> Response {
    let (entry, fault) = site.script.arrived(request.method().as_str(), request.uri());
    tokio::time::sleep(site.script.delay()).await;
    let response = match &fault {
        Some(Fault::SlowDown) => script::slow_down(),
        Some(Fault::Expired) => script::expired(),
        Some(Fault::Reset) => {
            connection.set_line(Line::Reset);
            return Response::default();
        }
        Some(Fault::LostReply) => {
            // The object is written, and nobody hears of it.
            let _ = serve_request(&site, request).await;
            connection.set_line(Line::Reset);
            return Response::default();
        }
        Some(Fault::CutBody { keep }) => {
            let response = serve_request(&site, request).await;
            connection.set_line(Line::CutAfter(*keep));
            response
        }
        None => serve_request(&site, request).await,
    };
    site.script.answered(entry, response.status().as_u16());
    response
}

async fn serve_request(site: &Site, request: HttpRequest) -> Response {
    match site.service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => script::internal_error(&format!("{error:?}")),
    }
}

#[cfg(test)]
mod tests;
