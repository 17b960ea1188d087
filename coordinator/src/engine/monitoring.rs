//! What monitoring is told of a coordinator: every metric is declared here once, counted where it happens, and written in
//! Prometheus' text format (version 0.0.4).
//!
//! ```text
//! engine: grants, answers, news, commits ─▶ counters and times ─┐
//! asked: scaling signal, whether this one leads ─▶ gauges ──────┴─▶ GET /metrics
//! ```
//! Labels have few values whatever clients call their kinds: an item kind that is no preset's counts as `other`. Where no
//! recorder is installed, counting costs next to nothing.

use std::time::Duration;

use edgraph_shared::model::{Grant, ScalingSignal, SettleAnswer, Settlement};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::kinds;
use crate::pipeline::core::News;

const LEADS: &str = "edgraph_leads";
const LEADS_WON: &str = "edgraph_leads_won_total";
const READY: &str = "edgraph_items_ready";
const LEASED: &str = "edgraph_items_leased";
const BACKLOG: &str = "edgraph_backlog_seconds";
const WORKERS: &str = "edgraph_workers_active";
const SLOTS: &str = "edgraph_slots";
const GRANTED: &str = "edgraph_leases_granted_total";
const LOST: &str = "edgraph_leases_lost_total";
const ANSWERED: &str = "edgraph_answers_total";
const DEAD: &str = "edgraph_items_dead_total";
const STARTED: &str = "edgraph_pipelines_started_total";
const ENDED: &str = "edgraph_pipelines_ended_total";
const JOINED: &str = "edgraph_workers_joined_total";
const LEFT: &str = "edgraph_workers_left_total";
const REFUSED: &str = "edgraph_workers_refused_total";
const COMMIT_SECONDS: &str = "edgraph_commit_seconds";
const COMMITTED: &str = "edgraph_commit_items_total";
const REWRITTEN: &str = "edgraph_pipelines_rewritten_total";

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// It only rises.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Times, in seconds, by how long.
    Seconds,
}

/// Every metric: its name, how it behaves, and what it says.
pub const DECLARED: [(&str, Sort, &str); 19] = [
    (LEADS, Sort::Gauge, "1 while this coordinator leads, else 0"),
    (LEADS_WON, Sort::Counter, "how often this process became the leader"),
    (READY, Sort::Gauge, "items that wait, backoff included, of pipelines that run and are not paused"),
    (LEASED, Sort::Gauge, "items that a worker holds"),
    (BACKLOG, Sort::Gauge, "seconds of work that wait and run, one after the other"),
    (WORKERS, Sort::Gauge, "workers that are connected and not draining"),
    (SLOTS, Sort::Gauge, "their slots, free and in use"),
    (GRANTED, Sort::Counter, "leases granted, by the item's kind"),
    (LOST, Sort::Counter, "leases that ended without an answer"),
    (ANSWERED, Sort::Counter, "answers of workers, by how they were taken"),
    (DEAD, Sort::Counter, "items that died"),
    (STARTED, Sort::Counter, "pipelines started"),
    (ENDED, Sort::Counter, "pipelines ended, by their state"),
    (JOINED, Sort::Counter, "workers that joined"),
    (LEFT, Sort::Counter, "workers that left"),
    (REFUSED, Sort::Counter, "workers that were refused"),
    (COMMIT_SECONDS, Sort::Seconds, "seconds that commits to the tracker took"),
    (COMMITTED, Sort::Counter, "items written by commits to the tracker"),
    (REWRITTEN, Sort::Counter, "pipelines written whole because the tracker had lost writes"),
];

/// Upper ends of the buckets for times, in seconds: a commit takes some hundred microseconds, or waits for a disk.
const BUCKETS: [f64; 10] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0];
/// How often times that nobody asked for are put together.
const UPKEEP: Duration = Duration::from_secs(5);

/// Where everything is counted. One for a process.
#[derive(Clone)]
pub struct Recorder(PrometheusHandle);

impl Recorder {
    /// Begins to count.
    ///
    /// # Errors
    /// [`BuildError`] where this process counts already.
    pub fn install() -> Result<Self, BuildError> {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(COMMIT_SECONDS.to_owned()), &BUCKETS)?;
        let handle = builder.install_recorder()?;
        for (name, sort, says) in DECLARED {
            match sort {
                Sort::Counter => describe_counter!(name, says),
                Sort::Gauge => describe_gauge!(name, says),
                Sort::Seconds => describe_histogram!(name, says),
            }
        }
        // A rule that asks for what has not happened yet is answered with 0, not with nothing.
        for name in [LEADS_WON, LOST, DEAD, STARTED, JOINED, LEFT, REFUSED, COMMITTED, REWRITTEN] {
            counter!(name).absolute(0);
        }
        Ok(Self(handle))
    }

    /// Keeps memory bounded where nobody asks for long.
    pub async fn keep(self) {
        loop {
            tokio::time::sleep(UPKEEP).await;
            self.0.run_upkeep();
        }
    }

    /// All of it as text; of a standby with zeros where only the leader knows.
    pub(crate) fn render(&self, signal: Option<ScalingSignal>) -> String {
        let ScalingSignal { ready_items, leased_items, backlog, active_workers, slots } =
            signal.unwrap_or_default();
        gauge!(LEADS).set(if signal.is_some() { 1.0 } else { 0.0 });
        gauge!(READY).set(ready_items as f64);
        gauge!(LEASED).set(leased_items as f64);
        gauge!(BACKLOG).set(backlog.as_secs_f64());
        gauge!(WORKERS).set(f64::from(active_workers));
        gauge!(SLOTS).set(f64::from(slots));
        self.0.render()
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

/// This coordinator leads from now on.
pub(crate) fn lead_won() {
    counter!(LEADS_WON).increment(1);
}

/// Leases go out.
pub(crate) fn granted(grants: &[Grant]) {
    for grant in grants {
        counter!(GRANTED, "kind" => kinds::label(&grant.item.kind)).increment(1);
    }
}

/// Answers of workers were taken.
pub(crate) fn answered(settlements: &[Settlement]) {
    for settlement in settlements {
        counter!(ANSWERED, "taken" => taken(settlement.answer)).increment(1);
    }
}

fn taken(answer: SettleAnswer) -> &'static str {
    match answer {
        SettleAnswer::Accepted => "accepted",
        SettleAnswer::AcceptedLate => "accepted_late",
        SettleAnswer::TooLate => "too_late",
        SettleAnswer::Superseded => "superseded",
        SettleAnswer::Cancelled => "cancelled",
        SettleAnswer::Unknown => "unknown",
    }
}

/// Something happened that an operator is told.
pub(crate) fn happened(news: &News) {
    match news {
        News::Started { .. } => counter!(STARTED).increment(1),
        News::Moved { state, .. } if state.is_finished() => {
            counter!(ENDED, "state" => state.name()).increment(1)
        }
        News::LeaseLost { .. } => counter!(LOST).increment(1),
        News::Died { .. } => counter!(DEAD).increment(1),
        News::Joined { .. } => counter!(JOINED).increment(1),
        News::Left { .. } => counter!(LEFT).increment(1),
        News::Refused { .. } => counter!(REFUSED).increment(1),
        _ => {}
    }
}

/// A commit is durable.
pub(crate) fn committed(took: Duration, items: usize) {
    histogram!(COMMIT_SECONDS).record(took);
    counter!(COMMITTED).increment(items as u64);
}

/// A pipeline was written whole.
pub(crate) fn rewritten() {
    counter!(REWRITTEN).increment(1);
}
