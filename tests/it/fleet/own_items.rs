//! Clients that do the work themselves, while the coordinator is killed: every item is done once, and one of all the
//! calls is told that it ended the work.

use std::sync::Arc;

use edgraph_client::{Client, v1};
use serde_json::json;
use tokio::task::JoinSet;

use super::{PATIENCE, calm, fleet_of, is_full};

/// Processes that report, each in several threads would be the same to the coordinator.
const REPORTERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_clients_report_is_counted_once_and_ended_once_though_the_coordinator_is_killed() {
    let items = if is_full() { 20_000 } else { 2_000 };
    let (mut fleet, api) = fleet_of(calm(), &[]).await;
    let connect =
        async |endpoints: Vec<String>| Client::builder().endpoints(endpoints).connect().await.unwrap();
    let client = connect(fleet.endpoints()).await;
    let spec = v1::PipelineSpec {
        counted_kind: "task".into(),
        client_items: Some(v1::ClientItems { expected: items }),
        ..Default::default()
    };
    let request = v1::StartPipelineRequest {
        pipeline_id: "reported".into(),
        kind: "my_pipeline".into(),
        spec: Some(spec),
        ..Default::default()
    };
    client.start(request).await.unwrap();

    let mut reporters = JoinSet::new();
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    for _ in 0..REPORTERS {
        let (client, next) = (connect(fleet.endpoints()).await, Arc::clone(&next));
        reporters.spawn(async move {
            let (mut counted, mut ended) = (0, 0);
            loop {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if n >= items {
                    return (counted, ended);
                }
                let item = v1::DoneItem {
                    key: format!("task/{n}"),
                    result: Some(edgraph_client::json::to_value(json!({"n": n}))),
                };
                // Some are reported by two.
                for _ in 0..=u64::from(n % 5 == 0) {
                    let taken = client.complete_items("reported", vec![item.clone()]).await.unwrap();
                    counted += taken.items;
                    ended += u32::from(taken.ended);
                }
            }
        });
    }
    api.until("reported", "under way", PATIENCE, |status| status.completed_tasks > items / 4).await;
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    let before = api.get("reported").await;
    assert!(before.completed_tasks < items, "the work was over before the coordinator was killed");

    let (mut counted, mut ended) = (0, 0);
    while let Some(reported) = reporters.join_next().await {
        let (of_one, ends) = reported.unwrap();
        (counted, ended) = (counted + of_one, ended + ends);
    }
    let status = api.ended("reported").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, items));
    assert_eq!(ended, 1, "calls that were told that they ended the work");
    // A call whose answer was lost in the death says it again, and then counts nothing.
    assert!(counted <= items && counted + 2 * REPORTERS as u64 >= items, "{counted} of {items}");
}
