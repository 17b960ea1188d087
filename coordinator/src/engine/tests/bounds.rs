//! A slow tracker: heartbeats are answered, nothing is granted, and commits stay of bounded size.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{
    CoordinatorMessage, FinishSpec, LeaseProgress, PipelineSpec, PipelineState, Progress, WorkItem,
    WorkerMessage,
};
use tokio::sync::Semaphore;

use super::kit::{LONG_TTL, Running, TestWorker, completion, in_time, spec};
use crate::engine::{AcceptedSink, Selection};
use crate::pipeline::token_buckets::KeptPause;
use crate::tracker::tests::eventually;
use crate::tracker::{
    Content, Lead, Leader, Look, Mark, MemoryTracker, Part, Renewed, Term, Tracker, TrackerError,
};

/// A tracker whose commits wait for a permit each.
struct Gated {
    inner: MemoryTracker,
    permits: Semaphore,
    /// The number of items in each commit.
    commits: Mutex<Vec<usize>>,
}

impl Gated {
    fn open() -> Arc<Self> {
        let permits = Semaphore::new(Semaphore::MAX_PERMITS);
        Arc::new(Self { inner: MemoryTracker::default(), permits, commits: Mutex::default() })
    }

    fn close(&self) {
        self.permits.forget_permits(Semaphore::MAX_PERMITS);
    }

    fn reopen(&self) {
        self.permits.add_permits(Semaphore::MAX_PERMITS);
    }
}

#[async_trait]
impl Tracker for Gated {
    async fn look(&self, leader: &Leader) -> Result<Look, TrackerError> {
        self.inner.look(leader).await
    }

    async fn lead(&self, leader: &Leader, upon: &Look) -> Result<Lead, TrackerError> {
        self.inner.lead(leader, upon).await
    }

    async fn behind(&self, marks: &[(PipelineId, Mark)]) -> Result<Vec<PipelineId>, TrackerError> {
        self.inner.behind(marks).await
    }

    async fn renew(&self, term: &Term) -> Result<Renewed, TrackerError> {
        self.inner.renew(term).await
    }

    async fn keep_pause(&self, term: &Term, pause: &KeptPause) -> Result<(), TrackerError> {
        self.inner.keep_pause(term, pause).await
    }

    async fn commit(&self, term: &Term, parts: &[Part]) -> Result<(), TrackerError> {
        let _permit = self.permits.acquire().await.unwrap();
        let items = parts.iter().map(|part| match &part.content {
            Content::Created(saved) | Content::Saved(saved) | Content::Whole(saved) => saved.items.len(),
            Content::Removed | Content::Verify => 0,
        });
        self.commits.lock().unwrap().push(items.sum());
        self.inner.commit(term, parts).await
    }

    async fn resign(&self, term: &Term) -> Result<(), TrackerError> {
        self.inner.resign(term).await
    }
}

#[tokio::test]
async fn heartbeats_are_answered_and_nothing_granted_while_a_commit_hangs() {
    let tracker = Gated::open();
    let running = Running::start(tracker.clone(), LONG_TTL).await;
    let id = running.run(3).await;
    let mut worker = TestWorker::connect(&running.engine, 1).await;
    let lease = worker.granted().await.remove(0).lease;
    tracker.close();
    worker.say(WorkerMessage::Complete(vec![completion(lease.clone())])).await;
    worker.say(WorkerMessage::Credits { free_slots: 1, kinds: Vec::new() }).await;
    for sequence in 0..20 {
        worker
            .say(WorkerMessage::Heartbeat { sequence, held: vec![lease.clone()], progress: Vec::new() })
            .await;
        let answer = worker.hear().await;
        assert!(
            matches!(answer, Some(CoordinatorMessage::HeartbeatAck { sequence: s, .. }) if s == sequence),
            "{answer:?}"
        );
    }
    assert_eq!(worker.heard(), None, "no settlement and no grant before the commit");
    tracker.reopen();
    assert!(matches!(worker.hear().await, Some(CoordinatorMessage::Settled(_))));
    assert_eq!(worker.granted().await.len(), 1);
    running.until(&id, |status| status.tasks.succeeded == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_status_is_told_at_once_as_of_the_last_commit() {
    let tracker = Gated::open();
    let running = Running::start(tracker.clone(), LONG_TTL).await;
    let id = running.run(3).await;
    let mut worker = TestWorker::connect(&running.engine, 1).await;
    let lease = worker.granted().await.remove(0).lease;
    tracker.close();
    let before = in_time(running.engine.status(&id)).await.unwrap();
    assert_eq!(before.tasks.leased, 1);
    worker.say(WorkerMessage::Complete(vec![completion(lease.clone())])).await;
    let progress = Progress { done: 1, total: 2, text: String::new() };
    let progress = vec![LeaseProgress { lease, progress }];
    worker.say(WorkerMessage::Heartbeat { sequence: 1, held: Vec::new(), progress }).await;
    assert!(matches!(worker.hear().await, Some(CoordinatorMessage::HeartbeatAck { .. })));
    for _ in 0..20 {
        let status = in_time(running.engine.status(&id)).await.unwrap();
        assert_eq!(
            (status.tasks, status.version),
            (before.tasks, before.version),
            "nothing else is committed"
        );
    }
    tracker.reopen();
    assert!(matches!(worker.hear().await, Some(CoordinatorMessage::Settled(_))));
    let after = in_time(running.engine.status(&id)).await.unwrap();
    assert_eq!((after.tasks.succeeded, after.tasks.leased), (1, 0));
    running.stop().await;
}

/// Keeps the accepted list that was written last.
#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

#[async_trait]
impl AcceptedSink for Kept {
    async fn write(
        &self,
        _path: &str,
        lines: Vec<u8>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        *self.0.lock().unwrap() = lines;
        Ok(())
    }
}

#[tokio::test]
async fn a_long_accepted_list_is_whole_and_in_order() {
    const ITEMS: usize = 4_500;
    let kept = Arc::new(Kept::default());
    let running = Running::start_writing(Arc::new(MemoryTracker::default()), kept.clone()).await;
    let finish = vec![FinishSpec { kind: "load".into(), payload: String::new() }];
    let id: PipelineId = "p".parse().unwrap();
    let spec = PipelineSpec { finish, ..spec(ITEMS) };
    in_time(running.engine.start(Some(id.clone()), "", spec)).await.unwrap();
    let mut worker = TestWorker::connect(&running.engine, 500).await;
    let mut left = ITEMS;
    while left > 0 {
        let leases: Vec<_> = worker.settling().await.into_iter().map(|grant| grant.lease).collect();
        left -= leases.len();
        let free_slots = u32::try_from(leases.len()).unwrap();
        worker.say(WorkerMessage::Complete(leases.into_iter().map(completion).collect())).await;
        worker.say(WorkerMessage::Credits { free_slots, kinds: Vec::new() }).await;
    }
    running
        .until(&id, |status| status.state == PipelineState::Finishing && status.state_reason.is_empty())
        .await;
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let expected = (0..ITEMS).map(|n| format!("{{\"key\":\"work/{n}\",\"parents\":[],\"result\":{{}}}}\n"));
    assert_eq!(text, expected.collect::<String>());
    running.stop().await;
}

#[tokio::test]
async fn what_waits_for_a_slow_tracker_is_committed_in_pieces() {
    let tracker = Gated::open();
    let running = Running::start(tracker.clone(), LONG_TTL).await;
    let id = running.run(1).await;
    let mut worker = TestWorker::connect(&running.engine, 1).await;
    let lease = worker.granted().await.remove(0).lease;
    tracker.close();
    let before = tracker.commits.lock().unwrap().len();
    for chunk in 0..12 {
        let child = |n| WorkItem::new("child", format!("child/{chunk}-{n}").parse().unwrap(), "{}");
        let items = (0..700).map(child).collect();
        let lease = lease.clone();
        worker.say(WorkerMessage::AddChildren { request_id: chunk.into(), lease, chunk, items }).await;
    }
    // A heartbeat may overtake them, and so may who wants a status; a list does not.
    let asked = running.engine.clone();
    let list =
        tokio::spawn(
            async move { asked.list_items(&id, Selection::default(), 0, usize::MAX).await.unwrap().0 },
        );
    eventually("everything to wait for its commit", || async {
        (running.engine.stats().commits as usize == before).then_some(())
    })
    .await;
    tracker.reopen();
    assert_eq!(list.await.unwrap().len(), 8_401);
    let commits = tracker.commits.lock().unwrap().split_off(before);
    assert!(commits.iter().all(|items| *items <= 2_048), "{commits:?}");
    assert!(commits.iter().sum::<usize>() >= 8_400 && commits.len() < 14, "{commits:?}");
    running.stop().await;
}
