//! What the API says, as JSON for programs: the API's field names, enums as words, times in RFC 3339.

use edgraph_client::{prost_types, v1};
use edgraph_shared::kinds::sec_xbrl::Damage;
use serde_json::{Value, json};

use super::describe::{item_state, pipeline_state, seconds, time, worker_state};

pub(super) fn pipeline(pipeline: &v1::Pipeline) -> Value {
    let phase = |phase: &v1::Phase| {
        json!({
            "kind": phase.kind, "expected": phase.expected, "ready": phase.ready, "in_flight": phase.in_flight,
            "completed": phase.completed, "skipped": phase.skipped, "failed": phase.failed,
            "cancelled": phase.cancelled,
        })
    };
    let failure = |failure: &v1::ItemFailure| json!({"item_key": failure.item_key, "reason": failure.reason, "attempts": failure.attempts});
    let group = |group: &v1::FailureGroup| json!({"kind": group.kind, "items": group.items, "reason": group.reason, "item_key": group.item_key, "words": group.words});
    let running = |item: &v1::ItemProgress| json!({"item_key": item.item_key, "done": item.done, "total": item.total, "text": item.text});
    json!({
        "pipeline_id": pipeline.pipeline_id,
        "kind": pipeline.kind,
        "params": pipeline.params.clone().map(edgraph_client::json::from_struct),
        "state": pipeline_state(pipeline),
        "state_reason": pipeline.state_reason,
        "waiting_for": pipeline.waiting_for,
        "paused": pipeline.paused,
        "round": pipeline.round,
        "expected_tasks": pipeline.expected_tasks,
        "completed_tasks": pipeline.completed_tasks,
        "failed_tasks": pipeline.failed_tasks,
        "skipped": pipeline.skipped,
        "discovery_complete": pipeline.discovery_complete,
        "progress_percent": pipeline.progress_percent,
        "counters": pipeline.counters,
        "phases": pipeline.phases.iter().map(phase).collect::<Vec<_>>(),
        "failures": pipeline.failures.iter().map(failure).collect::<Vec<_>>(),
        "failure_groups": pipeline.failure_groups.iter().map(group).collect::<Vec<_>>(),
        "unavailable": pipeline.unavailable,
        "requests": pipeline.requests.iter().map(budget).collect::<Vec<_>>(),
        "create_time": pipeline.create_time.map(|at| time(at.seconds)),
        "update_time": pipeline.update_time.map(|at| time(at.seconds)),
        "end_time": pipeline.end_time.map(|at| time(at.seconds)),
        "tasks_per_second": pipeline.tasks_per_second,
        "eta_seconds": pipeline.eta.map(|eta| eta.seconds),
        "running": pipeline.running.iter().map(running).collect::<Vec<_>>(),
    })
}

/// The same with the rows of EDGAR's lists that cannot be read.
pub(super) fn pipeline_with(status: &v1::Pipeline, damage: &Damage) -> Value {
    let mut value = pipeline(status);
    value["damaged_rows"] = json!(damage.rows);
    value["damaged"] = json!(damage.named);
    value
}

pub(super) fn item(item: &v1::Item) -> Value {
    let location = |file: &v1::Location| json!({"table": file.table, "uri": file.uri, "rows": file.rows, "bytes": file.bytes});
    json!({
        "key": item.key,
        "kind": item.kind,
        "payload": handlers(&item.payload),
        "priority": item.priority,
        "state": item_state(item),
        "result": handlers(&item.result),
        "skipped": item.skipped,
        "reason": item.reason,
        "parents": item.parents,
        "fencing_token": item.fencing_token,
        "failures": item.failures,
        "lost_leases": item.lost_leases,
        "preemptions": item.preemptions,
        "worker_id": item.worker_id,
        "next_run_time": item.next_run_time.map(|at| time(at.seconds)),
        "waiting_for": item.waiting_for,
        "locations": item.locations.iter().map(location).collect::<Vec<_>>(),
    })
}

pub(super) fn worker(worker: &v1::WorkerInfo) -> Value {
    json!({
        "worker_id": worker.worker_id,
        "incarnation": worker.incarnation,
        "state": worker_state(worker),
        "version": worker.version,
        "leases": worker.leases,
        "free_slots": worker.free_slots,
        "kinds": worker.kinds,
        "last_seen_time": worker.last_seen_time.map(|at| time(at.seconds)),
        "drain_reason": worker.drain_reason,
        "drain_deadline_time": worker.drain_deadline_time.map(|at| time(at.seconds)),
    })
}

pub(super) fn scaling(signal: &v1::GetScalingSignalResponse) -> Value {
    json!({
        "ready_items": signal.ready_items,
        "leased_items": signal.leased_items,
        "backlog_seconds": signal.backlog.map_or(0.0, |backlog| seconds(backlog.seconds, backlog.nanos)),
        "active_workers": signal.active_workers,
        "slots": signal.slots,
    })
}

/// What handlers were given and said.
fn handlers(value: &Option<prost_types::Value>) -> Value {
    value.clone().map_or(Value::Null, edgraph_client::json::from_value)
}

fn budget(budget: &v1::RequestBudget) -> Value {
    json!({
        "family": budget.family,
        "per_second": budget.per_second,
        "waiting": budget.waiting,
        "lent": budget.lent,
        "paused_until": budget.paused_until.map(|until| time(until.seconds)),
        "pause_cause": budget.pause_cause,
    })
}
