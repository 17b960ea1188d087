//! Why a document could not be had, and what that means for a work item.

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use edgraph_shared::failure::Failure;
use edgraph_shared::network::with_proxies;
use serde::{Deserialize, Serialize};
use url::Url;

use super::hosts::authority;
use edgraph_runtime::pause::MAX_PAUSE_WAITED;

/// Why a document could not be had. Every message names the address. Workers that wait for one download share it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Error {
    /// The host says that there is no such document.
    #[error("{url}: not found")]
    NotFound {
        /// The address.
        url: String,
    },
    /// Refused, and nobody to write to was named.
    #[error(
        "{url}: refused with status {status} because no contact is given; EDGAR wants one: \
         set --user-agent \"Name mail@example.com\""
    )]
    NoContact {
        /// The address.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// The SEC is to be asked, and nobody says who asks.
    #[error(
        "{url}: not asked, because nobody is named who asks, and the SEC blocks such requests: set --user-agent \
         \"Name mail@example.com\" for edgraph serve or for the worker"
    )]
    Anonymous {
        /// The address.
        url: String,
    },
    /// The host asks to slow down, in plain words or in disguise.
    #[error("{url}: throttled: {cause}; no request for {wait:.0?}")]
    Throttled {
        /// The address.
        url: String,
        /// What was seen.
        cause: String,
        /// From now.
        wait: Duration,
    },
    /// Nothing was asked: a host wants a pause that is too long to sit out.
    #[error("{url}: not asked, requests to {host} are paused for {wait:.0?} more")]
    Paused {
        /// The address.
        url: String,
        /// Host and port.
        host: String,
        /// From now.
        wait: Duration,
    },
    /// The host does not answer, or a gateway answers for it.
    #[error("{url}: {host} does not answer: {cause}")]
    Unreachable {
        /// The address.
        url: String,
        /// Host and port.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// The exchange broke off, or what came is not whole.
    #[error("{url}: {cause}")]
    Broken {
        /// The address.
        url: String,
        /// What was seen.
        cause: String,
    },
    /// The document is larger than anything expected here.
    #[error("{url}: larger than the limit of {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit for this kind of document.
        limit: u64,
    },
    /// A redirect that is not followed.
    #[error("{url}: redirected to {target}, not followed: {cause}")]
    Redirected {
        /// The address asked first.
        url: String,
        /// Where it led.
        target: String,
        /// Why not.
        cause: String,
    },
    /// An answer that nothing here expects.
    #[error("{url}: unexpected status {status}")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
    },
    /// The system has no certificates to check hosts by.
    #[error("cannot set up HTTPS: {cause}; install the system's CA certificates")]
    NoTls {
        /// What the system said.
        cause: String,
    },
    /// A name from outside that could leave its folder.
    #[error("not a safe file name: {name:?}")]
    UnsafeName {
        /// The name.
        name: String,
    },
}

impl Error {
    /// What it means for a work item.
    pub fn failure(&self) -> Failure {
        let message = self.to_string();
        match self {
            // The desk keeps the whole pause; an item that waited for all of it would wait on when somebody ends it.
            Self::Throttled { wait, .. } => Failure::throttled((*wait).min(MAX_PAUSE_WAITED), message),
            // Nobody's fault, so nothing that counts as one; a pause may outlast any number of attempts.
            Self::Unreachable { host, .. } | Self::Paused { host, .. } => {
                Failure::unavailable(host.clone(), message)
            }
            Self::Broken { .. } => Failure::transient(message),
            Self::NotFound { .. }
            | Self::NoContact { .. }
            | Self::Anonymous { .. }
            | Self::TooLarge { .. }
            | Self::Redirected { .. }
            | Self::Status { .. }
            | Self::NoTls { .. }
            | Self::UnsafeName { .. } => Failure::permanent(message),
        }
    }

    /// Whether a later attempt may succeed.
    pub(crate) fn may_mend(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unreachable { .. } | Self::Broken { .. })
    }

    /// Whether to try again in place; a long pause is left to the work item's backoff, which frees the slot.
    pub(super) fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Throttled { wait, .. } => *wait <= MAX_PAUSE_WAITED,
            other => other.may_mend(),
        }
    }

    pub(super) fn of_exchange(url: &Url, error: &reqwest::Error) -> Self {
        let cause = cause_of(error);
        if error.is_connect() {
            let (host, cause) = (authority(url), with_proxies(cause));
            return Self::Unreachable { url: url.to_string(), host, cause };
        }
        Self::Broken { url: url.to_string(), cause }
    }

    /// What reading a file of a local mirror gave.
    pub(crate) fn of_file(path: &Path, error: &std::io::Error) -> Self {
        let url = path.display().to_string();
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::NotFound { url },
            _ => Self::Broken { url, cause: error.to_string() },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        error.failure()
    }
}

/// The innermost cause: the outer layers of an HTTP error repeat the address.
pub(super) fn cause_of(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() { "no connection in time" } else { "no answer in time" }.to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.source().is_none() { error.to_string() } else { cause.to_string() }
}
