//! `edgraph watch` across a coordinator that goes away, and what is said of progress where nobody wants to hear of it.

use std::time::Duration;

use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::process::Process;

use crate::fleet::PATIENCE;
use crate::program::{Finished, Run, command, edgraph};

/// Runs a command beside the tasks of this test.
async fn run<const N: usize>(args: [&str; N]) -> Finished {
    let args = args.map(str::to_owned);
    tokio::task::spawn_blocking(move || edgraph(args)).await.unwrap()
}

/// With `--full` it is away for longer than any call is repeated, which takes half a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coordinator_that_was_there_is_waited_for() {
    let settings = Settings { lock_ttl: Duration::from_secs(1), ..Settings::default() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let url = fleet.endpoints().remove(0);
    run(["start", "--ciks", "1", "--id", "watched", "--coordinator", &url]).await.ok();
    let mut watch =
        Process::start("watch", &mut command(["watch", "watched", "--coordinator", url.as_str()])).unwrap();
    watch.line("watched: running", PATIENCE).await.unwrap();
    fleet.kill_coordinator(0);
    if std::env::var_os("EDGRAPH_FULL").is_some() {
        watch.line("the coordinator is away and waited for", 2 * PATIENCE).await.unwrap();
    }
    fleet.restart_coordinator(0).await.unwrap();
    run(["cancel", "watched", "--coordinator", &url]).await.ok();
    assert_eq!(watch.exited(PATIENCE).await, Some(1), "{:?}", watch.lines());
    assert!(watch.count(&["watched: cancelled"]) > 0, "{:?}", watch.lines());
}

#[test]
fn who_wants_quiet_hears_results_alone() {
    let folder = tempfile::tempdir().unwrap();
    let loud = Run::samples(folder.path()).finish().ok();
    assert!(!loud.stderr.is_empty());
    let quiet = Run::samples(folder.path()).with(["--quiet"]).finish().ok();
    assert_eq!((quiet.stderr.as_str(), quiet.json()["skipped"].as_u64()), ("", Some(6)));
    // What went wrong is said to everybody.
    let wrong = edgraph(["statement", "LKSP", "--quiet", "--graph", "/nowhere"]);
    assert!(wrong.code == Some(1) && wrong.stderr.starts_with("error: "), "{wrong:?}");
}
