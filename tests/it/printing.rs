//! What is printed stops nothing: a full disk or a reader that has left behind one of the standard streams.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use edgraph_tests::corpus::{fixture_edgar, fixture_taxonomies};
use edgraph_tests::eventually::eventually;
use edgraph_tests::process::Signal;
use edgraph_tests::redis::RedisServer;
use rustix::process::{Pid, kill_process};

use crate::program::{Run, binary, command, edgraph};

const PATIENCE: Duration = Duration::from_secs(60);
/// Filings of the fixture, amendments included.
const FILINGS: u64 = 6;

/// A disk without room for a byte.
fn full_disk() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// A pipe that nobody reads any more.
fn nobody() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_command_ends_quietly_when_its_reader_has_left() {
    for args in [&["schema"][..], &["query", "--examples"], &["schema", "--format", "json"], &["--help"]] {
        let ended = command(args).stdout(nobody()).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*said), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure_that_says_so() {
    let ended = command(["schema"]).stdout(full_disk()).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot write to standard output: No space left on device"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn an_error_that_nobody_hears_is_the_same_error() {
    for stderr in [full_disk, nobody] {
        let ended = command(["status", "p", "--coordinator", "http://127.0.0.1:1"]).stderr(stderr()).output();
        assert_eq!(ended.unwrap().status.code(), Some(1));
    }
}

#[test]
fn a_run_loads_everything_with_nobody_behind_its_log() {
    for stderr in [full_disk, nobody] {
        let out = tempfile::tempdir().unwrap();
        let run = Run::samples(out.path()).with(["--log", "debug"]);
        let ended = run.command().stderr(stderr()).output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stdout));
    }
}

/// A child that is killed when the test ends before it does.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// SIGTERM, and the exit code.
    async fn stopped(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        eventually("the process to end", PATIENCE, || std::future::ready(self.0.try_wait().unwrap()))
            .await
            .code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn a_fleet_works_with_its_logs_going_to(stderr: fn() -> Stdio) {
    let redis = RedisServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store").display().to_string();
    let serve = ["serve", "--redis", &redis.url(), "--store", &store, "--listen", "127.0.0.1:0"];
    let mut serve = command(serve);
    serve.env("EDGRAPH_LOG", "debug").stdout(Stdio::piped()).stderr(stderr());
    let mut coordinator = Running::start(&mut serve);
    let mut announced = String::new();
    BufReader::new(coordinator.0.stdout.take().unwrap()).read_line(&mut announced).unwrap();
    let url = announced.trim().strip_prefix("listening on ").expect("the address").to_owned();

    let mut worker = Command::new(binary().with_file_name("edgraph-worker"));
    let (edgar, taxonomies) = (fixture_edgar(), fixture_taxonomies());
    worker.args(["--coordinator", &url, "--store", &store, "--spot", "off", "--log", "debug"]);
    worker.arg("--edgar").arg(format!("file://{}", edgar.display())).arg("--taxonomies").arg(taxonomies);
    let mut worker = Running::start(worker.stdin(Stdio::null()).stderr(stderr()));

    let start = ["start", "--universe", "all", "--amendments", "--id", "p", "--coordinator", &url];
    let done = || {
        let status = edgraph(["status", "p", "--format", "json", "--coordinator", &url]);
        let is_done = status.code == Some(0) && status.json()["completed_tasks"] == FILINGS;
        std::future::ready(is_done.then_some(()))
    };
    eventually("a leader", PATIENCE, || std::future::ready((edgraph(start).code == Some(0)).then_some(())))
        .await;
    eventually("all filings to be processed", PATIENCE, done).await;
    assert_eq!(worker.stopped().await, Some(0));
    assert_eq!(coordinator.stopped().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_works_while_the_disk_of_its_logs_is_full() {
    a_fleet_works_with_its_logs_going_to(full_disk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_works_while_nobody_reads_its_logs() {
    a_fleet_works_with_its_logs_going_to(nobody).await;
}
