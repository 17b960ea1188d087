//! A rolling upgrade and its way back, with the programs of two builds.
//!
//! `tests/upgrade.sh` builds an earlier revision and says in `EDGRAPH_EARLIER_PROGRAMS` where its programs are; without
//! it there is nothing to try. What a release wrote is kept and tried in every run: `tracker::tests::releases` of the
//! coordinator, and the messages in `shared::wire`.

use std::path::PathBuf;

use edgraph_client::v1;
use edgraph_tests::fleet::{Fleet, Settings};
use serde_json::json;
use tonic::Code;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, calm};

const ITEMS: u32 = 1_200;

fn earlier_programs() -> Option<PathBuf> {
    std::env::var_os("EDGRAPH_EARLIER_PROGRAMS").map(PathBuf::from)
}

/// One coordinator after the other, the standby first, as a deployment does it.
async fn roll(fleet: &mut Fleet, programs: Option<PathBuf>, leader: usize) {
    fleet.settings().programs = programs;
    for number in [1 - leader, leader] {
        fleet.stop_coordinator(number).await.unwrap();
        if number == leader {
            fleet.coordinators[1 - leader].process().line("lead won", PATIENCE).await.unwrap();
        }
        fleet.restart_coordinator(number).await.unwrap();
    }
}

async fn done(api: &Api, id: &str, tasks: u64) {
    api.until(id, &format!("{tasks} items on"), PATIENCE, |status| status.completed_tasks >= tasks).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_is_upgraded_process_by_process_and_goes_back_and_forth_again() {
    let Some(earlier) = earlier_programs() else {
        println!("skipped: tests/upgrade.sh builds what it needs");
        return;
    };
    let settings = Settings { programs: Some(earlier.clone()), ..calm() };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    let api = Api::new(&fleet.endpoints());
    fleet.add_scripted_worker("earlier", 2).unwrap();
    let child = json!({"sleep_ms": 100});
    api.start(&Scripted::discovering("through", ITEMS, &child).request()).await.unwrap();
    done(&api, "through", 20).await;

    roll(&mut fleet, None, 0).await;
    fleet.add_scripted_worker("later", 2).unwrap();
    let reached = api.get("through").await.completed_tasks;
    done(&api, "through", reached + 20).await;
    assert!(api.get("through").await.end_time.is_none(), "this machine is too fast: nothing was left to do");
    // It ends while the earlier build leads, or would.
    let child = json!({"sleep_ms": 4_000});
    let only_later = Scripted::discovering("later_only", 2, &child).ending_twice().request();
    api.start(&only_later).await.unwrap();

    // Back: what an earlier build cannot know is set aside by name, and everything else is served.
    roll(&mut fleet, Some(earlier), 1).await;
    let aside = api.get_once("later_only").await.unwrap_err();
    assert_eq!(aside.code(), Code::FailedPrecondition, "{aside}");
    assert!(aside.message().contains("0.3.0 or newer"), "{aside}");
    let status = api.ended("through").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, ITEMS.into()));

    roll(&mut fleet, None, 0).await;
    let status = api.ended("later_only").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 2), "{status:?}");
    for id in ["through", "later_only"] {
        let history = fleet.history(id).unwrap();
        assert_eq!(history.started_again(), Vec::<&str>::new(), "{id}");
        history.check(&api.settled(id).await).unwrap();
    }
}
