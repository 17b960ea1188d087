//! A real coordinator that may open few files, and a crowd that only connects.

use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::process::{Process, Signal};
use edgraph_tests::redis::RedisServer;

use crate::fleet::PATIENCE;
use crate::fleet::api::Api;
use crate::program::binary;

/// Twice what a coordinator keeps for itself.
const DESCRIPTORS: u32 = 128;
const CROWD: usize = 245;

/// A coordinator that may have so many files and sockets open, and not raise that.
fn serve(descriptors: u32, redis: &RedisServer, store: &str, listen: &str) -> Process {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"")]).arg(binary());
    limited.args(["serve", "--redis", &redis.url(), "--store", store, "--listen", listen]);
    limited.args(["--lock-ttl", "1s"]).env("EDGRAPH_LOG", "info");
    Process::start("a coordinator", &mut limited).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_stop_no_call_of_a_coordinator_with_few_descriptors() {
    let redis = RedisServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().display().to_string();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = address.to_string();

    let mut refused = serve(DESCRIPTORS - 1, &redis, &store, &listen);
    assert_eq!(refused.exited(PATIENCE).await, Some(1));
    assert_eq!(refused.count(&["127", "LimitNOFILE="]), 1, "{:?}", refused.lines());

    let mut coordinator = serve(DESCRIPTORS, &redis, &store, &listen);
    coordinator.line("few open files are allowed", PATIENCE).await.unwrap();
    coordinator.line("lead won", PATIENCE).await.unwrap();
    let api = Api::new(&[format!("http://{address}")]);
    let request = v1::StartPipelineRequest {
        pipeline_id: "crowded".into(),
        kind: "test".into(),
        spec: Some(v1::PipelineSpec {
            roots: vec![v1::NewItem { kind: "work".into(), key: "work/1".into(), ..Default::default() }],
            counted_kind: "work".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    api.start(&request).await.unwrap();
    let crowd: Vec<TcpStream> = (0..CROWD).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(api.get("crowded").await.state(), v1::PipelineState::Running, "whoever was let in before");
    let late = Api::new(&[format!("http://{address}")]);
    assert_eq!(late.get("crowded").await.expected_tasks, 1, "whoever comes after them");
    // With Redis, too, it still has a way.
    late.start(&v1::StartPipelineRequest { pipeline_id: "second".into(), ..request }).await.unwrap();
    drop(crowd);
    coordinator.signal(Signal::TERM);
    assert_eq!(coordinator.exited(Duration::from_secs(30)).await, Some(0), "{:?}", coordinator.lines());
}
