//! Why a call did not succeed.

use std::collections::BTreeMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why a call did not succeed: a variant for each thing a caller may want to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address is none.
    #[error("`{address}` is not the address of a coordinator: {reason}")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A token or certificate cannot be used.
    #[error("the {what} cannot be used: {reason}")]
    Setting {
        /// Which one.
        what: &'static str,
        /// What is wrong with it. Never the secret itself.
        reason: String,
    },
    /// Nobody answers at an address.
    #[error("cannot connect to {address}: {reason}")]
    Connect {
        /// As given.
        address: String,
        /// What the transport said.
        reason: String,
    },
    /// A standby named a leader that the token is not sent to.
    #[error(
        "{named_by} says that {leader} leads, an address that nobody gave and no certificate proves: the token is not \
         sent there; give {leader} too, or https:// addresses alone"
    )]
    StrangeLeader {
        /// As named.
        leader: String,
        /// Who named it.
        named_by: String,
    },
    /// No such pipeline, item or worker.
    #[error("{0}")]
    NotFound(Box<Refusal>),
    /// The id or request id is taken by another request.
    #[error("{0}")]
    AlreadyExists(Box<Refusal>),
    /// The request breaks a rule of the API; [`Refusal::violations`] says which.
    #[error("{0}")]
    Invalid(Box<Refusal>),
    /// The pipeline's state forbids the call.
    #[error("{0}")]
    IllegalState(Box<Refusal>),
    /// The coordinator does not know the token, or wants one.
    #[error("{0}")]
    Unauthenticated(Box<Refusal>),
    /// The token's role does not suffice.
    #[error("{0}")]
    PermissionDenied(Box<Refusal>),
    /// No coordinator leads, the leader cannot reach its store, or the connection broke. The call may have taken
    /// effect; repeating it later is safe.
    #[error("{0}")]
    Unavailable(Box<Refusal>),
    /// The coordinator refused or failed otherwise.
    #[error("{0}")]
    Other(Box<Refusal>),
}

/// What a coordinator said with an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The gRPC code.
    pub code: Code,
    /// For people.
    pub message: String,
    /// For programs, such as `PIPELINE_NOT_FOUND` or `NOT_LEADER`; empty when nobody gave one.
    pub reason: String,
    /// What belongs to the reason, such as `pipeline_id` or `leader`.
    pub metadata: BTreeMap<String, String>,
    /// Fields that break a rule, and the rules.
    pub violations: Vec<(String, String)>,
    /// When it makes sense to try again.
    pub retry_after: Option<Duration>,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        Self {
            code: status.code(),
            message: status.message().to_owned(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            metadata: info.map(|info| info.metadata.clone().into_iter().collect()).unwrap_or_default(),
            violations: violations.iter().map(|one| (one.field.clone(), one.description.clone())).collect(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        // Only what the transport says has a source: nobody refused anything, the connection broke.
        if let Some(cause) = std::error::Error::source(&status) {
            let message = format!("the connection broke: {}", innermost(cause));
            return Self::Unavailable(Box::new(Status::unavailable(message).into()));
        }
        let refusal = Box::new(Refusal::from(status));
        match refusal.code {
            Code::NotFound => Self::NotFound(refusal),
            Code::AlreadyExists => Self::AlreadyExists(refusal),
            Code::InvalidArgument => Self::Invalid(refusal),
            Code::FailedPrecondition => Self::IllegalState(refusal),
            Code::Unauthenticated => Self::Unauthenticated(refusal),
            Code::PermissionDenied => Self::PermissionDenied(refusal),
            Code::Unavailable => Self::Unavailable(refusal),
            _ => Self::Other(refusal),
        }
    }
}

impl Error {
    /// What the coordinator said, if one said anything.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Address { .. }
            | Self::Setting { .. }
            | Self::Connect { .. }
            | Self::StrangeLeader { .. } => None,
            Self::NotFound(refusal)
            | Self::AlreadyExists(refusal)
            | Self::Invalid(refusal)
            | Self::IllegalState(refusal)
            | Self::Unauthenticated(refusal)
            | Self::PermissionDenied(refusal)
            | Self::Unavailable(refusal)
            | Self::Other(refusal) => Some(refusal),
        }
    }

    /// The reason for programs, such as `PIPELINE_NOT_FOUND`; empty when there is none.
    pub fn reason(&self) -> &str {
        self.refusal().map_or("", |refusal| &refusal.reason)
    }

    /// The leader's address, when a standby was asked that knows it.
    pub fn leader(&self) -> Option<&str> {
        let refusal = self.refusal().filter(|refusal| refusal.reason == "NOT_LEADER")?;
        refusal.metadata.get("leader").map(String::as_str)
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Connect { .. } | Self::StrangeLeader { .. })
    }

    /// Whether it is certain that the call had no effect.
    pub(crate) fn is_undone(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::StrangeLeader { .. }) || self.reason() == "NOT_LEADER"
    }
}

/// The cause at the end of the chain: the outer ones only say that the transport failed.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
