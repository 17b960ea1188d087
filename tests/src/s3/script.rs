//! What goes wrong by script, and the log of what was asked for.
//!
//! A fault is a value, so a test can say what it injected and then find it in the log. What a delayed request waits
//! is no fault: its answer is right.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;

/// One way of not getting what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 503 `SlowDown`.
    SlowDown,
    /// 400 `ExpiredToken`.
    Expired,
    /// The connection is reset before the request is served.
    Reset,
    /// The request is served and the connection reset before the reply.
    LostReply,
    /// The connection ends after so many bytes of the body.
    CutBody { keep: usize },
}

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `PUT`, `GET`, `HEAD`, `DELETE`, `POST`.
    pub method: String,
    /// The object's name as sent (percent-encoded), without bucket and leading slash; empty for the bucket.
    pub key: String,
    /// The query as sent; tells the requests of an upload in parts apart.
    pub query: String,
    /// When its head had arrived.
    pub at: Instant,
    /// The status answered; `None` while the answer is being made, and when there was none (a reset).
    pub status: Option<u16>,
    /// The scripted fault this request met.
    pub fault: Option<Fault>,
}

/// The script of one server, and its log.
#[derive(Debug, Default)]
pub(super) struct Script {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// One request each, in this order; `None` is spared.
    faults: VecDeque<Option<Fault>>,
    delay: Duration,
    expired: bool,
    log: Vec<Request>,
}

impl Script {
    pub(super) fn add(&self, fault: Fault, requests: usize) {
        self.state().faults.extend(std::iter::repeat_n(Some(fault), requests));
    }

    pub(super) fn spare(&self, requests: usize) {
        self.state().faults.extend(std::iter::repeat_n(None, requests));
    }

    pub(super) fn set_delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    pub(super) fn delay(&self) -> Duration {
        self.state().delay
    }

    pub(super) fn set_expired(&self, expired: bool) {
        self.state().expired = expired;
    }

    /// Logs a request and says which fault it meets. The number names its line in the log.
    pub(super) fn arrived(&self, method: &str, uri: &Uri) -> (usize, Option<Fault>) {
        let mut state = self.state();
        let fault = match state.faults.pop_front() {
            Some(scripted) => scripted,
            None => state.expired.then_some(Fault::Expired),
        };
        let path = uri.path().trim_start_matches('/');
        state.log.push(Request {
            method: method.to_owned(),
            key: path.split_once('/').map_or("", |(_, key)| key).to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            at: Instant::now(),
            status: None,
            fault: fault.clone(),
        });
        (state.log.len() - 1, fault)
    }

    pub(super) fn answered(&self, entry: usize, status: u16) {
        self.state().log[entry].status = Some(status);
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().log.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the script")
    }
}

pub(super) fn slow_down() -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate.")
}

pub(super) fn expired() -> Response {
    error(StatusCode::BAD_REQUEST, "ExpiredToken", "The provided token has expired.")
}

pub(super) fn internal_error(message: &str) -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message)
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/xml")
        .body(Body::from(xml))
        .expect("status and headers are valid")
}
