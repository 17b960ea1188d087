//! EC2's instance metadata service (IMDSv2), as far as it announces the end of a machine.
//!
//! Like the real one it wants a token that was asked for by PUT with a time to live, answers 401 without one and 404
//! where there is nothing to say. A test announces, lets tokens expire, makes trouble, and reads in the log what was
//! asked and answered. It runs in a thread with a runtime of its own.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use s3s::dto::{Timestamp, TimestampFormat};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const TOKEN_PATH: &str = "/latest/api/token";
/// Where an interruption is announced.
pub const ACTION_PATH: &str = "/latest/meta-data/spot/instance-action";
/// Where a rebalance recommendation is.
pub const REBALANCE_PATH: &str = "/latest/meta-data/events/recommendations/rebalance";
/// The longest life of a token, in seconds.
const MAX_TTL: u64 = 21_600;

/// What the service does instead of answering documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// This status, for tokens too.
    Status(u16),
    /// Status 200, and a page of HTML.
    Garbage,
    /// Nothing, for an hour.
    Silence,
}

/// One request as the service saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// When it came.
    pub at: Instant,
    /// The status answered; none when nothing was answered.
    pub status: Option<u16>,
    /// The trouble it met.
    pub trouble: Option<Trouble>,
}

#[derive(Debug, Default)]
struct Service {
    interruption: Option<String>,
    rebalance: Option<String>,
    trouble: Option<Trouble>,
    tokens: BTreeSet<String>,
    /// Tokens given out so far; it numbers them.
    given: usize,
    requests: Vec<Request>,
}

type Shared = Arc<Mutex<Service>>;

/// A running service; dropping it stops it.
#[derive(Debug)]
pub struct MetadataServer {
    address: SocketAddr,
    service: Shared,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl MetadataServer {
    /// Starts it on a free port of 127.0.0.1, with nothing to announce.
    ///
    /// # Errors
    /// When there is no port or no thread.
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (service, stop) = (Shared::default(), CancellationToken::new());
        let (served, stopped) = (Arc::clone(&service), stop.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("metadata".to_owned()).spawn(move || {
            runtime.block_on(stopped.run_until_cancelled(serve(listener, served)));
        })?;
        Ok(Self { address, service, stop, thread: Some(thread) })
    }

    /// `http://127.0.0.1:{port}`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Announces that the machine is taken away so long from now; gives the moment.
    pub fn interrupt(&self, action: &str, left: Duration) -> Instant {
        let time = iso(SystemTime::now() + left);
        self.service().interruption = Some(json!({"action": action, "time": time}).to_string());
        Instant::now() + left
    }

    /// Recommends to replace the machine.
    pub fn rebalance(&self) {
        self.service().rebalance = Some(json!({"noticeTime": iso(SystemTime::now())}).to_string());
    }

    /// No token that was given is valid any more.
    pub fn expire_tokens(&self) {
        self.service().tokens.clear();
    }

    /// From now on, until told otherwise.
    pub fn make_trouble(&self, trouble: Option<Trouble>) {
        self.service().trouble = trouble;
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.service().requests.clone()
    }

    /// How often a document was asked for and answered with a status.
    pub fn answered(&self, path: &str, status: u16) -> usize {
        let such = |request: &&Request| request.path == path && request.status == Some(status);
        self.service().requests.iter().filter(such).count()
    }

    /// How many requests met a trouble.
    pub fn met(&self, trouble: Trouble) -> usize {
        self.service().requests.iter().filter(|request| request.trouble == Some(trouble)).count()
    }

    /// How many tokens were given out.
    pub fn tokens_given(&self) -> usize {
        self.service().given
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        lock(&self.service)
    }
}

impl Drop for MetadataServer {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, service: Shared) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking");
    let app = Router::new().fallback(reply).with_state(service);
    if let Err(error) = axum::serve(listener, app).await {
        eprintln!("metadata server: {error}");
    }
}

async fn reply(State(service): State<Shared>, request: HttpRequest) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let (answer, silent) = {
        let mut service = lock(&service);
        let is_token = path == TOKEN_PATH;
        let trouble = service.trouble.filter(|trouble| !is_token || matches!(trouble, Trouble::Status(_)));
        let answer = match trouble {
            None => service.answer(&method, &path, request.headers()),
            Some(Trouble::Status(status)) => {
                (StatusCode::from_u16(status).expect("the script names a status"), "trouble".to_owned())
            }
            Some(_) => (StatusCode::OK, "<html>busy</html>".to_owned()),
        };
        let silent = trouble == Some(Trouble::Silence);
        let status = (!silent).then_some(answer.0.as_u16());
        service.requests.push(Request { method, path, at: Instant::now(), status, trouble });
        (answer, silent)
    };
    if silent {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
    }
    answer.into_response()
}

impl Service {
    fn answer(&mut self, method: &Method, path: &str, headers: &HeaderMap) -> (StatusCode, String) {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if path == TOKEN_PATH {
            let ttl = header("x-aws-ec2-metadata-token-ttl-seconds").and_then(|ttl| ttl.parse().ok());
            if *method != Method::PUT {
                return (StatusCode::METHOD_NOT_ALLOWED, String::new());
            }
            if !ttl.is_some_and(|ttl: u64| (1..=MAX_TTL).contains(&ttl)) {
                return (StatusCode::BAD_REQUEST, String::new());
            }
            self.given += 1;
            let token = format!("AQAEA-token-{}==", self.given);
            self.tokens.insert(token.clone());
            return (StatusCode::OK, token);
        }
        if !header("x-aws-ec2-metadata-token").is_some_and(|token| self.tokens.contains(token)) {
            return (StatusCode::UNAUTHORIZED, String::new());
        }
        let document = match path {
            ACTION_PATH => self.interruption.clone(),
            REBALANCE_PATH => self.rebalance.clone(),
            _ => None,
        };
        document.map_or((StatusCode::NOT_FOUND, String::new()), |document| (StatusCode::OK, document))
    }
}

fn lock(service: &Shared) -> MutexGuard<'_, Service> {
    service.lock().expect("no thread panics while it holds the service")
}

/// As EC2 writes a time, but for its milliseconds.
fn iso(time: SystemTime) -> String {
    let mut text = Vec::new();
    let written = Timestamp::from(time).format(TimestampFormat::DateTime, &mut text);
    written.expect("the clock shows a year of four digits");
    String::from_utf8(text).expect("digits and letters")
}
