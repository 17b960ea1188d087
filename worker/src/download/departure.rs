//! A request's way out: the turn it took counts until its first byte is sent.
//!
//! Where a connection has to be made first, that may take longer than a token is valid. Another turn is then taken once
//! the connection stands; otherwise connections that were slow to come about would all begin to ask at one moment.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::Error as HttpError;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tower::{BoxError, Layer, Service};

use super::turnstile::Turnstile;

/// A request that is sent on a connection which was kept holds its turn at most this long.
const WARM_UP: Duration = Duration::from_secs(1);

tokio::task_local! {
    static DEPARTURE: Departure;
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A connection that was kept may be used.
    Begun,
    /// A connection is being made; its own timeout ends that.
    Connecting,
    /// It stands, or there is none.
    Connected,
}

/// One request between its turn and its first byte.
#[derive(Clone, Debug)]
pub(super) struct Departure {
    deadline: Instant,
    stage: watch::Sender<Stage>,
}

impl Departure {
    /// A request whose turn ends at `deadline`.
    pub(super) fn new(deadline: Instant) -> Self {
        Self { deadline, stage: watch::Sender::new(Stage::Begun) }
    }

    /// Sends the request; connections made for it are made within its turn.
    pub(super) fn of<F: Future>(&self, sending: F) -> impl Future<Output = F::Output> + use<F> {
        DEPARTURE.scope(self.clone(), sending)
    }

    /// Waits until nobody else who begins now would wait for the same connection.
    pub(super) async fn is_off(&self) {
        let mut stage = self.stage.subscribe();
        let begun = stage.wait_for(|stage| *stage != Stage::Begun);
        let _ = timeout(WARM_UP, begun).await;
        // Waiting fails when the sender is gone, and this holds one.
        let _ = stage.wait_for(|stage| *stage != Stage::Connecting).await;
    }
}

/// Hosts have asked for a pause too long to sit out.
#[derive(Debug)]
struct Paused(Duration);

impl fmt::Display for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "requests are paused for {:.0?}", self.0)
    }
}

impl std::error::Error for Paused {}

/// The rest of the pause, where that is why a request was not sent.
pub(super) fn paused(error: &HttpError) -> Option<Duration> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(Paused(rest)) = error.downcast_ref() {
            return Some(*rest);
        }
        cause = error.source();
    }
    None
}

/// Watches connections being made.
#[derive(Clone)]
pub(super) struct Departures {
    turnstile: Turnstile,
}

impl Departures {
    /// Further turns are taken at this turnstile.
    pub(super) fn new(turnstile: Turnstile) -> Self {
        Self { turnstile }
    }
}

impl<S> Layer<S> for Departures {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting { inner, turnstile: self.turnstile.clone() }
    }
}

/// What makes connections.
#[derive(Clone)]
pub(super) struct Connecting<S> {
    inner: S,
    turnstile: Turnstile,
}

impl<S, R> Service<R> for Connecting<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.inner.call(request);
        // Connections that no request waits for any more are made outside of one.
        let departure = DEPARTURE.try_with(Clone::clone).ok();
        let turnstile = self.turnstile.clone();
        Box::pin(async move {
            let Some(Departure { deadline, stage }) = departure else { return connecting.await };
            stage.send_replace(Stage::Connecting);
            let connected = connecting.await;
            stage.send_replace(Stage::Connected);
            let connected = connected?;
            if Instant::now() >= deadline {
                turnstile.pass().await.map_err(Paused)?;
            }
            Ok(connected)
        })
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::model::{HostFamily, RequestTerms, RequestTokens, WorkerMessage};
    use tokio::time::sleep;
    use tower::{ServiceExt, service_fn};

    use super::*;
    use edgraph_runtime::desk::Desk;

    const VALIDITY: Duration = Duration::from_secs(1);
    const FAMILY: HostFamily = HostFamily::Sec;

    /// How many turns a request takes whose connection needs so long.
    async fn turns(connects_in: Duration) -> u64 {
        let desk = Desk::default();
        let terms = RequestTerms { family: FAMILY, per_second: Some(8.0), validity: VALIDITY };
        desk.opened(vec![terms], String::new());
        let turnstile = Turnstile::lent(desk.clone(), FAMILY);
        let lender = tokio::spawn({
            let desk = desk.clone();
            async move {
                loop {
                    desk.changed().await;
                    for message in desk.messages() {
                        let WorkerMessage::RequestDemand { asked, .. } = message else { continue };
                        desk.lent(RequestTokens { family: FAMILY, count: 1, asked, waited: Duration::ZERO });
                    }
                }
            }
        });
        let made = service_fn(move |()| async move {
            sleep(connects_in).await;
            Ok::<_, BoxError>(())
        });
        let connector = Departures::new(turnstile.clone()).layer(made);
        let departure = Departure::new(turnstile.pass().await.unwrap().deadline);
        let (sent, ()) = tokio::join!(departure.of(connector.oneshot(())), departure.is_off());
        sent.unwrap();
        lender.abort();
        desk.asked(FAMILY)
    }

    #[tokio::test]
    async fn a_turn_that_ended_while_the_connection_was_made_is_taken_again() {
        assert_eq!(turns(Duration::ZERO).await, 1);
        assert_eq!(turns(VALIDITY + Duration::from_millis(100)).await, 2);
    }

    #[tokio::test]
    async fn others_wait_as_long_as_the_connection_is_made_and_little_where_none_is() {
        let departure = Departure::new(Instant::now());
        let start = Instant::now();
        departure.is_off().await;
        assert!(start.elapsed() >= WARM_UP);
        departure.stage.send_replace(Stage::Connecting);
        assert!(timeout(WARM_UP * 3 / 2, departure.is_off()).await.is_err());
        departure.stage.send_replace(Stage::Connected);
        departure.is_off().await;
    }
}
