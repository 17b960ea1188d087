//! The door: accepts connections, as many as there is room for, and drops those that only stand in it.
//!
//! ```text
//! accept ──▶ Connections: room? ──▶ Connection ──▶ TLS, HTTP/2, services
//!                    ▲ asked, admitted ◀── Visit ◀──┘ each request carries one
//! ```
//! When the process has no descriptor left, accepting waits and the oldest stranger goes: trying again at once would
//! keep a core busy with nothing. Who goes when is [`super::connections`]'s.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures::{Stream, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::service::Interceptor;
use tonic::transport::server::{Connected, TlsConnectInfo};
use tonic::{Extensions, Request, Status};

use super::connections::{ConnectionId, Connections};

/// Waits between attempts to accept while there is no descriptor: doubling, up to a second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// How often silent connections are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// A full house is said so often, not with every connection.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

/// The open connections, each with what ends it.
struct House {
    connections: Connections,
    ends: HashMap<ConnectionId, CancellationToken>,
}

type SharedHouse = Arc<Mutex<House>>;

fn lock(house: &SharedHouse) -> MutexGuard<'_, House> {
    // Nothing panics while it is held, and every state is a valid one.
    house.lock().unwrap_or_else(PoisonError::into_inner)
}

impl House {
    fn end(&mut self, id: ConnectionId) {
        if let Some(end) = self.ends.remove(&id) {
            end.cancel();
        }
    }
}

/// The connection that a request came over.
#[derive(Clone)]
pub(crate) struct Visit {
    id: ConnectionId,
    peer: SocketAddr,
    house: SharedHouse,
}

impl Visit {
    /// Of a request, whichever transport it came over. None in unit tests without a listener.
    fn of(extensions: &Extensions) -> Option<&Self> {
        extensions
            .get::<Self>()
            .or_else(|| extensions.get::<TlsConnectInfo<Self>>().map(TlsConnectInfo::get_ref))
    }
}

/// Where a request comes from.
pub(super) fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    Visit::of(extensions).map(|visit| visit.peer)
}

/// Notes that the connection has sent a request.
pub(crate) fn note_asked(extensions: &Extensions) {
    if let Some(visit) = Visit::of(extensions) {
        lock(&visit.house).connections.asked(visit.id);
    }
}

/// Notes that a request of the connection was let in.
pub(super) fn note_admitted(extensions: &Extensions) {
    if let Some(visit) = Visit::of(extensions) {
        lock(&visit.house).connections.admitted(visit.id);
    }
}

/// Stands before all services, those included that everybody may ask.
#[derive(Clone, Copy)]
pub(super) struct Asking;

impl Interceptor for Asking {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        note_asked(request.extensions());
        Ok(request)
    }
}

/// One accepted connection. Its place is free once it is dropped.
pub(crate) struct Connection {
    stream: TcpStream,
    visit: Visit,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Connected for Connection {
    type ConnectInfo = Visit;

    fn connect_info(&self) -> Visit {
        self.visit.clone()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut house = lock(&self.visit.house);
        house.connections.leave(self.visit.id);
        house.ends.remove(&self.visit.id);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ended.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "it gave way to others",
            )));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(ready!(Pin::new(&mut self.stream).poll_shutdown(cx)))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

pub(crate) struct Door {
    listener: TcpListener,
    house: SharedHouse,
    sweep: Interval,
    back_off: Duration,
    complained: Option<Instant>,
}

/// The connections of a listener, at most `limit` at one time.
pub(super) fn incoming(
    listener: TcpListener,
    limit: usize,
) -> impl Stream<Item = io::Result<Connection>> + Send {
    stream::unfold(Door::new(listener, limit), |mut door| async move {
        let connection = door.next().await;
        Some((Ok(connection), door))
    })
}

/// The same for HTTP without gRPC.
impl axum::serve::Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let connection = self.next().await;
        let peer = connection.visit.peer;
        (connection, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl axum::extract::connect_info::Connected<axum::serve::IncomingStream<'_, Door>> for Visit {
    fn connect_info(stream: axum::serve::IncomingStream<'_, Door>) -> Self {
        stream.io().visit.clone()
    }
}

impl Door {
    /// A door with room for so many connections.
    pub(crate) fn new(listener: TcpListener, limit: usize) -> Self {
        let house = House { connections: Connections::new(limit), ends: HashMap::new() };
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { listener, house: Arc::new(Mutex::new(house)), sweep, back_off: BACK_OFF.0, complained: None }
    }

    async fn next(&mut self) -> Connection {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        self.back_off = BACK_OFF.0;
                        if let Some(connection) = self.enter(stream, peer) {
                            return connection;
                        }
                    }
                    Err(error) => self.rest(&error).await,
                },
                _ = self.sweep.tick() => self.end_overdue(),
            }
        }
    }

    fn enter(&mut self, stream: TcpStream, peer: SocketAddr) -> Option<Connection> {
        // Small messages go back and forth: with Nagle's algorithm each would wait for a delayed acknowledgement, 40 ms.
        // A peer that is gone already is noticed with the first read.
        let _ = stream.set_nodelay(true);
        let mut house = lock(&self.house);
        let Some((id, leaves)) = house.connections.enter(peer.ip(), Instant::now()) else {
            drop(house);
            self.complain("every connection is in use by somebody who was let in; a new one is turned away");
            return None;
        };
        let end = CancellationToken::new();
        house.ends.insert(id, end.clone());
        if let Some(leaves) = leaves {
            house.end(leaves);
        }
        drop(house);
        if leaves.is_some() {
            self.complain("too many connections of strangers; the oldest ones give way");
        }
        let visit = Visit { id, peer, house: Arc::clone(&self.house) };
        Some(Connection { stream, visit, ended: Box::pin(end.cancelled_owned()) })
    }

    /// Waits before the next attempt, where that makes sense.
    async fn rest(&mut self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
        if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
            return;
        }
        self.complain(&format!("cannot accept connections: {error}"));
        {
            let mut house = lock(&self.house);
            if let Some(oldest) = house.connections.give_way() {
                house.end(oldest);
            }
        }
        tokio::time::sleep(self.back_off).await;
        self.back_off = (self.back_off * 2).min(BACK_OFF.1);
    }

    fn end_overdue(&mut self) {
        let mut house = lock(&self.house);
        for id in house.connections.overdue(Instant::now()) {
            house.end(id);
        }
    }

    fn complain(&mut self, what: &str) {
        if self.complained.is_none_or(|at| at.elapsed() >= COMPLAIN_EVERY) {
            self.complained = Some(Instant::now());
            tracing::warn!("{what}");
        }
    }
}
