//! A coordinator that does not lead says so, and who does.

use edgraph_client::Refusal;
use edgraph_client::v1::pipeline_service_client::PipelineServiceClient;
use edgraph_client::v1::worker_service_client::WorkerServiceClient;
use edgraph_client::v1::{self, StartPipelineRequest};
use edgraph_coordinator::engine::Role;
use serde_json::json;
use tokio_stream::StreamExt;
use tonic::{Code, Status};

use crate::coordinator::{RunningEngine, Services, all};
use crate::grpcurl::{Grpcurl, Version};

#[track_caller]
fn names_the_leader(status: Status, leader: Option<&str>) {
    let refusal = Refusal::from(status);
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::Unavailable, "NOT_LEADER"));
    assert_eq!(refusal.metadata.get("leader").map(String::as_str), leader);
    assert!(refusal.retry_after.is_some());
}

#[tokio::test]
async fn a_standby_refuses_everything_with_the_leader_s_address() {
    for leader in [None, Some("http://192.0.2.1:50051")] {
        let services = Services::standby(leader).await;
        let grpcurl = Grpcurl::new(services.channel().await, Version::V1).await;
        for (method, request) in [
            ("edgraph.v1.PipelineService/StartPipeline", json!({"kind": "sec_xbrl"})),
            ("edgraph.v1.PipelineService/GetPipeline", json!({"pipelineId": "p"})),
            ("edgraph.v1.PipelineService/ListPipelines", json!({})),
            ("edgraph.v1.PipelineService/WatchPipeline", json!({"pipelineId": "p"})),
            ("edgraph.v1.PipelineService/RetryFailedItems", json!({"pipelineId": "p"})),
            ("edgraph.v1.PipelineService/ListItems", json!({"pipelineId": "p"})),
            ("edgraph.v1.AdminService/ListWorkers", json!({})),
            ("edgraph.v1.AdminService/GetScalingSignal", json!({})),
        ] {
            names_the_leader(grpcurl.call(method, request).await.unwrap_err(), leader);
        }
        let health = grpcurl.call("grpc.health.v1.Health/Check", json!({})).await.unwrap();
        assert_eq!(health["status"], "NOT_SERVING");
        services.stop().await;
    }
}

#[tokio::test]
async fn open_streams_end_when_the_lead_is_lost() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let kind = "sec_xbrl".to_owned();
    let start = StartPipelineRequest { pipeline_id: "p".into(), kind, input: all(), ..Default::default() };
    services.client().await.start(start).await.unwrap();

    let mut pipelines = PipelineServiceClient::new(services.channel().await);
    let request = v1::WatchPipelineRequest { pipeline_id: "p".into(), ..Default::default() };
    let mut watched = pipelines.watch_pipeline(request).await.unwrap().into_inner();
    watched.message().await.unwrap().unwrap();

    let mut workers = WorkerServiceClient::new(services.channel().await);
    let hello = v1::Hello { worker_id: "w".into(), incarnation: "1".into(), ..Default::default() };
    let hello = v1::WorkRequest { message: Some(v1::work_request::Message::Hello(hello)) };
    let requests = tokio_stream::once(hello).chain(tokio_stream::pending());
    let mut work = workers.work(requests).await.unwrap().into_inner();
    let welcome = work.message().await.unwrap().unwrap().message.unwrap();
    assert!(matches!(welcome, v1::work_response::Message::Welcome(_)));

    services.become_(Role::Standby { leader: Some("192.0.2.1:50051".to_owned()) });
    names_the_leader(watched.message().await.unwrap_err(), Some("192.0.2.1:50051"));
    names_the_leader(work.message().await.unwrap_err(), Some("192.0.2.1:50051"));
    services.stop().await;
    engine.stop().await;
}
