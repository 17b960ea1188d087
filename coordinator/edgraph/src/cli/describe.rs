//! What the API says, as words and tables for people.

use chrono::{DateTime, SecondsFormat};
use comfy_table::{ContentArrangement, Table, presets};
use edgraph_client::v1;
use edgraph_shared::console;
use edgraph_shared::kinds::sec_xbrl::Damage;

/// Characters of a reason in a table: a long one must not make every row unreadable. `--format json` is whole.
const MAX_CELL_CHARS: usize = 100;
/// Characters of a cause: some lines of a terminal. `edgraph items ID --state dead --format json` is whole.
const MAX_REASON_CHARS: usize = 300;
/// Damaged rows shown by name; `--format json` has more.
const MAX_ROWS: usize = 100;

pub(super) fn pipeline_state(pipeline: &v1::Pipeline) -> String {
    word(pipeline.state().as_str_name(), "PIPELINE_STATE_")
}

pub(super) fn item_state(item: &v1::Item) -> String {
    word(item.state().as_str_name(), "ITEM_STATE_")
}

pub(super) fn worker_state(worker: &v1::WorkerInfo) -> String {
    word(worker.state().as_str_name(), "WORKER_STATE_")
}

/// `draining: EC2 takes the machine away, gone at 2024-01-31T12:00:00Z`, or the state alone.
fn worker_state_with_reason(worker: &v1::WorkerInfo) -> String {
    let mut text = worker_state(worker);
    if !worker.drain_reason.is_empty() {
        text.push_str(&format!(": {}", shortened(&worker.drain_reason)));
    }
    if let Some(at) = &worker.drain_deadline_time {
        text.push_str(&format!(", gone at {}", time(at.seconds)));
    }
    text
}

pub(super) fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

/// Unix seconds as `2024-01-31T12:00:00Z`.
pub(super) fn time(unix_seconds: i64) -> String {
    let time = DateTime::from_timestamp(unix_seconds, 0);
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

pub(super) fn seconds(seconds: i64, nanos: i32) -> f64 {
    // An f64 is exact enough: a backlog is an estimate.
    seconds as f64 + f64::from(nanos) / 1e9
}

/// One line: `nightly: running, 12 of 40 (30 %), 2 failed, 3.1/s, 9s left`.
pub(super) fn progress(pipeline: &v1::Pipeline) -> String {
    let state = pipeline_state(pipeline).replace('_', " ");
    let settled = pipeline.completed_tasks + pipeline.failed_tasks;
    let more = if pipeline.discovery_complete { "" } else { " so far" };
    let mut line = format!(
        "{}: {state}, {settled} of {}{more} ({} %)",
        pipeline.pipeline_id, pipeline.expected_tasks, pipeline.progress_percent
    );
    if pipeline.paused {
        line.push_str(", paused");
    }
    for (count, what) in [(pipeline.skipped, "current"), (pipeline.failed_tasks, "failed")] {
        if count > 0 {
            line.push_str(&format!(", {count} {what}"));
        }
    }
    if pipeline.tasks_per_second > 0.0 {
        line.push_str(&format!(", {:.1}/s", pipeline.tasks_per_second));
    }
    if let Some(eta) = &pipeline.eta {
        let left = std::time::Duration::from_secs(u64::try_from(eta.seconds).unwrap_or(0));
        line.push_str(&format!(", {} left", humantime::format_duration(left)));
    }
    for (kind, cause) in &pipeline.unavailable {
        line.push_str(&format!("; {kind} waits for {cause}"));
    }
    for budget in &pipeline.requests {
        if let Some(until) = &budget.paused_until {
            let (family, until) = (&budget.family, time(until.seconds));
            line.push_str(&format!("; no requests to {family} until {until}: {}", budget.pause_cause));
        }
    }
    if !pipeline.state_reason.is_empty() {
        line.push_str(&format!("; {}", pipeline.state_reason));
    }
    line
}

/// Everything about one pipeline.
pub(super) fn pipeline(pipeline: &v1::Pipeline) -> String {
    let mut text = format!("{}\n", progress(pipeline));
    let times = [("started", pipeline.create_time), ("ended", pipeline.end_time)];
    for (what, at) in times {
        if let Some(at) = at {
            text.push_str(&format!("  {what} {}\n", time(at.seconds)));
        }
    }
    text.push_str(&format!("  kind {}, round {}\n", pipeline.kind, pipeline.round));
    if !pipeline.waiting_for.is_empty() {
        text.push_str(&format!("  waits: {}\n", pipeline.waiting_for));
    }
    for (name, count) in &pipeline.counters {
        text.push_str(&format!("  {name} {count}\n"));
    }
    for budget in &pipeline.requests {
        let rate = match budget.per_second {
            0.0 => "without limit".to_owned(),
            rate => format!("{rate}/s for the whole fleet"),
        };
        let (family, lent, waiting) = (&budget.family, budget.lent, budget.waiting);
        text.push_str(&format!("  requests to {family}: {lent} let through, {waiting} waiting, {rate}\n"));
    }
    let mut phases =
        table(&["phase", "expected", "ready", "in flight", "completed", "current", "failed", "cancelled"]);
    for phase in &pipeline.phases {
        let counts = [
            phase.expected,
            phase.ready,
            phase.in_flight,
            phase.completed,
            phase.skipped,
            phase.failed,
            phase.cancelled,
        ];
        let counts = counts.iter().map(ToString::to_string);
        phases.add_row(std::iter::once(phase.kind.clone()).chain(counts));
    }
    text.push_str(&format!("{phases}\n"));
    for item in &pipeline.running {
        let total = if item.total > 0 { format!(" of {}", item.total) } else { String::new() };
        text.push_str(&format!("  {}: {} {}{total}\n", item.item_key, item.text, item.done));
    }
    text.push_str(&failures(pipeline));
    text
}

/// Rows of EDGAR's lists that cannot be read: how many, and the first by name.
pub(super) fn damage(damage: &Damage) -> String {
    if damage.is_none() {
        return String::new();
    }
    let rows = if damage.rows == 1 { "1 row" } else { &format!("{} rows", damage.rows) };
    let mut text = format!("  left out   {rows} of EDGAR's lists that cannot be read:\n");
    let shown = damage.named.len().min(MAX_ROWS);
    for row in &damage.named[..shown] {
        text.push_str(&format!("             {row}\n"));
    }
    let more = damage.rows.saturating_sub(shown as u64);
    if more > 0 {
        text.push_str(&format!(
            "             and {more} more, named by --format json or in the workers' log\n"
        ));
    }
    text
}

/// What dead items died of, a line for each cause, and what to do about them.
pub(super) fn failures(pipeline: &v1::Pipeline) -> String {
    let mut text = String::new();
    for group in &pipeline.failure_groups {
        let v1::FailureGroup { kind, items, item_key, reason, .. } = group;
        let who = match items {
            1 => item_key.clone(),
            _ => format!("{items} {kind} items, {item_key} the first"),
        };
        text.push_str(&format!("  failed {who}: {}\n", brief(reason)));
    }
    let id = &pipeline.pipeline_id;
    if has_dead(pipeline) {
        text.push_str(&format!("list all that failed: edgraph items {id} --state dead\n"));
        text.push_str(&format!("try them again:       edgraph retry {id}\n"));
    }
    if let [first, _, ..] = &*pipeline.failure_groups {
        let words = first.words.replace('\'', r"'\''");
        text.push_str(&format!("of one cause alone:   edgraph retry {id} --reason '{words}'\n"));
    }
    text
}

/// Whether any item is dead, of whatever kind.
pub(super) fn has_dead(pipeline: &v1::Pipeline) -> bool {
    pipeline.failed_tasks > 0 || pipeline.phases.iter().any(|phase| phase.failed > 0)
}

pub(super) fn pipelines(pipelines: &[v1::Pipeline]) -> String {
    let mut rows = table(&["pipeline", "kind", "state", "progress", "completed", "failed", "started"]);
    for pipeline in pipelines {
        let paused = if pipeline.paused { " (paused)" } else { "" };
        rows.add_row([
            pipeline.pipeline_id.clone(),
            pipeline.kind.clone(),
            format!("{}{paused}", pipeline_state(pipeline)),
            format!("{} %", pipeline.progress_percent),
            format!("{} of {}", pipeline.completed_tasks, pipeline.expected_tasks),
            pipeline.failed_tasks.to_string(),
            pipeline.create_time.map(|at| time(at.seconds)).unwrap_or_default(),
        ]);
    }
    format!("{rows}\n{}\n", counted(pipelines.len(), "pipeline"))
}

pub(super) fn items(items: &[v1::Item]) -> String {
    let mut rows = table(&["item", "state", "grants", "failures", "lost", "worker", "reason", "waits"]);
    for item in items {
        rows.add_row([
            item.key.clone(),
            item_state(item),
            item.fencing_token.to_string(),
            item.failures.to_string(),
            item.lost_leases.to_string(),
            item.worker_id.clone(),
            shortened(&item.reason),
            waits(item),
        ]);
    }
    let mut text = format!("{rows}\n");
    for item in items {
        for file in &item.locations {
            text.push_str(&format!("{}  {} rows  {} bytes\n", file.uri, file.rows, file.bytes));
        }
    }
    text.push_str(&format!("{}\n", counted(items.len(), "item")));
    text
}

/// Why an item is not granted, and until when that is known.
fn waits(item: &v1::Item) -> String {
    let until = item.next_run_time.as_ref().map(|at| format!("until {}: ", time(at.seconds)));
    format!("{}{}", until.unwrap_or_default(), shortened(&item.waiting_for))
}

pub(super) fn workers(workers: &[v1::WorkerInfo], signal: &v1::GetScalingSignalResponse) -> String {
    let mut rows = table(&["worker", "state", "leases", "free slots", "kinds", "version", "last seen"]);
    for worker in workers {
        rows.add_row([
            worker.worker_id.clone(),
            worker_state_with_reason(worker),
            worker.leases.to_string(),
            worker.free_slots.to_string(),
            worker.kinds.keys().cloned().collect::<Vec<_>>().join(" "),
            worker.version.clone(),
            worker.last_seen_time.map(|at| time(at.seconds)).unwrap_or_default(),
        ]);
    }
    let backlog = signal.backlog.map_or(0, |backlog| u64::try_from(backlog.seconds).unwrap_or(0));
    format!(
        "{rows}\n{}, {} slots; {} items wait, {} run, about {} of work\n",
        counted(workers.len(), "worker"),
        signal.slots,
        signal.ready_items,
        signal.leased_items,
        humantime::format_duration(std::time::Duration::from_secs(backlog)),
    )
}

pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

pub(super) fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(columns);
    if let Some(width) = console::width() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// As much of a reason as a summary has room for: what to do comes first in it.
pub(super) fn brief(reason: &str) -> String {
    shortened_to(reason, MAX_REASON_CHARS)
}

fn shortened(text: &str) -> String {
    shortened_to(text, MAX_CELL_CHARS)
}

fn shortened_to(text: &str, chars: usize) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    match line.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn rows_that_cannot_be_read_are_counted_and_the_first_are_named() {
        let damage_of = |rows: u64, named: usize| {
            damage(&Damage { rows, named: (0..named).map(|row| format!("row {row}")).collect() })
        };
        assert_eq!(damage_of(0, 0), "");
        let one = "  left out   1 row of EDGAR's lists that cannot be read:\n             row 0\n";
        assert_eq!(damage_of(1, 1), one);
        let many = damage_of(5_000, 1_000);
        assert!(many.contains(" 5000 rows of EDGAR's lists") && many.contains("row 99\n"), "{many}");
        assert!(!many.contains("row 100\n") && many.contains("and 4900 more"), "{many}");
    }

    #[test]
    fn a_draining_worker_says_why_and_until_when() {
        let worker = |state: v1::WorkerState, reason: &str, gone: Option<SystemTime>| v1::WorkerInfo {
            state: state.into(),
            drain_reason: reason.into(),
            drain_deadline_time: gone.map(Into::into),
            ..v1::WorkerInfo::default()
        };
        for (worker, expected) in [
            (worker(v1::WorkerState::Active, "", None), "active"),
            (worker(v1::WorkerState::Draining, "", None), "draining"),
            (worker(v1::WorkerState::Draining, "told to", None), "draining: told to"),
            (
                worker(v1::WorkerState::Draining, "EC2 takes it", Some(SystemTime::UNIX_EPOCH)),
                "draining: EC2 takes it, gone at 1970-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(worker_state_with_reason(&worker), expected);
        }
    }
}
