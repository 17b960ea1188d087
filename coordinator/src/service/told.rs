//! A stream of responses that a task makes, at the reader's pace, and why it ended early.

use std::future::Future;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// A reader that takes nothing for so long is let go: its stream holds memory here.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Hands responses to a reader. One waits for it at a time.
pub(super) struct Reader<T> {
    responses: mpsc::Sender<T>,
    patience: Duration,
}

/// Why nothing more can be told to a reader.
pub(super) enum Unread {
    /// It is gone.
    Gone,
    /// It has read nothing for so long.
    Slow(Duration),
}

impl<T> Reader<T> {
    /// Tells one response.
    pub(super) async fn tell(&self, response: T) -> Result<(), Unread> {
        self.responses.send_timeout(response, self.patience).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => Unread::Slow(self.patience),
            mpsc::error::SendTimeoutError::Closed(_) => Unread::Gone,
        })
    }

    /// Waits until the reader is gone.
    pub(super) async fn gone(&self) {
        self.responses.closed().await;
    }
}

/// What `work` tells the reader that it is given, and the status that it fails with as the last.
pub(super) fn told<T, W>(
    patience: Duration,
    work: impl FnOnce(Reader<T>) -> W,
) -> impl Stream<Item = Result<T, Status>> + Send
where
    T: Send + 'static,
    W: Future<Output = Result<(), Status>> + Send + 'static,
{
    let (responses, stream) = mpsc::channel(1);
    // Apart from the responses: the reason must not wait behind a response that nobody takes.
    let (reason, ended) = oneshot::channel();
    let work = work(Reader { responses, patience });
    tokio::spawn(async move {
        if let Err(status) = work.await {
            // The reader may be gone.
            let _ = reason.send(status);
        }
    });
    let last = stream::once(ended).filter_map(|reason| std::future::ready(reason.ok().map(Err)));
    ReceiverStream::new(stream).map(Ok).chain(last)
}
