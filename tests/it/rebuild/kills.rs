//! SIGKILL at any moment of a rebuild: the graph in use is whole, and the next attempt is as if it were the first.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::*;
use crate::program::repetitions;

/// Stages to be killed in, by what the log says when they begin.
const STAGES: [&str; 2] = ["copy", "commit"];

/// A batch per filing: as many commits and copies as filings.
const ONE_BY_ONE: [&str; 5] = ["--rebuild", "--batch-rows", "1", "--log", "edgraph=debug"];

/// Kills the program when a stage begins for the nth time.
fn kill_in(out: &Path, stage: &str, nth: usize) {
    let mut command = ingest_command(&store(out), out, &ONE_BY_ONE);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let marker = format!("stage=\"{stage}\"");
    let log = BufReader::new(child.stderr.take().unwrap());
    let met = log.lines().map_while(Result::ok).filter(|line| line.contains(&marker)).nth(nth).is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(met, "stage {stage} did not begin {} times", nth + 1);
}

/// Kills the program some time after its start.
fn kill_after(out: &Path, delay: Duration) {
    let mut command = ingest_command(&store(out), out, &ONE_BY_ONE);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_rebuild_leaves_the_old_graph_and_can_be_done_again() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    Run::samples(out).ok();
    let expected = checksum(out);
    let started = Instant::now();
    ingest(out, &ONE_BY_ONE).ok();
    let took = started.elapsed();
    for stage in STAGES {
        for nth in [0, 3, 5] {
            let before = fs::read(out.join("graph/graph")).unwrap();
            kill_in(out, stage, nth);
            assert!(fs::read(out.join("graph/graph")).unwrap() == before, "killed in {stage} {nth}");
        }
    }
    let moments = repetitions(30);
    for number in 0..moments {
        kill_after(out, took.mul_f64((number as f64 + 0.5) / moments as f64));
        assert_eq!(checksum(out), expected, "killed at moment {number} of {moments}");
    }
    ingest(out, &["--rebuild"]).ok();
    assert_eq!(checksum(out), expected);
    let mut names: Vec<_> =
        fs::read_dir(out.join("graph")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["graph", "graph.id", "lock"]);
}
