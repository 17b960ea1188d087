//! What the SDK or the store says about a failure, in the words of [`Error`].
//!
//! Decided by S3's error code, by the HTTP status where there is no code (an answer to HEAD has no body), and by where
//! the SDK failed where there was no answer.

use std::error::Error as StdError;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::failure::chain;
use crate::network::with_proxies;
use crate::storage::{Error, ObjectKey};

/// The header in which S3 names the region of a bucket that was looked for in another.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// What was being done when something failed.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// `s3://bucket/prefix`.
    pub(super) store: &'a str,
    /// Such as `write`.
    pub(super) action: &'static str,
    /// None for the store as a whole.
    pub(super) key: Option<&'a ObjectKey>,
}

impl Place<'_> {
    pub(super) fn denied(&self, reason: String) -> Error {
        Error::Denied { store: self.store.to_owned(), action: self.action, key: self.key_text(), reason }
    }

    pub(super) fn unavailable(&self, said: impl Into<String>) -> Error {
        let source = said.into().into();
        Error::Unavailable { store: self.store.to_owned(), action: self.action, key: self.key_text(), source }
    }

    pub(super) fn misconfigured(&self, reason: String) -> Error {
        Error::Misconfigured { store: self.store.to_owned(), reason }
    }

    fn key_text(&self) -> String {
        self.key.map(ObjectKey::to_string).unwrap_or_default()
    }

    /// The error that an operation's failure is.
    pub(super) fn explain<E>(&self, error: SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + 'static,
    {
        if let SdkError::ServiceError(_) | SdkError::ResponseError(_) = &error {
            return self.answered(&error);
        }
        let said = chain(&error);
        // The SDK has no variant for it: signing happens between building a request and sending it.
        if said.contains("credential") {
            return self.denied(said);
        }
        if said.contains("invalid peer certificate") {
            return self.misconfigured(format!(
                "its certificate is not trusted ({said}); name the file with its authority in AWS_CA_BUNDLE or \
                 SSL_CERT_FILE, or correct the address"
            ));
        }
        self.unavailable(with_proxies(said))
    }

    /// The error in the store's own answer.
    fn answered<E>(&self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + 'static,
    {
        let status = error.raw_response().map_or(0, |response| response.status().as_u16());
        let code = error.code().unwrap_or_default();
        let message = error.message().unwrap_or_default();
        let said = if code.is_empty() { chain(error) } else { format!("{code}: {message}") };
        match (code, status, self.key) {
            ("NoSuchBucket", ..) => self
                .misconfigured(format!("there is no such bucket; create it or correct the address ({said})")),
            (
                "PermanentRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException"
                | "IncorrectEndpoint",
                ..,
            )
            | (_, 301, _) => self.misconfigured(self.wrong_region(error, &said)),
            ("ExpiredToken" | "TokenRefreshRequired" | "InvalidToken", ..) => {
                self.denied(format!("the credentials have expired or are revoked; renew them ({said})"))
            }
            ("InvalidAccessKeyId", ..) => {
                self.denied(format!("the store does not know the access key ({said})"))
            }
            ("SignatureDoesNotMatch", ..) => {
                self.denied(format!("the secret does not belong to the access key ({said})"))
            }
            ("RequestTimeTooSkewed", ..) => {
                self.denied(format!("this machine's clock is wrong; set it ({said})"))
            }
            (_, 401 | 403, _) => self.denied(format!(
                "the credentials do not allow it; they need to list, read, write and delete there ({said})"
            )),
            ("PreconditionFailed" | "ConditionalRequestConflict" | "OperationAborted", _, Some(key))
            | (_, 412, Some(key)) => Error::Conflict { key: key.clone() },
            ("NoSuchKey" | "NotFound", _, Some(key)) | ("", 404, Some(key)) => {
                Error::NotFound { store: self.store.to_owned(), key: key.clone() }
            }
            ("NotImplemented", ..) | (_, 501, _) => self.misconfigured(format!(
                "edgraph cannot use this store: it does not do conditional puts or checksums as S3 does ({said}); use a \
                 server, or a version of it, that does"
            )),
            _ => self.unavailable(format!("{status} {said}")),
        }
    }

    fn wrong_region<E>(&self, error: &SdkError<E, HttpResponse>, said: &str) -> String {
        let region = error.raw_response().and_then(|response| response.headers().get(BUCKET_REGION));
        match region {
            Some(region) => format!("the bucket is in region {region}; set AWS_REGION or ?region={region}"),
            None => format!("the bucket is in another region; set AWS_REGION or ?region= ({said})"),
        }
    }
}
