//! SIGKILL at any moment: run again, and everything is as if nothing had happened.
//!
//! The program says in its log where it is; the test kills it there, so that every stage is met, and at random
//! moments besides.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::program::{Run, checksum, parquet_files, repetitions};

/// Stages to be killed in, by what the log says when they begin.
const STAGES: [&str; 5] = ["download", "parse", "upload", "commit", "copy"];

fn start(out: &Path) -> Child {
    let mut command = Run::samples(out).command();
    command.args(["--log", "edgraph=debug", "--workers", "2"]);
    // A batch per filing: as many commits and copies as filings.
    command.args(["--batch-rows", "1"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// Kills the program when `stage` begins for the nth time. Returns whether it came to that.
fn kill_in(out: &Path, stage: &str, nth: usize) -> bool {
    let mut child = start(out);
    let marker = format!("stage=\"{stage}\"");
    let log = BufReader::new(child.stderr.take().expect("piped"));
    let met = log.lines().map_while(Result::ok).filter(|line| line.contains(&marker)).nth(nth).is_some();
    // SIGKILL: nothing in the process runs after this.
    child.kill().expect("the child is ours");
    child.wait().expect("the child is ours");
    met
}

/// Kills the program some time after its start.
fn kill_after(out: &Path, delay: Duration) {
    let mut child = start(out);
    std::thread::sleep(delay);
    child.kill().expect("the child is ours");
    child.wait().expect("the child is ours");
}

/// What lies in an output folder that an undisturbed run would not have left.
fn leftovers(out: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![out.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("the output is readable") {
            let path = entry.expect("the output is readable").path();
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            let is_leftover = ["tmp", ".tmp"].contains(&name.as_str())
                || [".next", ".wal", ".shadow"].iter().any(|part| name.contains(part));
            if is_leftover {
                found.push(path.display().to_string());
            } else if path.is_dir() {
                pending.push(path);
            }
        }
    }
    found
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let undisturbed = tempfile::tempdir().unwrap();
    let took = std::time::Instant::now();
    Run::samples(undisturbed.path()).ok();
    let took = took.elapsed();
    let (sums, files) = (checksum(undisturbed.path()), parquet_files(undisturbed.path()));

    let per_stage = repetitions(30) / STAGES.len() + 1;
    let filings = 6;
    for (number, stage) in
        STAGES.iter().flat_map(|stage| (0..per_stage).map(move |number| (number % filings, stage)))
    {
        let out = tempfile::tempdir().unwrap();
        assert!(kill_in(out.path(), stage, number), "stage {stage} did not begin {} times", number + 1);
        check(out.path(), &sums, &files, &format!("killed in {stage} {number}"));
    }
    let random = repetitions(30);
    for number in 0..random {
        let out = tempfile::tempdir().unwrap();
        let delay = took.mul_f64((number as f64 + 0.5) / random as f64);
        kill_after(out.path(), delay);
        kill_after(out.path(), delay / 2);
        check(out.path(), &sums, &files, &format!("killed after {delay:?}"));
    }
}

#[track_caller]
fn check(out: &Path, sums: &[String], files: &[(String, Vec<u8>)], when: &str) {
    Run::samples(out).ok();
    assert_eq!(checksum(out), sums, "{when}");
    assert!(parquet_files(out) == files, "files differ, {when}");
    assert_eq!(leftovers(out), Vec::<String>::new(), "{when}");
}

#[test]
fn an_interrupted_run_stops_cleanly_says_so_and_goes_on() {
    let out = tempfile::tempdir().unwrap();
    let mut child = start(out.path());
    let mut log = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
    assert!(log.by_ref().any(|line| line.contains("stage=\"parse\"")), "no filing was parsed");
    // The shell's own `kill`: a small machine has no other.
    let interrupt = format!("kill -INT {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    let rest: Vec<String> = log.collect();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("interrupted")), "{rest:?}");
    assert_eq!(leftovers(out.path()), Vec::<String>::new());
    assert_eq!(Run::samples(out.path()).ok()["state"], "completed");
}
