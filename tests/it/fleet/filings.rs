//! Pipelines over filings, and what a run of them in one process makes: the yardstick for a fleet.

use std::path::{Path, PathBuf};

use edgraph_client::v1::{self, start_pipeline_request::Input};
use edgraph_shared::storage::{AccessKeys, Address, ObjectKey, S3Store, SharedStore, Store, open};
use edgraph_tests::corpus::{Mirror, fixture_taxonomies};
use edgraph_tests::fleet::Fleet;
use edgraph_tests::s3::S3Server;

use super::script::duration;
use crate::program::{Run, checksum, parquet_files};

/// What a run leaves behind: every table's checksum, and every Parquet file with its bytes.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) graph: Vec<String>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// What the program makes of a mirror in one process.
pub(crate) fn embedded(mirror: &Mirror) -> Output {
    let out = tempfile::tempdir().unwrap();
    let taxonomies = fixture_taxonomies().display().to_string();
    Run::over(mirror.path(), out.path()).with(["--amendments", "--taxonomies", &taxonomies]).ok();
    Output { graph: checksum(out.path()), files: parquet_files(out.path()) }
}

/// Starts a fleet's filing workers and its ingester over a mirror; gives the graph's folder.
pub(crate) fn add_filing_workers(fleet: &mut Fleet, mirror: &Mirror, workers: &[&str]) -> PathBuf {
    for name in workers {
        add_filing_worker(fleet, mirror, name);
    }
    let graph = fleet.directory().join("graph");
    fleet.add_ingester("ingester", &graph, &[]).unwrap();
    graph
}

pub(crate) fn add_filing_worker(fleet: &mut Fleet, mirror: &Mirror, name: &str) {
    let edgar = format!("file://{}", mirror.path().display());
    let taxonomies = fixture_taxonomies().display().to_string();
    let more = ["--edgar", &edgar, "--taxonomies", &taxonomies, "--cancel-grace", "1s"];
    fleet.add_worker(name, 2, &more).unwrap();
}

/// What such a pipeline is to do.
pub(crate) fn parameters(request: &mut v1::StartPipelineRequest) -> &mut v1::SecXbrlParameters {
    match &mut request.input {
        Some(Input::SecXbrl(parameters)) => parameters,
        other => panic!("{other:?}"),
    }
}

/// A pipeline over all companies of a mirror, amendments included, that finishes without what is dead.
pub(crate) fn request(id: &str) -> v1::StartPipelineRequest {
    let parameters = v1::SecXbrlParameters {
        universe: v1::Universe::All.into(),
        filings: Some(v1::FilingFilter { amendments: true, ..v1::FilingFilter::default() }),
        ..v1::SecXbrlParameters::default()
    };
    let soon = v1::KindSettings {
        backoff_base: duration(std::time::Duration::from_millis(100)),
        backoff_max: duration(std::time::Duration::from_millis(500)),
        ..v1::KindSettings::default()
    };
    let without_dead = v1::FinishWithout { max_dead: 0, max_dead_fraction: 1.0 };
    v1::StartPipelineRequest {
        pipeline_id: id.to_owned(),
        input: Some(Input::SecXbrl(parameters)),
        spec: Some(v1::PipelineSpec {
            limits: [("process_filing".to_owned(), soon)].into(),
            dead_policy: Some(v1::DeadPolicy {
                policy: Some(v1::dead_policy::Policy::FinishWithout(without_dead)),
            }),
            ..v1::PipelineSpec::default()
        }),
        ..v1::StartPipelineRequest::default()
    }
}

/// The checksums of the graph in a folder.
pub(crate) fn graph_checksum(graph: &Path) -> Vec<String> {
    checksum(graph.parent().expect("a graph lies in a folder"))
}

/// The store of a fleet, as a reader sees it.
pub(crate) async fn reader(fleet: &Fleet, server: Option<&S3Server>) -> SharedStore {
    let Some(server) = server else { return open(&fleet.store()).await.unwrap() };
    let (id, secret) = server.keys();
    let keys = AccessKeys { id: id.to_owned(), secret: secret.to_owned(), session: None };
    match fleet.store().parse().unwrap() {
        Address::S3(config) => std::sync::Arc::new(S3Store::open_with(&config, keys).await.unwrap()),
        Address::Directory(directory) => panic!("{} is no bucket", directory.display()),
    }
}

/// Every file of a store's tables with its bytes, by name; their logs name whoever wrote them when.
pub(crate) async fn stored_files(store: &dyn Store) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for prefix in ["graph", "flat", "text"] {
        let prefix: ObjectKey = prefix.parse().unwrap();
        let listed = store.list(&prefix).await.unwrap();
        for object in listed.into_iter().filter(|object| !object.key.as_str().contains("/_delta_log/")) {
            let (bytes, _) = store.get_versioned(&object.key).await.unwrap();
            files.push((object.key.to_string(), bytes.to_vec()));
        }
    }
    files.sort();
    files
}
