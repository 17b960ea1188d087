//! Pipelines whose items follow a script, see `scripted-worker`.

use std::time::Duration;

use edgraph_client::{json, v1};
use serde_json::{Value, json};

/// A pipeline of scripted items that ends with a finish item and accepts any number of dead ones.
pub(crate) struct Scripted {
    request: v1::StartPipelineRequest,
}

impl Scripted {
    /// One discovery that finds `children` items of one payload.
    pub(crate) fn discovering(id: &str, children: u32, child: &Value) -> Self {
        let payload = json!({"children": children, "child": child});
        Self::of(id, &[("discover", "discover/1", payload)])
    }

    /// Items `work/1`, `work/2` and so on, there from the start.
    pub(crate) fn working(id: &str, payloads: impl IntoIterator<Item = Value>) -> Self {
        let roots: Vec<(String, Value)> = payloads
            .into_iter()
            .zip(1..)
            .map(|(payload, number)| (format!("work/{number}"), payload))
            .collect();
        let roots: Vec<_> =
            roots.iter().map(|(key, payload)| ("work", key.as_str(), payload.clone())).collect();
        Self::of(id, &roots)
    }

    fn of(id: &str, roots: &[(&str, &str, Value)]) -> Self {
        let root = |(kind, key, payload): &(&str, &str, Value)| v1::NewItem {
            kind: (*kind).to_owned(),
            key: (*key).to_owned(),
            payload: Some(json::to_value(payload.clone())),
            priority: 0,
        };
        let spec = v1::PipelineSpec {
            roots: roots.iter().map(root).collect(),
            finish: vec![v1::FinishSpec { kind: "finish".into(), params: Some(Default::default()) }],
            limits: ["discover", "work", "finish"].map(|kind| (kind.to_owned(), settings())).into(),
            counted_kind: "work".into(),
            dead_policy: Some(v1::DeadPolicy {
                policy: Some(v1::dead_policy::Policy::FinishWithout(v1::FinishWithout {
                    max_dead: 0,
                    max_dead_fraction: 1.0,
                })),
            }),
            ..v1::PipelineSpec::default()
        };
        Self {
            request: v1::StartPipelineRequest {
                pipeline_id: id.to_owned(),
                kind: "scripted".into(),
                spec: Some(spec),
                ..v1::StartPipelineRequest::default()
            },
        }
    }

    /// Other limits for `work`.
    pub(crate) fn with_limits(mut self, change: impl FnOnce(&mut v1::KindSettings)) -> Self {
        let spec = self.request.spec.as_mut().expect("scripted pipelines have a spec");
        change(spec.limits.get_mut("work").expect("work has limits"));
        self
    }

    /// Rounds end with two items.
    pub(crate) fn ending_twice(mut self) -> Self {
        let spec = self.request.spec.as_mut().expect("scripted pipelines have a spec");
        spec.finish.push(v1::FinishSpec { kind: "finish_again".into(), params: Some(Default::default()) });
        self
    }

    pub(crate) fn request(self) -> v1::StartPipelineRequest {
        self.request
    }
}

/// Budgets that no fault of a test exhausts by accident, and short waits.
fn settings() -> v1::KindSettings {
    v1::KindSettings {
        max_failures: 5,
        max_lost_leases: 1_000,
        max_preemptions: 1_000,
        backoff_base: duration(Duration::from_millis(50)),
        backoff_max: duration(Duration::from_millis(200)),
        ..v1::KindSettings::default()
    }
}

/// A duration of the API.
pub(crate) fn duration<D: TryFrom<Duration>>(duration: Duration) -> Option<D> {
    duration.try_into().ok()
}
