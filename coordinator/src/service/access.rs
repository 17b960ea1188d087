//! Who may call what: bearer tokens with roles.
//!
//! A [`Guard`] stands before each service and lets requests in; what it let in carries an [`Access`], by which long
//! streams notice that their token was taken away. Tokens are kept and compared as digests only, in constant time.
//! Says nothing of TLS, which is the transport's.

mod role;
mod tokens;

use std::sync::Arc;

use tokio::sync::watch;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Request, Status};

use super::listener::note_admitted;
use super::refusal::{forbidden, unauthenticated};
use tokens::{Digest, Keys};

pub use role::Role;
pub use tokens::{Tokens, TokensError};

/// For the PipelineService.
pub(super) const CLIENTS: &[Role] = &[Role::Client, Role::Admin];
/// For the WorkerService.
pub(super) const WORKERS: &[Role] = &[Role::Worker, Role::Admin];
/// For the AdminService.
pub(super) const ADMINS: &[Role] = &[Role::Admin];
/// For reflection: it says what the API looks like, to everybody who may use a part of it.
pub(super) const ANYBODY: &[Role] = &[Role::Client, Role::Worker, Role::Admin];

/// Lets requests into one service.
#[derive(Clone)]
pub(super) struct Guard {
    tokens: Tokens,
    allowed: &'static [Role],
}

impl Guard {
    pub(super) fn new(tokens: &Tokens, allowed: &'static [Role]) -> Self {
        Self { tokens: tokens.clone(), allowed }
    }

    fn admit(&self, metadata: &MetadataMap) -> Result<Access, Status> {
        let Some(keys) = self.tokens.watch() else { return Ok(Access { granted: None }) };
        let presented = bearer(metadata)?;
        let digest = Digest::of(presented);
        let roles = keys.borrow().roles_of(&digest);
        if roles.is_empty() {
            return Err(unauthenticated("the bearer token is not known"));
        }
        if !roles.iter().any(|role| self.allowed.contains(role)) {
            let allowed: Vec<&str> = self.allowed.iter().map(|role| role.name()).collect();
            return Err(forbidden(roles[0].name(), &allowed.join(" or ")));
        }
        Ok(Access { granted: Some(Granted { digest, allowed: self.allowed, keys }) })
    }
}

impl Interceptor for Guard {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let access = self.admit(request.metadata()).inspect_err(|refused| {
            let (peer, reason) = (request.remote_addr(), refused.message());
            tracing::info!(peer = peer.map(tracing::field::display), reason, "authentication refused");
        })?;
        note_admitted(request.extensions());
        request.extensions_mut().insert(access);
        Ok(request)
    }
}

/// The token of an `authorization: Bearer` header.
fn bearer(metadata: &MetadataMap) -> Result<&str, Status> {
    let header = metadata.get("authorization");
    let header =
        header.ok_or_else(|| unauthenticated("no bearer token; send `authorization: Bearer TOKEN`"))?;
    let text = header.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(unauthenticated("`authorization` is not `Bearer TOKEN`")),
    }
}

/// What let a request in, for as long as it lasts.
#[derive(Clone)]
pub(super) struct Access {
    /// `None` where everybody is let in.
    granted: Option<Granted>,
}

#[derive(Clone)]
struct Granted {
    digest: Digest,
    allowed: &'static [Role],
    keys: watch::Receiver<Arc<Keys>>,
}

impl Access {
    /// What let this request in.
    pub(super) fn of<T>(request: &Request<T>) -> Self {
        // A service that is used without a guard, as in unit tests, lets everybody in.
        request.extensions().get::<Self>().cloned().unwrap_or(Self { granted: None })
    }

    /// Waits until the token is taken away, or its role no longer suffices.
    pub(super) async fn revoked(&mut self) -> Status {
        if let Some(granted) = &mut self.granted {
            loop {
                let roles = granted.keys.borrow_and_update().roles_of(&granted.digest);
                if !roles.iter().any(|role| granted.allowed.contains(role)) {
                    return unauthenticated("the bearer token was taken away");
                }
                if granted.keys.changed().await.is_err() {
                    break;
                }
            }
        }
        // The tokens cannot change any more, because whoever would change them is gone.
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests;
