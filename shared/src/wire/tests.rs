//! What is written reads as the same, and what breaks a rule is refused by the field's name.

mod hostile;
mod newer;
mod releases;

use std::time::Duration;

use edgraph_proto::v1;

use super::field::{duration_from, duration_to};
use super::stream::Said;
use super::work::{failure_from, work_item_from};
use super::{WireError, items, pipeline, stream};
use crate::failure::Failure;
use crate::ids::{FencingToken, LeaseId};
use crate::model::{
    CancelReason, ChildrenAnswer, Completion, CoordinatorMessage, FailedLease, Grant, Hello, Home,
    HostFamily, HostPause, KindLimit, LeaseProgress, LeaseRef, MAX_PAYLOAD_LEN, PipelineSpec, Progress,
    RefusedResult, ReleaseReason, RequestTerms, RequestTokens, SettleAnswer, Settlement, Throttled, Welcome,
    WorkItem, WorkerMessage,
};

fn lease() -> LeaseRef {
    LeaseRef {
        pipeline: "p".parse().unwrap(),
        key: "work/1".parse().unwrap(),
        token: FencingToken(7),
        lease_id: LeaseId(42),
    }
}

fn item() -> WorkItem {
    WorkItem { kind: "work".into(), key: "work/1".parse().unwrap(), payload: "{}".into(), priority: -3 }
}

fn read(message: WorkerMessage) -> WorkerMessage {
    let said = stream::said_by_worker(stream::worker_message_to(message)).unwrap();
    let Said::Messages(mut messages) = said else { panic!("{said:?}") };
    assert_eq!(messages.len(), 1);
    messages.remove(0)
}

/// One of every kind, as the first release knew them: what it said is kept.
fn worker_messages() -> Vec<WorkerMessage> {
    let kinds = vec![KindLimit { kind: "work".into(), max_leases: 2 }];
    vec![
        WorkerMessage::Hello(Hello {
            worker: "w".parse().unwrap(),
            incarnation: "i".parse().unwrap(),
            held: vec![lease()],
            free_slots: 3,
            kinds: kinds.clone(),
            version: "1".into(),
            home: Home {
                store: Some("s-1".parse().unwrap()),
                namespace: Some("staging".parse().unwrap()),
                graph: Some("g-1".parse().unwrap()),
            },
        }),
        WorkerMessage::Credits { free_slots: 1, kinds },
        WorkerMessage::Heartbeat {
            sequence: 9,
            held: vec![lease()],
            progress: vec![LeaseProgress {
                lease: lease(),
                progress: Progress { done: 3, total: 9, text: "loading".into() },
            }],
        },
        WorkerMessage::AddChildren { request_id: 5, lease: lease(), chunk: 2, items: vec![item()] },
        WorkerMessage::Complete(vec![Completion {
            lease: lease(),
            result: "1".into(),
            skipped: true,
            children: 4,
            refused: Vec::new(),
        }]),
        WorkerMessage::Release { leases: vec![lease()], reason: ReleaseReason::NotStarted },
        WorkerMessage::Release { leases: vec![lease()], reason: ReleaseReason::Preempted },
        WorkerMessage::Draining { reason: "spot".into(), deadline: Some(Duration::from_secs(120)) },
        WorkerMessage::Draining { reason: "signal".into(), deadline: None },
        WorkerMessage::RequestDemand { family: HostFamily::Sec, asked: 7, answered: 2 },
        WorkerMessage::Throttled(Throttled {
            family: HostFamily::Mirror,
            cause: "answered 403".into(),
            retry_after: Some(Duration::from_secs(30)),
        }),
    ]
}

#[test]
fn worker_messages_survive_the_wire() {
    let refused = vec![RefusedResult { key: "work/1".parse().unwrap(), reason: "gone".into() }];
    let (result, skipped, children) = (String::new(), false, 0);
    let refusing = Completion { lease: lease(), result, skipped, children, refused };
    for message in worker_messages().into_iter().chain([WorkerMessage::Complete(vec![refusing])]) {
        assert_eq!(read(message.clone()), message);
    }
}

#[test]
fn every_failure_class_survives_the_wire() {
    for failure in [
        Failure::transient("t"),
        Failure::throttled(Duration::from_millis(1_500), "slow down"),
        Failure::unavailable("a host", "no answer"),
        Failure::permanent("p"),
        Failure::preempted("spot"),
    ] {
        let message = WorkerMessage::Fail(vec![FailedLease { lease: lease(), failure }]);
        assert_eq!(read(message.clone()), message);
    }
}

#[test]
fn an_unknown_failure_class_reads_as_permanent() {
    let failure = v1::Failure { class: 99, message: "new".into(), ..Default::default() };
    assert_eq!(failure_from(Some(failure)).unwrap(), Failure::permanent("new"));
}

/// One of every kind.
fn coordinator_messages() -> Vec<CoordinatorMessage> {
    let mut messages = vec![
        CoordinatorMessage::Welcome(Welcome {
            lease_ttl: Duration::from_secs(15),
            heartbeat_interval: Duration::from_secs(5),
            lost: vec![lease()],
            requests: vec![RequestTerms {
                family: HostFamily::Sec,
                per_second: Some(8.0),
                validity: Duration::from_millis(150),
            }],
            user_agent: "Name mail@example.com".into(),
            home: Home {
                store: Some("s-1".parse().unwrap()),
                namespace: None,
                graph: Some("g-2".parse().unwrap()),
            },
        }),
        CoordinatorMessage::Grant(vec![Grant {
            lease: lease(),
            item: item(),
            attempt: 2,
            max_run: Duration::from_secs(900),
            parents: vec!["root".parse().unwrap()],
        }]),
        CoordinatorMessage::HeartbeatAck { sequence: 9, lost: vec![lease()], cancelled: vec![lease()] },
        CoordinatorMessage::ChildrenAdded { request_id: 1, answer: ChildrenAnswer::Accepted },
        CoordinatorMessage::ChildrenAdded { request_id: 1, answer: ChildrenAnswer::LeaseLost },
        CoordinatorMessage::ChildrenAdded {
            request_id: 1,
            answer: ChildrenAnswer::Refused { reason: "no".into() },
        },
        CoordinatorMessage::Reconnect { retry_after: Duration::from_secs(1) },
        CoordinatorMessage::Refused { reason: "taken".into(), try_for: Some(Duration::from_secs(30)) },
        CoordinatorMessage::Refused { reason: "elsewhere".into(), try_for: None },
        CoordinatorMessage::StopWorker { reason: "drained by an operator".into() },
        CoordinatorMessage::RequestTokens(RequestTokens {
            family: HostFamily::Mirror,
            count: 1,
            asked: 7,
            waited: Duration::from_millis(20),
        }),
        CoordinatorMessage::HostPaused(HostPause {
            family: HostFamily::Sec,
            remaining: Duration::from_secs(600),
            cause: "answered 403".into(),
        }),
    ];
    for reason in [CancelReason::Pipeline, CancelReason::MaxRun, CancelReason::LeaseLost] {
        messages.push(CoordinatorMessage::CancelItem { lease: lease(), reason });
    }
    for answer in [
        SettleAnswer::Accepted,
        SettleAnswer::AcceptedLate,
        SettleAnswer::TooLate,
        SettleAnswer::Superseded,
        SettleAnswer::Cancelled,
        SettleAnswer::Unknown,
    ] {
        messages.push(CoordinatorMessage::Settled(vec![Settlement { lease: lease(), answer }]));
    }
    messages
}

#[test]
fn coordinator_messages_survive_the_wire() {
    for message in coordinator_messages() {
        let read = stream::coordinator_message_from(stream::coordinator_message_to(message.clone())).unwrap();
        assert_eq!(read, Some(message));
    }
}

#[test]
fn what_breaks_a_limit_is_refused_and_named() {
    let long_payload = v1::WorkItem {
        kind: "work".into(),
        key: "k".into(),
        payload: "x".repeat(MAX_PAYLOAD_LEN + 1),
        priority: 0,
    };
    assert_eq!(work_item_from(long_payload).unwrap_err().field(), "item.payload");
    let no_key = v1::WorkItem { kind: "work".into(), ..Default::default() };
    assert_eq!(work_item_from(no_key).unwrap_err(), WireError::Missing { field: "item.key" });
    for (seconds, nanos) in [
        (-1, 0),
        (0, -1),
        (i64::MIN, i32::MIN),
        (i64::MIN, 0),
        (i64::MAX, 0),
        (0, 1_000_000_000),
        (0, i32::MAX),
    ] {
        let duration = prost_types::Duration { seconds, nanos };
        assert_eq!(duration_from("d", &duration).unwrap_err().field(), "d", "{duration:?}");
    }
    let longest = duration_to(Duration::MAX);
    assert_eq!(duration_to(duration_from("d", &longest).unwrap()), longest);
}

#[test]
fn a_spec_changes_single_fields_of_the_preset() {
    let mut preset = PipelineSpec { counted_kind: "work".into(), roots: vec![item()], ..Default::default() };
    preset.limits.entry("work".into()).or_default().max_run = Duration::from_secs(60);
    let settings = v1::KindSettings { max_failures: 2, ..Default::default() };
    let given = v1::PipelineSpec {
        limits: [("work".to_owned(), settings)].into_iter().collect(),
        ..Default::default()
    };
    let merged = pipeline::spec_from("test", "{}", Some(given), preset).unwrap();
    assert_eq!(merged.limits["work"].budgets.failures, 2);
    assert_eq!(merged.limits["work"].max_run, Duration::from_secs(60));
    assert_eq!((merged.roots.len(), merged.counted_kind.as_str()), (1, "work"));
}
