//! Ends of pipelines in a store: written by whoever leads, read when the tracker was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{
    DeadPolicy, FailedLease, ItemSnapshot, PipelineSpec, PipelineStatus, WorkerMessage,
};
use edgraph_shared::storage::{Error, Expect, LocalStore, ObjectKey, ObjectMeta, Store, Version, layout};

use super::kit::{Running, TestWorker, completion, in_time, spec};
use crate::engine::{CommandError, Deed, EngineError, EngineHandle, Outcome, Selection};
use crate::tracker::tests::eventually;
use crate::tracker::{MemoryTracker, finished};

/// A folder that may be away for writers.
struct Flaky {
    folder: LocalStore,
    is_away: AtomicBool,
}

impl Flaky {
    fn at(folder: &tempfile::TempDir) -> Arc<Self> {
        let folder = LocalStore::open(folder.path()).unwrap();
        Arc::new(Self { folder, is_away: AtomicBool::new(false) })
    }

    fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }

    fn check(&self, key: &ObjectKey) -> Result<(), Error> {
        if !self.is_away.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (store, source) = ("flaky".to_owned(), "nobody is there".into());
        Err(Error::Unavailable { store, action: "write", key: key.to_string(), source })
    }
}

#[async_trait]
impl Store for Flaky {
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error> {
        self.check(key)?;
        self.folder.put(key, bytes).await
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error> {
        self.check(key)?;
        self.folder.put_if(key, bytes, expect).await
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error> {
        self.folder.get_versioned(key).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error> {
        self.folder.head(key).await
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error> {
        self.folder.list(prefix).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Error> {
        self.check(key)?;
        self.folder.delete(key).await
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.folder.uri(key)
    }
}

fn tracker() -> Arc<MemoryTracker> {
    Arc::default()
}

fn id() -> PipelineId {
    "p".parse().unwrap()
}

/// A pipeline `p` of so many items that has ended, the first of them dead.
async fn ended(running: &Running, items: usize) {
    let dead_policy = DeadPolicy::FinishWithout { max_dead: 1, max_dead_fraction: 0.0 };
    let spec = PipelineSpec { dead_policy, ..spec(items) };
    in_time(running.engine.start(Some(id()), "", spec)).await.unwrap();
    let mut worker = TestWorker::connect(&running.engine, 500).await;
    let mut left = items;
    while left > 0 {
        let mut leases: Vec<_> = worker.settling().await.into_iter().map(|grant| grant.lease).collect();
        let free_slots = u32::try_from(leases.len()).unwrap();
        if left == items {
            let failure = Failure::permanent("bad");
            let failed = FailedLease { lease: leases.remove(0), failure };
            worker.say(WorkerMessage::Fail(vec![failed])).await;
        }
        left -= free_slots as usize;
        worker.say(WorkerMessage::Complete(leases.into_iter().map(completion).collect())).await;
        worker.say(WorkerMessage::Credits { free_slots, kinds: Vec::new() }).await;
    }
    running.until(&id(), |status| status.state.is_finished()).await;
}

/// Waits until the store has the end as it is, and the pipeline says so.
async fn recorded(engine: &EngineHandle, store: &Flaky) -> PipelineStatus {
    eventually("the record of the end", || async {
        let text = store.get(&layout::finished(&id())).await.ok()?;
        let status = engine.status(&id()).await.unwrap();
        (finished::read(&text).unwrap().head.version + 1 == status.version).then_some(status)
    })
    .await
}

async fn items(engine: &EngineHandle) -> Vec<ItemSnapshot> {
    in_time(engine.list_items(&id(), Selection::default(), 0, usize::MAX)).await.unwrap().0
}

async fn restore(engine: &EngineHandle) -> Vec<(PipelineId, Outcome)> {
    in_time(engine.restore_finished(None)).await.unwrap().pipelines
}

#[tokio::test]
async fn what_a_lost_tracker_knew_of_an_end_comes_back_from_the_store() {
    const ITEMS: usize = 4_500;
    let folder = tempfile::tempdir().unwrap();
    let store = Flaky::at(&folder);
    let running = Running::start_recording(tracker(), store.clone()).await;
    ended(&running, ITEMS).await;
    let (status, before) = (recorded(&running.engine, &store).await, items(&running.engine).await);
    running.stop().await;

    let tracker = tracker();
    let running = Running::start_recording(tracker.clone(), store.clone()).await;
    assert!(running.engine.status(&id()).await.is_err(), "the tracker was lost");
    assert_eq!(restore(&running.engine).await, [(id(), Outcome::Restored)]);
    assert_eq!(in_time(running.engine.status(&id())).await.unwrap(), status);
    assert_eq!(items(&running.engine).await, before);
    assert_eq!(restore(&running.engine).await, [(id(), Outcome::Known)]);
    running.stop().await;

    // It is committed like everything else, and goes on like everything else.
    let running = Running::start_recording(tracker, store.clone()).await;
    assert_eq!(items(&running.engine).await, before);
    let (_, retried) =
        in_time(running.engine.sweep(&id(), Deed::Revive, Selection::default(), false)).await.unwrap();
    let mut worker = TestWorker::connect(&running.engine, 1).await;
    let lease = worker.granted().await.remove(0).lease;
    assert!(retried.items == 1 && lease.token.0 > 1_000, "{lease:?}");
    worker.say(WorkerMessage::Complete(vec![completion(lease)])).await;
    running.until(&id(), |status| status.state.is_finished()).await;
    recorded(&running.engine, &store).await;
    let pieces = LocalStore::reader(folder.path()).list(&layout::finished_pieces(&id())).await.unwrap();
    assert_eq!(pieces.len(), 1, "those of the end before are gone: {pieces:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_store_that_is_away_delays_no_end_and_is_written_when_it_is_back_by_whoever_leads() {
    let folder = tempfile::tempdir().unwrap();
    let store = Flaky::at(&folder);
    let tracker = tracker();
    let running = Running::start_recording(tracker.clone(), store.clone()).await;
    store.set_away(true);
    ended(&running, 3).await;
    running.stop().await;
    let running = Running::start_recording(tracker, store.clone()).await;
    store.set_away(false);
    recorded(&running.engine, &store).await;
    assert!(LocalStore::reader(folder.path()).head(&layout::finished(&id())).await.unwrap().is_some());
    running.stop().await;
}

#[tokio::test]
async fn what_a_client_deletes_does_not_come_back_and_stays_where_it_cannot_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Flaky::at(&folder);
    let running = Running::start_recording(tracker(), store.clone()).await;
    ended(&running, 3).await;
    recorded(&running.engine, &store).await;
    store.set_away(true);
    let refused = in_time(running.engine.delete(&id())).await.unwrap_err();
    assert!(matches!(refused, EngineError::Command(CommandError::Unforgotten { .. })), "{refused}");
    assert!(in_time(running.engine.status(&id())).await.is_ok());
    store.set_away(false);
    in_time(running.engine.delete(&id())).await.unwrap();
    assert_eq!(restore(&running.engine).await, []);
    let left = LocalStore::reader(folder.path()).list(&layout::pipelines_folder()).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_record_that_is_not_as_it_was_written_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let store = Flaky::at(&folder);
    let running = Running::start_recording(tracker(), store.clone()).await;
    ended(&running, 3).await;
    recorded(&running.engine, &store).await;
    running.stop().await;
    let running = Running::start_recording(tracker(), store.clone()).await;
    let head = layout::finished(&id());
    let piece = store.list(&layout::finished_pieces(&id())).await.unwrap().remove(0).key;
    let copy = layout::finished(&"other".parse().unwrap());
    let advice = format!("start the pipeline again, or delete {} to hear no more of it", store.uri(&head));
    let whole = store.get(&head).await.unwrap();
    let items_of_it = store.get(&piece).await.unwrap();
    store.put(&copy, whole.clone()).await.unwrap();
    for (key, bytes, reason) in [
        (&head, whole.slice(..whole.len() / 2), "it is cut short"),
        (&head, Bytes::from_static(b"{}\n{}\n{}\n"), "its first line: missing field"),
        (&piece, Bytes::from_static(b""), "it is not as it was written"),
    ] {
        let before = store.get(key).await.unwrap();
        store.put(key, bytes).await.unwrap();
        let outcomes = restore(&running.engine).await;
        let [(_, Outcome::Refused(other)), (_, Outcome::Refused(refused))] = &outcomes[..] else {
            panic!("{outcomes:?}")
        };
        assert!(other.contains("other/finished.jsonl: it is of the pipeline `p`"), "{other}");
        assert!(refused.starts_with(&store.uri(key)) && refused.contains(reason), "{refused}");
        assert!(refused.ends_with(&advice), "{refused}");
        store.put(key, before).await.unwrap();
    }
    store.delete(&copy).await.unwrap();
    store.delete(&piece).await.unwrap();
    let lacking = restore(&running.engine).await;
    assert!(matches!(&lacking[..], [(_, Outcome::Refused(reason))] if reason.contains("it is not there")));
    store.put(&piece, items_of_it).await.unwrap();
    let text = String::from_utf8(whole.to_vec()).unwrap();
    let newer = text.replacen('{', r#"{"reader":9,"since":"9.0.0","#, 1);
    store.put(&head, newer.into()).await.unwrap();
    let newer = restore(&running.engine).await;
    let [(_, Outcome::Refused(newer))] = &newer[..] else { panic!("{newer:?}") };
    assert!(newer.contains("9.0.0 or newer") && newer.ends_with("; update this coordinator"), "{newer}");
    store.put(&head, whole).await.unwrap();
    assert_eq!(restore(&running.engine).await, [(id(), Outcome::Restored)]);
    running.stop().await;
}

#[tokio::test]
async fn a_coordinator_without_a_store_says_so() {
    let running = Running::start(tracker(), super::kit::LONG_TTL).await;
    let refused = in_time(running.engine.restore_finished(None)).await.unwrap_err();
    assert!(matches!(refused, EngineError::Command(CommandError::NoRecords)), "{refused}");
    running.stop().await;
}
