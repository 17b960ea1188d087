//! One look at EC2's instance metadata (IMDSv2): a token, then the two documents that announce an end.
//!
//! It asks one address in the clear, without proxy and redirects: that is how the service is reached, and nothing else
//! is to be reached this way.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use edgraph_shared::failure::chain;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect, retry};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use edgraph_runtime::Notice;

const TOKEN_PATH: &str = "/latest/api/token";
const ACTION_PATH: &str = "/latest/meta-data/spot/instance-action";
const REBALANCE_PATH: &str = "/latest/meta-data/events/recommendations/rebalance";
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const TTL_HEADER: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
/// The longest that the service grants, in seconds. One that expires earlier is replaced.
const TOKEN_TTL: &str = "21600";
/// The service is on the machine's own host and answers within milliseconds; a worker elsewhere finds out as fast.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// Both documents and tokens are some 60 bytes: more is none of them.
const MAX_ANSWER_LEN: usize = 4 * 1024;
/// EC2 gives two minutes. A time further ahead means that this machine's clock is wrong.
const LONGEST_NOTICE: Duration = Duration::from_secs(120);

/// Why there was no answer, or none that says anything.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The client cannot be made.
    #[error("cannot make an HTTP client: {0}")]
    Client(String),
    /// The network says that there is none.
    #[error("there is no metadata service: {0}")]
    Nobody(String),
    /// No answer in time.
    #[error("the metadata service does not answer: {0}")]
    Unreachable(String),
    /// An answer that is neither a document nor its absence.
    #[error("the metadata service answers {path} with status {status}")]
    Status {
        /// What was asked for.
        path: &'static str,
        /// The answer.
        status: StatusCode,
    },
    /// An answer that nobody can read.
    #[error("the metadata service answers {path} with something else: {cause}")]
    Garbled {
        /// What was asked for.
        path: &'static str,
        /// What is wrong.
        cause: String,
    },
}

/// Whose machine this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    /// EC2's.
    Ec2,
    /// Somebody else's.
    Other,
    /// Not to be told from this.
    Unknown,
}

impl Error {
    /// What a first question that failed tells. Other clouds have services at the same address that know nothing of
    /// tokens; a service that is only in trouble is EC2's; silence may be that of a machine that has just begun.
    pub(super) fn machine(&self) -> Machine {
        match self {
            Self::Client(_) | Self::Nobody(_) | Self::Garbled { .. } => Machine::Other,
            Self::Unreachable(_) => Machine::Unknown,
            Self::Status { status, .. } if status.is_server_error() => Machine::Ec2,
            Self::Status { .. } => Machine::Other,
        }
    }
}

/// The service, and the token it gave.
pub(super) struct Metadata {
    client: Client,
    base: Url,
    token: Option<HeaderValue>,
}

impl Metadata {
    pub(super) fn new(base: Url) -> Result<Self, Error> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .timeout(ANSWER_WITHIN)
            // It speaks no TLS: the system's certificates are not read.
            .tls_certs_only([])
            .build()
            .map_err(|error| Error::Client(chain(&error)))?;
        Ok(Self { client, base, token: None })
    }

    /// Fetches a token.
    pub(super) async fn sign_in(&mut self) -> Result<HeaderValue, Error> {
        let request = self.request(Method::PUT, TOKEN_PATH)?.header(TTL_HEADER, TOKEN_TTL);
        let response = send(request).await?;
        if response.status() != StatusCode::OK {
            return Err(Error::Status { path: TOKEN_PATH, status: response.status() });
        }
        let body = read(response, TOKEN_PATH).await?;
        let token = HeaderValue::from_bytes(body.trim_ascii()).ok().filter(|token| !token.is_empty());
        let mut token = token.ok_or_else(|| garbled(TOKEN_PATH, "this is no token"))?;
        token.set_sensitive(true);
        self.token = Some(token.clone());
        Ok(token)
    }

    /// Whether there is notice that the machine is taken away.
    pub(super) async fn interruption(&mut self) -> Result<Option<Notice>, Error> {
        let Some(document) = self.document(ACTION_PATH).await? else { return Ok(None) };
        interruption(&document, Utc::now(), Instant::now()).map(Some)
    }

    /// Whether there is a recommendation to replace it.
    pub(super) async fn recommendation(&mut self) -> Result<Option<Notice>, Error> {
        let Some(document) = self.document(REBALANCE_PATH).await? else { return Ok(None) };
        rebalance(&document).map(Some)
    }

    /// `None` when there is no such document.
    async fn document(&mut self, path: &'static str) -> Result<Option<Vec<u8>>, Error> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => self.sign_in().await?,
        };
        let mut response = send(self.request(Method::GET, path)?.header(TOKEN_HEADER, token)).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            let token = self.sign_in().await?;
            response = send(self.request(Method::GET, path)?.header(TOKEN_HEADER, token)).await?;
        }
        match response.status() {
            StatusCode::OK => read(response, path).await.map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(Error::Status { path, status }),
        }
    }

    fn request(&self, method: Method, path: &'static str) -> Result<RequestBuilder, Error> {
        let url = self.base.join(path).map_err(|error| Error::Client(error.to_string()))?;
        Ok(self.client.request(method, url))
    }
}

async fn send(request: RequestBuilder) -> Result<Response, Error> {
    request.send().await.map_err(|error| {
        let cause = chain(&error);
        if is_nobody(&error) { Error::Nobody(cause) } else { Error::Unreachable(cause) }
    })
}

/// Whether the network answered in place of the service: refused, or no way there.
fn is_nobody(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let mut errors = causes.filter_map(|cause| cause.downcast_ref::<io::Error>());
    errors.any(|error| matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable))
}

async fn read(mut response: Response, path: &'static str) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Error::Unreachable(chain(&error)))? {
        if body.len() + chunk.len() > MAX_ANSWER_LEN {
            return Err(garbled(path, "it is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether the machine is stopped, terminated or hibernated makes no difference to its work, but for one thing:
/// hibernation begins with the notice.
fn interruption(document: &[u8], wall: DateTime<Utc>, now: Instant) -> Result<Notice, Error> {
    #[derive(Deserialize)]
    struct Action {
        action: String,
        time: String,
    }
    let wrong = |cause: String| garbled(ACTION_PATH, &cause);
    let Action { action, time } =
        serde_json::from_slice(document).map_err(|error| wrong(error.to_string()))?;
    let time = DateTime::parse_from_rfc3339(&time).map_err(|error| wrong(error.to_string()))?;
    // A time that has passed is now.
    let left = time.signed_duration_since(wall).to_std().unwrap_or_default();
    let left = if action == "hibernate" { Duration::ZERO } else { left.min(LONGEST_NOTICE) };
    Ok(Notice::Interruption { at: now + left })
}

fn rebalance(document: &[u8]) -> Result<Notice, Error> {
    #[derive(Deserialize)]
    struct Recommendation {
        #[serde(rename = "noticeTime")]
        _notice_time: String,
    }
    let read = serde_json::from_slice::<Recommendation>(document);
    read.map(|_| Notice::Rebalance).map_err(|error| garbled(REBALANCE_PATH, &error.to_string()))
}

fn garbled(path: &'static str, cause: &str) -> Error {
    Error::Garbled { path, cause: cause.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_is_read_as_the_time_left() {
        let wall = "2027-03-01T10:00:00Z".parse().unwrap();
        let now = Instant::now();
        let cases = [
            (r#"{"action":"terminate","time":"2027-03-01T10:02:00Z"}"#, Some(120)),
            (r#"{"action":"stop","time":"2027-03-01T10:00:07Z"}"#, Some(7)),
            (r#"{"action":"terminate","time":"2027-03-01T10:00:07.000+00:00"}"#, Some(7)),
            (r#"{"action":"hibernate","time":"2027-03-01T10:02:00Z"}"#, Some(0)),
            (r#"{"action":"terminate","time":"2027-03-01T09:59:00Z"}"#, Some(0)),
            (r#"{"action":"terminate","time":"2027-03-01T12:00:00Z"}"#, Some(120)),
            (r#"{"action":"something new","time":"2027-03-01T10:00:09Z"}"#, Some(9)),
            (r#"{"action":"terminate","time":"soon"}"#, None),
            (r#"{"action":"terminate"}"#, None),
            ("<html>busy</html>", None),
            ("", None),
        ];
        for (document, left) in cases {
            let expected = left.map(|left| Notice::Interruption { at: now + Duration::from_secs(left) });
            let found = interruption(document.as_bytes(), wall, now);
            assert_eq!(found.ok(), expected, "{document}");
        }
    }

    #[test]
    fn a_recommendation_is_a_document_with_a_time() {
        assert_eq!(rebalance(br#"{"noticeTime":"2027-03-01T10:00:00Z"}"#).ok(), Some(Notice::Rebalance));
        for document in ["{}", "<html>busy</html>", ""] {
            let error = rebalance(document.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(REBALANCE_PATH), "{error}");
        }
    }

    #[test]
    fn a_service_in_trouble_is_ec2s_and_one_without_tokens_is_not() {
        use Machine::{Ec2, Other};
        for (status, machine) in
            [(400, Other), (403, Other), (404, Other), (405, Other), (500, Ec2), (503, Ec2)]
        {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Error::Status { path: TOKEN_PATH, status }.machine(), machine, "{status}");
        }
    }
}
