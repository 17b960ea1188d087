//! The Work stream's messages; how those of workers are read is [`said_by_worker`]'s.

use edgraph_proto::v1;
use v1::work_request::Message as Request;
use v1::work_response::Message as Response;

use super::error::WireError;
use super::field::{duration_from, duration_to, optional_id, optional_to, parse_id, required};
use super::protocol::{self, Side};
use super::request_tokens;
use super::work::{failure_to, lease_from, lease_to, work_item_from, work_item_to};
use crate::model::{
    CancelReason, ChildrenAnswer, Completion, CoordinatorMessage, Grant, Home, KindLimit, LeaseProgress,
    LeaseRef, Progress, RefusedResult, ReleaseReason, SettleAnswer, Settlement, Welcome, WorkerMessage,
};

pub use super::said::{Said, check_children, said_by_worker};

fn progress_to(progress: LeaseProgress) -> v1::LeaseProgress {
    let Progress { done, total, text } = progress.progress;
    v1::LeaseProgress { lease: Some(lease_to(&progress.lease)), done, total, text }
}

/// Writes a worker's message.
pub fn worker_message_to(message: WorkerMessage) -> v1::WorkRequest {
    let message = match message {
        WorkerMessage::Hello(hello) => Request::Hello(v1::Hello {
            worker_id: hello.worker.to_string(),
            incarnation: hello.incarnation.to_string(),
            held: leases_to(&hello.held),
            free_slots: hello.free_slots,
            kinds: kind_limits_to(hello.kinds),
            version: hello.version,
            store_id: optional_to(hello.home.store),
            namespace: optional_to(hello.home.namespace),
            graph_id: optional_to(hello.home.graph),
            protocol: Some(protocol::protocol_to()),
        }),
        WorkerMessage::Credits { free_slots, kinds } => {
            Request::Credits(v1::Credits { free_slots, kinds: kind_limits_to(kinds) })
        }
        WorkerMessage::Heartbeat { sequence, held, progress } => Request::Heartbeat(v1::Heartbeat {
            sequence,
            held: leases_to(&held),
            progress: progress.into_iter().map(progress_to).collect(),
        }),
        WorkerMessage::AddChildren { request_id, lease, chunk, items } => {
            Request::AddChildren(v1::AddChildren {
                request_id,
                lease: Some(lease_to(&lease)),
                chunk,
                items: items.into_iter().map(work_item_to).collect(),
            })
        }
        WorkerMessage::Complete(completions) => Request::Complete(v1::Complete {
            completions: completions.into_iter().map(completion_to).collect(),
        }),
        WorkerMessage::Fail(failures) => Request::Fail(v1::Fail {
            failures: failures
                .into_iter()
                .map(|failed| v1::FailedLease {
                    lease: Some(lease_to(&failed.lease)),
                    failure: Some(failure_to(failed.failure)),
                })
                .collect(),
        }),
        WorkerMessage::Release { leases, reason } => {
            let reason = match reason {
                ReleaseReason::Preempted => v1::ReleaseReason::Preempted,
                ReleaseReason::NotStarted => v1::ReleaseReason::NotStarted,
            };
            Request::Release(v1::Release { leases: leases_to(&leases), reason: reason.into() })
        }
        WorkerMessage::Draining { reason, deadline } => {
            Request::Draining(v1::Draining { reason, deadline: deadline.map(duration_to) })
        }
        WorkerMessage::RequestDemand { family, asked, answered } => {
            Request::RequestDemand(v1::RequestDemand { family: family.to_string(), asked, answered })
        }
        WorkerMessage::Throttled(throttled) => Request::Throttled(request_tokens::throttled_to(throttled)),
    };
    v1::WorkRequest { message: Some(message) }
}

fn leases_to(leases: &[LeaseRef]) -> Vec<v1::LeaseRef> {
    leases.iter().map(lease_to).collect()
}

fn kind_limits_to(kinds: Vec<KindLimit>) -> Vec<v1::KindLimit> {
    let limit = |kind: KindLimit| v1::KindLimit { kind: kind.kind, max_leases: kind.max_leases };
    kinds.into_iter().map(limit).collect()
}

fn refused_to(refused: RefusedResult) -> v1::RefusedResult {
    v1::RefusedResult { key: refused.key.to_string(), reason: refused.reason }
}

fn completion_to(completion: Completion) -> v1::Completion {
    v1::Completion {
        lease: Some(lease_to(&completion.lease)),
        result: completion.result,
        skipped: completion.skipped,
        children: completion.children,
        refused: completion.refused.into_iter().map(refused_to).collect(),
    }
}

fn leases_from(leases: Vec<v1::LeaseRef>) -> Result<Vec<LeaseRef>, WireError> {
    leases.into_iter().map(|lease| lease_from(Some(lease))).collect()
}

/// Reads a message from the coordinator. `None` is newer than this version, a message or the hosts that it is about:
/// the peer may add what old workers can do without.
pub fn coordinator_message_from(response: v1::WorkResponse) -> Result<Option<CoordinatorMessage>, WireError> {
    let Some(message) = response.message else { return Ok(None) };
    Ok(Some(match message {
        Response::Welcome(welcome) => CoordinatorMessage::Welcome(welcome_from(welcome)?),
        Response::Refused(refused) => CoordinatorMessage::Refused {
            try_for: refused.try_for.map(|wait| duration_from("refused.try_for", &wait)).transpose()?,
            reason: refused.reason,
        },
        Response::Grant(grant) => {
            CoordinatorMessage::Grant(grant.leases.into_iter().map(grant_from).collect::<Result<_, _>>()?)
        }
        Response::HeartbeatAck(ack) => CoordinatorMessage::HeartbeatAck {
            sequence: ack.sequence,
            lost: leases_from(ack.lost)?,
            cancelled: leases_from(ack.cancelled)?,
        },
        Response::ChildrenAdded(added) => {
            let answer = match added.answer() {
                v1::ChildrenAnswer::Accepted => ChildrenAnswer::Accepted,
                v1::ChildrenAnswer::LeaseLost => ChildrenAnswer::LeaseLost,
                v1::ChildrenAnswer::Refused | v1::ChildrenAnswer::Unspecified => {
                    ChildrenAnswer::Refused { reason: added.reason }
                }
            };
            CoordinatorMessage::ChildrenAdded { request_id: added.request_id, answer }
        }
        Response::Settled(settled) => CoordinatorMessage::Settled(
            settled.settlements.into_iter().map(settlement_from).collect::<Result<_, _>>()?,
        ),
        Response::CancelItem(cancel) => CoordinatorMessage::CancelItem {
            reason: match cancel.reason() {
                v1::CancelReason::Pipeline => CancelReason::Pipeline,
                v1::CancelReason::MaxRun => CancelReason::MaxRun,
                v1::CancelReason::LeaseLost | v1::CancelReason::Unspecified => CancelReason::LeaseLost,
            },
            lease: lease_from(cancel.lease)?,
        },
        Response::Reconnect(reconnect) => CoordinatorMessage::Reconnect {
            retry_after: required("reconnect.retry_after", reconnect.retry_after)?,
        },
        Response::StopWorker(stop) => CoordinatorMessage::StopWorker { reason: stop.reason },
        Response::RequestTokens(tokens) => match tokens.family.parse() {
            Ok(family) => CoordinatorMessage::RequestTokens(request_tokens::tokens_from(family, &tokens)?),
            Err(_) => return Ok(None),
        },
        Response::HostPaused(pause) => match pause.family.parse() {
            Ok(family) => CoordinatorMessage::HostPaused(request_tokens::pause_from(family, pause)?),
            Err(_) => return Ok(None),
        },
    }))
}

fn welcome_from(welcome: v1::Welcome) -> Result<Welcome, WireError> {
    protocol::check(Side::Worker, Side::Coordinator, welcome.protocol)?;
    Ok(Welcome {
        lease_ttl: required("welcome.lease_ttl", welcome.lease_ttl)?,
        heartbeat_interval: required("welcome.heartbeat_interval", welcome.heartbeat_interval)?,
        lost: leases_from(welcome.lost)?,
        requests: request_tokens::terms_from(welcome.requests)?,
        user_agent: welcome.user_agent,
        home: Home {
            store: optional_id("welcome.store_id", &welcome.store_id)?,
            namespace: optional_id("welcome.namespace", &welcome.namespace)?,
            graph: optional_id("welcome.graph_id", &welcome.graph_id)?,
        },
    })
}

fn grant_from(lease: v1::Lease) -> Result<Grant, WireError> {
    Ok(Grant {
        lease: lease_from(lease.r#ref)?,
        item: work_item_from(lease.item.ok_or(WireError::Missing { field: "grant.item" })?)?,
        attempt: lease.attempt,
        max_run: required("grant.max_run", lease.max_run)?,
        parents: lease.parents.iter().map(|key| parse_id("grant.parents", key)).collect::<Result<_, _>>()?,
    })
}

fn settlement_from(settlement: v1::Settlement) -> Result<Settlement, WireError> {
    let answer = match settlement.answer() {
        v1::SettleAnswer::Accepted => SettleAnswer::Accepted,
        v1::SettleAnswer::AcceptedLate => SettleAnswer::AcceptedLate,
        v1::SettleAnswer::TooLate => SettleAnswer::TooLate,
        v1::SettleAnswer::Superseded => SettleAnswer::Superseded,
        v1::SettleAnswer::Cancelled => SettleAnswer::Cancelled,
        v1::SettleAnswer::Unknown | v1::SettleAnswer::Unspecified => SettleAnswer::Unknown,
    };
    Ok(Settlement { lease: lease_from(settlement.lease)?, answer })
}

/// Writes a coordinator's message.
pub fn coordinator_message_to(message: CoordinatorMessage) -> v1::WorkResponse {
    let message = match message {
        CoordinatorMessage::Welcome(welcome) => Response::Welcome(v1::Welcome {
            lease_ttl: Some(duration_to(welcome.lease_ttl)),
            heartbeat_interval: Some(duration_to(welcome.heartbeat_interval)),
            lost: leases_to(&welcome.lost),
            requests: welcome.requests.into_iter().map(request_tokens::terms_to).collect(),
            user_agent: welcome.user_agent,
            store_id: optional_to(welcome.home.store),
            namespace: optional_to(welcome.home.namespace),
            graph_id: optional_to(welcome.home.graph),
            protocol: Some(protocol::protocol_to()),
        }),
        CoordinatorMessage::Refused { reason, try_for } => {
            Response::Refused(v1::Refused { reason, try_for: try_for.map(duration_to) })
        }
        CoordinatorMessage::Grant(grants) => {
            Response::Grant(v1::Grant { leases: grants.into_iter().map(grant_to).collect() })
        }
        CoordinatorMessage::HeartbeatAck { sequence, lost, cancelled } => {
            Response::HeartbeatAck(v1::HeartbeatAck {
                sequence,
                lost: leases_to(&lost),
                cancelled: leases_to(&cancelled),
            })
        }
        CoordinatorMessage::ChildrenAdded { request_id, answer } => {
            let (answer, reason) = match answer {
                ChildrenAnswer::Accepted => (v1::ChildrenAnswer::Accepted, String::new()),
                ChildrenAnswer::LeaseLost => (v1::ChildrenAnswer::LeaseLost, String::new()),
                ChildrenAnswer::Refused { reason } => (v1::ChildrenAnswer::Refused, reason),
            };
            Response::ChildrenAdded(v1::ChildrenAdded { request_id, answer: answer.into(), reason })
        }
        CoordinatorMessage::Settled(settlements) => Response::Settled(v1::Settled {
            settlements: settlements.into_iter().map(settlement_to).collect(),
        }),
        CoordinatorMessage::CancelItem { lease, reason } => {
            let reason = match reason {
                CancelReason::Pipeline => v1::CancelReason::Pipeline,
                CancelReason::MaxRun => v1::CancelReason::MaxRun,
                CancelReason::LeaseLost => v1::CancelReason::LeaseLost,
            };
            Response::CancelItem(v1::CancelItem { lease: Some(lease_to(&lease)), reason: reason.into() })
        }
        CoordinatorMessage::Reconnect { retry_after } => {
            Response::Reconnect(v1::Reconnect { retry_after: Some(duration_to(retry_after)) })
        }
        CoordinatorMessage::StopWorker { reason } => Response::StopWorker(v1::StopWorker { reason }),
        CoordinatorMessage::RequestTokens(tokens) => {
            Response::RequestTokens(request_tokens::tokens_to(tokens))
        }
        CoordinatorMessage::HostPaused(pause) => Response::HostPaused(request_tokens::pause_to(pause)),
    };
    v1::WorkResponse { message: Some(message) }
}

fn grant_to(grant: Grant) -> v1::Lease {
    v1::Lease {
        r#ref: Some(lease_to(&grant.lease)),
        item: Some(work_item_to(grant.item)),
        attempt: grant.attempt,
        max_run: Some(duration_to(grant.max_run)),
        parents: grant.parents.iter().map(ToString::to_string).collect(),
    }
}

fn settlement_to(settlement: Settlement) -> v1::Settlement {
    let answer = match settlement.answer {
        SettleAnswer::Accepted => v1::SettleAnswer::Accepted,
        SettleAnswer::AcceptedLate => v1::SettleAnswer::AcceptedLate,
        SettleAnswer::TooLate => v1::SettleAnswer::TooLate,
        SettleAnswer::Superseded => v1::SettleAnswer::Superseded,
        SettleAnswer::Cancelled => v1::SettleAnswer::Cancelled,
        SettleAnswer::Unknown => v1::SettleAnswer::Unknown,
    };
    v1::Settlement { lease: Some(lease_to(&settlement.lease)), answer: answer.into() }
}
