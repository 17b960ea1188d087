//! The Rust client against a real coordinator on a loopback port.

use std::sync::Arc;

use edgraph_client::v1::StartPipelineRequest;
use edgraph_client::{Client, Error};
use edgraph_coordinator::engine::{DiscardAccepted, Engine, EngineConfig, Timing};
use edgraph_coordinator::service;
use edgraph_coordinator::tracker::MemoryTracker;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_pipeline_is_started_once_read_cancelled_and_waited_for() {
    let stop = CancellationToken::new();
    let config = EngineConfig {
        timing: Timing::default(),
        tracker: Arc::new(MemoryTracker::default()),
        accepted: Arc::new(DiscardAccepted),
    };
    let engine = Engine::start(config, stop.clone()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(service::serve(listener, engine.handle.clone(), stop.clone()));

    let mut client = Client::connect(&address).await.unwrap();
    let request = |params: &str| StartPipelineRequest {
        pipeline_id: "nightly".to_owned(),
        kind: "sec_xbrl".to_owned(),
        params: params.to_owned(),
        ..StartPipelineRequest::default()
    };
    let started = client.start(request("{}")).await.unwrap();
    assert_eq!((started.pipeline_id.as_str(), started.end_time), ("nightly", None));
    assert_eq!(client.start(request("{}")).await.unwrap().create_time, started.create_time);
    assert!(matches!(client.start(request("{\"a\":1}")).await, Err(Error::AlreadyExists(_))));
    assert!(matches!(client.get("other").await, Err(Error::NotFound(_))));
    assert_eq!(client.get("nightly").await.unwrap().kind, "sec_xbrl");

    // Nobody works, so nothing is leased and a cancelled pipeline ends at once.
    let mut waiting = client.clone();
    let (ended, cancelled) = tokio::join!(waiting.wait("nightly"), client.cancel("nightly"));
    assert!(cancelled.is_ok());
    assert!(ended.unwrap().end_time.is_some());

    stop.cancel();
    server.await.unwrap().unwrap();
    engine.task.await.unwrap().unwrap();
}
