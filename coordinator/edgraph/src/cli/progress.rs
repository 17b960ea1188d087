//! Progress on standard error: a bar per phase on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use edgraph_shared::console;
use edgraph_shared::kinds::sec_xbrl::kind;
use edgraph_shared::model::{PhaseCounts, PipelineStatus};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The time between two plain lines of one phase: a log is read afterwards, line by line.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// How a run's progress is shown.
pub(super) enum Progress {
    /// Bars that move.
    Bars { all: MultiProgress, phases: BTreeMap<String, ProgressBar> },
    /// A line when something has changed and some time has passed.
    Lines { said: BTreeMap<String, (String, Instant)> },
}

impl Progress {
    pub(super) fn new() -> Self {
        if std::io::stderr().is_terminal() && !console::is_quiet() {
            Progress::Bars { all: MultiProgress::new(), phases: BTreeMap::new() }
        } else {
            Progress::Lines { said: BTreeMap::new() }
        }
    }

    /// Shows a status.
    pub(super) fn show(&mut self, status: &PipelineStatus) {
        for (kind, counts) in &status.phases {
            let waiting = status
                .unavailable
                .get(kind)
                .map(|cause| format!("; waiting for {cause}"))
                .unwrap_or_default();
            let paused = status.requests.iter().filter_map(|budget| budget.paused.as_ref());
            let paused: String = match kind.as_str() {
                kind::DISCOVER_FILINGS | kind::PROCESS_FILING => {
                    paused.map(|(_, cause)| format!("; told to slow down: {cause}")).collect()
                }
                _ => String::new(),
            };
            let details = format!("{}{waiting}{paused}", details(counts));
            self.show_phase(kind, (counts.settled(), counts.expected()), &details);
        }
    }

    /// Shows how far one phase is: how many of how many, and what else there is to say.
    pub(super) fn show_phase(&mut self, kind: &str, (settled, expected): (u64, u64), details: &str) {
        match self {
            Progress::Bars { all, phases } => {
                let bar = phases.entry(kind.to_owned()).or_insert_with(|| all.add(bar(kind)));
                bar.set_length(expected);
                bar.set_position(settled);
                bar.set_message(details.to_owned());
            }
            Progress::Lines { said } => {
                let is_complete = settled == expected && expected > 0;
                let line = format!("{}: {settled} of {expected}{details}", title(kind));
                let is_due = match said.get(kind) {
                    None => true,
                    Some((before, _)) if *before == line => false,
                    Some((_, at)) => is_complete || at.elapsed() >= LINE_INTERVAL,
                };
                if is_due {
                    console::remark(&line);
                    said.insert(kind.to_owned(), (line, Instant::now()));
                }
            }
        }
    }

    /// Leaves the bars as they are.
    pub(super) fn finish(&self) {
        if let Progress::Bars { phases, .. } = self {
            phases.values().for_each(ProgressBar::abandon);
        }
    }
}

fn title(phase: &str) -> &str {
    match phase {
        kind::DISCOVER_COMPANIES => "universe",
        kind::DISCOVER_FILINGS => "companies",
        kind::PROCESS_FILING => "filings",
        kind::INGEST => "graph",
        other => other,
    }
}

fn details(counts: &PhaseCounts) -> String {
    let mut details = String::new();
    for (count, what) in
        [(counts.skipped, "current"), (counts.dead, "failed"), (counts.cancelled, "cancelled")]
    {
        if count > 0 {
            details.push_str(&format!(", {count} {what}"));
        }
    }
    details
}

fn bar(phase: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:>10} [{bar:32}] {pos}/{len}{msg}")
        .expect("the template is valid")
        .progress_chars("=> ");
    ProgressBar::new(0).with_style(style).with_prefix(title(phase).to_owned())
}
