//! One polite HTTP GET: a turn at the turnstile for every request on the wire, limits, checks, bounded retries.
//!
//! ```text
//! get ──▶ retry with jitter ──▶ attempt: follow redirects ──▶ exchange: turnstile ▸ send ▸ status ▸ body ▸ check
//! ```
//!
//! The client's own redirects and retries are off, so nothing reaches a host that did not pass the turnstile and the list
//! of hosts. What the bytes mean is the caller's business; only what tells data from an error page is known here.

mod error;
mod agent;
pub(crate) mod location;
pub(crate) mod content;
mod gzip;
mod turnstile;
mod departure;
mod hosts;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use edgraph_shared::model::MAX_HOST_PAUSE;
use edgraph_shared::retry::full_jitter;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response, StatusCode, redirect, retry};
use tokio::time::{Instant, timeout};
use tokio_retry::RetryIf;
use url::Url;

pub use agent::{Agent, names_contact};
pub use content::Content;
pub use edgraph_runtime::desk::Desk;
pub use error::Error;
pub(crate) use hosts::authority;
pub use hosts::{Hosts, is_sec};
pub use location::{BadBase, Base, Location, is_safe_name};
pub use turnstile::{Rate, Turnstile};

use content::Defect;
use departure::{Departure, Departures};
use error::cause_of;

/// Hops before a chain of redirects counts as a loop.
const MAX_REDIRECTS: usize = 5;
/// Attempts after the first; what still fails then is left to the work item's own backoff, which frees the slot.
const MAX_RETRIES: usize = 3;
/// Upper end of the first wait between attempts.
const RETRY_BASE: Duration = Duration::from_millis(500);
/// Upper end of any wait between attempts.
const RETRY_MAX: Duration = Duration::from_secs(8);
/// How long the body of a refusal is waited for: until it is read, others go on asking.
const REFUSAL_TIME: Duration = Duration::from_secs(2);
/// After this time without an answer a host counts as cold again; shorter than the pool keeps idle connections.
const STAYS_WARM: Duration = Duration::from_secs(60);

/// How long the parts of an exchange may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To a connection.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// From the request to the last byte.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            // The largest annual reports take minutes on a slow line.
            total: Duration::from_secs(5 * 60),
        }
    }
}

/// Downloads from one group of hosts. Clones are cheap and share turnstile and connections.
#[derive(Clone, Debug)]
pub struct Downloader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Made at first use: it reads the system's certificates, which a run on a directory does not need.
    client: OnceLock<Client>,
    agent: Agent,
    timeouts: Timeouts,
    turnstile: Turnstile,
    hosts: Hosts,
    warm: Mutex<HashMap<String, Instant>>,
    /// Held by the one request that warms a host up.
    warming: tokio::sync::Mutex<()>,
}

enum Answer {
    Body(Bytes),
    Moved(Url),
}

impl Downloader {
    /// A downloader for these hosts. Downloaders that share a turnstile share its rate and its pauses.
    pub fn new(agent: Agent, hosts: Hosts, turnstile: Turnstile, timeouts: Timeouts) -> Self {
        let (client, warm) = (OnceLock::new(), Mutex::default());
        let warming = tokio::sync::Mutex::default();
        Self { inner: Arc::new(Inner { client, agent, timeouts, turnstile, hosts, warm, warming }) }
    }

    /// Sets up the client now, so that a system without certificates is noticed at the start.
    ///
    /// # Errors
    /// [`Error::NoTls`] when the system offers no TLS.
    pub fn prepare(&self) -> Result<(), Error> {
        self.client().map(drop)
    }

    fn client(&self) -> Result<&Client, Error> {
        if let Some(client) = self.inner.client.get() {
            return Ok(client);
        }
        let Inner { timeouts, .. } = &*self.inner;
        let agent = self.agent();
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(USER_AGENT, agent.value.clone())]))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .connector_layer(Departures::new(self.inner.turnstile.clone()))
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.idle)
            .timeout(timeouts.total)
            .build()
            .map_err(|error| Error::NoTls { cause: cause_of(&error) })?;
        Ok(self.inner.client.get_or_init(|| client))
    }

    /// Who asks: as this process was told, or else as the coordinator was.
    fn agent(&self) -> Agent {
        let own = &self.inner.agent;
        let lent = || self.inner.turnstile.agent().and_then(|agent| Agent::parse(&agent));
        if own.contact { own.clone() } else { lent().unwrap_or_else(|| own.clone()) }
    }

    /// The turnstile in front of every request.
    pub fn turnstile(&self) -> &Turnstile {
        &self.inner.turnstile
    }

    /// Downloads a document of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Error`] says; what a retry can mend was retried.
    pub async fn get(&self, url: &Url, content: Content, limit: u64) -> Result<Bytes, Error> {
        let waits = full_jitter(RETRY_BASE, RETRY_MAX).take(MAX_RETRIES);
        RetryIf::start(waits, || self.attempt(url, content, limit), Error::is_worth_a_retry).await
    }

    async fn attempt(&self, url: &Url, content: Content, limit: u64) -> Result<Bytes, Error> {
        let mut target = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            match self.exchange(&target, content, limit).await? {
                Answer::Body(body) => return Ok(body),
                Answer::Moved(next) => {
                    let next = hosts::upgraded(&target, next);
                    if !self.inner.hosts.allow_redirect(&target, &next) {
                        let cause = "that host is not among those allowed here".to_owned();
                        return Err(Error::Redirected {
                            url: url.to_string(),
                            target: next.to_string(),
                            cause,
                        });
                    }
                    target = next;
                }
            }
        }
        let cause = "too many redirects".to_owned();
        Err(Error::Redirected { url: url.to_string(), target: target.to_string(), cause })
    }

    async fn exchange(&self, url: &Url, content: Content, limit: u64) -> Result<Answer, Error> {
        let response = self.send(url).await?;
        let status = response.status();
        let broken = |cause: String| Error::Broken { url: url.to_string(), cause };
        match status {
            StatusCode::OK => {
                let asked = retry_after(&response);
                let body = self.read(url, response, limit).await?;
                let body = location::plain(body, limit, url)?;
                match content.check(&body) {
                    Ok(()) => {
                        self.inner.turnstile.answered();
                        Ok(Answer::Body(body))
                    }
                    Err(Defect::Disguise(cause)) => Err(self.throttled(url, cause, asked)),
                    Err(Defect::Damage(cause)) => Err(broken(cause)),
                }
            }
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => {
                let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let target = location.and_then(|location| url.join(location).ok());
                target.map(Answer::Moved).ok_or_else(|| broken(format!("{status} without a usable location")))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(Error::NotFound { url: url.to_string() }),
            StatusCode::FORBIDDEN => Err(self.refused(url, response).await),
            StatusCode::UNAUTHORIZED if !self.agent().contact => {
                Err(Error::NoContact { url: url.to_string(), status: status.as_u16() })
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                Err(self.throttled(url, format!("answered {status}"), retry_after(&response)))
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::INTERNAL_SERVER_ERROR => {
                Err(broken(format!("answered {status}")))
            }
            _ if status.is_server_error() => Err(Error::Unreachable {
                url: url.to_string(),
                host: hosts::authority(url),
                cause: format!("answered {status}"),
            }),
            _ => Err(Error::Status { url: url.to_string(), status: status.as_u16() }),
        }
    }

    /// Sends one request when its turn comes. While a host is cold nobody else here begins before the connection
    /// stands: requests that wait for one handshake would leave together when it is done, faster than the rate.
    async fn send(&self, url: &Url) -> Result<Response, Error> {
        if is_sec(&hosts::authority(url)) && !self.agent().contact {
            return Err(Error::Anonymous { url: url.to_string() });
        }
        let client = self.client()?;
        let host = hosts::authority(url);
        let paused = |wait| Error::Paused { url: url.to_string(), host: host.clone(), wait };
        let warming = if self.is_warm(&host) { None } else { Some(self.inner.warming.lock().await) };
        let turn = self.inner.turnstile.pass().await.map_err(paused)?;
        let departure = Departure::new(turn.deadline);
        let mut sending = pin!(departure.of(client.get(url.clone()).send()));
        let is_warm = self.is_warm(&host);
        let is_off = async {
            if !is_warm {
                departure.is_off().await;
            }
        };
        // In this order: the request is begun before the next one's turn comes.
        let sent = tokio::select! {
            biased;
            sent = &mut sending => sent,
            () = is_off => {
                drop((turn, warming));
                sending.await
            }
        };
        let response = sent.map_err(|error| match departure::paused(&error) {
            Some(wait) => paused(wait),
            None => Error::of_exchange(url, &error),
        })?;
        self.inner.warm.lock().unwrap_or_else(PoisonError::into_inner).insert(host, Instant::now());
        Ok(response)
    }

    fn is_warm(&self, host: &str) -> bool {
        let warm = self.inner.warm.lock().unwrap_or_else(PoisonError::into_inner);
        warm.get(host).is_some_and(|answered| answered.elapsed() < STAYS_WARM)
    }

    /// Reads a body. The limit holds for what it unpacks to, so a small answer cannot fill the memory.
    async fn read(&self, url: &Url, mut response: Response, limit: u64) -> Result<Bytes, Error> {
        let too_large = || Error::TooLarge { url: url.to_string(), limit };
        let announced = response.content_length().unwrap_or(0);
        if announced > limit {
            return Err(too_large());
        }
        let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(0));
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if (body.len() + chunk.len()) as u64 > limit => return Err(too_large()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body.freeze()),
                Err(error) => {
                    // Too few bytes, a reset, or bytes that are not gzip: the cause says which.
                    let cause = format!("breaks off after {} bytes: {}", body.len(), cause_of(&error));
                    return Err(Error::Broken { url: url.to_string(), cause });
                }
            }
        }
    }

    /// What a 403 means. The SEC answers so to a caller that was too fast, and goes on for some ten minutes; to one that
    /// names nobody; and for what is not there, such as the index of a quarter on its first day.
    async fn refused(&self, url: &Url, response: Response) -> Error {
        let (status, asked) = (response.status(), retry_after(&response));
        let body = timeout(REFUSAL_TIME, self.read(url, response, content::MAX_REFUSAL as u64)).await;
        if body.is_ok_and(|body| body.is_ok_and(|body| content::is_absence(&body))) {
            return Error::NotFound { url: url.to_string() };
        }
        if !self.agent().contact {
            return Error::NoContact { url: url.to_string(), status: status.as_u16() };
        }
        self.throttled(url, format!("answered {status}"), asked)
    }

    fn throttled(&self, url: &Url, cause: String, asked: Option<Duration>) -> Error {
        let wait = self
            .inner
            .turnstile
            .pause(format!("{url}: {cause}"), asked.map(|asked| asked.min(MAX_HOST_PAUSE)));
        tracing::warn!(url = %url, %cause, wait = ?wait, "throttled, all requests pause");
        Error::Throttled { url: url.to_string(), cause, wait }
    }
}

/// `Retry-After`: seconds or a date (RFC 9110 section 10.2.3).
fn retry_after(response: &Response) -> Option<Duration> {
    wait_of(response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim(), Utc::now())
}

/// A host that refuses and asks for no time at all, or one that is over, has said nothing.
fn wait_of(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().ok()?,
    };
    (!wait.is_zero()).then_some(wait)
}
