//! A service behind a guard: every call of it is let in by its path and token, or refused before it is read.

use std::future::{Ready, ready};

use futures::future::Either;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::codegen::{Context, Poll, Service};
use tonic::server::NamedService;

use super::{Tokens, admit_request};

/// See the module's documentation. An interceptor would not do: it sees no path, and so no method.
#[derive(Clone)]
pub(in crate::service) struct Guarded<S> {
    service: S,
    tokens: Tokens,
}

impl<S> Guarded<S> {
    pub(in crate::service) fn new(service: S, tokens: &Tokens) -> Self {
        Self { service, tokens: tokens.clone() }
    }
}

impl<S: NamedService> NamedService for Guarded<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: Service<Request<Body>, Response = Response<Body>>> Service<Request<Body>> for Guarded<S> {
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response<Body>, S::Error>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let (path, headers) = (request.uri().path(), request.headers());
        match admit_request(&self.tokens, path, headers, request.extensions()) {
            Ok(access) => {
                request.extensions_mut().insert(access);
                Either::Right(self.service.call(request))
            }
            Err(refused) => Either::Left(ready(Ok(refused.into_http()))),
        }
    }
}
