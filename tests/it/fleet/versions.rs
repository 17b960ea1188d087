//! A worker of an older processor version stands still before its upload and wakes up when the newer one has finished:
//! what was accepted stays as it is, and stays current.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use edgraph_client::v1;
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};
use edgraph_tests::fleet::Fleet;
use edgraph_tests::fleet::process::Signal;

use super::PATIENCE;
use super::api::Api;
use super::filings::request;
use super::{short_ttl, with_ttl};

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

/// Freezes the only worker between the moment it says that it uploads and the end of that filing; gives how many
/// filings it had published before.
async fn freeze_in_an_upload(fleet: &mut Fleet, store: &Path) -> usize {
    for _ in 0..6 {
        let worker = fleet.worker("older");
        worker.frozen(PATIENCE).await;
        let (begun, published) = (worker.count(&["stage=\"upload\""]), pointers(&objects(store)).len());
        if published < begun {
            return published;
        }
        // On a busy machine the signal may come when the filing is done; there are more filings.
        worker.at_line("stage=\"upload\"", 0, Signal::STOP);
        worker.thaw();
    }
    panic!("the worker was never stopped before the end of an upload");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_version_that_wakes_up_late_changes_nothing_that_was_accepted() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let mut fleet = Fleet::with_coordinator(with_ttl(short_ttl())).await.unwrap();
    let store = PathBuf::from(fleet.store());
    let api = Api::new(&fleet.endpoints());
    add_worker(&mut fleet, &mirror, "older", &[]);
    fleet.worker("older").at_line("stage=\"upload\"", 0, Signal::STOP);
    api.start(&request("versions")).await.unwrap();
    let of_older = freeze_in_an_upload(&mut fleet, &store).await;

    add_worker(&mut fleet, &mirror, "newer", &["--processor-tag", TAG]);
    let graph = fleet.directory().join("graph");
    fleet.add_ingester("ingester", &graph, &[]).unwrap();
    let status = api.ended("versions").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 6), "{status:?}");
    assert!(fleet.worker("older").is_frozen(), "the older worker woke up by itself");
    let items: Vec<v1::Item> = api.items("versions").await;
    let filings = items.iter().filter(|item| item.kind == "process_filing");
    assert_eq!(filings.clone().map(|item| item.lost_leases).sum::<u32>(), 1, "one lease was lost");
    let results: Vec<serde_json::Value> =
        filings.map(|item| serde_json::from_str(&item.result).unwrap()).collect();
    let before = objects(&store);

    fleet.worker("older").thaw();
    fleet
        .worker("older")
        .line("taken away before its manifest became the current one", PATIENCE)
        .await
        .unwrap();
    fleet.worker("older").signal(Signal::TERM);
    assert_eq!(fleet.worker("older").exited(Duration::from_secs(30)).await, Some(0));

    let after = objects(&store);
    for (name, bytes) in &before {
        // Snapshots and claims have nothing to do with an attempt at a filing.
        assert!(after.get(name) == Some(bytes), "{} changed", name.display());
    }
    assert!(after.len() > before.len(), "the older worker wrote nothing after it woke up");
    assert_eq!(pointers(&after), pointers(&before));
    accepted_is_whole(&store, &results, of_older);
}

/// Every accepted manifest is the one that was accepted and the current one, and every file is as it says.
fn accepted_is_whole(store: &Path, results: &[serde_json::Value], of_older: usize) {
    let mut newer = 0;
    for result in results {
        let path = PathBuf::from(result["manifest_uri"].as_str().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(sha256_hex(&bytes), result["manifest_sha256"].as_str().unwrap());
        let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
        let current = std::fs::read_to_string(path.with_file_name("current")).unwrap();
        assert_eq!(current, manifest.input_key, "{} is not current", path.display());
        newer += usize::from(manifest.processor_version.ends_with(&format!("+{TAG}")));
        for file in &manifest.files {
            let bytes = std::fs::read(store.join(&file.key)).unwrap();
            assert_eq!(sha256_hex(&bytes), file.sha256, "{}", file.key);
        }
    }
    assert_eq!((newer, results.len()), (6 - of_older, 6), "the newer version did what the older one had not");
}
