//! A pipeline's spec as text. Durations keep their nanoseconds and fractions their last bit: a Start that is
//! repeated after a restart is compared with what was read back.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{
    Backoff, Budgets, ClientItems, DeadPolicy, DisplayCounter, FinishSpec, KindSettings, PipelineSpec,
    ResultRule, WorkItem,
};
use serde::{Deserialize, Serialize};

use super::json::is_default;

#[derive(Serialize, Deserialize)]
pub(super) struct SpecRecord {
    kind: String,
    #[serde(default)]
    params: String,
    roots: Vec<RootRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    finish: FinishRecords,
    #[serde(default, skip_serializing_if = "is_default")]
    limits: BTreeMap<String, SettingsRecord>,
    counted_kind: String,
    #[serde(default, skip_serializing_if = "is_default")]
    counters: Vec<CounterRecord>,
    #[serde(with = "DeadPolicyRecord")]
    dead_policy: DeadPolicy,
    #[serde(default, skip_serializing_if = "is_default")]
    deadline: Option<Duration>,
    #[serde(default, skip_serializing_if = "is_default")]
    client_items: Option<ClientItemsRecord>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct ClientItemsRecord(#[serde(with = "ClientItemsFields")] ClientItems);

#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientItems")]
struct ClientItemsFields {
    expected: u64,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct RootRecord {
    kind: String,
    key: ItemKey,
    payload: String,
    #[serde(default, skip_serializing_if = "is_default")]
    priority: i32,
}

/// One step is written as it was before there could be several.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum FinishRecords {
    One(FinishRecord),
    Steps(Vec<FinishRecord>),
}

impl Default for FinishRecords {
    fn default() -> Self {
        Self::Steps(Vec::new())
    }
}

impl From<Vec<FinishSpec>> for FinishRecords {
    fn from(steps: Vec<FinishSpec>) -> Self {
        let record = |step: FinishSpec| FinishRecord { kind: step.kind, payload: step.payload };
        let mut records: Vec<FinishRecord> = steps.into_iter().map(record).collect();
        if records.len() == 1 { Self::One(records.remove(0)) } else { Self::Steps(records) }
    }
}

impl From<FinishRecords> for Vec<FinishSpec> {
    fn from(records: FinishRecords) -> Self {
        let step = |record: FinishRecord| FinishSpec { kind: record.kind, payload: record.payload };
        match records {
            FinishRecords::One(record) => vec![step(record)],
            FinishRecords::Steps(records) => records.into_iter().map(step).collect(),
        }
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
struct FinishRecord {
    kind: String,
    payload: String,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct SettingsRecord(#[serde(with = "KindSettingsRecord")] KindSettings);

#[derive(Serialize, Deserialize)]
#[serde(remote = "KindSettings")]
struct KindSettingsRecord {
    max_run: Duration,
    max_in_flight: Option<u32>,
    #[serde(with = "BudgetsRecord")]
    budgets: Budgets,
    #[serde(with = "BackoffRecord")]
    backoff: Backoff,
    max_unavailable: Duration,
    exclusive: Option<String>,
    #[serde(default, with = "ResultRuleRecord", skip_serializing_if = "is_default")]
    result: ResultRule,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ResultRule", rename_all = "snake_case")]
enum ResultRuleRecord {
    Any,
    Filing,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Budgets")]
struct BudgetsRecord {
    failures: u32,
    lost_leases: u32,
    preemptions: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Backoff")]
struct BackoffRecord {
    base: Duration,
    max: Duration,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct CounterRecord {
    name: String,
    kind: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DeadPolicy", rename_all = "snake_case")]
enum DeadPolicyRecord {
    /// As it was called when the first records were written.
    #[serde(rename = "ingest_without")]
    FinishWithout {
        max_dead: u64,
        #[serde(with = "exact")]
        max_dead_fraction: f64,
    },
    Hold,
    Fail,
}

/// A fraction as text: its shortest decimal form reads back as the same number, which the JSON reader's own way
/// with numbers does not promise.
mod exact {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl From<&PipelineSpec> for SpecRecord {
    fn from(spec: &PipelineSpec) -> Self {
        // Without `..`: a new field must not be forgotten here.
        let PipelineSpec {
            kind,
            params,
            roots,
            finish,
            limits,
            counted_kind,
            counters,
            dead_policy,
            deadline,
            client_items,
        } = spec.clone();
        let root = |root: WorkItem| RootRecord {
            kind: root.kind,
            key: root.key,
            payload: root.payload,
            priority: root.priority,
        };
        let counter = |counter: DisplayCounter| CounterRecord { name: counter.name, kind: counter.kind };
        Self {
            kind,
            params,
            roots: roots.into_iter().map(root).collect(),
            finish: finish.into(),
            limits: limits.into_iter().map(|(kind, settings)| (kind, SettingsRecord(settings))).collect(),
            counted_kind,
            counters: counters.into_iter().map(counter).collect(),
            dead_policy,
            deadline,
            client_items: client_items.map(ClientItemsRecord),
        }
    }
}

impl From<SpecRecord> for PipelineSpec {
    fn from(record: SpecRecord) -> Self {
        let root = |root: RootRecord| WorkItem {
            kind: root.kind,
            key: root.key,
            payload: root.payload,
            priority: root.priority,
        };
        let counter = |counter: CounterRecord| DisplayCounter { name: counter.name, kind: counter.kind };
        Self {
            kind: record.kind,
            params: record.params,
            roots: record.roots.into_iter().map(root).collect(),
            finish: record.finish.into(),
            limits: record.limits.into_iter().map(|(kind, settings)| (kind, settings.0)).collect(),
            counted_kind: record.counted_kind,
            counters: record.counters.into_iter().map(counter).collect(),
            dead_policy: record.dead_policy,
            deadline: record.deadline,
            client_items: record.client_items.map(|record| record.0),
        }
    }
}
