//! What workers say on the Work stream, read.
//!
//! A message that breaks a rule about one item costs that item and not the stream: a worker that comes back would say
//! the same again, for ever. So children that may not be are refused at once, and a result or failure that cannot be
//! taken becomes a permanent failure of its item, with the reason. What cannot be about any item ends the stream.

use edgraph_proto::v1;
use v1::work_request::Message as Request;

use super::error::WireError;
use super::field::{duration_from, kind_from, limit_bytes, limit_len, optional_id, parse_id};
use super::protocol::{self, Side};
use super::request_tokens;
use super::work::{check_item, failure_from, lease_from, work_item_from};
use crate::failure::{Failure, cut, shortened};
use crate::model::{
    ChildrenAnswer, Completion, CoordinatorMessage, FailedLease, Hello, Home, KindLimit, LeaseProgress,
    LeaseRef, MAX_CHILDREN_PER_CHUNK, MAX_FREE_SLOTS, MAX_KINDS, MAX_LEASES_NAMED, MAX_OUTCOMES_PER_STEP,
    MAX_PROGRESS_LEN, MAX_REFUSAL_LEN, MAX_REFUSED, MAX_RESULT_LEN, MAX_VERSION_LEN, Progress, RefusedResult,
    ReleaseReason, WorkItem, WorkerMessage,
};

/// What one request of a worker comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Messages for the coordinator, in order: one, or several where a request holds more than one step takes.
    Messages(Vec<WorkerMessage>),
    /// Nothing for the coordinator: this answers the worker.
    Refused(CoordinatorMessage),
    /// Newer than this version, a message or the hosts that it is about: the coordinator can do without.
    Unknown,
}

/// Reads a request from a worker.
///
/// # Errors
/// [`WireError`] if the request breaks a rule that no answer to one item could say.
pub fn said_by_worker(request: v1::WorkRequest) -> Result<Said, WireError> {
    let one = |message| Ok(Said::Messages(vec![message]));
    let Some(message) = request.message else { return Ok(Said::Unknown) };
    match message {
        Request::Hello(hello) => one(WorkerMessage::Hello(hello_from(hello)?)),
        Request::Credits(credits) => one(WorkerMessage::Credits {
            free_slots: credits.free_slots.min(MAX_FREE_SLOTS),
            kinds: kind_limits_from("credits.kinds", credits.kinds)?,
        }),
        Request::Heartbeat(beat) => one(heartbeat_from(beat)?),
        Request::AddChildren(request) => children_from(request),
        Request::Complete(complete) => completions_from(complete),
        Request::Fail(fail) => {
            let failures = fail.failures.into_iter().map(failed_lease_from).collect::<Result<_, _>>()?;
            Ok(Said::Messages(in_steps(failures, WorkerMessage::Fail)))
        }
        Request::Release(release) => {
            let reason = match release.reason() {
                v1::ReleaseReason::NotStarted => ReleaseReason::NotStarted,
                v1::ReleaseReason::Preempted | v1::ReleaseReason::Unspecified => ReleaseReason::Preempted,
            };
            let leases = leases_from(release.leases)?;
            Ok(Said::Messages(in_steps(leases, |leases| WorkerMessage::Release { leases, reason })))
        }
        Request::Draining(draining) => one(draining_from(draining)?),
        Request::RequestDemand(demand) => match demand.family.parse() {
            Ok(family) => one(request_tokens::demand_from(family, &demand)),
            Err(_) => Ok(Said::Unknown),
        },
        Request::Throttled(throttled) => match throttled.family.parse() {
            Ok(family) => one(request_tokens::throttled_from(family, throttled)?),
            Err(_) => Ok(Said::Unknown),
        },
    }
}

fn hello_from(hello: v1::Hello) -> Result<Hello, WireError> {
    // Before anything else: what follows is said in that version.
    protocol::check(Side::Coordinator, Side::Worker, hello.protocol)?;
    limit_len("hello.held", hello.held.len(), MAX_LEASES_NAMED, "leases")?;
    Ok(Hello {
        worker: parse_id("hello.worker_id", &hello.worker_id)?,
        incarnation: parse_id("hello.incarnation", &hello.incarnation)?,
        held: leases_from(hello.held)?,
        free_slots: hello.free_slots.min(MAX_FREE_SLOTS),
        kinds: kind_limits_from("hello.kinds", hello.kinds)?,
        version: cut(hello.version, MAX_VERSION_LEN),
        home: Home {
            store: optional_id("hello.store_id", &hello.store_id)?,
            namespace: optional_id("hello.namespace", &hello.namespace)?,
            graph: optional_id("hello.graph_id", &hello.graph_id)?,
        },
    })
}

fn heartbeat_from(beat: v1::Heartbeat) -> Result<WorkerMessage, WireError> {
    limit_len("heartbeat.held", beat.held.len(), MAX_LEASES_NAMED, "leases")?;
    limit_len("heartbeat.progress", beat.progress.len(), MAX_LEASES_NAMED, "reports")?;
    Ok(WorkerMessage::Heartbeat {
        sequence: beat.sequence,
        held: leases_from(beat.held)?,
        progress: beat.progress.into_iter().map(progress_from).collect::<Result<_, _>>()?,
    })
}

fn progress_from(progress: v1::LeaseProgress) -> Result<LeaseProgress, WireError> {
    let v1::LeaseProgress { lease, done, total, text } = progress;
    let text = cut(text, MAX_PROGRESS_LEN);
    Ok(LeaseProgress { lease: lease_from(lease)?, progress: Progress { done, total, text } })
}

fn draining_from(draining: v1::Draining) -> Result<WorkerMessage, WireError> {
    let v1::Draining { reason, deadline } = draining;
    let deadline = deadline.map(|deadline| duration_from("draining.deadline", &deadline)).transpose()?;
    Ok(WorkerMessage::Draining { reason: cut(reason, MAX_PROGRESS_LEN), deadline })
}

fn kind_limits_from(field: &'static str, kinds: Vec<v1::KindLimit>) -> Result<Vec<KindLimit>, WireError> {
    limit_len(field, kinds.len(), MAX_KINDS, "kinds")?;
    let limit = |kind: v1::KindLimit| {
        Ok(KindLimit { kind: kind_from("kinds.kind", kind.kind)?, max_leases: kind.max_leases })
    };
    kinds.into_iter().map(limit).collect()
}

fn leases_from(leases: Vec<v1::LeaseRef>) -> Result<Vec<LeaseRef>, WireError> {
    leases.into_iter().map(|lease| lease_from(Some(lease))).collect()
}

fn children_from(request: v1::AddChildren) -> Result<Said, WireError> {
    let v1::AddChildren { request_id, lease, chunk, items } = request;
    let lease = lease_from(lease)?;
    let read = |item: v1::WorkItem| {
        // The key as sent: it may be what is wrong.
        let key = shortened(&item.key, SHOWN_KEY_CHARS);
        work_item_from(item).map_err(|error| of_item(&key, &error))
    };
    let items = check_count(items.len()).and_then(|()| items.into_iter().map(read).collect());
    Ok(match items {
        Ok(items) => Said::Messages(vec![WorkerMessage::AddChildren { request_id, lease, chunk, items }]),
        Err(reason) => {
            let answer = ChildrenAnswer::Refused { reason };
            Said::Refused(CoordinatorMessage::ChildrenAdded { request_id, answer })
        }
    })
}

/// Characters of a key that an error shows.
const SHOWN_KEY_CHARS: usize = 80;

fn of_item(key: &str, error: &WireError) -> String {
    format!("item `{key}`: {error}")
}

fn check_count(items: usize) -> Result<(), String> {
    limit_len("add_children.items", items, MAX_CHILDREN_PER_CHUNK, "items").map_err(|error| error.to_string())
}

/// Why the coordinator would refuse these children without looking at the lease.
///
/// # Errors
/// The rule that is broken, and by which item.
pub fn check_children(items: &[WorkItem]) -> Result<(), String> {
    check_count(items.len())?;
    let check = |item: &WorkItem| check_item(item).map_err(|error| of_item(item.key.as_str(), &error));
    items.iter().try_for_each(check)
}

fn completions_from(complete: v1::Complete) -> Result<Said, WireError> {
    let (mut completions, mut failures) = (Vec::new(), Vec::new());
    for completion in complete.completions {
        let v1::Completion { lease, result, skipped, children, refused } = completion;
        let lease = lease_from(lease)?;
        let checked = limit_bytes("completion.result", &result, MAX_RESULT_LEN);
        match checked.and_then(|()| refused_from(refused)) {
            Ok(refused) => completions.push(Completion { lease, result, skipped, children, refused }),
            Err(error) => {
                failures.push(FailedLease { lease, failure: Failure::permanent(error.to_string()) })
            }
        }
    }
    let mut messages = in_steps(completions, WorkerMessage::Complete);
    messages.extend(in_steps(failures, WorkerMessage::Fail));
    Ok(Said::Messages(messages))
}

fn refused_from(refused: Vec<v1::RefusedResult>) -> Result<Vec<RefusedResult>, WireError> {
    limit_len("completion.refused", refused.len(), MAX_REFUSED, "results")?;
    let one = |refused: v1::RefusedResult| {
        let key = parse_id("completion.refused.key", &refused.key)?;
        Ok(RefusedResult { key, reason: cut(refused.reason, MAX_REFUSAL_LEN) })
    };
    refused.into_iter().map(one).collect()
}

fn failed_lease_from(failed: v1::FailedLease) -> Result<FailedLease, WireError> {
    let lease = lease_from(failed.lease)?;
    let failure = failure_from(failed.failure)
        .unwrap_or_else(|error| Failure::permanent(format!("a failure that cannot be read: {error}")));
    Ok(FailedLease { lease, failure })
}

fn in_steps<T>(mut all: Vec<T>, message: impl Fn(Vec<T>) -> WorkerMessage) -> Vec<WorkerMessage> {
    let mut messages = Vec::new();
    while !all.is_empty() {
        let rest = all.split_off(all.len().min(MAX_OUTCOMES_PER_STEP));
        messages.push(message(std::mem::replace(&mut all, rest)));
    }
    messages
}
