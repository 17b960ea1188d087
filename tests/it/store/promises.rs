//! Stores that speak S3 and are none, and programs whose store or graph is not to be had yet.

use std::process::Command;
use std::time::Duration;

use edgraph_coordinator::engine::Role;
use edgraph_coordinator::service::{ServeConfig, Tls};
use edgraph_graph::database::folder::GraphFolder;
use edgraph_shared::storage::Error;
use edgraph_tests::process::{Process, Signal};
use edgraph_tests::s3::{Lapse, S3Server};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{PREFIX, connect};
use crate::coordinator::Services;
use crate::program::{binary, command};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_store_that_does_not_keep_s3_s_promises_is_refused_with_the_reason() {
    for (lapse, said) in [
        (Lapse::IgnoresConditions, "writes though the condition does not hold"),
        (Lapse::RefusesConditions, "does not do conditional puts"),
        (Lapse::ForgetsChecksums, "does not keep the CRC32C checksum"),
    ] {
        let server = S3Server::start().unwrap();
        server.lapse(lapse);
        let error = connect(&server).await.expect_err(said);
        assert!(matches!(error, Error::Misconfigured { .. }), "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(server.objects(), [""; 0], "{lapse:?}: what was asked with is removed");
        server.lapse(Lapse::None);
        connect(&server).await.unwrap();
        assert_eq!(server.objects(), [""; 0]);
    }
}

/// A worker whose coordinator is nowhere.
fn worker(server: &S3Server) -> Command {
    let mut worker = Command::new(binary().with_file_name("edgraph-worker"));
    worker.args(["--coordinator", "http://127.0.0.1:1", "--spot", "off", "--log", "info"]);
    worker.args(["--store", &server.address(PREFIX)]).envs(server.env());
    worker
}

#[tokio::test]
async fn a_process_waits_for_its_store_and_says_for_what() {
    let server = S3Server::start().unwrap();
    server.down();
    let mut worker = Process::start("a worker", &mut worker(&server)).unwrap();
    let line = worker.line("the store is waited for", PATIENCE).await.unwrap();
    assert!(line.contains("WARN") && line.contains("s3://edgraph-test/some/prefix: open"), "{line}");
    server.up();
    // The store is open once it looks for its coordinator.
    worker.line("127.0.0.1:1", PATIENCE).await.unwrap();
    worker.signal(Signal::TERM);
    assert_eq!(worker.exited(PATIENCE).await, Some(0));
}

#[tokio::test]
async fn a_store_that_is_wrong_ends_a_process_with_the_reason() {
    let server = S3Server::start().unwrap();
    server.lapse(Lapse::IgnoresConditions);
    let mut refused = Process::start("a worker", &mut worker(&server)).unwrap();
    assert_eq!(refused.exited(PATIENCE).await, Some(2));
    assert_eq!(refused.count(&["error: --store: ", "If-None-Match"]), 1, "{:?}", refused.lines());
    server.lapse(Lapse::None);
    let mut bundle = worker(&server);
    bundle.env("AWS_CA_BUNDLE", "/nowhere/bundle.pem");
    let mut refused = Process::start("a worker", &mut bundle).unwrap();
    assert_eq!(refused.exited(PATIENCE).await, Some(2));
    assert_eq!(
        refused.count(&["error: --store: ", "AWS_CA_BUNDLE /nowhere/bundle.pem"]),
        1,
        "{:?}",
        refused.lines()
    );
}

#[tokio::test]
async fn an_ingester_waits_for_a_graph_that_somebody_else_holds() {
    let folder = tempfile::tempdir().unwrap();
    let graph = folder.path().join("graph");
    let held = GraphFolder::open(&graph).unwrap();
    let store = folder.path().join("store").display().to_string();
    let mut ingester = command(["ingester", "--coordinator", "http://127.0.0.1:1", "--store", &store]);
    ingester.arg("--graph").arg(&graph);
    let mut ingester = Process::start("an ingester", &mut ingester).unwrap();
    let line = ingester.line("the graph's folder is waited for", PATIENCE).await.unwrap();
    assert!(line.contains("WARN") && line.contains(&format!("process {}", std::process::id())), "{line}");
    drop(held);
    ingester.line("127.0.0.1:1", PATIENCE).await.unwrap();
    ingester.signal(Signal::TERM);
    assert_eq!(ingester.exited(PATIENCE).await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_of_one_s_own_vouches_for_a_store() {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let (certificate, key) = (own.pem().into_bytes(), key.serialize_pem().into_bytes());
    let tls = Some(Tls { certificate, key, client_ca: None });
    // No store at all: what matters is how far a request comes.
    let config = ServeConfig { tls, ..ServeConfig::default() };
    let services = Services::start(Role::Standby { leader: None }, config).await;
    let server = S3Server::start().unwrap();
    let address =
        format!("s3://bucket?endpoint=https://{}&path-style=true&timeout-seconds=5", services.address);
    let mut worker = Command::new(binary().with_file_name("edgraph-worker"));
    worker
        .args(["--coordinator", "http://127.0.0.1:1", "--spot", "off", "--store", &address])
        .envs(server.env());

    let mut stranger = Process::start("a worker", &mut worker).unwrap();
    let line = stranger.line("error: --store", PATIENCE).await.unwrap();
    assert!(line.contains("certificate is not trusted") && line.contains("AWS_CA_BUNDLE"), "{line}");
    let bundle = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(bundle.path(), authority.pem()).unwrap();
    worker.env("AWS_CA_BUNDLE", bundle.path());
    let mut trusting = Process::start("a worker", &mut worker).unwrap();
    let line = trusting.line("s3://bucket: ", PATIENCE).await.unwrap();
    assert!(!line.contains("certificate"), "{line}");
    services.stop().await;
}
