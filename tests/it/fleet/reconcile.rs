//! Redis is lost with all finished pipelines: `edgraph reconcile` brings them back from the store as they ended, and
//! nothing of it is done again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::eventually::{eventually, eventually_true};
use edgraph_tests::fleet::Fleet;
use edgraph_tests::fleet::process::Signal;
use serde_json::{Value, json};
use tonic::Code;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, calm, fleet_of};
use crate::chance::Chance;
use crate::program::{Finished, edgraph, repetitions};

/// Ended well, with dead items, and by a client.
const ALL: [&str; 3] = ["done", "failed", "stopped"];
/// Longest time between the end of a pipeline and the coordinator's, in ms.
const KILLED_WITHIN_MS: u64 = 40;

fn ask(fleet: &Fleet, arguments: &[&str]) -> Finished {
    let url = fleet.endpoints().remove(0);
    let remote = ["--coordinator", &url, "--format", "json"];
    edgraph(arguments.iter().copied().chain(remote))
}

/// All that clients are shown of these pipelines, byte by byte.
fn shown(fleet: &Fleet, pipelines: &[&str]) -> Vec<String> {
    let mut shown = vec![ask(fleet, &["list"]).ok().stdout];
    for id in pipelines {
        shown.push(ask(fleet, &["status", id]).ok().stdout);
        shown.push(ask(fleet, &["items", id]).ok().stdout);
    }
    shown
}

/// What became of each pipeline, and the exit code.
fn reconciled(fleet: &Fleet) -> (Vec<(String, String)>, Option<i32>, String) {
    let finished = ask(fleet, &["reconcile"]);
    let text = |pipeline: &Value, name: &str| pipeline[name].as_str().unwrap().to_owned();
    let answer = finished.json();
    let pipelines = answer["pipelines"].as_array().unwrap();
    let outcomes = pipelines.iter().map(|one| (text(one, "pipeline_id"), text(one, "outcome")));
    let reasons = pipelines.iter().map(|one| text(one, "reason"));
    (outcomes.collect(), finished.code, reasons.collect())
}

fn all(pipelines: &[&str], outcome: &str) -> (Vec<(String, String)>, Option<i32>, String) {
    let outcomes = pipelines.iter().map(|id| ((*id).to_owned(), outcome.to_owned()));
    (outcomes.collect(), Some(0), String::new())
}

fn record(fleet: &Fleet, id: &str) -> PathBuf {
    Path::new(&fleet.store()).join("pipelines").join(id).join("finished.jsonl")
}

/// Waits until the store has the end of a pipeline as it is.
async fn recorded(fleet: &Fleet, api: &Api, id: &str) {
    let path = record(fleet, id);
    eventually(&format!("the record of {id}"), PATIENCE, async || {
        let text = fs::read_to_string(&path).ok()?;
        let head: Value = serde_json::from_str(text.lines().nth(2)?).ok()?;
        (head["version"].as_u64()? + 1 == api.get(id).await.version).then_some(())
    })
    .await;
}

/// Redis is empty, and nobody remembers anything.
async fn lose_all(fleet: &mut Fleet) {
    fleet.kill_coordinator(0);
    fleet.redis.flush().await.unwrap();
    fleet.restart_coordinator(0).await.unwrap();
    assert_eq!(ask(fleet, &["list"]).ok().json(), json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_lost_redis_knew_of_finished_pipelines_is_brought_back() {
    let (mut fleet, api) = fleet_of(calm(), &[("one", 4)]).await;
    let done = Scripted::discovering("done", 30, &json!({})).request();
    let failing = [json!({}), json!({"fail": "permanent"}), json!({"fail": "permanent"}), json!({})];
    api.start(&done).await.unwrap();
    api.start(&Scripted::working("failed", failing).request()).await.unwrap();
    api.start(&Scripted::working("stopped", [json!({}), json!({"hang": "async"})]).request()).await.unwrap();
    api.until("stopped", "under way", PATIENCE, |status| status.completed_tasks == 1).await;
    ask(&fleet, &["cancel", "stopped"]).ok();
    for id in ALL {
        api.ended(id).await;
        recorded(&fleet, &api, id).await;
    }
    let states = async || (api.get("failed").await.state(), api.get("stopped").await.state());
    let expected = (v1::PipelineState::CompletedWithFailures, v1::PipelineState::Cancelled);
    assert_eq!(states().await, expected);
    let before = shown(&fleet, &ALL);

    // A leader that lives writes all of it again, and there is nothing to bring back.
    fleet.redis.flush().await.unwrap();
    let process = fleet.coordinators[0].process();
    eventually_true("the pipelines to be written again", PATIENCE, || {
        process.count(&["the tracker has lost writes"]) >= ALL.len()
    })
    .await;
    assert_eq!(reconciled(&fleet), all(&ALL, "known"));
    assert_eq!(shown(&fleet, &ALL), before);

    lose_all(&mut fleet).await;
    edgraph(["gc", "--grace", "0s", "--store", &fleet.store()]).ok();
    edgraph(["verify", "--grace", "0s", "--store", &fleet.store()]).ok();
    assert_eq!(reconciled(&fleet), all(&ALL, "restored"));
    assert_eq!(shown(&fleet, &ALL), before);
    assert_eq!(reconciled(&fleet), all(&ALL, "known"), "again, it changes nothing");
    assert_eq!(shown(&fleet, &ALL), before);
    let table = edgraph(["reconcile", "--coordinator", &fleet.endpoints()[0]]).ok().stdout;
    assert!(table.contains("stopped") && table.ends_with("3 pipelines\n"), "{table}");

    // It is there as if nothing had been: for the next leader, for whoever starts it again, and for a retry.
    fleet.kill_coordinator(0);
    fleet.restart_coordinator(0).await.unwrap();
    assert_eq!(shown(&fleet, &ALL), before);
    assert_eq!(api.start(&done).await.unwrap().state(), v1::PipelineState::Completed);
    let other = Scripted::discovering("done", 31, &json!({})).request();
    assert_eq!(api.start(&other).await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(fleet.history("done").unwrap().started_again(), Vec::<&str>::new());
    let first = api.item("failed", "work/2").await.fencing_token;
    assert_eq!(api.retry_failed("failed").await, 2);
    api.ended("failed").await;
    let retried = api.item("failed", "work/2").await;
    assert!(
        retried.fencing_token > first + 1_000 && retried.reason.contains("scripted failure"),
        "{retried:?}"
    );
    recorded(&fleet, &api, "failed").await;
    fleet.history("failed").unwrap().check(&api.settled("failed").await).unwrap();

    // What is deleted stays deleted, and a record that is cut short costs no other.
    ask(&fleet, &["delete", "stopped"]).ok();
    assert!(!record(&fleet, "stopped").exists());
    lose_all(&mut fleet).await;
    let path = record(&fleet, "done");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let (outcomes, code, reason) = reconciled(&fleet);
    let pairs: Vec<(&str, &str)> = outcomes.iter().map(|(id, what)| (id.as_str(), what.as_str())).collect();
    assert_eq!((pairs, code), (vec![("done", "refused"), ("failed", "restored")], Some(1)));
    assert!(reason.contains(&*path.to_string_lossy()) && reason.contains("cut short"), "{reason}");
    let table = edgraph(["reconcile", "--coordinator", &fleet.endpoints()[0]]);
    assert!(table.code == Some(1) && table.stdout.contains(&reason), "{table:?}");
    fs::write(&path, &whole).unwrap();
    assert_eq!(reconciled(&fleet).0[0], ("done".to_owned(), "restored".to_owned()));
    assert_eq!(api.item("failed", "work/2").await, retried);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_a_coordinator_dies_every_end_is_recorded() {
    let mut chance = Chance::from_environment();
    let (mut fleet, api) = fleet_of(calm(), &[("one", 8)]).await;
    let mut ids: Vec<String> = Vec::new();
    // Nothing can be written where this one's record goes, so the coordinator dies before it is.
    let blocked = record(&fleet, "blocked");
    fs::create_dir_all(&blocked).unwrap();
    api.start(&Scripted::discovering("blocked", 10, &json!({})).request()).await.unwrap();
    api.ended("blocked").await;
    let process = fleet.coordinators[0].process();
    process.line("the end of a pipeline cannot be written to the store", PATIENCE).await.unwrap();
    fleet.kill_coordinator(0);
    fs::remove_dir(&blocked).unwrap();
    fleet.restart_coordinator(0).await.unwrap();
    ids.push("blocked".to_owned());

    for number in 0..repetitions(40) {
        let id = format!("p-{number}");
        let process = fleet.coordinators[0].process();
        let at_once = chance.one_in(2);
        if at_once {
            process.at_line("pipeline ended", 0, Signal::KILL);
        }
        api.start(&Scripted::discovering(&id, 400, &json!({})).request()).await.unwrap();
        if at_once {
            fleet.coordinators[0].process().exited(PATIENCE).await;
        } else {
            api.ended(&id).await;
            tokio::time::sleep(Duration::from_millis(chance.below(KILLED_WITHIN_MS))).await;
            fleet.kill_coordinator(0);
        }
        println!("{id}: killed at once: {at_once}, with its record: {}", record(&fleet, &id).exists());
        fleet.restart_coordinator(0).await.unwrap();
        ids.push(id);
    }
    for id in &ids {
        api.ended(id).await;
        recorded(&fleet, &api, id).await;
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let before: Vec<_> = shown(&fleet, &ids);
    lose_all(&mut fleet).await;
    assert_eq!(reconciled(&fleet), all(&ids, "restored"));
    assert_eq!(shown(&fleet, &ids), before);
}
