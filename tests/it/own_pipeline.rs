//! A pipeline of one's own, as `examples/word_count.rs` has it: client and workers are processes of their own, and a worker
//! that is killed costs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::process::Process;

use crate::fleet::PATIENCE;
use crate::fleet::api::Api;

/// Files to count, besides the one that nobody can read to its end.
const FILES: usize = 12;

fn start(name: &str, coordinator: &str, arguments: &[&str]) -> Process {
    // The example is built beside the tests.
    let tests = std::env::current_exe().unwrap();
    let example = tests.parent().and_then(Path::parent).unwrap().join("examples/word_count");
    let mut command = Command::new(example);
    Process::start(name, command.env("EDGRAPH_COORDINATOR", coordinator).args(arguments)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_counted_once_though_a_worker_is_killed_while_it_counts() {
    let settings = Settings { lease_ttl: Duration::from_secs(1), ..Settings::default() };
    let fleet = Fleet::with_coordinator(settings).await.unwrap();
    let (url, api) = (fleet.endpoints().remove(0), Api::new(&fleet.endpoints()));
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> = (0..FILES).map(|n| folder.path().join(format!("{n}.txt"))).collect();
    for (n, file) in files.iter().enumerate() {
        fs::write(file, "word ".repeat(n)).unwrap();
    }
    // Whoever reads it waits for somebody who writes.
    let endless = folder.path().join("endless");
    assert!(Command::new("mkfifo").arg(&endless).status().unwrap().success());
    files.push(endless.clone());

    let mut first = start("one", &url, &["worker", "one"]);
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let mut client = start("client", &url, &[&["count", "words"], &names[..]].concat());
    let all_but_one = |status: &v1::Pipeline| status.completed_tasks == FILES as u64;
    eventually("the pipeline", PATIENCE, async || api.find("words").await.ok()).await;
    let held = api.until("words", "all but one are counted", PATIENCE, all_but_one).await;
    assert_eq!(held.phases[0].in_flight, 1, "the worker holds the last one");
    first.kill();

    api.until("words", "nobody holds it", PATIENCE, |status| status.phases[0].in_flight == 0).await;
    let _second = start("two", &url, &["worker", "two"]);
    let taken_over = |status: &v1::Pipeline| status.phases[0].in_flight == 1;
    api.until("words", "another one holds it", PATIENCE, taken_over).await;
    tokio::task::spawn_blocking(move || fs::write(endless, "three more words")).await.unwrap().unwrap();

    assert_eq!(client.exited(PATIENCE).await, Some(0), "{:?}", client.lines());
    let mut counted: Vec<String> = client.lines();
    counted.sort();
    let name = |file: &PathBuf| format!("count_words/{}", file.display());
    let mut expected: Vec<String> = files
        .iter()
        .enumerate()
        .map(|(n, file)| format!("{}\t{}", name(file), if n == FILES { 3 } else { n }))
        .collect();
    expected.sort();
    assert_eq!(counted, expected);
    let lost = api.items("words").await.into_iter().filter(|item| item.lost_leases > 0).count();
    assert_eq!(lost, 1);
}
