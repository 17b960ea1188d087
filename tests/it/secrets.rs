//! Secrets stay secret: they stand in no log, however much is logged, in no error and in no configuration that is
//! formatted; and a run of one process lets nobody else to its port.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use clap::Parser;
use edgraph_client::v1::worker_service_client::WorkerServiceClient;
use edgraph_client::{Client, Error};
use edgraph_tests::corpus::{fixture_edgar, fixture_taxonomies};
use edgraph_tests::edgar::{EdgarServer, Fault, When};
use edgraph_tests::eventually::eventually;
use edgraph_tests::process::{Process, Signal};
use edgraph_tests::redis::RedisServer;
use tonic::Code;

use crate::program::{Finished, Run, binary, command, edgraph};

/// Far longer than any wait here takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// A part of every secret in this file, and of nothing else.
const CANARY: &str = "canary-7f3a";

#[track_caller]
fn check_silent(shown: &str) {
    assert!(!shown.contains(CANARY), "a secret is shown: {shown}");
}

fn worker(url: &str, store: &str, name: &str) -> Process {
    let mut worker = Command::new(binary().with_file_name("edgraph-worker"));
    worker.args([
        "--coordinator",
        url,
        "--store",
        store,
        "--spot",
        "off",
        "--log",
        "debug",
        "--worker-id",
        name,
    ]);
    worker.arg("--edgar").arg(format!("file://{}", fixture_edgar().display()));
    worker.arg("--taxonomies").arg(fixture_taxonomies()).env("EDGRAPH_TOKEN", format!("{CANARY}-worker"));
    Process::start(name, &mut worker).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_that_logs_everything_shows_no_secret() {
    let redis = RedisServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store").display().to_string();
    let tokens = folder.path().join("tokens");
    let lines = format!("admin {CANARY}-admin\nviewer {CANARY}-viewer\nworker:filings-* {CANARY}-worker\n");
    std::fs::write(&tokens, lines).unwrap();
    // The default user of this Redis takes any password.
    let redis_url = format!("redis://default:{CANARY}-redis@{}", redis.address());
    let serve =
        ["serve", "--redis", &redis_url, "--store", &store, "--listen", "127.0.0.1:0", "--log", "debug"];
    let mut serve = command(serve);
    let mut coordinator = Process::start("the coordinator", serve.arg("--tokens").arg(&tokens)).unwrap();
    let listening = coordinator.line("listening on ", PATIENCE).await.unwrap();
    let url = listening.rsplit(' ').next().unwrap().to_owned();
    let ask = |role: &str, arguments: &[&str]| -> Finished {
        let token = format!("{CANARY}-{role}");
        let remote = ["--coordinator", &url, "--token", &token, "--log", "debug"];
        let finished = edgraph(arguments.iter().copied().chain(remote));
        check_silent(&format!("{finished:?}"));
        finished
    };
    let (mut stranger, mut known) = (worker(&url, &store, "other"), worker(&url, &store, "filings-1"));

    let start = ["start", "--universe", "all", "--id", "p"];
    eventually("a leader", PATIENCE, async || (ask("admin", &start).code == Some(0)).then_some(())).await;
    let refused = stranger.line("for workers named `filings-*`, not for `other`", PATIENCE).await.unwrap();
    assert!(refused.contains("worker:other TOKEN"), "{refused}");
    eventually("the filings to be processed", PATIENCE, async || {
        let status = ask("viewer", &["status", "p", "--format", "json"]).ok().json();
        (status["completed_tasks"].as_u64() > Some(0)).then_some(())
    })
    .await;
    for (role, arguments, said) in [
        ("viewer", &["cancel", "p"][..], "a viewer token may not do this"),
        ("viewer", &["resume-requests"], "a viewer token may not do this"),
        ("nobody", &["status", "p"], "the bearer token is not known"),
    ] {
        let finished = ask(role, arguments);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        assert!(finished.stderr.contains(said), "{finished:?}");
    }
    assert!(ask("admin", &["resume-requests"]).ok().stdout.contains("no host has asked to slow down"));
    for process in [&mut stranger, &mut known, &mut coordinator] {
        process.signal(Signal::TERM);
        process.exited(PATIENCE).await;
        check_silent(&process.lines().join("\n"));
    }
    assert!(
        coordinator.count(&["authentication refused", "127.0.0.1:", "filings-*"]) > 0,
        "who was refused is said"
    );
}

#[test]
fn addresses_that_are_refused_do_not_repeat_the_password_in_them() {
    let out = tempfile::tempdir().unwrap();
    let with_password = format!("http://me:{CANARY}@mirror.example");
    let store = format!("s3://bucket?endpoint={with_password}");
    for arguments in [
        &["serve", "--redis", &with_password, "--store", "store"][..],
        &["serve", "--redis", "redis://127.0.0.1:1", "--store", &store],
        &["run", "--universe", "all", "--edgar", &with_password, "--out", &out.path().display().to_string()],
    ] {
        let finished = edgraph(arguments);
        assert_eq!(finished.code, Some(2), "{finished:?}");
        check_silent(&format!("{finished:?}"));
    }
}

#[test]
fn configurations_that_are_formatted_show_no_secret() {
    let (token, redis) = (format!("{CANARY}-token"), format!("redis://me:{CANARY}@host"));
    let at = ["--coordinator", "http://127.0.0.1:1", "--token", &token];
    for arguments in [
        &["status", "p"][..],
        &["start", "--universe", "all"],
        &["workers"],
        &["resume-requests"],
        &["reconcile"],
        &["ingester", "--store", "store", "--graph", "graph"],
    ] {
        let arguments = ["edgraph"].iter().chain(arguments).chain(&at);
        check_silent(&format!("{:?}", edgraph::cli::Cli::try_parse_from(arguments).unwrap()));
    }
    let serve = ["edgraph", "serve", "--redis", &redis, "--store", "store"];
    check_silent(&format!("{:?}", edgraph::cli::Cli::try_parse_from(serve).unwrap()));

    let worker = ["edgraph-worker", "--store", "store"].iter().chain(&at);
    let worker = edgraph_worker::config::Cli::try_parse_from(worker).unwrap();
    check_silent(&format!("{worker:?}"));
    check_silent(&format!("{:?}", worker.worker.validate().unwrap()));
    let builder = Client::builder().endpoint("https://127.0.0.1:1").token(&token);
    let builder = builder.client_identity(format!("-----BEGIN {CANARY}"), format!("-----BEGIN {CANARY}"));
    check_silent(&format!("{builder:?}"));
}

/// Asks the port of a run as any other user of the machine could.
async fn trespass(address: &str) -> [Option<Code>; 2] {
    let client = Client::builder().endpoint(address).build().unwrap();
    let listed = match client.list().all().await {
        Err(Error::Unauthenticated(refusal)) => Some(refusal.code),
        other => panic!("{other:?}"),
    };
    let channel =
        tonic::transport::Endpoint::from_shared(address.to_owned()).unwrap().connect().await.unwrap();
    let worked = WorkerServiceClient::new(channel).work(tokio_stream::empty()).await;
    [listed, worked.err().map(|status| status.code())]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_is_let_in_at_the_port_of_a_run() {
    let site = EdgarServer::builder(fixture_edgar()).start().unwrap();
    // The run waits for its list of companies, with its port open.
    site.inject("company_tickers", When::Always, Fault::Empty);
    site.hold_faults(true);
    let out = tempfile::tempdir().unwrap();
    let port = port_of_run(&site.url(), out.path()).await;
    assert_eq!(trespass(&port.1).await, [Some(Code::Unauthenticated); 2]);
}

async fn port_of_run(edgar: &str, out: &Path) -> (Process, String) {
    let run = Run::at(edgar, out).with(["--universe", "all", "--workers", "1", "--log", "info"]);
    let mut run = Process::start("the run", &mut run.command()).unwrap();
    let connected = run.line("connected to http://", PATIENCE).await.unwrap();
    let (_, address) = connected.split_once("connected to ").unwrap();
    let address = address.split_whitespace().next().unwrap().to_owned();
    (run, address)
}
