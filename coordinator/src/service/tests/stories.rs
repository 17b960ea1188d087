//! Whole lives of pipelines, with real workers.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::Notify;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_discovery_to_the_finish_item() {
    let coordinator = Coordinator::start().await;
    let starts = Arc::new(AtomicU32::new(0));
    let counted = starts.clone();
    let work = handler("work", move |job| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move { Ok(format!(r#"{{"skipped":{},"attempt":{}}}"#, job.key.as_str() == "work/2", job.attempt)) }
    });
    let worker = coordinator.worker("w", vec![finds(1_001), work, loads()]);
    let id = coordinator.run(spec()).await;
    let status = coordinator.until_finished(&id).await;

    assert_eq!((status.state, status.progress_percent), (PipelineState::Completed, 100));
    assert_eq!((status.tasks.succeeded, status.tasks.skipped), (1_001, 1));
    assert_eq!(starts.load(Ordering::Relaxed), 1_001, "every item is started once");
    let lists = std::mem::take(&mut *coordinator.lists.0.lock().unwrap());
    let [(path, lines)] = lists.as_slice() else { panic!("one list, not {}", lists.len()) };
    assert_eq!(path, "pipelines/p/accepted-1.jsonl");
    let first = r#"{"key":"work/1","parents":["find/1"],"result":{"attempt":1,"skipped":false}}"#;
    assert_eq!((lines.lines().count(), lines.lines().next()), (1_001, Some(first)));

    let mut client = coordinator.client().await;
    let request = v1::GetItemRequest { pipeline_id: "p".into(), item_key: "load/1".into() };
    let finish = client.get_item(request).await.unwrap().into_inner().item.unwrap();
    let list = "pipelines/p/accepted-1.jsonl";
    let expected = serde_json::json!({"round": 1, "params": {"a": 1}, "accepted": list, "count": 1_001});
    assert_eq!(finish.result.map(edgraph_proto::json::from_value), Some(expected));
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_item_is_retried_and_a_panic_is_a_failure() {
    let coordinator = Coordinator::start().await;
    let work = handler("work", |job| async move {
        match job.attempt {
            1 => Err(Failure::transient("not yet")),
            2 => panic!("a bug"),
            _ => Ok("{}".into()),
        }
    });
    let worker = coordinator.worker("w", vec![finds(1), work, loads()]);
    let id = coordinator.run(spec()).await;
    assert_eq!(coordinator.until_finished(&id).await.state, PipelineState::Completed);
    let item = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!((item.token.0, item.failures), (3, 2));
    assert!(item.reason.contains("a bug"), "{}", item.reason);
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_explained_and_retried_in_the_next_round() {
    let coordinator = Coordinator::start().await;
    let repaired = Arc::new(AtomicBool::new(false));
    let works = repaired.clone();
    let work = handler("work", move |job| {
        let broken = job.key.as_str() == "work/2" && !works.load(Ordering::Relaxed);
        async move { if broken { Err(Failure::permanent("no such schema")) } else { Ok("{}".into()) } }
    });
    let worker = coordinator.worker("w", vec![finds(3), work, loads()]);
    let id = coordinator.run(spec()).await;
    let status = coordinator.until_finished(&id).await;
    assert_eq!(status.state, PipelineState::CompletedWithFailures);
    assert_eq!(
        (status.failures[0].key.as_str(), status.failures[0].reason.as_str()),
        ("work/2", "no such schema")
    );

    repaired.store(true, Ordering::Relaxed);
    let mut client = coordinator.client().await;
    let request = v1::RetryFailedItemsRequest { pipeline_id: id.to_string() };
    assert_eq!(client.retry_failed_items(request).await.unwrap().into_inner().retried, 1);
    let status = coordinator.until_finished(&id).await;
    assert_eq!((status.state, status.round, status.tasks.succeeded), (PipelineState::Completed, 2, 3));
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_pipeline_stops_its_workers() {
    let coordinator = Coordinator::start().await;
    let work = handler("work", |job| async move {
        job.cancel.cancelled().await;
        Err(Failure::transient("stopped"))
    });
    let worker = coordinator.worker("w", vec![finds(5), work, loads()]);
    let id = coordinator.run(spec()).await;
    coordinator.until(&id, |status| status.tasks.leased == 2).await;
    let mut client = coordinator.client().await;
    client.cancel_pipeline(v1::CancelPipelineRequest { pipeline_id: id.to_string() }).await.unwrap();
    let status = coordinator.until_finished(&id).await;
    assert_eq!((status.state, status.tasks.cancelled), (PipelineState::Cancelled, 5));
    worker.stop().await;
    coordinator.stop().await;
}

/// Hangs in its first attempt only, whatever it is told.
fn hangs_once(started: Arc<Notify>) -> Arc<dyn Handler> {
    handler("work", move |job| {
        let started = started.clone();
        async move {
            if job.attempt == 1 {
                started.notify_one();
                std::future::pending::<()>().await;
            }
            Ok("{}".into())
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_vanishes_loses_its_lease_and_nothing_else() {
    let coordinator = Coordinator::start_impatient().await;
    let started = Arc::new(Notify::new());
    let doomed = coordinator.worker("doomed", vec![finds(1), hangs_once(started.clone()), loads()]);
    let id = coordinator.run(spec()).await;
    started.notified().await;
    doomed.crash().await;
    let worker = coordinator.worker("w", vec![finds(1), hangs_once(started), loads()]);
    assert_eq!(coordinator.until_finished(&id).await.state, PipelineState::Completed);
    let item = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!((item.lost_leases, item.failures, item.preemptions), (1, 0, 0));
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_worker_gives_back_what_it_holds() {
    let coordinator = Coordinator::start().await;
    let started = Arc::new(Notify::new());
    let leaving = coordinator.worker("leaving", vec![finds(1), hangs_once(started.clone()), loads()]);
    let id = coordinator.run(spec()).await;
    started.notified().await;
    leaving.stop().await;
    let item = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!((item.lost_leases, item.failures, item.preemptions), (0, 0, 1));
    let worker = coordinator.worker("w", vec![finds(1), hangs_once(started), loads()]);
    assert_eq!(coordinator.until_finished(&id).await.state, PipelineState::Completed);
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_runs_too_long_is_taken_back_though_heartbeats_arrive() {
    let coordinator = Coordinator::start_impatient().await;
    let worker = coordinator.worker("w", vec![finds(1), hangs_once(Arc::default()), loads()]);
    let mut spec = spec();
    spec.limits.get_mut("work").unwrap().max_run = 3 * SHORT_TTL;
    let id = coordinator.run(spec).await;
    assert_eq!(coordinator.until_finished(&id).await.state, PipelineState::Completed);
    let item = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!(
        (item.lost_leases, item.failures, item.reason.as_str()),
        (0, 1, "ran longer than 3s, its max_run")
    );
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_blocks_every_thread_keeps_its_lease() {
    let coordinator = Coordinator::start_impatient().await;
    // The worker gets a runtime with one thread, and its handler blocks that thread for several TTLs.
    let address = coordinator.address;
    let (stop, stopped) = (CancellationToken::new(), CancellationToken::new());
    let (shutdown, done) = (stop.clone(), stopped.clone().drop_guard());
    std::thread::spawn(move || {
        let _done = done;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let work = handler("work", |_| async {
            std::thread::sleep(4 * SHORT_TTL);
            Ok("{}".into())
        });
        let config = WorkerConfig {
            coordinators: format!("http://{address}").into(),
            worker: "blocked".parse().unwrap(),
            slots: NonZeroU32::MIN,
            drain: Duration::ZERO,
            cancel_grace: Duration::ZERO,
            home: Default::default(),
            desk: Default::default(),
        };
        runtime.block_on(Worker::run(config, vec![finds(1), work, loads()], shutdown)).unwrap();
    });
    let id = coordinator.run(spec()).await;
    assert_eq!(coordinator.until_finished(&id).await.state, PipelineState::Completed);
    let item = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!((item.token.0, item.lost_leases), (1, 0), "one grant, no loss");
    stop.cancel();
    stopped.cancelled().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_restart_is_a_reconnect() {
    let tracker = Arc::new(MemoryTracker::default());
    let coordinator =
        Coordinator::start_with(LONG_TTL, tracker.clone(), "127.0.0.1:0".parse().unwrap()).await;
    let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (starts, gate) = (started.clone(), go_on.clone());
    let work = handler("work", move |_| {
        let (starts, gate) = (starts.clone(), gate.clone());
        async move {
            starts.notify_one();
            gate.notified().await;
            Ok("{}".into())
        }
    });
    let worker = coordinator.worker("w", vec![finds(1), work, loads()]);
    let id = coordinator.run(spec()).await;
    started.notified().await;
    let address = coordinator.address;
    coordinator.stop().await;
    // The work ends while there is no coordinator: its outcome is kept and told to the next one.
    go_on.notify_one();
    let coordinator = Coordinator::start_with(LONG_TTL, tracker, address).await;
    assert_eq!(coordinator.until_finished(&id).await.state, PipelineState::Completed);
    worker.stop().await;
    coordinator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_whose_dependency_is_down_waits_without_cost() {
    let coordinator = Coordinator::start().await;
    let work = handler("work", |job| async move {
        if job.attempt <= 2 { Err(Failure::unavailable("a host", "no answer")) } else { Ok("{}".into()) }
    });
    let worker = coordinator.worker("w", vec![finds(1), work, loads()]);
    let id = coordinator.run(spec()).await;
    coordinator.until(&id, |status| status.unavailable.contains_key("work")).await;
    let status = coordinator.until_finished(&id).await;
    assert_eq!((status.state, status.unavailable.len()), (PipelineState::Completed, 0));
    let item = coordinator.engine.item(&id, &"work/1".parse().unwrap()).await.unwrap();
    assert_eq!((item.token.0, item.failures), (3, 0));
    worker.stop().await;
    coordinator.stop().await;
}
