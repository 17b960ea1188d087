//! The Rust client against real coordinators on loopback ports.

use std::time::Duration;

use edgraph_client::v1::start_pipeline_request::Input;
use edgraph_client::v1::{SecXbrlParameters, StartPipelineRequest, Universe};
use edgraph_client::{Client, Error};
use edgraph_coordinator::engine::Role;

use crate::coordinator::{RunningEngine, Services, all};

fn request() -> StartPipelineRequest {
    StartPipelineRequest {
        pipeline_id: "nightly".to_owned(),
        kind: "sec_xbrl".to_owned(),
        input: all(),
        ..StartPipelineRequest::default()
    }
}

#[tokio::test]
async fn a_pipeline_is_started_once_read_cancelled_and_waited_for() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    let started = client.start(request()).await.unwrap();
    assert_eq!((started.pipeline_id.as_str(), started.end_time), ("nightly", None));
    assert_eq!(client.start(request()).await.unwrap().create_time, started.create_time);
    let other = SecXbrlParameters { universe: Universe::Sp500.into(), ..Default::default() };
    let other = StartPipelineRequest { input: Some(Input::SecXbrl(other)), ..request() };
    assert!(matches!(client.start(other).await, Err(Error::AlreadyExists(_))));
    assert!(matches!(client.get("other").await, Err(Error::NotFound(_))));
    assert_eq!(client.get("nightly").await.unwrap().kind, "sec_xbrl");
    assert!(client.pause("nightly").await.unwrap().paused);
    assert!(!client.resume("nightly").await.unwrap().paused);
    let (status, retried) = client.retry_failed("nightly").await.unwrap();
    assert_eq!((status.round, retried), (1, 0));

    // Nobody works, so nothing is leased and a cancelled pipeline ends at once.
    let (ended, cancelled) = tokio::join!(client.wait("nightly"), client.cancel("nightly"));
    assert!(cancelled.is_ok());
    assert!(ended.unwrap().end_time.is_some());
    let error = client.pause("nightly").await.unwrap_err();
    assert!(matches!(&error, Error::IllegalState(refusal) if refusal.reason == "ILLEGAL_STATE"), "{error:?}");
    let mut watch = client.watch("nightly");
    assert!(watch.next().await.unwrap().is_some());
    assert!(watch.next().await.unwrap().is_none(), "a finished pipeline has one status");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn a_start_without_any_id_is_a_new_pipeline_each_time() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let client = services.client().await;
    let unnamed = || StartPipelineRequest { pipeline_id: String::new(), ..request() };
    let first = client.start(unnamed()).await.unwrap();
    let second = client.start(unnamed()).await.unwrap();
    assert_ne!(first.pipeline_id, second.pipeline_id);
    let listed = client.list().all().await.unwrap();
    assert_eq!(listed.len(), 2);
    services.stop().await;
    engine.stop().await;
}

#[tokio::test]
async fn the_leader_is_found_by_name_and_by_trying() {
    let engine = RunningEngine::start().await;
    let leader = Services::leading(&engine).await;
    let names_url = Services::standby(Some(&leader.url())).await;
    let names_host = Services::standby(Some(&leader.address)).await;
    let knows_nobody = Services::standby(None).await;
    let nobody = {
        // A port that was free a moment ago: nobody answers there.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for endpoints in [
        vec![names_url.url()],
        vec![names_host.url()],
        vec![names_url.url(), leader.url()],
        vec![knows_nobody.url(), leader.url()],
        vec![nobody.clone(), leader.url()],
        vec![nobody.clone(), names_host.url()],
    ] {
        let client = Client::builder().endpoints(&endpoints).build().unwrap();
        let started = client.start(request()).await;
        assert!(started.is_ok(), "{endpoints:?}: {started:?}");
        assert!(client.watch("nightly").next().await.unwrap().is_some());
    }

    let quick = Duration::from_millis(100);
    let lost = Client::builder().endpoint(knows_nobody.url()).retry_for(quick).connect().await.unwrap();
    let error = lost.get("nightly").await.unwrap_err();
    assert!(matches!(&error, Error::Unavailable(refusal) if refusal.reason == "NOT_LEADER"), "{error:?}");
    let error = Client::connect(&nobody).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    for wrong in ["", "localhost:1", "ftp://localhost", "http://"] {
        let error = Client::connect(wrong).await.unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{wrong}: {error:?}");
    }
    for services in [leader, names_url, names_host, knows_nobody] {
        services.stop().await;
    }
    engine.stop().await;
}

#[tokio::test]
async fn a_watch_follows_the_lead_to_another_coordinator() {
    let engine = RunningEngine::start().await;
    let (first, second) = (Services::leading(&engine).await, Services::standby(None).await);
    let client = Client::builder().endpoints([first.url(), second.url()]).connect().await.unwrap();
    client.start(request()).await.unwrap();
    let mut watch = client.watch("nightly");
    assert!(!watch.next().await.unwrap().unwrap().paused);

    // For a while nobody leads; then the other one does.
    first.become_(Role::Standby { leader: None });
    let (seen, paused) = tokio::join!(watch.next(), async {
        engine.handle.pause(&"nightly".parse().unwrap()).await.unwrap();
        second.become_(Role::Leading(engine.handle.clone()));
        first.become_(Role::Standby { leader: Some(second.url()) });
        client.get("nightly").await
    });
    assert!(paused.unwrap().paused);
    assert!(seen.unwrap().unwrap().paused, "the first status from the new leader is the change");

    // A coordinator that ends takes its streams with it; the client goes on with the others.
    first.stop().await;
    client.cancel("nightly").await.unwrap();
    while let Some(status) = watch.next().await.unwrap() {
        assert!(status.paused || edgraph_client::is_finished(&status));
    }
    second.stop().await;
    engine.stop().await;
}
