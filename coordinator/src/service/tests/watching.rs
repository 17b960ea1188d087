//! Watches and their readers.

use std::pin::pin;

use futures::StreamExt;
use tokio::sync::watch;
use tonic::{Code, Request};

use super::*;
use crate::service::stream_life::StreamLife;
use crate::service::watch::responses;

/// A reader that is slower than this is cut here.
const SHORT_PATIENCE: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_reader_that_does_not_read_is_let_go_and_told_so() {
    let coordinator = Coordinator::start().await;
    let id = coordinator.run(spec()).await;
    let mut status = coordinator.engine.status(&id).await.unwrap();
    let (changes, statuses) = watch::channel(Arc::new(status.clone()));
    let seat = Seat::leading(coordinator.engine.clone());
    let life = StreamLife::of(&Request::new(()), &seat, &coordinator.shutdown);
    let mut responses = pin!(responses(statuses, String::new(), life, SHORT_PATIENCE));

    // Nothing is read, and much happens: the watch gives up its part of the engine.
    let let_go = async {
        while !changes.is_closed() {
            status.updated_ms += 1;
            changes.send_replace(Arc::new(status.clone()));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, let_go).await.expect("the reader is let go in time");
    // What waits for the reader is one response and the reason.
    let token = responses.next().await.unwrap().unwrap().resume_token;
    assert!(!token.is_empty());
    let reason = responses.next().await.unwrap().unwrap_err();
    assert_eq!(reason.code(), Code::Aborted);
    assert!(reason.message().contains("resume_token"), "{}", reason.message());
    assert!(responses.next().await.is_none());
    coordinator.stop().await;
}

#[tokio::test]
async fn the_last_status_comes_to_a_token_that_names_it_and_before_the_end_of_a_coordinator() {
    let coordinator = Coordinator::start().await;
    let id = coordinator.run(spec()).await;
    coordinator.engine.cancel(&id).await.unwrap();
    let mut client = coordinator.client().await;
    let mut watch = async |resume_token: &str| {
        let request = v1::WatchPipelineRequest { pipeline_id: "p".into(), resume_token: resume_token.into() };
        client.watch_pipeline(request).await.unwrap().into_inner()
    };
    let last = watch("").await.message().await.unwrap().unwrap();
    let mut again = watch(&last.resume_token).await;
    let state = again.message().await.unwrap().expect("it is told again").pipeline.unwrap().state();
    assert_eq!(state, v1::PipelineState::Cancelled);
    assert!(again.message().await.unwrap().is_none());

    // The coordinator stops in the moment in which the last status is there.
    let status = coordinator.engine.status(&id).await.unwrap();
    let before = PipelineStatus { state: PipelineState::Running, ..status.clone() };
    for _ in 0..20 {
        let (changes, statuses) = watch::channel(Arc::new(before.clone()));
        let stopped = CancellationToken::new();
        let seat = Seat::leading(coordinator.engine.clone());
        let life = StreamLife::of(&Request::new(()), &seat, &stopped);
        let mut responses = pin!(responses(statuses, String::new(), life, PATIENCE));
        responses.next().await.unwrap().unwrap();
        changes.send_replace(Arc::new(status.clone()));
        stopped.cancel();
        let told = responses.next().await.unwrap().unwrap().pipeline.unwrap();
        assert_eq!(told.state(), v1::PipelineState::Cancelled);
    }
    coordinator.stop().await;
}

#[tokio::test]
async fn watches_end_when_the_coordinator_stops() {
    let coordinator = Coordinator::start().await;
    coordinator.run(spec()).await;
    let mut client = coordinator.client().await;
    let request = v1::WatchPipelineRequest { pipeline_id: "p".into(), ..Default::default() };
    let mut watched = client.watch_pipeline(request).await.unwrap().into_inner();
    watched.message().await.unwrap().unwrap();
    let (reason, ()) = tokio::join!(watched.message(), coordinator.stop());
    assert_eq!(reason.unwrap_err().code(), Code::Unavailable);
}
