//! A worker of an older processor version stands still before its upload and wakes up when the newer one has finished:
//! what was accepted stays as it is, and stays current.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use edgraph_client::{json, v1};
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};
use edgraph_tests::eventually::eventually_true;
use edgraph_tests::fleet::Fleet;
use edgraph_tests::fleet::process::Signal;

use super::PATIENCE;
use super::api::Api;
use super::filings::request;
use super::{short_ttl, with_ttl};

/// What a worker says whose output does not become the current one.
const TAKEN_AWAY: &str = "taken away before its manifest became the current one";
/// What makes the newer worker another version.
const TAG: &str = "newer";

/// Every object of the store by name.
fn objects(store: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut pending) = (BTreeMap::new(), vec![store.to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What is being written is no object yet.
            if path.file_name().is_some_and(|name| name == ".tmp") {
                continue;
            }
            if path.is_dir() {
                pending.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.insert(path.strip_prefix(store).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

fn pointers(objects: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<&Path, &Vec<u8>> {
    let is_pointer = |name: &&PathBuf| name.file_name().is_some_and(|name| name == "current");
    objects.keys().filter(is_pointer).map(|name| (name.as_path(), &objects[name])).collect()
}

fn add_worker(fleet: &mut Fleet, mirror: &Mirror, name: &str, more: &[&str]) {
    let edgar = format!("file://{}", mirror.path().display());
    let taxonomies = fixture_taxonomies().display().to_string();
    // Long enough for a late attempt to come to its end instead of being cut off on the way.
    let mut args = vec!["--edgar", &edgar, "--taxonomies", &taxonomies, "--cancel-grace", "60s"];
    args.extend(more);
    fleet.add_worker(name, 1, &args).unwrap();
}

/// What a worker says when it has a filing and has written nothing of it.
const PARSING: &str = "stage=\"parse\"";

/// Freezes the only worker while it parses a filing of which nothing is uploaded; gives the filing.
async fn freeze_before_an_upload(fleet: &mut Fleet, api: &Api, store: &Path) -> String {
    for _ in 0..6 {
        fleet.worker("older").frozen(PATIENCE).await;
        let objects = objects(store);
        let begun = |item: &v1::Item| item.fencing_token > 0 && item.state() != v1::ItemState::Succeeded;
        let items = api.items("versions").await;
        let mut held = items.iter().filter(|item| is_filing(item) && begun(item)).map(accession);
        if let Some(accession) = held.find(|accession| !has_output(&objects, accession)) {
            return accession;
        }
        // On a busy machine the signal may come late; there are more filings.
        let worker = fleet.worker("older");
        worker.at_line(PARSING, 0, Signal::STOP);
        worker.thaw();
    }
    panic!("the worker was never stopped before an upload");
}

fn is_filing(item: &v1::Item) -> bool {
    item.kind == "process_filing"
}

fn accession(item: &v1::Item) -> String {
    item.key.trim_start_matches("process_filing/").to_owned()
}

/// Whether anything made of a filing is there: what was downloaded is not.
fn has_output(objects: &BTreeMap<PathBuf, Vec<u8>>, accession: &str) -> bool {
    let mut made = objects.keys().filter(|name| !name.starts_with("raw"));
    made.any(|name| name.to_string_lossy().contains(accession))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_version_that_wakes_up_late_changes_nothing_that_was_accepted() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let mut fleet = Fleet::with_coordinator(with_ttl(short_ttl())).await.unwrap();
    let store = PathBuf::from(fleet.store());
    let api = Api::new(&fleet.endpoints());
    add_worker(&mut fleet, &mirror, "older", &[]);
    fleet.worker("older").at_line(PARSING, 0, Signal::STOP);
    api.start(&request("versions")).await.unwrap();
    let frozen = freeze_before_an_upload(&mut fleet, &api, &store).await;
    let of_older = pointers(&objects(&store)).len();

    add_worker(&mut fleet, &mirror, "newer", &["--processor-tag", TAG]);
    let graph = fleet.directory().join("graph");
    fleet.add_ingester("ingester", &graph, &[]).unwrap();
    let status = api.ended("versions").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 6), "{status:?}");
    assert!(fleet.worker("older").is_frozen(), "the older worker woke up by itself");
    let filings: Vec<v1::Item> = api.items("versions").await.into_iter().filter(is_filing).collect();
    let lost = filings.iter().find(|item| accession(item) == frozen).map(|item| item.lost_leases);
    assert!(lost >= Some(1), "the frozen worker lost nothing: {filings:?}");
    let results: Vec<serde_json::Value> =
        filings.iter().map(|item| json::from_value(item.result.clone().unwrap())).collect();
    let before = objects(&store);

    let older = fleet.worker("older");
    let taken_before = older.count(&[TAKEN_AWAY]);
    older.thaw();
    eventually_true("the older worker to come too late", PATIENCE, || {
        older.count(&[TAKEN_AWAY]) > taken_before
    })
    .await;
    fleet.worker("older").signal(Signal::TERM);
    assert_eq!(fleet.worker("older").exited(Duration::from_secs(30)).await, Some(0));

    let after = objects(&store);
    for (name, bytes) in &before {
        // Snapshots and claims have nothing to do with an attempt at a filing.
        assert!(after.get(name) == Some(bytes), "{} changed", name.display());
    }
    assert_eq!(pointers(&after), pointers(&before));
    let late = manifests(&after).into_iter().filter(|(name, _)| !before.contains_key(*name));
    let late: Vec<_> = late.map(|(_, manifest)| manifest.accession.to_string()).collect();
    assert_eq!(late, [frozen], "what the older worker wrote after it woke up");
    every_manifest_is_right(&after);
    accepted_is_current(&results, of_older);
}

/// Every manifest by name, accepted or not.
fn manifests(objects: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<&Path, Manifest> {
    let is_manifest = |name: &Path| {
        name.starts_with("manifests") && name.extension().is_some_and(|extension| extension == "json")
    };
    let named = objects.iter().filter(|(name, _)| is_manifest(name));
    named.map(|(name, bytes)| (name.as_path(), serde_json::from_slice(bytes).unwrap())).collect()
}

/// The sha256 of every file is that of every manifest which names it.
fn every_manifest_is_right(objects: &BTreeMap<PathBuf, Vec<u8>>) {
    for (name, manifest) in manifests(objects) {
        assert!(!manifest.files.is_empty(), "{}", name.display());
        for file in &manifest.files {
            let bytes = &objects[Path::new(&file.key)];
            assert_eq!(sha256_hex(bytes), file.sha256, "{} of {}", file.key, name.display());
        }
    }
}

/// Every accepted manifest is the one that was accepted and the current one.
fn accepted_is_current(results: &[serde_json::Value], of_older: usize) {
    let mut newer = 0;
    for result in results {
        let path = PathBuf::from(result["manifest_uri"].as_str().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(sha256_hex(&bytes), result["manifest_sha256"].as_str().unwrap());
        let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
        let current = std::fs::read_to_string(path.with_file_name("current")).unwrap();
        assert_eq!(current, manifest.input_key, "{} is not current", path.display());
        newer += usize::from(manifest.processor_version.ends_with(&format!("+{TAG}")));
    }
    assert_eq!((newer, results.len()), (6 - of_older, 6), "the newer version did what the older one had not");
}
