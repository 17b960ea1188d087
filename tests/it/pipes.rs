//! `edgraph … | head`: a command whose reader leaves, at once or after a line, ends quietly and well.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use edgraph_tests::corpus;

use crate::coordinator::{RunningEngine, Services};
use crate::program::{Run, command};

/// What a command ended with and said, when its reader left after so many lines.
fn left_after(lines: usize, args: &[String]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut reader = BufReader::new(reader);
    let mut command = command(args);
    command.stdout(writer).stderr(Stdio::piped());
    if lines == 0 {
        drop(reader);
        let mut child = command.spawn().unwrap();
        // The command has the writing end, which is open here until it is dropped.
        drop(command);
        return ended(&mut child);
    }
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut line = String::new();
    for _ in 0..lines {
        reader.read_line(&mut line).unwrap();
    }
    assert!(!line.is_empty(), "{args:?} printed nothing");
    drop(reader);
    ended(&mut child)
}

fn ended(child: &mut std::process::Child) -> (Option<i32>, String) {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[track_caller]
fn ends_quietly(args: &[&str]) {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    for lines in [0, 1] {
        assert_eq!(left_after(lines, &args), (Some(0), String::new()), "{lines} lines of {args:?}");
    }
}

#[test]
fn commands_over_a_graph_a_store_or_a_filing_end_quietly() {
    let out = tempfile::tempdir().unwrap();
    Run::samples(out.path()).ok();
    let graph = out.path().join("graph").display().to_string();
    let store = out.path().join("store").display().to_string();
    for format in ["table", "json", "csv"] {
        for asked in [
            // More than a pipe holds.
            &["query", "UNWIND range(1, 9000) AS n RETURN n, 'a text that takes its place' AS text"][..],
            &["query", "--example", "total_assets", "--param", "ticker=LKSP"],
            &["statement", "0009900001-25-000011", "balance"],
            &["series", "LKSP,QUIL", "gaap:Revenues"],
            &["find", "revenue"],
        ] {
            ends_quietly(&[asked, &["--graph", &graph, "--format", format]].concat());
        }
    }
    for format in ["md", "json", "ddl"] {
        ends_quietly(&["schema", "--format", format]);
    }
    ends_quietly(&["query", "--examples"]);
    ends_quietly(&["series", "--list"]);
    ends_quietly(&["--help"]);
    for format in ["text", "json"] {
        let text = ["text", "0009900001-25-000011", "RevenueRecognitionPolicyTextBlock", "--format", format];
        ends_quietly(&[&text[..], &["--store", &store]].concat());
        ends_quietly(&["verify", "--store", &store, "--graph", &graph, "--format", format]);
        ends_quietly(&["gc", "--store", &store, "--dry-run", "--format", format]);
        ends_quietly(&["ingest", "--store", &store, "--graph", &graph, "--format", format]);
        ends_quietly(&["compact", "--store", &store, "--before", "2025-05", "--format", format]);
    }
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let filing = corpus::filing_folder(&corpus::fixture_edgar(), "0009900001-25-000011").unwrap();
    let inspect = ["inspect", "--taxonomies", &taxonomies, &filing.display().to_string()];
    ends_quietly(&inspect);
    ends_quietly(&[&inspect[..], &["--facts"]].concat());
}

/// Whoever reads a run's summary may leave; what it says of its progress is no complaint.
#[test]
fn a_run_ends_well() {
    let edgar = format!("file://{}", corpus::fixture_edgar().display());
    let taxonomies = corpus::fixture_taxonomies().display().to_string();
    let run = |out: &Path, more: &[&str]| {
        let out = out.display().to_string();
        let args =
            ["run", "--universe", "all", "--edgar", &edgar, "--taxonomies", &taxonomies, "--out", &out];
        args.iter().chain(more).map(|arg| (*arg).to_owned()).collect::<Vec<String>>()
    };
    let out = tempfile::tempdir().unwrap();
    for more in [&["--dry-run"][..], &["--dry-run", "--format", "json"], &[], &["--format", "json"]] {
        for lines in [0, 1] {
            let (code, said) = left_after(lines, &run(out.path(), more));
            assert_eq!(code, Some(0), "{more:?}: {said}");
            let is_progress = |line: &str| line.contains(" of ") && line.contains(": ");
            assert!(said.lines().all(is_progress), "{more:?}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_to_a_coordinator_end_quietly() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let url = services.url();
    let asked = move || {
        let to = |args: &[&str]| ends_quietly(&[args, &["--coordinator", &url]].concat());
        // Started twice under one id, it would say so.
        for (lines, id) in [(0, "nightly"), (1, "weekly")] {
            let start = ["start", "--ciks", "1,2", "--id", id, "--coordinator", &url].map(str::to_owned);
            assert_eq!(left_after(lines, &start), (Some(0), String::new()), "{id}");
        }
        for format in ["text", "json"] {
            for args in [
                &["status", "nightly"][..],
                &["list"],
                &["items", "nightly"],
                &["workers"],
                &["pause", "nightly"],
                &["resume", "nightly"],
            ] {
                to(&[args, &["--format", format]].concat());
            }
        }
        // Quiet, and no success: there is nobody to tell how the pipeline ends.
        let watch = ["watch", "nightly", "--format", "json", "--coordinator", &url].map(str::to_owned);
        assert_eq!(left_after(0, &watch), (Some(1), String::new()));
    };
    tokio::task::spawn_blocking(asked).await.unwrap();
    services.stop().await;
    engine.stop().await;
}
