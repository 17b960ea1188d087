//! Connections that can be made to break: the listener wraps each one, the handler says how.
//!
//! Cut bodies and resets have to happen below HTTP, since a correct HTTP library refuses to send them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What happens to the bytes written next on one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Line {
    #[default]
    Good,
    /// Only the head of the next answer and so many bytes of its body go out.
    CutAfter(usize),
    /// Nothing goes out any more, and the peer sees a reset.
    Reset,
}

/// One connection, as the handler knows it.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) remote: SocketAddr,
    line: Arc<Mutex<Line>>,
}

impl Connection {
    pub(crate) fn set_line(&self, line: Line) {
        *self.line.lock().expect("no thread panics while it holds the line") = line;
    }
}

impl Connected<IncomingStream<'_, BreakableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, BreakableListener>) -> Self {
        Self { remote: *stream.remote_addr(), line: Arc::clone(&stream.io().line) }
    }
}

/// A TCP listener whose connections can be broken.
#[derive(Debug)]
pub(crate) struct BreakableListener(pub(crate) TcpListener);

impl Listener for BreakableListener {
    type Io = BreakableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, remote) = Listener::accept(&mut self.0).await;
        (BreakableStream { stream, line: Arc::default() }, remote)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A TCP stream that obeys its [`Line`].
#[derive(Debug)]
pub(crate) struct BreakableStream {
    stream: TcpStream,
    line: Arc<Mutex<Line>>,
}

impl BreakableStream {
    fn line(&self) -> Line {
        *self.line.lock().expect("no thread panics while it holds the line")
    }
}

impl AsyncRead for BreakableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for BreakableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let keep = match self.line() {
            Line::Good => return Pin::new(&mut self.stream).poll_write(cx, buf),
            Line::Reset => {
                // A linger time of zero makes the close that follows a reset instead of an orderly end.
                self.stream.set_zero_linger()?;
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            Line::CutAfter(keep) => keep,
        };
        let head = end_of_head(buf);
        let allowed = (head + keep).min(buf.len());
        if allowed == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, &buf[..allowed]);
        if let Poll::Ready(Ok(count)) = written {
            let left = keep.saturating_sub(count.saturating_sub(head));
            *self.line.lock().expect("no thread panics while it holds the line") = Line::CutAfter(left);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The length of the head at the start of `buf`, zero in the middle of a body. The head of an answer is always
/// written at once.
fn end_of_head(buf: &[u8]) -> usize {
    if !buf.starts_with(b"HTTP/1.") {
        return 0;
    }
    buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4)
}
