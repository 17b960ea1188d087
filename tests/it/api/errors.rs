//! What an error tells a program: code, reason, and what belongs to it.

use edgraph_client::v1::pipeline_service_client::PipelineServiceClient;
use edgraph_client::v1::{self, StartPipelineRequest};
use edgraph_client::{Error, Refusal};
use serde_json::json;
use tonic::Code;

use crate::coordinator::{RunningEngine, Services, all};
use crate::grpcurl::{Grpcurl, Version};

#[tokio::test]
async fn every_error_has_a_reason_and_names_what_is_wrong() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let grpcurl = Grpcurl::new(services.channel().await, Version::V1).await;
    let start = json!({"pipelineId": "p", "secXbrl": {"universe": "UNIVERSE_ALL"}});
    grpcurl.call("edgraph.v1.PipelineService/StartPipeline", start).await.unwrap();
    let named = json!({"pipelineId": "p"});
    grpcurl.call("edgraph.v1.PipelineService/CancelPipeline", named.clone()).await.unwrap();

    let no_key = json!({"pipelineId": "p"});
    let other_key = json!({"pipelineId": "p", "itemKey": "x/1"});
    for (method, request, code, reason, part) in [
        ("GetPipeline", json!({"pipelineId": "q"}), Code::NotFound, "PIPELINE_NOT_FOUND", "`q`"),
        ("GetPipeline", json!({"pipelineId": "Q"}), Code::InvalidArgument, "INVALID_FIELD", "pipeline_id"),
        ("GetPipeline", json!({}), Code::InvalidArgument, "INVALID_FIELD", "pipeline_id"),
        ("WatchPipeline", json!({"pipelineId": "q"}), Code::NotFound, "PIPELINE_NOT_FOUND", "`q`"),
        ("GetItem", no_key, Code::InvalidArgument, "INVALID_FIELD", "item_key"),
        ("GetItem", other_key, Code::NotFound, "ITEM_NOT_FOUND", "`x/1`"),
        ("PausePipeline", named.clone(), Code::FailedPrecondition, "ILLEGAL_STATE", "cancelled"),
        (
            "ListItems",
            json!({"pipelineId": "p", "pageToken": "?"}),
            Code::InvalidArgument,
            "INVALID_FIELD",
            "page_token",
        ),
        (
            "StartPipeline",
            json!({"pipelineId": "p", "secXbrl": {"universe": "UNIVERSE_SP500"}}),
            Code::AlreadyExists,
            "PIPELINE_EXISTS",
            "params",
        ),
        (
            "StartPipeline",
            json!({"kind": "sec_xbrl", "params": {"universe": "all", "univers": "all"}}),
            Code::InvalidArgument,
            "INVALID_FIELD",
            "params.univers",
        ),
        (
            "StartPipeline",
            json!({"kind": "sec_xbrl", "requestId": "x".repeat(129)}),
            Code::InvalidArgument,
            "INVALID_FIELD",
            "request_id",
        ),
        (
            "StartPipeline",
            json!({"secXbrl": {"universe": "UNIVERSE_ALL", "filings": {"since": "soon"}}}),
            Code::InvalidArgument,
            "INVALID_FIELD",
            "sec_xbrl.filings.since",
        ),
        (
            "ListItems",
            json!({"pipelineId": "p", "state": 99}),
            Code::InvalidArgument,
            "INVALID_FIELD",
            "state",
        ),
        ("StartPipeline", json!({"kind": "x"}), Code::InvalidArgument, "INVALID_FIELD", "root item"),
    ] {
        let method = format!("edgraph.v1.PipelineService/{method}");
        let status = grpcurl.call(&method, request.clone()).await.unwrap_err();
        let refusal = Refusal::from(status);
        assert_eq!((refusal.code, refusal.reason.as_str()), (code, reason), "{method} {request}");
        assert!(refusal.message.contains(part), "{}", refusal.message);
        // Programs that want to mark a field get its name alone.
        let fields: Vec<&str> = refusal.violations.iter().map(|(field, _)| field.as_str()).collect();
        let expected = (code == Code::InvalidArgument).then_some(match part {
            "root item" => "spec.roots",
            field => field,
        });
        assert_eq!(fields, Vec::from_iter(expected), "{method} {request}");
    }
    let drain = grpcurl.call("edgraph.v1.AdminService/DrainWorker", json!({"workerId": "w"})).await;
    let refusal = Refusal::from(drain.unwrap_err());
    assert_eq!((refusal.code, refusal.reason.as_str()), (Code::NotFound, "WORKER_NOT_FOUND"));
    assert_eq!(refusal.metadata["worker_id"], "w");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn the_message_of_a_repeated_start_says_what_differs() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    let request = |kind: &str| StartPipelineRequest {
        request_id: "once".to_owned(),
        kind: kind.to_owned(),
        spec: Some(v1::PipelineSpec {
            roots: vec![v1::NewItem { kind: "a".into(), key: "a/1".into(), ..Default::default() }],
            counted_kind: "a".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let first = client.start(request("one")).await.unwrap();
    assert_eq!(client.start(request("one")).await.unwrap().pipeline_id, first.pipeline_id);
    let error = client.start(request("two")).await.unwrap_err();
    assert!(matches!(error, Error::AlreadyExists(_)), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("kind") && message.contains("one") && message.contains("two"), "{message}");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn a_watch_goes_on_where_its_token_says() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    let kind = "sec_xbrl".to_owned();
    let start = StartPipelineRequest { pipeline_id: "p".into(), kind, input: all(), ..Default::default() };
    client.start(start).await.unwrap();
    let mut raw = PipelineServiceClient::new(services.channel().await);
    let mut watch = async |resume_token: &str| {
        let pipeline_id = "p".to_owned();
        let request = v1::WatchPipelineRequest { pipeline_id, resume_token: resume_token.to_owned() };
        raw.watch_pipeline(request).await.unwrap().into_inner()
    };
    let first = watch("").await.message().await.unwrap().unwrap();
    assert!(!first.resume_token.is_empty());
    // A token of another time brings the snapshot at once; the newest waits for the next change.
    let again = watch("0-0").await.message().await.unwrap().unwrap();
    assert_eq!(again.resume_token, first.resume_token);
    let mut waiting = watch(&first.resume_token).await;
    client.pause("p").await.unwrap();
    let next = waiting.message().await.unwrap().unwrap();
    assert!(next.pipeline.unwrap().paused, "the first response is the change");
    assert_ne!(next.resume_token, first.resume_token);
    services.stop().await;
    engine.stop().await;
}
