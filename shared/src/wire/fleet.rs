//! AdminService.

use edgraph_proto::v1;

use super::error::WireError;
use super::field::{duration_to, timestamp_to};
use super::request_tokens::family;
use crate::model::{HostFamily, HostPause, ScalingSignal, WorkerState, WorkerStatus};

/// Writes a worker.
pub fn worker_to(worker: &WorkerStatus) -> v1::WorkerInfo {
    let state = match worker.state {
        WorkerState::Active => v1::WorkerState::Active,
        WorkerState::Draining => v1::WorkerState::Draining,
        WorkerState::Detached => v1::WorkerState::Detached,
    };
    v1::WorkerInfo {
        worker_id: worker.id.to_string(),
        incarnation: worker.incarnation.to_string(),
        state: state.into(),
        version: worker.version.clone(),
        leases: worker.leases,
        free_slots: worker.free_slots,
        kinds: worker.kinds.clone(),
        last_seen_time: Some(timestamp_to(worker.last_seen_ms)),
        drain_reason: worker.drain.as_ref().map(|drain| drain.reason.clone()).unwrap_or_default(),
        drain_deadline_time: worker.drain.as_ref().and_then(|drain| drain.deadline_ms).map(timestamp_to),
    }
}

/// Writes a scaling signal.
pub fn scaling_to(signal: &ScalingSignal) -> v1::GetScalingSignalResponse {
    v1::GetScalingSignalResponse {
        ready_items: signal.ready_items,
        leased_items: signal.leased_items,
        backlog: Some(duration_to(signal.backlog)),
        active_workers: signal.active_workers,
        slots: signal.slots,
    }
}

/// Reads the families of hosts that an operator names: one, or all where the text is empty.
pub fn families_from(field: &'static str, text: &str) -> Result<Vec<HostFamily>, WireError> {
    if text.is_empty() { Ok(HostFamily::ALL.into()) } else { Ok(vec![family(field, text)?]) }
}

/// Writes the pauses that an operator ended.
pub fn lifted_to(pauses: Vec<HostPause>) -> v1::ResumeRequestsResponse {
    let lifted = |pause: HostPause| v1::LiftedPause {
        family: pause.family.to_string(),
        remaining: Some(duration_to(pause.remaining)),
        cause: pause.cause,
    };
    v1::ResumeRequestsResponse { lifted: pauses.into_iter().map(lifted).collect() }
}
