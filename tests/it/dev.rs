//! `edgraph dev`: a fleet in one process, for whoever builds on it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use edgraph_tests::corpus::{fixture_edgar, fixture_taxonomies};
use edgraph_tests::process::{Process, Signal};

use crate::fleet::PATIENCE;
use crate::program::{command, edgraph, query};

/// Any free port.
const FREE: &str = "127.0.0.1:0";

/// What is answered to GET.
fn get(address: &str, path: &str) -> String {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn begin(out: &Path, listen: &str, ui: &str) -> Command {
    let edgar = format!("file://{}", fixture_edgar().display());
    let mut dev = command(["dev", "--listen", listen, "--ui", ui, "--edgar", edgar.as_str()]);
    dev.arg("--taxonomies").arg(fixture_taxonomies()).arg("--out").arg(out);
    dev
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipelines_are_started_on_it_as_on_any_fleet() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = Process::start("dev", &mut begin(folder.path(), FREE, FREE)).unwrap();
    let line = dev.line("listening on ", PATIENCE).await.unwrap();
    let services = line.rsplit(' ').next().unwrap().to_owned();
    let line = dev.line("the page is at ", PATIENCE).await.unwrap();
    let page = line.rsplit(' ').next().unwrap().to_owned();
    // A second one in the same folder is kept out.
    let second = tokio::task::spawn_blocking({
        let mut second = begin(folder.path(), FREE, FREE);
        move || second.output().unwrap()
    });
    let second = second.await.unwrap();
    assert_eq!(second.status.code(), Some(1), "{second:?}");

    for round in 1..=2 {
        let services = services.clone();
        let asked = move || {
            let of = ["--coordinator", services.as_str()];
            let start = ["start", "--universe", "all", "--amendments", "--id", "samples", "--wait"];
            edgraph([&start[..], &of].concat()).ok();
            edgraph([&["retry", "samples"][..], &of].concat()).ok().stdout
        };
        let said = tokio::task::spawn_blocking(asked).await.unwrap();
        assert!(said.starts_with("nothing has failed"), "round {round}: {said}");
    }
    assert!(get(&page, "/").contains("<title>edgraph</title>"));
    assert!(get(&page, "/api/v1/pipelines/samples").contains("\"PIPELINE_STATE_COMPLETED\""));
    let statement = get(&page, "/api/v1/graph/statement?company=LKSP");
    assert!(statement.contains("104905000"), "{statement}");

    dev.signal(Signal::INT);
    assert_eq!(dev.exited(PATIENCE).await, Some(0), "{:?}", dev.lines());
    assert_eq!(query(folder.path(), "MATCH (r:Report) RETURN count(r) AS reports")[0]["reports"], 6);
}

#[test]
fn nobody_else_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    for (flag, listen, ui) in [("--ui", FREE, "0.0.0.0:0"), ("--listen", "0.0.0.0:0", FREE)] {
        let refused = begin(folder.path(), listen, ui).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{flag} 0.0.0.0:0: nothing would keep strangers out")), "{said}");
    }
}
