//! Items that are steered: found by what happened to them, tried again, cancelled, put forward; and those that are their
//! clients' own.

use edgraph_client::{Error, v1};
use serde_json::json;

use super::lists::{Work, roots};
use crate::coordinator::{RunningEngine, Services};
use crate::program::edgraph;

#[tokio::test]
async fn items_are_found_by_what_happened_to_them_and_retried_by_their_cause() {
    use v1::FailureClass::{Permanent, Transient};

    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    client.start(roots("a", 6, &json!({}))).await.unwrap();
    let mut work = Work::open(&services, "w", "a", 6).await;
    let schema = "404 for https://example.com/x.xsd: not there";
    let failures =
        [(Permanent, schema), (Permanent, "damaged archive"), (Permanent, schema), (Transient, "timed out")];
    let leases = work.grants(6).await;
    for (lease, (class, message)) in leases.into_iter().zip(failures) {
        work.fail(lease, class, message).await;
    }

    let listed = async |filter: v1::ItemFilter| {
        let request = v1::ListItemsRequest { filter: Some(filter), ..Default::default() };
        let items = client.items("p", request).all().await.unwrap();
        items.into_iter().map(|item| item.key).collect::<Vec<_>>()
    };
    let by_reason = |words: &str| v1::ItemFilter { reason_contains: words.into(), ..Default::default() };
    assert_eq!(listed(by_reason("X.XSD")).await, ["a/1", "a/3"]);
    assert_eq!(listed(v1::ItemFilter { retrying: true, ..Default::default() }).await, ["a/4"]);
    assert_eq!(listed(v1::ItemFilter { worker_id: "w".into(), ..Default::default() }).await, ["a/5", "a/6"]);
    let dead = v1::ItemFilter { state: v1::ItemState::Dead.into(), ..by_reason("archive") };
    assert_eq!(listed(dead.clone()).await, ["a/2"]);
    assert!(client.item("p", "a/4").await.unwrap().next_run_time.is_some());
    assert!(client.item("p", "a/6").await.unwrap().next_run_time.is_none());

    let retried = async |filter, dry_run| client.retry_items("p", filter, dry_run).await.unwrap();
    let (status, count) = retried(by_reason("404"), true).await;
    assert_eq!((count, status.failed_tasks), (2, 3), "nothing is done");
    let (status, count) = retried(by_reason("404"), false).await;
    assert_eq!((count, status.failed_tasks), (2, 1));
    assert_eq!(retried(by_reason("404"), false).await.1, 0);
    assert_eq!(client.item("p", "a/1").await.unwrap().state(), v1::ItemState::Ready);
    assert_eq!(client.item("p", "a/2").await.unwrap().state(), v1::ItemState::Dead);
    assert_eq!(retried(dead, true).await.1, 1);

    let waiting = v1::ItemFilter { retrying: true, ..Default::default() };
    let error = client.retry_items("p", waiting.clone(), false).await.unwrap_err();
    assert!(error.to_string().contains("not dead"), "{error}");
    let both = v1::ListItemsRequest { kind: "a".into(), filter: Some(waiting), ..Default::default() };
    let error = client.items("p", both).all().await.unwrap_err();
    assert!(error.to_string().contains("give one"), "{error}");
    drop(work);
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn a_cause_is_one_line_and_its_words_select_it() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    client.start(roots("a", 4, &json!({}))).await.unwrap();
    let mut work = Work::open(&services, "w", "a", 4).await;
    for (n, lease) in work.grants(4).await.into_iter().enumerate() {
        let message = match n {
            3 => "disk full".to_owned(),
            n => format!("https://host.example/data/000032019324{n:06}.zip: 404 Not Found"),
        };
        work.fail(lease, v1::FailureClass::Permanent, &message).await;
    }
    let groups = client.get("p").await.unwrap().failure_groups;
    let shown: Vec<_> = groups.iter().map(|group| (group.items, &*group.words, &*group.item_key)).collect();
    assert_eq!(shown, [(3, "… 404 Not Found", "a/1"), (1, "disk full", "a/4")]);
    assert!(groups[0].reason.ends_with("000032019324000000.zip: 404 Not Found"), "{groups:?}");
    let words = v1::ItemFilter { reason_contains: groups[0].words.clone(), ..Default::default() };
    assert_eq!(client.retry_items("p", words, true).await.unwrap().1, 3);
    drop(work);
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn some_items_are_cancelled_and_what_waits_runs_now() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    let mut start = roots("a", 3, &json!({}));
    let slow = edgraph_client::prost_types::Duration { seconds: 300, nanos: 0 };
    let limits = v1::KindSettings { backoff_base: Some(slow), ..Default::default() };
    start.spec.as_mut().unwrap().limits.insert("a".into(), limits);
    client.start(start).await.unwrap();
    let mut work = Work::open(&services, "w", "a", 2).await;
    let leases = work.grants(2).await;
    work.fail(leases[0].clone(), v1::FailureClass::Transient, "no route to host").await;

    let item = client.item("p", "a/1").await.unwrap();
    assert!(item.next_run_time.is_some() && item.waiting_for.contains("not yet due"), "{item:?}");
    let everything = v1::ItemFilter::default;
    let (_, advanced) = client.run_items_now("p", everything(), true).await.unwrap();
    assert_eq!(advanced, 1);
    assert_eq!(client.run_items_now("p", everything(), false).await.unwrap().1, 1);
    assert_eq!(client.item("p", "a/1").await.unwrap().next_run_time, None);

    let held = v1::ItemFilter { worker_id: "w".into(), ..everything() };
    let (status, cancelled) = client.cancel_items("p", held.clone(), true).await.unwrap();
    assert!(cancelled > 0 && status.phases[0].cancelled == 0, "{status:?}");
    let (status, done) = client.cancel_items("p", held, false).await.unwrap();
    assert_eq!((done, status.phases[0].cancelled), (cancelled, cancelled));
    work.complete(leases[1].clone(), "1".to_owned()).await;
    assert_eq!(client.item("p", "a/2").await.unwrap().state(), v1::ItemState::Cancelled);

    // The rest by the command line, which counts first.
    let url = services.url();
    let run = async |arguments: &'static [&str]| {
        let url = url.clone();
        let all = move || edgraph(arguments.iter().copied().chain(["--coordinator", &url]));
        tokio::task::spawn_blocking(all).await.unwrap()
    };
    let none = run(&["run-now", "p", "--reason", "what nobody says"]).await.ok().stdout;
    assert!(none.starts_with("nothing that waits is of that kind and reason\n"), "{none}");
    let would = run(&["cancel", "p", "--kind", "a", "--dry-run"]).await.ok().stdout;
    assert!(would.contains("items would be cancelled\n"), "{would}");
    run(&["cancel", "p", "--kind", "a"]).await.ok();
    let status = client.get("p").await.unwrap();
    assert_eq!(
        (status.state(), &*status.state_reason),
        (v1::PipelineState::Cancelled, "all a items were cancelled")
    );
    for (state, part) in [(v1::ItemState::Dead, "settled"), (v1::ItemState::Succeeded, "settled")] {
        let filter = v1::ItemFilter { state: state.into(), ..everything() };
        let error = client.cancel_items("p", filter, true).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(_)) && error.to_string().contains(part), "{error}");
    }
    drop(work);
    services.stop().await;
    engine.stop().await;
}

fn own(expected: u64) -> v1::StartPipelineRequest {
    let spec = v1::PipelineSpec {
        counted_kind: "letters".into(),
        client_items: Some(v1::ClientItems { expected }),
        ..Default::default()
    };
    v1::StartPipelineRequest {
        pipeline_id: "own".into(),
        kind: "letters".into(),
        spec: Some(spec),
        ..Default::default()
    }
}

fn done(key: &str) -> Vec<v1::DoneItem> {
    vec![v1::DoneItem { key: key.into(), result: None }]
}

#[tokio::test]
async fn clients_name_and_settle_their_own_items_and_one_call_ends_the_work() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    client.start(own(0)).await.unwrap();
    // No worker is given one, though it takes the kind.
    let work = Work::open(&services, "w", "letters", 2).await;
    let item = |key: &str| v1::NewItem { key: key.into(), ..Default::default() };
    let named = client.add_items("own", vec![item("a"), item("b")], false).await.unwrap();
    assert_eq!((named.items, named.ended), (2, false));
    assert_eq!(client.add_items("own", vec![item("a")], false).await.unwrap().items, 0);
    let status = client.get("own").await.unwrap();
    assert_eq!((status.expected_tasks, status.discovery_complete), (2, false));
    assert_eq!(status.waiting_for, "its clients have not settled 2 items, nor named all");

    let first = client.complete_items("own", done("a")).await.unwrap();
    assert_eq!((first.items, first.ended, first.pipeline.completed_tasks), (1, false, 1));
    assert_eq!(client.complete_items("own", done("a")).await.unwrap().items, 0);
    let failed = vec![v1::FailedItem { key: "b".into(), reason: "no stamp".into() }];
    assert_eq!(client.fail_items("own", failed).await.unwrap().items, 1);
    assert_eq!(client.get("own").await.unwrap().failure_groups[0].reason, "no stamp");
    // It may be done after all, by somebody else.
    assert_eq!(client.complete_items("own", done("b")).await.unwrap().items, 1);
    let last = client.add_items("own", vec![], true).await.unwrap();
    assert_eq!((last.ended, last.pipeline.state()), (true, v1::PipelineState::Completed));
    let error = client.complete_items("own", done("c")).await.unwrap_err();
    assert!(error.to_string().contains("item `c` is new, and the pipeline is completed"), "{error}");
    drop(work);
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn what_is_no_item_of_clients_is_refused_with_what_to_do() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    client.start(roots("a", 1, &json!({}))).await.unwrap();
    client.start(own(2)).await.unwrap();
    let refusals = [
        (client.complete_items("p", done("a/1")).await, "start a pipeline with spec.client_items"),
        (client.complete_items("none", done("a")).await, "there is no pipeline `none`"),
        (client.complete_items("own", done("")).await, "items.key"),
        (
            client.complete_items("own", ["a", "b", "c"].map(|key| done(key).remove(0)).into()).await,
            "no more than 2",
        ),
        (client.add_items("own", vec![v1::NewItem::default(); 1_001], false).await, "1000"),
    ];
    for (answer, part) in refusals {
        let error = answer.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(client.get("own").await.unwrap().completed_tasks, 0, "refused whole");
    services.stop().await;
    engine.stop().await;
}
