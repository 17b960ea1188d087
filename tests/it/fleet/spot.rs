//! Machines that are taken away: a metadata service announces it, and what their workers hold is finished in time or
//! goes back, without a failure counted. And signals, which end a worker sooner than any notice.

use std::time::{Duration, Instant, SystemTime};

use edgraph_client::{Client, v1};
use edgraph_tests::corpus::{fixture_edgar, fixture_taxonomies};
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use edgraph_tests::eventually::{eventually, eventually_true};
use edgraph_tests::fleet::process::{Signal, now};
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::metadata::{ACTION_PATH, MetadataServer, REBALANCE_PATH, Trouble};
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, alone, calm, filings};

/// Between two looks of a scripted worker at its metadata, in milliseconds.
const EVERY: &str = "100";
/// What a worker logs when it stops taking.
const DRAINING: &str = "taking nothing more";
/// An item that only a release ends in time.
const LONG: Duration = Duration::from_secs(10);
/// One that ends within any notice of these tests.
const SHORT: Duration = Duration::from_secs(3);

/// A coordinator and one scripted worker on a machine whose metadata the test writes.
async fn doomed(settings: Settings, slots: u32, more: &[&str]) -> (Fleet, Api, MetadataServer) {
    let metadata = MetadataServer::start().unwrap();
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let url = metadata.url();
    let spot = [&["--metadata-url", &url, "--metadata-every", EVERY], more].concat();
    fleet.add_scripted_worker_with("doomed", slots, &spot).unwrap();
    let api = Api::new(&fleet.endpoints());
    (fleet, api, metadata)
}

/// Starts a pipeline of items that work so long, and waits until so many of them run.
async fn start(fleet: &Fleet, api: &Api, works: &[Duration], running: usize) {
    let payload = |work: &Duration| json!({"sleep_ms": u64::try_from(work.as_millis()).unwrap()});
    api.start(&Scripted::working("spot", works.iter().map(payload)).request()).await.unwrap();
    eventually_true("the items to run", PATIENCE, || {
        fleet.history("spot").unwrap().attempts().count() == running
    })
    .await;
}

/// What the coordinator shows of a worker's end, once it was told.
async fn announced(fleet: &Fleet) -> v1::WorkerInfo {
    let client = Client::connect(&fleet.endpoints()[0]).await.unwrap();
    eventually("an announced end", PATIENCE, async || {
        let workers = client.list_workers().all().await.unwrap();
        workers.into_iter().find(|worker| !worker.drain_reason.is_empty())
    })
    .await
}

fn budgets(item: &v1::Item) -> (u32, u32, u32) {
    (item.failures, item.lost_leases, item.preemptions)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_machine_is_taken_away_what_fits_is_finished_and_the_rest_goes_back_to_the_front() {
    let (mut fleet, api, metadata) = doomed(calm(), 3, &[]).await;
    start(&fleet, &api, &[SHORT, LONG, LONG, SHORT, SHORT], 3).await;
    let notice = Duration::from_secs(12);
    let gone_at = metadata.interrupt("terminate", notice);
    let gone_time = SystemTime::now() + notice;
    let said = announced(&fleet).await;
    assert_eq!(said.state(), v1::WorkerState::Draining, "{said:?}");
    assert_eq!(said.drain_reason, "EC2 takes the machine away");
    let deadline = said.drain_deadline_time.expect("the notice has a time");
    let deadline: SystemTime = deadline.try_into().unwrap();
    let difference = deadline.duration_since(gone_time).unwrap_or_else(|earlier| earlier.duration());
    assert!(difference < Duration::from_secs(2), "{difference:?} from the time of the notice");
    let logged = fleet.coordinators[0].process().line("a worker is about to stop", PATIENCE).await.unwrap();
    assert!(logged.contains("doomed") && logged.contains("EC2 takes the machine away"), "{logged}");
    assert_eq!(fleet.worker("doomed").exited(PATIENCE).await, Some(0));
    assert!(Instant::now() < gone_at, "the machine was gone before its worker");
    assert_eq!(metadata.answered(ACTION_PATH, 200), 1, "{:?}", metadata.requests());

    for (key, state, preemptions) in [
        ("work/1", v1::ItemState::Succeeded, 0),
        ("work/2", v1::ItemState::Ready, 1),
        ("work/3", v1::ItemState::Ready, 1),
        ("work/4", v1::ItemState::Ready, 0),
        ("work/5", v1::ItemState::Ready, 0),
    ] {
        let item = api.item("spot", key).await;
        assert_eq!((item.state(), budgets(&item)), (state, (0, 0, preemptions)), "{item:?}");
    }
    assert!(Instant::now() < gone_at, "the items were looked at too late to prove anything");
    let history = fleet.history("spot").unwrap();
    assert_eq!(history.attempts().count(), 3, "nothing was begun after the notice");

    fleet.add_scripted_worker("staying", 2).unwrap();
    let status = api.ended("spot").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 5));
    let history = fleet.history("spot").unwrap();
    history.check(&api.settled("spot").await).unwrap();
    let last_start = |key: &str| history.of_item(key).last().unwrap().start;
    for released in ["work/2", "work/3"] {
        assert!(last_start(released) < last_start("work/4"), "{released} did not keep its place");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebalance_recommendation_lets_everything_finish_and_begins_nothing() {
    let (mut fleet, api, metadata) = doomed(calm(), 1, &[]).await;
    let held = Duration::from_secs(3);
    start(&fleet, &api, &[held, SHORT], 1).await;
    metadata.rebalance();
    let said = announced(&fleet).await;
    assert_eq!(said.drain_reason, "EC2 recommends to replace the machine");
    assert_eq!(said.drain_deadline_time, None, "nobody knows when");
    assert_eq!(fleet.worker("doomed").exited(PATIENCE).await, Some(0));
    assert!(metadata.answered(REBALANCE_PATH, 200) > 0, "{:?}", metadata.requests());

    let (finished, waiting) = (api.item("spot", "work/1").await, api.item("spot", "work/2").await);
    assert_eq!((finished.state(), budgets(&finished)), (v1::ItemState::Succeeded, (0, 0, 0)));
    assert_eq!((waiting.state(), budgets(&waiting)), (v1::ItemState::Ready, (0, 0, 0)));
    let history = fleet.history("spot").unwrap();
    assert_eq!((history.of_item("work/1").len(), history.of_item("work/2").len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interruption_ends_a_drain_that_had_all_the_time_it_wanted() {
    let (mut fleet, api, metadata) = doomed(calm(), 1, &[]).await;
    start(&fleet, &api, &[PATIENCE], 1).await;
    metadata.rebalance();
    fleet.worker("doomed").line("EC2 recommends", PATIENCE).await.unwrap();
    let gone_at = metadata.interrupt("stop", Duration::from_secs(8));
    assert_eq!(fleet.worker("doomed").exited(PATIENCE).await, Some(0));
    assert!(Instant::now() < gone_at, "the machine was gone before its worker");
    assert_eq!(fleet.worker("doomed").count(&[DRAINING, "EC2 takes the machine away"]), 1);
    let item = api.item("spot", "work/1").await;
    assert_eq!((item.state(), budgets(&item)), (v1::ItemState::Ready, (0, 0, 1)), "{item:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metadata_service_in_trouble_is_complained_of_once_and_asked_until_it_answers() {
    let (mut fleet, api, metadata) = doomed(calm(), 1, &[]).await;
    start(&fleet, &api, &[SHORT], 1).await;
    let looks = || metadata.answered(REBALANCE_PATH, 404);
    eventually_true("a look", PATIENCE, || looks() > 0).await;
    assert_eq!(metadata.tokens_given(), 1, "one token serves many looks");
    metadata.expire_tokens();
    eventually_true("a second token", PATIENCE, || metadata.tokens_given() == 2).await;
    let before = looks();
    eventually_true("a look with it", PATIENCE, || looks() > before).await;
    assert!(metadata.answered(ACTION_PATH, 401) > 0, "{:?}", metadata.requests());
    assert_eq!(fleet.worker("doomed").count(&["cannot look at EC2"]), 0, "an old token is no trouble");

    for trouble in [Trouble::Status(500), Trouble::Garbage, Trouble::Silence, Trouble::Status(401)] {
        metadata.make_trouble(Some(trouble));
        eventually_true("two looks in vain", PATIENCE, || metadata.met(trouble) >= 2).await;
    }
    metadata.make_trouble(None);
    fleet.worker("doomed").line("answers again", PATIENCE).await.unwrap();
    assert_eq!(fleet.worker("doomed").count(&["cannot look at EC2"]), 1);
    let status = api.ended("spot").await;
    assert_eq!(status.state(), v1::PipelineState::Completed, "work went on: {status:?}");

    metadata.rebalance();
    assert_eq!(fleet.worker("doomed").exited(PATIENCE).await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_shortens_the_drain_of_a_machine_that_is_taken_away() {
    let (mut fleet, api, metadata) = doomed(alone(), 1, &[]).await;
    start(&fleet, &api, &[PATIENCE], 1).await;
    let gone_at = metadata.interrupt("terminate", Duration::from_secs(120));
    fleet.worker("doomed").line(DRAINING, PATIENCE).await.unwrap();
    fleet.add_scripted_worker("staying", 1).unwrap();
    fleet.worker("staying").line("connected", PATIENCE).await.unwrap();
    let at = now();
    fleet.worker("doomed").signal(Signal::TERM);
    assert_eq!(fleet.worker("doomed").exited(PATIENCE).await, Some(0));
    assert!(Instant::now() + Duration::from_secs(60) < gone_at, "it waited for the notice's own time");
    assert_eq!(metadata.answered(ACTION_PATH, 200), 1, "{:?}", metadata.requests());
    let again = eventually("the item to start again", PATIENCE, async || {
        fleet.history("spot").unwrap().of_item("work/1").get(1).cloned()
    })
    .await;
    let delay = Duration::from_nanos(again.start - at);
    assert!(delay <= Duration::from_secs(1), "started again after {delay:?}");
    let item = api.item("spot", "work/1").await;
    assert_eq!(budgets(&item), (0, 0, 1), "{item:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_stops_at_once_whatever_is_being_drained() {
    for first in [Signal::TERM, Signal::INT] {
        let (mut fleet, api, metadata) = doomed(alone(), 1, &["--drain", "3600000"]).await;
        start(&fleet, &api, &[PATIENCE], 1).await;
        let worker = fleet.worker("doomed");
        worker.signal(first);
        worker.line(DRAINING, PATIENCE).await.unwrap();
        assert_eq!(worker.status(), None, "it finishes what it holds");
        let told = Instant::now();
        worker.signal(Signal::TERM);
        assert_eq!(worker.exited(PATIENCE).await, Some(130));
        assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
        let item = api.item("spot", "work/1").await;
        assert_eq!(item.state(), v1::ItemState::Leased, "nothing was given back: {item:?}");
        assert_eq!(metadata.answered(ACTION_PATH, 200), 0);
    }
}

/// The real program, with everything it is made of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filings_that_a_vanishing_machine_downloads_are_processed_by_another() {
    let metadata = MetadataServer::start().unwrap();
    // Two downloads that no notice waits for.
    let stuck = Fault::Delay(Duration::from_secs(60));
    let edgar =
        EdgarServer::builder(fixture_edgar()).fault("-xbrl.zip", When::First(2), stuck).start().unwrap();
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let taxonomies = fixture_taxonomies().display().to_string();
    let (edgar_url, metadata_url) = (edgar.url(), metadata.url());
    let common = [
        "--edgar",
        &edgar_url,
        "--user-agent",
        "edgraph tests tests@example.com",
        "--taxonomies",
        &taxonomies,
        "--offline",
    ];
    let spot = ["--spot", "auto", "--metadata-url", &metadata_url];
    fleet.add_worker("doomed", 2, &[&common[..], &spot].concat()).unwrap();
    let graph = fleet.directory().join("graph");
    fleet.add_ingester("ingester", &graph, &[]).unwrap();
    let api = Api::new(&fleet.endpoints());
    api.start(&filings::request("spot")).await.unwrap();
    eventually_true("two downloads to hang", PATIENCE, || edgar.faults_met() == 2).await;

    let gone_at = metadata.interrupt("terminate", Duration::from_secs(20));
    assert_eq!(fleet.worker("doomed").exited(PATIENCE).await, Some(0));
    assert!(Instant::now() < gone_at, "the machine was gone before its worker");
    assert_eq!(metadata.answered(ACTION_PATH, 200), 1, "{:?}", metadata.requests());
    let held: Vec<v1::Item> =
        api.items("spot").await.into_iter().filter(|item| item.preemptions > 0).collect();
    assert_eq!(held.len(), 2, "{held:?}");
    assert!(held.iter().all(|item| item.state() == v1::ItemState::Ready), "{held:?}");

    fleet.add_worker("staying", 2, &common).unwrap();
    let status = api.ended("spot").await;
    assert_eq!((status.state(), status.failed_tasks), (v1::PipelineState::Completed, 0), "{status:?}");
    for item in api.items("spot").await {
        assert_eq!((item.failures, item.lost_leases), (0, 0), "{item:?}");
    }
    assert_eq!(edgar.faults_met(), 2);
}
