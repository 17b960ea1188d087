//! Starting: once, whatever is repeated; and ten thousand items at once.

use edgraph_client::v1;
use serde_json::json;
use tonic::Code;

use super::script::Scripted;
use super::{alone, calm, fleet_of};

/// Children of one discovery.
const CHILDREN: u32 = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_children_of_one_discovery() {
    let (fleet, api) = fleet_of(alone(), &[("one", 64), ("two", 64)]).await;
    api.start(&Scripted::discovering("many", CHILDREN, &json!({})).request()).await.unwrap();
    let status = api.ended("many").await;
    assert_eq!(status.state(), v1::PipelineState::Completed, "{status:?}");
    assert_eq!((status.expected_tasks, status.completed_tasks), (CHILDREN.into(), CHILDREN.into()));
    let history = fleet.history("many").unwrap();
    assert_eq!(history.started_again(), Vec::<&str>::new());
    history.check(&api.settled("many").await).unwrap();
    // The discovery, its children, and the finish item.
    assert_eq!(history.attempts().count(), CHILDREN as usize + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_repeated_with_its_id_or_request_id_is_one_pipeline_even_after_a_restart() {
    let (mut fleet, api) = fleet_of(calm(), &[]).await;
    let by_id = Scripted::discovering("chosen", 3, &json!({})).request();
    let by_request = v1::StartPipelineRequest {
        pipeline_id: String::new(),
        request_id: "request-1".into(),
        ..Scripted::discovering("", 3, &json!({})).request()
    };
    let (first, made_up) = (api.start(&by_id).await.unwrap(), api.start(&by_request).await.unwrap());
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    for _ in 0..2 {
        let again = api.start(&by_id).await.unwrap();
        assert_eq!((again.pipeline_id, again.create_time), ("chosen".into(), first.create_time));
        assert_eq!(api.start(&by_request).await.unwrap().pipeline_id, made_up.pipeline_id);
    }
    assert_eq!(api.pipelines().await, 2);

    // Another body: the answer says what differs.
    let other = |request: &v1::StartPipelineRequest| {
        let mut other = request.clone();
        other.spec.as_mut().unwrap().counted_kind = "discover".into();
        other
    };
    for request in [other(&by_id), other(&by_request)] {
        let status = api.start(&request).await.unwrap_err();
        assert_eq!(status.code(), Code::AlreadyExists, "{status:?}");
        assert!(status.message().contains("counted"), "does not name the difference: {status:?}");
    }
    assert_eq!(api.pipelines().await, 2);
}
