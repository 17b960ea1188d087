//! Queries run in a process of their own: whatever a statement does there, the one that asks ends in time, and says why.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use edgraph_tests::eventually::eventually_blocking;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::program::{Run, command, edgraph};

/// Runs for minutes: ten thousand million rows that no plan can count without making them.
const ENDLESS: &str = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b % 7) AS s";

/// How long a process may take to start or to end.
const WITHIN: Duration = Duration::from_secs(20);

struct Graph {
    folder: TempDir,
}

impl Graph {
    fn of_samples() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Run::samples(folder.path()).ok();
        Self { folder }
    }

    fn query(&self, more: &[&str]) -> Command {
        let graph = self.folder.path().join("graph").display().to_string();
        let mut command = command(["query", "--graph", &graph]);
        command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A query that is at work, and the process that works.
    fn at_work(&self) -> (Child, Pid) {
        let asking = self.query(&[ENDLESS]).spawn().unwrap();
        let working = || child_of(asking.id()).filter(|pid| has_database(*pid));
        let answering = eventually_blocking("the query is at work", WITHIN, working);
        (asking, answering)
    }
}

/// The process that a process has started.
fn child_of(pid: u32) -> Option<Pid> {
    // Any thread may have started it.
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let child = children.into_iter().find_map(|pids| pids.split_whitespace().next()?.parse().ok())?;
    Pid::from_raw(child)
}

/// Whether it has opened the graph.
fn has_database(pid: Pid) -> bool {
    let files = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).into_iter().flatten().flatten();
    files.filter_map(|file| fs::read_link(file.path()).ok()).any(|file| file.ends_with("graph/graph"))
}

fn is_gone(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

/// What it said, once it ended in time.
fn ended(asking: Child, since: Instant, within: Duration) -> (Option<i32>, String) {
    let output = asking.wait_with_output().unwrap();
    assert!(since.elapsed() < within, "{:?}", since.elapsed());
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_query_ends_at_its_deadline_and_at_a_signal() {
    let graph = Graph::of_samples();
    let began = Instant::now();
    let asking = graph.query(&["--timeout", "2", ENDLESS]).spawn().unwrap();
    let answering = eventually_blocking("a process answers", WITHIN, || child_of(asking.id()));
    let (code, said) = ended(asking, began, Duration::from_secs(5));
    assert!(code == Some(1) && said.contains("longer than 2 s"), "{code:?} {said}");
    eventually_blocking("the query has ended", WITHIN, || is_gone(answering).then_some(()));

    for signal in [Signal::TERM, Signal::INT] {
        let (asking, answering) = graph.at_work();
        let began = Instant::now();
        kill_process(Pid::from_raw(asking.id().cast_signed()).unwrap(), signal).unwrap();
        let (code, said) = ended(asking, began, Duration::from_secs(3));
        assert!(code == Some(1) && said.contains("interrupted"), "{code:?} {said}");
        eventually_blocking("the query has ended", WITHIN, || is_gone(answering).then_some(()));
    }
}

#[test]
fn a_crash_is_told_and_a_lost_asker_takes_its_query_along() {
    let graph = Graph::of_samples();
    let (asking, answering) = graph.at_work();
    // What a C++ program ends with; Rust survives a SIGSEGV that no access has caused.
    kill_process(answering, Signal::ABORT).unwrap();
    let (code, said) = ended(asking, Instant::now(), Duration::from_secs(5));
    assert!(code == Some(1) && said.contains("crashed") && said.contains("unharmed"), "{code:?} {said}");

    let (mut asking, answering) = graph.at_work();
    asking.kill().unwrap();
    asking.wait().unwrap();
    eventually_blocking("the query has ended", WITHIN, || is_gone(answering).then_some(()));
}

#[test]
fn what_the_database_answers_wrongly_is_refused_and_its_rewriting_is_right() {
    let graph = Graph::of_samples();
    let rows = |statement: &str| {
        let output = graph.query(&["--format", "csv", statement]).output().unwrap();
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let refused = |statement: &str| {
        let output = graph.query(&[statement]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{statement}");
        String::from_utf8(output.stderr).unwrap()
    };

    let cases = "MATCH (f:Fact) RETURN sum(CASE WHEN f.is_primary{} THEN 1 ELSE 0 END)";
    assert!(refused(&cases.replace("{}", "")).contains("write WHEN f.is_primary = true THEN"));
    let counted = rows("MATCH (f:Fact) WHERE f.is_primary RETURN count(*)");
    assert_eq!(rows(&cases.replace("{}", " = true")), counted);

    let mixed =
        "MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact) RETURN r.form, count(DISTINCT f.value), count(*)";
    assert!(refused(mixed).contains("in a WITH of its own"));
    let apart =
        "MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact) WITH r.form AS form, f.value AS value, count(*) AS n
                 RETURN form, count(value), sum(n) ORDER BY form";
    let all = "MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact) RETURN r.form AS form, count(*) ORDER BY form";
    let last = |rows: Vec<String>| -> Vec<String> {
        rows.iter().map(|row| row.rsplit(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(last(rows(apart)), last(rows(all)));

    for call in ["CALL READ_PARQUET('x') RETURN *", "CALL read_npy('x') RETURN *", "CALL threads = 1"] {
        assert!(refused(call).contains("not for queries; there are BM_INFO"), "{call}");
    }
    assert!(rows("CALL show_tables() RETURN name").iter().any(|name| name == "Fact"));
}

/// With several threads the database orders wrongly in a quarter of such runs.
#[test]
fn rows_come_in_the_order_that_is_asked_for_however_often() {
    let graph = Graph::of_samples();
    let statement = "MATCH (e:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element)
        WHERE x.name = 'ResearchAndDevelopmentExpense' AND f.fiscal_period = 'FY' AND f.is_primary
          AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() }
        RETURN DISTINCT e.ticker AS ticker, f.fiscal_year AS year, f.value AS value ORDER BY ticker, year";
    for run in 1..=25 {
        let output = graph.query(&["--format", "csv", statement]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let years: Vec<&str> = text.lines().skip(1).filter_map(|row| row.split(',').nth(1)).collect();
        assert_eq!(years, ["2022", "2023", "2024"], "run {run}");
    }
}

#[test]
fn the_process_that_answers_is_for_the_program_alone() {
    let started = edgraph(["answer"]);
    assert!(started.code == Some(2) && started.stderr.contains("edgraph query"), "{started:?}");
    assert!(!edgraph(["--help"]).ok().stdout.contains("answer "));
}
