//! EDGAR over HTTP: a real server on a port of its own, serving a directory in EDGAR's layout.
//!
//! What it fakes is the SEC's side of the wire: its documents, its rules (a contact in the `User-Agent`, a limit on
//! requests per second, two bases), and the ways in which it fails, by script. It logs every request. It runs in a
//! thread with a runtime of its own, so that a test which blocks its runtime cannot stall it.
//!
//! It must not answer what the real EDGAR would not: a document is a file of the directory as it is, never one made up
//! for a request, and nothing misbehaves unless a test's script says so. It judges nobody; a test reads the log.

mod base;
mod fault;
mod log;
mod answer;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::Context;
use axum::Router;
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{Method, header};
use axum::response::Response;
use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::base::Base;
use self::fault::FaultPlan;
pub use self::fault::{Fault, When};
pub use self::log::{Request, max_per_second};
use self::log::{RequestLog, Standing};
use crate::socket::{BreakableListener, Connection, Line};

/// How a server is to be.
#[derive(Debug)]
pub struct EdgarBuilder {
    directory: PathBuf,
    base: Base,
    address: SocketAddr,
    ban_above: Option<usize>,
    faults: Arc<FaultPlan>,
    log: Arc<RequestLog>,
}

impl EdgarBuilder {
    /// The paths served; [`Base::Both`] if not said.
    pub fn base(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// The address, for a server that comes back where another one stood; a free port of 127.0.0.1 if not said.
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// More than `requests` within any second, and every further request is answered 403.
    pub fn ban_above(mut self, requests: usize) -> Self {
        self.ban_above = Some(requests);
        self
    }

    /// Counts, bans and logs together with `other`: the SEC's hosts have one limit.
    pub fn counting_with(mut self, other: &EdgarServer) -> Self {
        self.log = Arc::clone(&other.log);
        self
    }

    /// Requests whose path contains `pattern` (`*` stands for anything between its parts) meet `fault`.
    pub fn fault(self, pattern: &str, when: When, fault: Fault) -> Self {
        self.faults.add(pattern, when, fault);
        self
    }

    /// Binds the address and serves until [`EdgarServer::stop`] or drop.
    ///
    /// # Errors
    /// When the address cannot be bound or the thread cannot be started.
    pub fn start(self) -> anyhow::Result<EdgarServer> {
        let listener =
            TcpListener::bind(self.address).with_context(|| format!("cannot listen on {}", self.address))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, held) = (CancellationToken::new(), watch::Sender::new(false));
        let site = Arc::new(Site {
            directory: self.directory,
            base: self.base,
            ban_above: self.ban_above,
            faults: Arc::clone(&self.faults),
            log: Arc::clone(&self.log),
            held: held.subscribe(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("edgar".to_owned()).spawn(move || {
            runtime.block_on(stopped.run_until_cancelled(serve(listener, site)));
            // Dropping the runtime here closes the connections that are still open.
        })?;
        Ok(EdgarServer { address, stop, thread: Some(thread), faults: self.faults, log: self.log, held })
    }
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct EdgarServer {
    address: SocketAddr,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
    faults: Arc<FaultPlan>,
    log: Arc<RequestLog>,
    /// Whether requests that meet a fault wait for their answers.
    held: watch::Sender<bool>,
}

impl EdgarServer {
    /// A server of `directory`, still to be shaped.
    pub fn builder(directory: impl AsRef<Path>) -> EdgarBuilder {
        EdgarBuilder {
            directory: directory.as_ref().to_owned(),
            base: Base::Both,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            ban_above: None,
            faults: Arc::default(),
            log: Arc::default(),
        }
    }

    /// A server of `{host}/{path}` taxonomy files, still to be shaped.
    pub fn taxonomies(directory: impl AsRef<Path>) -> EdgarBuilder {
        Self::builder(directory).base(Base::Taxonomies)
    }

    /// `http://127.0.0.1:{port}`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds a fault to a running server; like [`EdgarBuilder::fault`].
    pub fn inject(&self, pattern: &str, when: When, fault: Fault) {
        self.faults.add(pattern, when, fault);
    }

    /// From now on whoever meets a fault hears nothing of it, until told otherwise: for what is to happen before.
    pub fn hold_faults(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Every request so far, in order of arrival; those of servers counting together included.
    pub fn requests(&self) -> Vec<Request> {
        self.log.requests()
    }

    /// How many requests met a scripted fault: a fault test asserts that this is not zero.
    pub fn faults_met(&self) -> usize {
        self.requests().iter().filter(|request| request.fault.is_some()).count()
    }

    /// The largest number of requests within any second.
    pub fn max_per_second(&self) -> usize {
        max_per_second(&self.requests())
    }

    /// Whether the ban rule has struck.
    pub fn banned(&self) -> bool {
        self.log.banned()
    }

    /// Closes the port and all connections; returns when they are closed. Doing it twice is doing it once.
    pub fn stop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been printed; the test's own assertions say what it broke.
            let _ = thread.join();
        }
    }
}

impl Drop for EdgarServer {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Site {
    directory: PathBuf,
    base: Base,
    ban_above: Option<usize>,
    faults: Arc<FaultPlan>,
    log: Arc<RequestLog>,
    held: watch::Receiver<bool>,
}

async fn serve(listener: TcpListener, site: Arc<Site>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking");
    let app = Router::new().fallback(reply).with_state(site);
    let service = app.into_make_service_with_connect_info::<Connection>();
    if let Err(error) = axum::serve(BreakableListener(listener), service).await {
        eprintln!("edgar server: {error}");
    }
}

async fn reply(
    State(site): State<Arc<Site>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: HttpRequest,
) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let arrival = Request {
        base: site.base,
        path: path.clone(),
        at: Instant::now(),
        status: None,
        user_agent: user_agent.map(str::to_owned),
        remote: connection.remote,
        fault: None,
    };
    let (entry, standing) = site.log.arrived(arrival, site.ban_above);
    let fault = site.faults.next(&path);
    if let Some(fault) = &fault {
        site.log.met(entry, fault);
        // An error means that the server is going, and all answers with it.
        let _ = site.held.clone().wait_for(|held| !held).await;
    }
    let (right, data) = if standing == Standing::Banned {
        (answer::banned(), Bytes::new())
    } else if site.base.asks_for_contact() && !answer::names_a_contact(user_agent) {
        (answer::undeclared(), Bytes::new())
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        (answer::method_not_allowed(), Bytes::new())
    } else {
        document(&site, &path).await
    };
    let response = match &fault {
        None => right,
        Some(fault) => {
            match fault {
                Fault::Delay(time) => tokio::time::sleep(*time).await,
                Fault::CutBody { keep } => connection.set_line(Line::CutAfter(*keep)),
                Fault::Reset => {
                    connection.set_line(Line::Reset);
                    return right;
                }
                _ => {}
            }
            answer::spoilt(fault, right, &data)
        }
    };
    site.log.answered(entry, response.status().as_u16());
    response
}

/// The right answer to a request that is in order, and its body.
async fn document(site: &Site, path: &str) -> (Response, Bytes) {
    let Some(file) = answer::file_of(site.base, &site.directory, path) else {
        return (answer::not_found(), Bytes::new());
    };
    match tokio::fs::read(&file).await {
        Ok(data) => {
            let data = Bytes::from(data);
            (answer::file(&file, data.clone()), data)
        }
        Err(_) => (answer::not_found(), Bytes::new()),
    }
}

#[cfg(test)]
mod tests;
