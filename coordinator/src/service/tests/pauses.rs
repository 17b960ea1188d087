//! A host asks to slow down, and an operator who knows better says that it is over.

use edgraph_proto::v1::admin_service_client::AdminServiceClient;
use edgraph_proto::v1::worker_service_client::WorkerServiceClient;
use edgraph_shared::model::{CoordinatorMessage, Hello, HostFamily, HostPause, Throttled, WorkerMessage};
use edgraph_shared::wire::stream::{coordinator_message_from, worker_message_to};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use super::*;
use crate::tracker::{Leader, LockTiming};

async fn lift(coordinator: &Coordinator, family: &str) -> Result<Vec<v1::LiftedPause>, tonic::Status> {
    let request = v1::ResumeRequestsRequest { family: family.to_owned() };
    let mut admin = AdminServiceClient::new(coordinator.channel().await);
    Ok(admin.resume_requests(request).await?.into_inner().lifted)
}

/// The next pause that a worker hears of.
async fn paused(responses: &mut Streaming<v1::WorkResponse>) -> HostPause {
    loop {
        let response = tokio::time::timeout(PATIENCE, responses.message()).await.expect("an answer in time");
        let message = coordinator_message_from(response.unwrap().expect("the stream is open")).unwrap();
        if let Some(CoordinatorMessage::HostPaused(pause)) = message {
            return pause;
        }
    }
}

#[tokio::test]
async fn a_pause_that_an_operator_ends_is_over_for_everybody_and_for_the_next_leader() {
    let tracker = Arc::new(MemoryTracker::default());
    let address = "127.0.0.1:0".parse().unwrap();
    let coordinator = Coordinator::start_with(LONG_TTL, tracker.clone(), address).await;
    let hello = Hello {
        worker: "w".parse().unwrap(),
        incarnation: "one".parse().unwrap(),
        held: Vec::new(),
        free_slots: 0,
        kinds: Vec::new(),
        version: String::new(),
        home: Default::default(),
    };
    let (requests, stream) = mpsc::channel(8);
    let say = async |message| requests.send(worker_message_to(message)).await.unwrap();
    say(WorkerMessage::Hello(hello)).await;
    let mut client = WorkerServiceClient::new(coordinator.channel().await);
    let mut responses = client.work(ReceiverStream::new(stream)).await.unwrap().into_inner();
    let refused = |seconds| {
        let retry_after = Some(Duration::from_secs(seconds));
        WorkerMessage::Throttled(Throttled {
            family: HostFamily::Sec,
            cause: "answered 403".into(),
            retry_after,
        })
    };
    say(refused(600)).await;
    assert!(paused(&mut responses).await.remaining > Duration::from_secs(590));

    assert_eq!(lift(&coordinator, "edgar").await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(lift(&coordinator, "mirror").await.unwrap(), []);
    let lifted = lift(&coordinator, "").await.unwrap();
    assert_eq!(lifted.len(), 1, "{lifted:?}");
    assert_eq!((lifted[0].family.as_str(), lifted[0].cause.as_str()), ("sec.gov", "answered 403"));
    assert!(lifted[0].remaining.unwrap().seconds > 500, "{lifted:?}");
    let over = paused(&mut responses).await;
    assert_eq!(over.remaining, Duration::ZERO);
    assert!(over.cause.starts_with("lifted by somebody at 127.0.0.1:"), "{over:?}");
    assert_eq!(lift(&coordinator, "sec.gov").await.unwrap(), [], "nothing is left to end");

    say(refused(60)).await;
    assert!(paused(&mut responses).await.remaining > Duration::from_secs(50), "no is no");
    assert_eq!(lift(&coordinator, "sec.gov").await.unwrap().len(), 1);
    coordinator.stop().await;
    let next = tracker.lead_alone(&Leader::new(None, LockTiming::default())).await.unwrap();
    assert!(next.pauses.iter().all(|pause| pause.is_lifted()), "{:?}", next.pauses);
}
