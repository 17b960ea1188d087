//! What does work: the contract of a handler, and what it is given for one attempt.
//!
//! A handler turns a payload into a result or a classified failure. It knows nothing of leases, streams or slots:
//! that is the runtime's business.

mod progress;
mod refusals;
mod validity;

use std::sync::Arc;

use async_trait::async_trait;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{FencingToken, ItemKey, PipelineId};
use edgraph_shared::model::{
    ChildrenAnswer, LeaseRef, MAX_CHILDREN_PER_CHUNK, MAX_KIND_LEN, MAX_MESSAGE_LEN, MAX_PAYLOAD_LEN,
    WorkItem,
};
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::messages::Up;

pub use progress::ProgressReporter;
pub use refusals::Refusals;
pub use validity::Validity;

/// Bytes of payloads and keys in one chunk of children.
const MAX_CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of an item in a message beside its payload, key and kind: tags, lengths and its priority.
const ITEM_OVERHEAD: usize = 64;
// A chunk of items that may be fits into one message.
const _: () = assert!(
    MAX_CHUNK_BYTES + MAX_PAYLOAD_LEN + MAX_CHILDREN_PER_CHUNK * (MAX_KIND_LEN + ITEM_OVERHEAD)
        <= MAX_MESSAGE_LEN / 2
);

/// Runs the items of one kind.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// The item kind this handler runs.
    fn kind(&self) -> &'static str;

    /// Whether every item of the kind needs this dependency, as a failure names it. While it is down the worker takes
    /// no items of the kind; otherwise the item alone waits that found it down.
    fn needs(&self, dependency: &str) -> bool {
        let _ = dependency;
        true
    }

    /// Does the work. The result is JSON text of at most 4 KiB; a top-level `"skipped": true` in it says that the
    /// work was found done already. The same job may run twice, even at the same time: effects must be idempotent,
    /// or fenced by [`Job::token`]. When [`Job::cancel`] fires, return soon, whatever the result; a handler that
    /// does not is stopped at its next `await` after a grace. A handler has a thread to itself: it computes on it with
    /// [`in_place`](edgraph_shared::blocking::in_place).
    async fn run(&self, job: Job) -> Result<String, Failure>;
}

/// One attempt at one item.
pub struct Job {
    /// The item's pipeline.
    pub pipeline: PipelineId,
    /// The item.
    pub key: ItemKey,
    /// JSON text, as the item's creator wrote it.
    pub payload: String,
    /// Items that had named this one when it was granted; empty for root and finish items.
    pub parents: Vec<ItemKey>,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Rises with every attempt; whoever holds a lower one holds nothing.
    pub token: FencingToken,
    /// Adds items that follow from this one.
    pub children: Children,
    /// Takes the results of other items that this one cannot use; for items that end a round.
    pub refusals: Refusals,
    /// Whether the lease still lives, as far as this worker can know.
    pub validity: Validity,
    /// Takes reports of how far the work is, for the pipeline's status.
    pub progress: ProgressReporter,
    /// Fires when the work is not wanted any more.
    pub cancel: CancellationToken,
}

impl Job {
    /// What the payload says.
    ///
    /// # Errors
    /// Permanent, with the item's key: what cannot be read now cannot be read later.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.payload)
            .map_err(|error| Failure::permanent(format!("payload of {}: {error}", self.key)))
    }
}

/// Adds items that follow from the running one. Cheap to clone.
#[derive(Clone)]
pub struct Children {
    lease: LeaseRef,
    connection: mpsc::Sender<Up>,
    sent: Arc<Mutex<Sent>>,
}

#[derive(Default)]
struct Sent {
    chunks: u32,
    items: u32,
    /// A chunk was sent and its answer not awaited: nobody knows whether it counts.
    in_doubt: bool,
}

impl Children {
    pub(crate) fn new(lease: LeaseRef, connection: mpsc::Sender<Up>) -> Self {
        Self { lease, connection, sent: Arc::default() }
    }

    /// Adds items. Returns once they are durable; an item that exists gets this one as a further parent. An error
    /// is the attempt's: return it from the handler.
    pub async fn add(&self, items: Vec<WorkItem>) -> Result<(), Failure> {
        let mut sent = self.sent.lock().await;
        for items in chunks(items) {
            if sent.in_doubt {
                return Err(interrupted());
            }
            let (reply, answer) = oneshot::channel();
            let count = u32::try_from(items.len()).expect("a chunk is small");
            let up = Up::Children { lease: self.lease.clone(), chunk: sent.chunks, items, reply };
            sent.in_doubt = true;
            let gone = || Failure::preempted("the lease was lost while adding children");
            self.connection.send(up).await.map_err(|_| gone())?;
            match answer.await.map_err(|_| gone())? {
                ChildrenAnswer::Accepted => {}
                ChildrenAnswer::LeaseLost => return Err(gone()),
                ChildrenAnswer::Refused { reason } => {
                    return Err(Failure::permanent(format!("children refused: {reason}")));
                }
            }
            sent.in_doubt = false;
            sent.chunks += 1;
            sent.items += count;
        }
        Ok(())
    }

    /// How many items were added, for the message that completes the item.
    pub(crate) async fn total(&self) -> Result<u32, Failure> {
        let sent = self.sent.lock().await;
        if sent.in_doubt { Err(interrupted()) } else { Ok(sent.items) }
    }
}

fn interrupted() -> Failure {
    Failure::transient("adding children was interrupted before it was answered")
}

fn chunks(items: Vec<WorkItem>) -> Vec<Vec<WorkItem>> {
    let mut chunks = Vec::new();
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    for item in items {
        let size = item.payload.len() + item.key.as_str().len();
        if chunk.len() == MAX_CHILDREN_PER_CHUNK || (bytes + size > MAX_CHUNK_BYTES && !chunk.is_empty()) {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += size;
        chunk.push(item);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_limited_in_items_and_bytes() {
        let item = |n: usize, len: usize| {
            WorkItem::new("work", format!("work/{n}").parse().unwrap(), "x".repeat(len))
        };
        let sizes = |items: Vec<WorkItem>| chunks(items).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![]), Vec::<usize>::new());
        assert_eq!(sizes((0..2_001).map(|n| item(n, 2)).collect()), [1_000, 1_000, 1]);
        assert_eq!(sizes((0..3).map(|n| item(n, MAX_CHUNK_BYTES / 2)).collect()), [1, 1, 1]);
    }
}
