//! The PipelineService's messages: specs in, status out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use edgraph_proto::{json, v1};
use serde_json::Value;
use v1::dead_policy::Policy;

use super::error::WireError;
use super::field::{check_kind, duration_from, duration_to, kind_from, limit_bytes, limit_len, timestamp_to};
use super::items::root_from;
use super::parameters::params_to;
use super::request_tokens;
use crate::model::{
    ClientItems, DeadPolicy, DisplayCounter, FailureGroup, FinishSpec, ItemProgress, KindSettings,
    MAX_COUNTERS, MAX_FINISH_STEPS, MAX_KINDS, MAX_PARAMS_LEN, MAX_ROOTS, PhaseCounts, PipelineSpec,
    PipelineState, PipelineStatus, Progress,
};

/// Reads a client's spec over what the coordinator has for its kind. Fields that are set replace those there; kind
/// settings replace field by field, but for the names under which one lease is out at a time: those stay.
pub fn spec_from(
    kind: &str,
    params: &str,
    spec: Option<v1::PipelineSpec>,
    base: PipelineSpec,
) -> Result<PipelineSpec, WireError> {
    limit_bytes("params", params, MAX_PARAMS_LEN)?;
    let mut merged = base;
    merged.kind = kind_from("kind", kind.to_owned())?;
    merged.params = params.to_owned();
    let Some(spec) = spec else { return Ok(merged) };

    limit_len("spec.roots", spec.roots.len(), MAX_ROOTS, "items")?;
    limit_len("spec.limits", spec.limits.len(), MAX_KINDS, "kinds")?;
    limit_len("spec.counters", spec.counters.len(), MAX_COUNTERS, "counters")?;
    if !spec.roots.is_empty() {
        merged.roots = spec.roots.into_iter().map(root_from).collect::<Result<_, _>>()?;
    }
    if !spec.finish.is_empty() {
        merged.finish = finish_from(spec.finish)?;
    }
    let reserved: BTreeMap<String, String> = merged
        .limits
        .iter()
        .filter_map(|(kind, settings)| Some((settings.exclusive.clone()?, kind.clone())))
        .collect();
    for (kind, settings) in spec.limits {
        let kind = kind_from("spec.limits", kind)?;
        check_exclusive(&kind, &settings.exclusive, &reserved)?;
        apply_settings(merged.limits.entry(kind).or_default(), settings)?;
    }
    if !spec.counted_kind.is_empty() {
        merged.counted_kind = kind_from("spec.counted_kind", spec.counted_kind)?;
    }
    for counter in spec.counters {
        let kind = kind_from("spec.counters.kind", counter.kind)?;
        let name = kind_from("spec.counters.name", counter.name)?;
        merged.counters.push(DisplayCounter { name, kind });
    }
    if let Some(policy) = spec.dead_policy.and_then(|policy| policy.policy) {
        merged.dead_policy = dead_policy_from(policy)?;
    }
    if let Some(deadline) = spec.deadline {
        merged.deadline = Some(duration_from("spec.deadline", &deadline)?);
    }
    if let Some(v1::ClientItems { expected }) = spec.client_items {
        merged.client_items = Some(ClientItems { expected });
    }
    Ok(merged)
}

fn finish_from(steps: Vec<v1::FinishSpec>) -> Result<Vec<FinishSpec>, WireError> {
    let field = "spec.finish";
    limit_len(field, steps.len(), MAX_FINISH_STEPS, "items")?;
    let steps: Vec<FinishSpec> = steps.into_iter().map(finish_step_from).collect::<Result<_, _>>()?;
    let kinds: BTreeSet<&str> = steps.iter().map(|step| step.kind.as_str()).collect();
    if kinds.len() < steps.len() {
        let reason = "names a kind twice; each of the items that end a round has a kind of its own".into();
        return Err(WireError::Invalid { field, reason });
    }
    Ok(steps)
}

fn finish_step_from(finish: v1::FinishSpec) -> Result<FinishSpec, WireError> {
    let payload = finish.params.map(|params| Value::from(json::from_struct(params)).to_string());
    let payload = payload.unwrap_or_default();
    limit_bytes("spec.finish.params", &payload, MAX_PARAMS_LEN)?;
    Ok(FinishSpec { kind: kind_from("spec.finish.kind", finish.kind)?, payload })
}

/// Whether a kind may have this exclusive name. One that the coordinator has given to a kind is that kind's for ever:
/// it keeps two writers from one graph, whatever a client asks for.
fn check_exclusive(kind: &str, name: &str, reserved: &BTreeMap<String, String>) -> Result<(), WireError> {
    let field = "spec.limits.exclusive";
    if name.is_empty() {
        return Ok(());
    }
    check_kind(field, name)?;
    let own = reserved.iter().find(|(_, owner)| *owner == kind).map(|(name, _)| name.as_str());
    let reason = match (own, reserved.get(name)) {
        (Some(own), _) if own != name => {
            format!("`{kind}` items have the name `{own}` from the coordinator; leave it out")
        }
        (None, Some(owner)) => format!("the name `{name}` is that of `{owner}` items; take another one"),
        _ => return Ok(()),
    };
    Err(WireError::Invalid { field, reason })
}

fn apply_settings(settings: &mut KindSettings, given: v1::KindSettings) -> Result<(), WireError> {
    set_duration(&mut settings.max_run, "spec.limits.max_run", given.max_run)?;
    set_duration(&mut settings.backoff.base, "spec.limits.backoff_base", given.backoff_base)?;
    set_duration(&mut settings.backoff.max, "spec.limits.backoff_max", given.backoff_max)?;
    set_duration(&mut settings.max_unavailable, "spec.limits.max_unavailable", given.max_unavailable)?;
    set_count(&mut settings.budgets.failures, given.max_failures);
    set_count(&mut settings.budgets.lost_leases, given.max_lost_leases);
    set_count(&mut settings.budgets.preemptions, given.max_preemptions);
    if given.max_in_flight > 0 {
        settings.max_in_flight = Some(given.max_in_flight);
    }
    if !given.exclusive.is_empty() {
        settings.exclusive = Some(given.exclusive);
    }
    Ok(())
}

fn set_duration(
    target: &mut Duration,
    field: &'static str,
    given: Option<prost_types::Duration>,
) -> Result<(), WireError> {
    if let Some(given) = given {
        *target = duration_from(field, &given)?;
    }
    Ok(())
}

fn set_count(target: &mut u32, given: u32) {
    if given > 0 {
        *target = given;
    }
}

fn dead_policy_from(policy: Policy) -> Result<DeadPolicy, WireError> {
    Ok(match policy {
        Policy::FinishWithout(limits) => {
            let (field, fraction) = ("spec.dead_policy.max_dead_fraction", limits.max_dead_fraction);
            if !(0.0..=1.0).contains(&fraction) {
                return Err(WireError::Invalid {
                    field,
                    reason: format!("{fraction} is not within 0 and 1"),
                });
            }
            DeadPolicy::FinishWithout { max_dead: limits.max_dead, max_dead_fraction: fraction }
        }
        Policy::Hold(_) => DeadPolicy::Hold,
        Policy::Fail(_) => DeadPolicy::Fail,
    })
}

/// Writes a pipeline's status.
pub fn status_to(status: &PipelineStatus) -> v1::Pipeline {
    v1::Pipeline {
        pipeline_id: status.id.to_string(),
        kind: status.kind.clone(),
        params: params_to(&status.params),
        state: pipeline_state_to(status.state).into(),
        state_reason: status.state_reason.clone(),
        paused: status.paused,
        round: status.round,
        expected_tasks: status.expected_tasks,
        completed_tasks: status.tasks.succeeded,
        failed_tasks: status.tasks.dead,
        skipped: status.tasks.skipped,
        discovery_complete: status.discovery_complete,
        progress_percent: status.progress_percent,
        counters: status.counters.clone(),
        phases: status.phases.iter().map(|(kind, counts)| phase_to(kind, counts)).collect(),
        failures: status
            .failures
            .iter()
            .map(|failure| v1::ItemFailure {
                item_key: failure.key.to_string(),
                reason: failure.reason.clone(),
                attempts: failure.attempts,
            })
            .collect(),
        failure_groups: status.failure_groups.iter().map(group_to).collect(),
        unavailable: status.unavailable.clone(),
        create_time: Some(timestamp_to(status.created_ms)),
        update_time: Some(timestamp_to(status.updated_ms)),
        end_time: status.ended_ms.map(timestamp_to),
        tasks_per_second: status.tasks_per_second,
        eta: status.eta.map(duration_to),
        running: status.running.iter().map(running_to).collect(),
        requests: status.requests.iter().map(request_tokens::budget_to).collect(),
        waiting_for: status.waiting_for.clone(),
        version: status.version,
    }
}

fn group_to(group: &FailureGroup) -> v1::FailureGroup {
    v1::FailureGroup {
        kind: group.kind.clone(),
        reason: group.reason.clone(),
        items: group.items,
        item_key: group.first.to_string(),
        words: group.words.clone(),
    }
}

fn pipeline_state_to(state: PipelineState) -> v1::PipelineState {
    match state {
        PipelineState::Running => v1::PipelineState::Running,
        PipelineState::Finishing => v1::PipelineState::Ingesting,
        PipelineState::Held => v1::PipelineState::Held,
        PipelineState::Cancelling => v1::PipelineState::Cancelling,
        PipelineState::Completed => v1::PipelineState::Completed,
        PipelineState::CompletedWithFailures => v1::PipelineState::CompletedWithFailures,
        PipelineState::Failed => v1::PipelineState::Failed,
        PipelineState::Cancelled => v1::PipelineState::Cancelled,
    }
}

fn phase_to(kind: &str, counts: &PhaseCounts) -> v1::Phase {
    v1::Phase {
        kind: kind.to_owned(),
        expected: counts.expected(),
        ready: counts.ready,
        in_flight: counts.leased,
        completed: counts.succeeded,
        skipped: counts.skipped,
        failed: counts.dead,
        cancelled: counts.cancelled,
    }
}

fn running_to(running: &ItemProgress) -> v1::ItemProgress {
    let Progress { done, total, text } = running.progress.clone();
    v1::ItemProgress { item_key: running.key.to_string(), done, total, text }
}
