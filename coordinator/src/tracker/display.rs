//! What Redis shows to people: the status as a hash of words and numbers, and a line per commit in the stream of
//! events. Never read back.

use chrono::{DateTime, SecondsFormat};
use edgraph_shared::model::{ItemState, PipelineState, PipelineStatus};
use serde_json::json;

use super::{Part, Saved};

/// Dead items named in one event: whoever wants them all lists them.
const DEAD_KEYS_SHOWN: usize = 20;

/// A name and a value.
pub(super) type Field = (String, String);

/// The fields of the status that can change.
pub(super) fn status(status: &PipelineStatus) -> Vec<Field> {
    let tasks = &status.tasks;
    let phases: serde_json::Map<String, serde_json::Value> = status
        .phases
        .iter()
        .map(|(kind, counts)| {
            let counts = json!({
                "expected": counts.expected(),
                "completed": counts.succeeded,
                "failed": counts.dead,
                "skipped": counts.skipped,
                "cancelled": counts.cancelled,
                "in_flight": counts.leased,
            });
            (kind.clone(), counts)
        })
        .collect();
    // Counters first: of two fields with one name the later one stays.
    let counters = status.counters.iter().map(|(name, count)| (name.clone(), count.to_string()));
    let fields = [
        ("state", state_name(status.state)),
        ("reason", status.state_reason.clone()),
        ("paused", status.paused.to_string()),
        ("round", status.round.to_string()),
        ("expected_tasks", tasks.expected().to_string()),
        ("completed_tasks", tasks.succeeded.to_string()),
        ("failed_tasks", tasks.dead.to_string()),
        ("skipped", tasks.skipped.to_string()),
        ("discovery_complete", status.discovery_complete.to_string()),
        ("progress_percent", status.progress_percent.to_string()),
        ("phases", serde_json::Value::from(phases).to_string()),
        ("created_at", iso(status.created_ms)),
        ("updated_at", iso(status.updated_ms)),
        ("ended_at", status.ended_ms.map(iso).unwrap_or_default()),
    ];
    counters.chain(fields.map(|(name, value)| (name.to_owned(), value))).collect()
}

/// The fields of the status that never change.
pub(super) fn fixed_status(status: &PipelineStatus) -> Vec<Field> {
    vec![("kind".to_owned(), status.kind.clone()), ("parameters".to_owned(), status.params.to_string())]
}

/// What a commit did to a pipeline.
pub(super) fn event(part: &Part, saved: &Saved) -> Vec<Field> {
    let (mut leased, mut settled, mut dead) = (0u64, 0u64, Vec::new());
    for (_, item) in &saved.items {
        match item.state.name() {
            ItemState::Ready => {}
            ItemState::Leased => leased += 1,
            ItemState::Succeeded | ItemState::Cancelled => settled += 1,
            ItemState::Dead => {
                settled += 1;
                dead.push(item.key.as_str());
            }
        }
    }
    dead.truncate(DEAD_KEYS_SHOWN);
    let tasks = &saved.status.tasks;
    let mut fields = vec![
        ("sequence", part.mark.sequence.to_string()),
        ("state", state_name(saved.status.state)),
        ("progress_percent", saved.status.progress_percent.to_string()),
        ("expected_tasks", tasks.expected().to_string()),
        ("completed_tasks", tasks.succeeded.to_string()),
        ("failed_tasks", tasks.dead.to_string()),
        ("leased", leased.to_string()),
        ("settled", settled.to_string()),
    ];
    if !dead.is_empty() {
        fields.push(("dead", json!(dead).to_string()));
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn state_name(state: PipelineState) -> String {
    state.name().replace(' ', "_")
}

/// ISO 8601 in UTC with milliseconds.
pub(super) fn iso(unix_ms: u64) -> String {
    let time = i64::try_from(unix_ms).ok().and_then(DateTime::from_timestamp_millis);
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true)).unwrap_or_default()
}
