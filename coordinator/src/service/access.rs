//! Who may call what: bearer tokens with roles, and those of workers with names.
//!
//! A [`Guarded`] service lets requests in by their method and token; what it let in carries an [`Access`], by which
//! long streams notice that their token was taken away. Tokens are kept and compared as digests only, in constant time.
//! Says nothing of TLS, which is the transport's.

mod names;
mod role;
mod tokens;
mod guarded;

use std::net::SocketAddr;
use std::sync::Arc;

use edgraph_shared::ids::WorkerId;
use tokio::sync::watch;
use tonic::codegen::http::HeaderMap;
use tonic::{Extensions, Request, Status};

use super::listener::{note_admitted, peer};
use super::refusal::{forbidden, name_denied, unauthenticated};
use role::allowed;
use tokens::{Digest, Key, Keys};

pub(super) use guarded::Guarded;
pub use role::Role;
pub use tokens::{Tokens, TokensError};

/// Lets a call of the method at `path` in, or says why not.
fn admit(
    tokens: &Tokens,
    path: &str,
    headers: &HeaderMap,
    peer: Option<SocketAddr>,
) -> Result<Access, Status> {
    let Some(keys) = tokens.watch() else { return Ok(Access { granted: None, peer }) };
    let digest = Digest::of(bearer(headers)?);
    let allowed = allowed(path);
    let role = {
        let keys = keys.borrow();
        let known = keys.of(&digest);
        let Some(first) = known.first() else { return Err(unauthenticated("the bearer token is not known")) };
        let role = known.iter().map(|key| key.role).find(|role| allowed.contains(role));
        role.ok_or_else(|| {
            let allowed: Vec<&str> = allowed.iter().map(|role| role.name()).collect();
            forbidden(first.role.name(), &allowed.join(" or "))
        })?
    };
    Ok(Access { granted: Some(Granted { digest, allowed, role, worker: None, keys }), peer })
}

/// Lets a request in, notes that it was, and says for the log when it was not.
fn admit_request(
    tokens: &Tokens,
    path: &str,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Access, Status> {
    let peer = peer(extensions);
    let access = admit(tokens, path, headers, peer).inspect_err(|refused| log_refused(peer, refused))?;
    note_admitted(extensions);
    Ok(access)
}

fn log_refused(peer: Option<SocketAddr>, refused: &Status) {
    tracing::info!(
        peer = peer.map(tracing::field::display),
        reason = refused.message(),
        "authentication refused"
    );
}

/// The token of an `authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Result<&str, Status> {
    let header = headers.get("authorization");
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
    peer: Option<SocketAddr>,
}

#[derive(Clone)]
struct Granted {
    digest: Digest,
    allowed: &'static [Role],
    role: Role,
    /// As which worker, once it has said so.
    worker: Option<WorkerId>,
    keys: watch::Receiver<Arc<Keys>>,
}

impl Granted {
    fn lets_in(&self, key: &Key) -> bool {
        let fits = |worker| key.names.include(worker);
        self.allowed.contains(&key.role) && self.worker.as_ref().is_none_or(fits)
    }
}

impl Access {
    /// What let this request in.
    pub(super) fn of<T>(request: &Request<T>) -> Self {
        // A service that is used without a guard, as in unit tests, lets everybody in.
        request.extensions().get::<Self>().cloned().unwrap_or(Self { granted: None, peer: None })
    }

    /// Who asks, for logs: the role of the token and the address.
    pub(super) fn who(&self) -> String {
        let role = self.granted.as_ref().map_or("somebody", |granted| granted.role.name());
        self.peer.map_or_else(|| role.to_owned(), |peer| format!("{role} at {peer}"))
    }

    /// From now on the request is that of a worker; refused if its token is for other names.
    pub(super) fn bind(&mut self, worker: &WorkerId) -> Result<(), Status> {
        let Some(granted) = &mut self.granted else { return Ok(()) };
        let names = {
            let keys = granted.keys.borrow();
            let fitting = keys.of(&granted.digest);
            let mut fitting = fitting.into_iter().filter(|key| granted.allowed.contains(&key.role));
            let names: Vec<String> = fitting.clone().map(|key| key.names.to_string()).collect();
            (!fitting.any(|key| key.names.include(worker))).then_some(names)
        };
        granted.worker = Some(worker.clone());
        match names {
            None => Ok(()),
            Some(names) => {
                let refused = name_denied(worker.as_str(), &names.join("` or `"));
                log_refused(self.peer, &refused);
                Err(refused)
            }
        }
    }

    /// Waits until the token is taken away, or its role or names no longer suffice.
    pub(super) async fn revoked(&mut self) -> Status {
        if let Some(granted) = &mut self.granted {
            loop {
                let keys = Arc::clone(&granted.keys.borrow_and_update());
                if !keys.of(&granted.digest).into_iter().any(|key| granted.lets_in(key)) {
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
