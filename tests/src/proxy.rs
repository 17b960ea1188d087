//! A wire that can be cut: a TCP proxy on the loopback.
//!
//! It forwards bytes to a target until told otherwise: hold everything back, cut what is open, refuse what comes.
//! Where the target speaks Redis' protocol it can also let a request through and cut the connection before the
//! reply, so that the client never learns that it was done.
//!
//! What it fakes is a network that fails. It must not change a byte of what it forwards or make one up: all it may do
//! is delay, cut and refuse. Whoever talks through it needs to know nothing of it.

mod resp;

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// Bytes taken in at one time.
const BUFFER_LEN: usize = 64 * 1024;

/// What becomes of bytes and connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Line {
    /// Everything goes through.
    #[default]
    Open,
    /// Connections stay, and nothing goes through either way until the line is open again.
    Stalled,
    /// Open connections are cut and new ones are reset.
    Refused,
}

/// Redis replies to be dropped: the request reaches the server, its reply never the client.
#[derive(Debug, Clone)]
pub struct DropReplies {
    /// Only requests one of whose arguments holds this, for example a part of a key.
    pub naming: String,
    /// Which of them.
    pub which: Which,
}

/// See [`DropReplies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The first time that a request comes; when it comes again, byte for byte, its reply goes through.
    EachOnce,
    /// The nth, from 0, and no other.
    Nth(u64),
}

#[derive(Debug, Default)]
struct Rule {
    drop: Option<DropReplies>,
    matched: u64,
    seen: HashSet<u64>,
}

impl Rule {
    /// Whether the reply to this request is to be dropped.
    fn drops(&mut self, request: &[u8]) -> bool {
        let Some(rule) = &self.drop else { return false };
        let names =
            |argument: &&[u8]| argument.windows(rule.naming.len()).any(|part| part == rule.naming.as_bytes());
        if !resp::arguments(request).iter().any(names) {
            return false;
        }
        let number = self.matched;
        self.matched += 1;
        match rule.which {
            Which::Nth(nth) => number == nth,
            Which::EachOnce => {
                let mut hasher = DefaultHasher::new();
                request.hash(&mut hasher);
                self.seen.insert(hasher.finish())
            }
        }
    }
}

#[derive(Debug)]
struct Shared {
    target: Mutex<SocketAddr>,
    line: watch::Sender<Line>,
    /// Rises with every cut; a connection of an earlier number ends.
    cuts: watch::Sender<u64>,
    rule: Mutex<Rule>,
    dropped: AtomicU64,
    accepted: AtomicU64,
}

impl Shared {
    fn rule(&self) -> std::sync::MutexGuard<'_, Rule> {
        self.rule.lock().expect("no thread panics while it holds the rule")
    }
}

/// A proxy; it ends, and its connections with it, when dropped.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _accepting: AbortOnDropHandle<()>,
}

impl TcpProxy {
    /// Listens on a port of its own and forwards to `target`.
    ///
    /// # Errors
    /// When the loopback cannot be listened at.
    pub async fn start(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            line: watch::Sender::default(),
            cuts: watch::Sender::default(),
            rule: Mutex::default(),
            dropped: AtomicU64::default(),
            accepted: AtomicU64::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, _accepting: AbortOnDropHandle::new(accepting) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what becomes of bytes and connections.
    pub fn set(&self, line: Line) {
        self.shared.line.send_replace(line);
        if line == Line::Refused {
            self.cut();
        }
    }

    /// Cuts every open connection; new ones are taken.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Drops replies from now on, or none any more.
    pub fn drop_replies(&self, drop: Option<DropReplies>) {
        *self.shared.rule() = Rule { drop, ..Rule::default() };
    }

    /// How many replies were dropped.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::SeqCst)
    }

    /// How many connections were taken.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with the proxy: connections end with it.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        // An error is one connection's that was gone before it was taken.
        let Ok((client, _)) = listener.accept().await else { continue };
        if *shared.line.borrow() == Line::Refused {
            // A linger time of zero makes the close a reset.
            let _ = client.set_zero_linger();
            continue;
        }
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        while connections.try_join_next().is_some() {}
        connections.spawn(forward(client, Arc::clone(&shared)));
    }
}

async fn forward(client: TcpStream, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    cuts.mark_unchanged();
    let target = *shared.target.lock().expect("no thread panics while it holds the target");
    let Ok(server) = TcpStream::connect(target).await else {
        let _ = client.set_zero_linger();
        return;
    };
    // Small messages are not to wait for others.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let doomed = Arc::new(Mutex::new(VecDeque::new()));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Whichever ends first ends the connection: both halves are dropped here.
    tokio::select! {
        _ = requests(from_client, to_server, &shared, &doomed) => {}
        _ = replies(from_server, to_client, &shared, &doomed) => {}
        _ = cuts.changed() => {}
    }
}

/// For every Redis request that has no reply yet, whether its reply is to be dropped.
type Doomed = Mutex<VecDeque<bool>>;

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    doomed: &Doomed,
) -> io::Result<()> {
    let (mut buffer, mut message) = (vec![0; BUFFER_LEN], Vec::new());
    // A client of Redis begins with an array, and one of HTTP with a letter.
    let mut is_redis = None;
    loop {
        let read = from.read(&mut buffer).await?;
        open(shared).await;
        if read == 0 {
            return Ok(());
        }
        if *is_redis.get_or_insert(buffer[0] == b'*') {
            message.extend_from_slice(&buffer[..read]);
            while let Some(len) = resp::message_len(&message) {
                let is_doomed = shared.rule().drops(&message[..len]);
                doomed.lock().expect("no thread panics while it holds the list").push_back(is_doomed);
                message.drain(..len);
            }
        }
        to.write_all(&buffer[..read]).await?;
    }
}

async fn replies(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    doomed: &Doomed,
) -> io::Result<()> {
    let (mut buffer, mut message) = (vec![0; BUFFER_LEN], Vec::new());
    loop {
        let read = from.read(&mut buffer).await?;
        open(shared).await;
        if read == 0 {
            return Ok(());
        }
        if doomed.lock().expect("no thread panics while it holds the list").is_empty() {
            to.write_all(&buffer[..read]).await?;
            continue;
        }
        message.extend_from_slice(&buffer[..read]);
        while let Some(len) = resp::message_len(&message) {
            let next = doomed.lock().expect("no thread panics while it holds the list").pop_front();
            if next == Some(true) {
                shared.dropped.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            to.write_all(&message[..len]).await?;
            message.drain(..len);
        }
    }
}

/// Waits until the line is open.
async fn open(shared: &Shared) {
    // The sender lives as long as `shared`.
    let _ = shared.line.subscribe().wait_for(|line| *line != Line::Stalled).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::redis::RedisServer;

    async fn through(proxy: &TcpProxy) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(format!("redis://{}", proxy.address())).unwrap();
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(10)));
        client.get_multiplexed_async_connection_with_config(&config).await.unwrap()
    }

    async fn increment(connection: &mut redis::aio::MultiplexedConnection) -> redis::RedisResult<i64> {
        redis::cmd("INCR").arg("{p}:count").query_async(connection).await
    }

    #[tokio::test]
    async fn a_dropped_reply_is_to_a_request_that_was_done() {
        let server = RedisServer::start().await.unwrap();
        let proxy = TcpProxy::start(server.address()).await.unwrap();
        let rule = DropReplies { naming: "{p}:".into(), which: Which::Nth(1) };
        proxy.drop_replies(Some(rule));
        let mut connection = through(&proxy).await;
        assert_eq!(increment(&mut connection).await.unwrap(), 1);
        assert!(increment(&mut connection).await.is_err());
        assert_eq!(proxy.dropped(), 1);
        let mut connection = through(&proxy).await;
        assert_eq!(increment(&mut connection).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn each_request_loses_its_reply_once() {
        let server = RedisServer::start().await.unwrap();
        let proxy = TcpProxy::start(server.address()).await.unwrap();
        proxy.drop_replies(Some(DropReplies { naming: "{p}:".into(), which: Which::EachOnce }));
        assert!(increment(&mut through(&proxy).await).await.is_err());
        assert_eq!(increment(&mut through(&proxy).await).await.unwrap(), 2);
        proxy.drop_replies(None);
        assert_eq!(increment(&mut through(&proxy).await).await.unwrap(), 3);
        assert_eq!((proxy.dropped(), proxy.accepted()), (1, 3));
    }

    #[tokio::test]
    async fn a_stalled_line_delays_a_cut_one_ends_and_a_refused_one_takes_nothing() {
        let server = RedisServer::start().await.unwrap();
        let proxy = TcpProxy::start(server.address()).await.unwrap();
        let mut connection = through(&proxy).await;
        proxy.set(Line::Stalled);
        {
            let mut answer = std::pin::pin!(increment(&mut connection));
            assert!(tokio::time::timeout(Duration::from_millis(100), &mut answer).await.is_err());
            proxy.set(Line::Open);
            assert_eq!(answer.await.unwrap(), 1);
        }
        proxy.cut();
        assert!(increment(&mut connection).await.is_err());
        proxy.set(Line::Refused);
        let client = redis::Client::open(format!("redis://{}", proxy.address())).unwrap();
        assert!(client.get_multiplexed_async_connection().await.is_err());
        proxy.set(Line::Open);
        assert_eq!(increment(&mut through(&proxy).await).await.unwrap(), 2);
    }
}
