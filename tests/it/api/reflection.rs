//! Everything a person does with grpcurl and no .proto file.

use edgraph_coordinator::engine::Role;
use serde_json::{Value, json};
use tonic::Code;

use crate::coordinator::{RunningEngine, Services};
use crate::grpcurl::{Grpcurl, Version};

const PIPELINES: &str = "edgraph.v1.PipelineService";

#[tokio::test]
async fn a_pipeline_is_started_watched_and_cancelled_without_any_proto_file() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    for version in [Version::V1, Version::V1alpha] {
        let grpcurl = Grpcurl::new(services.channel().await, version).await;
        let reflection = match version {
            Version::V1 => "grpc.reflection.v1.ServerReflection",
            Version::V1alpha => "grpc.reflection.v1alpha.ServerReflection",
        };
        let mut listed = grpcurl.services().to_vec();
        listed.sort();
        let expected = [
            "edgraph.v1.AdminService",
            "edgraph.v1.GraphService",
            PIPELINES,
            "edgraph.v1.WorkerService",
            "grpc.health.v1.Health",
            reflection,
        ];
        assert_eq!(listed, expected);

        let id = format!("by-{version:?}").to_lowercase();
        let named = json!({"pipelineId": id});
        let start = json!({"pipelineId": id, "secXbrl": {"universe": "UNIVERSE_ALL"}});
        let started = grpcurl.call(&format!("{PIPELINES}/StartPipeline"), start).await.unwrap();
        assert_eq!(started["pipeline"]["state"], "PIPELINE_STATE_RUNNING");
        let status = grpcurl.call(&format!("{PIPELINES}/GetPipeline"), named.clone()).await.unwrap();
        // 64-bit numbers are texts in protobuf's JSON; what is zero is left out.
        let phase = json!({"kind": "discover_companies", "expected": "1", "ready": "1"});
        assert_eq!(status["pipeline"]["phases"], json!([phase]));
        assert_eq!(status["pipeline"]["createTime"], started["pipeline"]["createTime"]);

        let mut watched = grpcurl.stream(&format!("{PIPELINES}/WatchPipeline"), named.clone()).await.unwrap();
        let first = watched.next().await.unwrap().unwrap();
        assert_eq!(first["pipeline"]["state"], "PIPELINE_STATE_RUNNING");
        grpcurl.call(&format!("{PIPELINES}/CancelPipeline"), named.clone()).await.unwrap();
        let mut last = first;
        while let Some(response) = watched.next().await.unwrap() {
            last = response;
        }
        assert_eq!(
            last["pipeline"]["state"], "PIPELINE_STATE_CANCELLED",
            "the stream ends with the pipeline"
        );

        let items = grpcurl.call(&format!("{PIPELINES}/ListItems"), named.clone()).await.unwrap();
        assert_eq!(items["items"][0]["state"], "ITEM_STATE_CANCELLED");
        let workers = grpcurl.call("edgraph.v1.AdminService/ListWorkers", json!({})).await.unwrap();
        assert_eq!(workers, json!({}));
    }
    let listed = Grpcurl::new(services.channel().await, Version::V1).await;
    let listed = listed.call(&format!("{PIPELINES}/ListPipelines"), json!({})).await.unwrap();
    assert_eq!(listed["pipelines"].as_array().map(Vec::len), Some(2));
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn health_says_of_every_service_whether_it_serves() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let grpcurl = Grpcurl::new(services.channel().await, Version::V1).await;
    let check = async |service: &str| {
        let answer = grpcurl.call("grpc.health.v1.Health/Check", json!({"service": service})).await;
        answer.map(|answer| answer["status"].clone()).map_err(|status| status.code())
    };
    let all = ["", PIPELINES, "edgraph.v1.WorkerService", "edgraph.v1.AdminService"];
    for service in all {
        assert_eq!(check(service).await, Ok(Value::from("SERVING")), "{service}");
    }
    // It has no graph.
    assert_eq!(check("edgraph.v1.GraphService").await, Ok(Value::from("NOT_SERVING")));
    assert_eq!(check("edgraph.v1.OtherService").await, Err(Code::NotFound));

    let watch = json!({"service": PIPELINES});
    let mut watched = grpcurl.stream("grpc.health.v1.Health/Watch", watch).await.unwrap();
    assert_eq!(watched.next().await.unwrap().unwrap()["status"], "SERVING");
    services.become_(Role::Standby { leader: None });
    assert_eq!(watched.next().await.unwrap().unwrap()["status"], "NOT_SERVING");
    for service in all {
        assert_eq!(check(service).await, Ok(Value::from("NOT_SERVING")), "{service}");
    }
    services.become_(Role::Leading(engine.handle.clone()));
    assert_eq!(watched.next().await.unwrap().unwrap()["status"], "SERVING");

    // Stopping is said before the connection ends, and a watch does not hold it up.
    let (said, ()) = tokio::join!(watched.next(), services.stop());
    assert_eq!(said.unwrap().unwrap()["status"], "NOT_SERVING");
    assert!(!matches!(watched.next().await, Ok(Some(_))));
    engine.stop().await;
}
