//! A host of schemas that does not answer: what needs it waits, and nothing else does.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};
use edgraph_tests::edgar::EdgarServer;
use edgraph_tests::fleet::{Fleet, Settings};

use super::api::Api;
use super::filings::request;
use super::{PATIENCE, calm};
use crate::taxonomies::copy;

/// Only the newer samples use it.
const WITHHELD: &str = "www.xbrl.org/dtr/type/2022-03-31/types.xsd";
/// Of two samples each has three filings, one of them an old one.
const COMPANIES: usize = 8;
const OLD: u64 = COMPANIES as u64 / 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filings_wait_for_the_host_of_their_schema_and_the_others_do_not() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(COMPANIES).unwrap();
    let edgar = EdgarServer::builder(mirror.path()).start().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let taxonomies = scratch.path().join("taxonomies");
    copy(&fixture_taxonomies(), &taxonomies);
    fs::remove_file(taxonomies.join(WITHHELD)).unwrap();

    // Takes connections and says nothing: the way to every official host leads through it.
    let silence = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", silence.local_addr().unwrap());
    let environment = vec![("HTTPS_PROXY".to_owned(), proxy)];
    let coordinator_args = ["--user-agent", "Edgraph Tests tests@example.com"].map(str::to_owned).into();
    let settings = Settings { environment, coordinator_args, ..calm() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let add = |fleet: &mut Fleet, name: &str, taxonomies: &Path| {
        let (edgar, taxonomies) = (edgar.url(), taxonomies.display().to_string());
        fleet.add_worker(name, 2, &["--edgar", &edgar, "--taxonomies", &taxonomies]).unwrap();
    };
    add(&mut fleet, "one", &taxonomies);
    add(&mut fleet, "two", &taxonomies);
    let graph = fleet.directory().join("graph");
    fleet.add_ingester("ingester", &graph, &[]).unwrap();

    let api = Api::new(&fleet.endpoints());
    api.start(&request("silent")).await.unwrap();
    // The newest filings of each company come first, and most of them need the host.
    let status = api
        .until("silent", "done with what can be done", PATIENCE, |status| {
            status.discovery_complete && status.completed_tasks == OLD && !status.unavailable.is_empty()
        })
        .await;
    assert_eq!(status.failed_tasks, 0, "{status:?}");
    let waits = &status.unavailable["process_filing"];
    assert!(waits.contains("www.xbrl.org") && waits.contains("HTTPS_PROXY"), "{waits}");

    // Nothing of it was counted, so the schema is all that is missing.
    add(&mut fleet, "three", &fixture_taxonomies());
    fleet.kill_worker("one");
    fleet.kill_worker("two");
    let status = api.ended("silent").await;
    assert_eq!(status.state(), v1::PipelineState::Completed, "{status:?}");
    assert_eq!((status.completed_tasks, status.failed_tasks), (status.expected_tasks, 0), "{status:?}");
    for item in api.items("silent").await.iter().filter(|item| item.kind == "process_filing") {
        assert_eq!(item.failures, 0, "{item:?}");
    }
}
