//! What a fleet does every night: files that nothing reads any more are removed, once, whoever leads and whatever dies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use edgraph_client::{json, v1};
use edgraph_tests::corpus::{Mirror, fixture_edgar, fixture_taxonomies};
use edgraph_tests::eventually::{eventually, eventually_true};
use edgraph_tests::fleet::Fleet;
use serde_json::json;

use super::api::Api;
use super::filings::{add_filing_worker, parameters, request};
use super::{PATIENCE, calm};
use crate::program::{edgraph, parquet_files_in};

/// Files that an attempt left which came to nothing: so many that removing them takes a while.
const LEFTOVERS: usize = 20_000;

/// Twelve hours ago, as a time of day: tonight is due, and the next night far away.
fn due_now() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let half_a_day = 12 * 3_600;
    let minutes = (now + half_a_day) % (24 * 3_600) / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Names of all files of tables.
fn files(store: &Path) -> BTreeSet<String> {
    let names = parquet_files_in(store).into_iter().map(|(name, _)| name);
    names.filter(|name| !name.contains("_delta_log")).collect()
}

/// A fleet without nights whose store holds two generations of every filing; gives the files of the newer one.
async fn reprocessed(mirror: &Mirror) -> (Fleet, Api, BTreeSet<String>) {
    let mut fleet = Fleet::with_coordinator(calm()).await.unwrap();
    let store = PathBuf::from(fleet.store());
    fleet.add_coordinator().await.unwrap();
    let api = Api::new(&fleet.endpoints());
    let without_graph = |id: &str| {
        let mut request = request(id);
        parameters(&mut request).graph = v1::GraphUse::None.into();
        request
    };
    add_filing_worker(&mut fleet, mirror, "worker");
    api.start(&without_graph("before")).await.unwrap();
    assert_eq!(api.ended("before").await.state(), v1::PipelineState::Completed);
    let before = files(&store);
    fleet.stop_worker("worker").await.unwrap();

    let edgar = format!("file://{}", mirror.path().display());
    let taxonomies = fixture_taxonomies().display().to_string();
    let more = ["--edgar", &edgar, "--taxonomies", &taxonomies, "--processor-tag", "next"];
    fleet.add_worker("next", 2, &more).unwrap();
    api.start(&without_graph("after")).await.unwrap();
    assert_eq!(api.ended("after").await.state(), v1::PipelineState::Completed);
    let newer: BTreeSet<String> = files(&store).difference(&before).cloned().collect();
    assert_eq!(files(&store).len(), 2 * newer.len(), "nothing was removed by day");
    assert_eq!(api.pipelines().await, 2, "and nothing was started");
    (fleet, api, newer)
}

/// From now on coordinators have a night, which is due, and keep what is younger than this.
fn with_nights(fleet: &mut Fleet, grace: &str) {
    let environment = &mut fleet.settings().environment;
    environment.push(("EDGRAPH_GC_AT".to_owned(), due_now()));
    environment.push(("EDGRAPH_GC_GRACE".to_owned(), grace.to_owned()));
}

/// Waits for tonight's pipeline, of which there is one.
async fn tonight(api: &Api) -> String {
    eventually("a pipeline of tonight", PATIENCE, async || {
        let ids = api.ids().await;
        let nights: Vec<_> = ids.iter().filter(|id| id.starts_with("gc-")).collect();
        assert!(nights.len() <= 1, "{ids:?}");
        nights.first().map(|id| (*id).clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn superseded_files_go_once_a_night_by_one_pipeline_whoever_leads_and_whoever_dies() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let (mut fleet, api, newer) = reprocessed(&mirror).await;
    let store = PathBuf::from(fleet.store());
    let any = store.join(newer.first().unwrap());
    let (folder, accession) = (any.parent().unwrap(), &any.file_name().unwrap().to_str().unwrap()[..20]);
    for number in 0..LEFTOVERS {
        std::fs::write(folder.join(format!("{accession}-{number:012x}.parquet")), "PAR1").unwrap();
    }
    let all = std::fs::read_dir(folder).unwrap().count();

    // Nobody leads with a night until now, so the one that is due is made up; the coordinator that does it dies at it.
    with_nights(&mut fleet, "0s");
    fleet.kill_coordinator(1);
    fleet.restart_coordinator(1).await.unwrap();
    fleet.kill_coordinator(0);
    let left = || std::fs::read_dir(folder).unwrap().count();
    eventually_true("files that are gone", PATIENCE, || left() < all).await;
    fleet.kill_coordinator(1);
    assert!(left() > LEFTOVERS / 100, "it died too late: {} files of {all} are left", left());

    fleet.restart_coordinator(0).await.unwrap();
    fleet.restart_coordinator(1).await.unwrap();
    let id = tonight(&api).await;
    let status = api.ended(&id).await;
    assert_eq!((status.state(), status.kind.as_str()), (v1::PipelineState::Completed, "gc"));
    assert_eq!(files(&store), newer);
    let item = api.item(&id, "gc/all").await;
    let collected = json::from_value(item.result.clone().unwrap());
    assert!(collected["files"].as_u64().unwrap() > 0 && item.fencing_token > 1, "{item:?}");
    edgraph(["verify", "--hashes", "--grace", "0s", "--store", &fleet.store()]).ok();

    // The next leader finds tonight's done.
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    assert_eq!(tonight(&api).await, id);
    assert_eq!(api.pipelines().await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_younger_than_the_grace_time_stays_and_an_operator_may_ask_for_less() {
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    let (mut fleet, api, newer) = reprocessed(&mirror).await;
    let store = PathBuf::from(fleet.store());
    let both = files(&store);
    with_nights(&mut fleet, "24h");
    for number in [1, 0] {
        fleet.stop_coordinator(number).await.unwrap();
        fleet.restart_coordinator(number).await.unwrap();
    }
    let id = tonight(&api).await;
    assert_eq!(api.ended(&id).await.state(), v1::PipelineState::Completed);
    assert_eq!(files(&store), both);
    let collected = json::from_value(api.item(&id, "gc/all").await.result.unwrap());
    assert_eq!(collected["files"], json!(0));

    let coordinators = fleet.endpoints().join(",");
    let start = ["start", "--kind", "gc", "--id", "now", "--wait", "--coordinator", &coordinators];
    let wrong = edgraph(start.into_iter().chain(["--params", r#"{"grace": 0}"#]));
    assert!(wrong.code != Some(0) && wrong.stderr.contains("gc takes grace_s"), "{wrong:?}");
    edgraph(start.into_iter().chain(["--params", r#"{"grace_s": 0}"#])).ok();
    assert_eq!(files(&store), newer);
}
