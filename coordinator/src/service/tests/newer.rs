//! Workers of a later version: what is added is ignored, and what cannot work is refused by name.

use edgraph_proto::v1::worker_service_client::WorkerServiceClient;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic_types::StatusExt;
use v1::work_request::Message as Request;
use v1::work_response::Message as Response;

use super::*;

fn hello(version: u32, lowest: u32) -> Request {
    let protocol = Some(v1::Protocol { version, lowest });
    Request::Hello(v1::Hello {
        worker_id: "w".into(),
        incarnation: "1".into(),
        protocol,
        ..Default::default()
    })
}

#[tokio::test]
async fn what_a_newer_worker_says_more_ends_no_stream() {
    let coordinator = Coordinator::start().await;
    let (requests, stream) = mpsc::channel(8);
    let say = async |message| requests.send(v1::WorkRequest { message }).await.unwrap();
    say(Some(hello(7, 1))).await;
    let mut client = WorkerServiceClient::new(coordinator.channel().await);
    let mut responses = client.work(ReceiverStream::new(stream)).await.unwrap().into_inner();
    let mut hear = async || {
        let response = tokio::time::timeout(PATIENCE, responses.message()).await.expect("an answer in time");
        response.unwrap().expect("the stream is open").message.unwrap()
    };
    let Response::Welcome(welcome) = hear().await else { panic!("not welcomed") };
    assert_eq!(welcome.protocol, Some(v1::Protocol { version: 1, lowest: 1 }));

    // A message of a later version arrives as none.
    say(None).await;
    let demand = v1::RequestDemand { family: "esma.europa.eu".into(), asked: 3, answered: 0 };
    say(Some(Request::RequestDemand(demand))).await;
    say(Some(Request::Heartbeat(v1::Heartbeat { sequence: 5, ..Default::default() }))).await;
    assert!(matches!(hear().await, Response::HeartbeatAck(ack) if ack.sequence == 5));
    coordinator.stop().await;
}

#[tokio::test]
async fn a_worker_that_does_not_understand_this_version_is_told_whom_to_update() {
    let coordinator = Coordinator::start().await;
    let mut client = WorkerServiceClient::new(coordinator.channel().await);
    let hello = v1::WorkRequest { message: Some(hello(9, 8)) };
    let mut responses = client.work(tokio_stream::once(hello)).await.unwrap().into_inner();
    let refused = responses.message().await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().ends_with("update the coordinator"), "{refused}");
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.metadata["update"].as_str()),
        ("PROTOCOL_MISMATCH", "coordinator")
    );
    coordinator.stop().await;
}
