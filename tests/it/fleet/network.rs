//! The line between a worker and the coordinator: cut again and again, and standing still for a while.

use std::time::Instant;

use edgraph_client::v1;
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::Fleet;
use edgraph_tests::proxy::{Line, TcpProxy};
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, calm, calm_ttl};
use crate::program::repetitions;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_or_stands_still_costs_a_reconnect_and_starts_nothing_twice() {
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let line = TcpProxy::start(fleet.coordinators[0].address).await.unwrap();
    let address = format!("http://{}", line.address());
    fleet.add_scripted_worker_with("far", 8, &["--coordinator", &address]).unwrap();
    let api = Api::new(&fleet.endpoints());
    let cuts = repetitions(50);
    let items = 100 + 40 * u32::try_from(cuts).unwrap();
    api.start(&Scripted::discovering("line", items, &json!({"sleep_ms": 100})).request()).await.unwrap();
    let mut done = api.until("line", "under way", PATIENCE, |status| status.completed_tasks > 0).await;

    for _ in 0..cuts {
        let before = line.accepted();
        line.cut();
        let again = async || (line.accepted() > before).then_some(());
        eventually("the worker to connect again", PATIENCE, again).await;
        let more = done.completed_tasks + 8;
        done = api.until("line", "going on", PATIENCE, |status| status.completed_tasks >= more).await;
    }

    let (still, stalled) = (calm_ttl() / 3, Instant::now());
    line.set(Line::Stalled);
    eventually("a third of the TTL to pass", PATIENCE, async || (stalled.elapsed() > still).then_some(()))
        .await;
    let kept = api.get("line").await;
    assert!(kept.phases.iter().any(|phase| phase.in_flight > 0), "nothing was leased meanwhile: {kept:?}");
    line.set(Line::Open);

    let status = api.ended("line").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, items.into()));
    let history = fleet.history("line").unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    history.check(&api.settled("line").await).unwrap();
}
