//! A pipeline spec as a JSON file, for kinds that the coordinator does not know.
//!
//! ```json
//! {
//!   "roots": [{"kind": "find", "key": "find/all", "payload": {"where": "here"}}],
//!   "counted_kind": "work",
//!   "finish": [{"kind": "load", "params": {}}],
//!   "limits": {"work": {"max_run": "5m", "max_failures": 3}},
//!   "dead_policy": {"finish_without": {"max_dead": 10}}
//! }
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_client::{json, v1};
use edgraph_shared::wire::duration_to;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

/// Reads a spec.
pub(super) fn parse(text: &str) -> Result<v1::PipelineSpec, serde_json::Error> {
    let spec: Spec = serde_json::from_str(text)?;
    Ok(spec.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Spec {
    roots: Vec<Root>,
    finish: Vec<Finish>,
    limits: BTreeMap<String, Limits>,
    counted_kind: String,
    counters: Vec<Counter>,
    dead_policy: Option<DeadPolicy>,
    deadline: Option<Time>,
    client_items: Option<ClientItems>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ClientItems {
    expected: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    kind: String,
    key: String,
    #[serde(default)]
    payload: Value,
    #[serde(default)]
    priority: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finish {
    kind: String,
    params: Option<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    max_run: Option<Time>,
    max_in_flight: u32,
    max_failures: u32,
    max_lost_leases: u32,
    max_preemptions: u32,
    backoff_base: Option<Time>,
    backoff_max: Option<Time>,
    max_unavailable: Option<Time>,
    exclusive: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counter {
    name: String,
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeadPolicy {
    FinishWithout(FinishWithout),
    Hold,
    Fail,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FinishWithout {
    max_dead: u64,
    max_dead_fraction: f64,
}

/// A time with a unit, such as `90s` or `15m`.
struct Time(Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map(Self).map_err(de::Error::custom)
    }
}

impl From<Spec> for v1::PipelineSpec {
    fn from(spec: Spec) -> Self {
        let root = |root: Root| v1::NewItem {
            kind: root.kind,
            key: root.key,
            payload: (!root.payload.is_null()).then(|| json::to_value(root.payload)),
            priority: root.priority,
        };
        let counter = |counter: Counter| v1::DisplayCounter { name: counter.name, kind: counter.kind };
        Self {
            roots: spec.roots.into_iter().map(root).collect(),
            finish: spec
                .finish
                .into_iter()
                .map(|step| v1::FinishSpec { kind: step.kind, params: step.params.map(json::to_struct) })
                .collect(),
            limits: spec.limits.into_iter().map(|(kind, limits)| (kind, limits.into())).collect(),
            counted_kind: spec.counted_kind,
            counters: spec.counters.into_iter().map(counter).collect(),
            dead_policy: spec.dead_policy.map(Into::into),
            deadline: spec.deadline.map(|Time(deadline)| duration_to(deadline)),
            client_items: spec.client_items.map(|ClientItems { expected }| v1::ClientItems { expected }),
        }
    }
}

impl From<Limits> for v1::KindSettings {
    fn from(limits: Limits) -> Self {
        let time = |time: Option<Time>| time.map(|Time(time)| duration_to(time));
        Self {
            max_run: time(limits.max_run),
            max_in_flight: limits.max_in_flight,
            max_failures: limits.max_failures,
            max_lost_leases: limits.max_lost_leases,
            max_preemptions: limits.max_preemptions,
            backoff_base: time(limits.backoff_base),
            backoff_max: time(limits.backoff_max),
            max_unavailable: time(limits.max_unavailable),
            exclusive: limits.exclusive,
        }
    }
}

impl From<DeadPolicy> for v1::DeadPolicy {
    fn from(policy: DeadPolicy) -> Self {
        use v1::dead_policy::Policy;
        let policy = match policy {
            DeadPolicy::FinishWithout(FinishWithout { max_dead, max_dead_fraction }) => {
                Policy::FinishWithout(v1::FinishWithout { max_dead, max_dead_fraction })
            }
            DeadPolicy::Hold => Policy::Hold(v1::Hold {}),
            DeadPolicy::Fail => Policy::Fail(v1::FailPipeline {}),
        };
        Self { policy: Some(policy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_read_whole_and_typing_errors_are_named() {
        let spec = parse(
            r#"{"roots": [{"kind": "find", "key": "find/1", "payload": {"a": 1}, "priority": -2}],
                "counted_kind": "work", "counters": [{"name": "done", "kind": "work"}],
                "finish": [{"kind": "load", "params": {}}], "deadline": "1h",
                "limits": {"work": {"max_run": "90s", "max_failures": 3, "exclusive": "x"}},
                "dead_policy": {"finish_without": {"max_dead": 10}}}"#,
        )
        .unwrap();
        let payload = spec.roots[0].payload.clone().map(json::from_value);
        assert_eq!((payload, spec.roots[0].priority), (Some(serde_json::json!({"a": 1})), -2));
        assert_eq!(spec.limits["work"].max_run.unwrap().seconds, 90);
        assert_eq!((spec.limits["work"].max_failures, spec.deadline.unwrap().seconds), (3, 3_600));
        assert_eq!(spec.finish[0].params, Some(Default::default()));
        assert!(parse(r#"{"dead_policy": "hold"}"#).unwrap().dead_policy.is_some());
        for (text, part) in [
            (r#"{"root": []}"#, "unknown field `root`"),
            (r#"{"roots": [{"kind": "find"}]}"#, "missing field `key`"),
            (r#"{"deadline": "1 parsec"}"#, "parsec"),
            ("", "EOF"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
