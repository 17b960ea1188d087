//! Workers that die, and workers that are told to end.

use std::time::Duration;

use edgraph_client::v1;
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::process::{Death, Signal, now};
use edgraph_tests::history::Attempt;
use serde_json::json;

use super::api::Api;
use super::script::Scripted;
use super::{PATIENCE, alone, fleet_of, is_full, short_ttl, with_ttl};
use crate::program::repetitions;

/// Workers killed one shortly after the other.
const VICTIMS: usize = 5;
/// Slots of each of them.
const SLOTS: u32 = 2;
/// How long an item works.
const WORK: Duration = Duration::from_millis(400);
/// On top of the TTL: the promise for the second start.
const GRACE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_worker_held_is_started_again_within_the_ttl_and_a_second() {
    kill_workers(short_ttl()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_with_the_default_ttl() {
    if is_full() {
        kill_workers(Duration::from_secs(15)).await;
    } else {
        println!("skipped: takes minutes (set EDGRAPH_FULL)");
    }
}

async fn kill_workers(ttl: Duration) {
    let (mut fleet, api) = fleet_of(with_ttl(ttl), &[("steady-1", 8), ("steady-2", 8)]).await;
    let rounds = repetitions(100) / VICTIMS;
    let round = ttl + GRACE + 2 * WORK;
    // All slots are busy for all rounds, so that no killed worker was idle.
    let items = (round * rounds as u32 * 2).as_millis() / WORK.as_millis()
        * (16 + VICTIMS as u128 * u128::from(SLOTS));
    let items = u32::try_from(items).unwrap();
    let child = json!({"sleep_ms": WORK.as_millis() as u64});
    api.start(&Scripted::discovering("kills", items, &child).request()).await.unwrap();

    let mut deaths = Vec::new();
    for number in 0..rounds {
        let names: Vec<String> = (0..VICTIMS).map(|victim| format!("victim-{number}-{victim}")).collect();
        for name in &names {
            fleet.add_scripted_worker(name, SLOTS).unwrap();
        }
        for name in &names {
            let pid = fleet.worker(name).pid();
            eventually("the victim to hold leases", PATIENCE, async || {
                let history = fleet.history("kills").unwrap();
                let running =
                    history.attempts().filter(|attempt| attempt.pid == pid && attempt.end.is_none());
                (running.count() == SLOTS as usize).then_some(())
            })
            .await;
            deaths.push(fleet.kill_worker(name));
        }
        let last = deaths.last().expect("one was killed").at;
        eventually("the leases of the dead to be over", PATIENCE, async || {
            (now() > last + u64::try_from((ttl + GRACE).as_nanos()).unwrap()).then_some(())
        })
        .await;
    }
    let status = api.ended_within("kills", PATIENCE + round * rounds as u32 * 2).await;
    assert_eq!(status.state(), v1::PipelineState::Completed, "{status:?}");
    assert_eq!((status.completed_tasks, status.failed_tasks), (items.into(), 0));

    let history = fleet.history("kills").unwrap();
    history.check(&api.settled("kills").await).unwrap();
    assert_eq!(history.overlaps(), []);
    let mut delays = Vec::new();
    for death in &deaths {
        let cut: Vec<&Attempt> =
            history.attempts().filter(|attempt| attempt.pid == death.pid && attempt.end.is_none()).collect();
        assert!(!cut.is_empty(), "the worker {} held nothing when it was killed", death.pid);
        delays.extend(cut.into_iter().map(|cut| second_start(history.of_item(&cut.item), cut, death)));
    }
    let slowest = delays.iter().max().unwrap();
    assert!(*slowest <= ttl + GRACE, "started again after {slowest:?}: {delays:?}");
}

/// The time from a death to the next start of an item that the dead had.
fn second_start(attempts: &[Attempt], cut: &Attempt, death: &Death) -> Duration {
    let next = attempts.iter().find(|attempt| attempt.start > death.at && attempt.token > cut.token);
    let next = next.unwrap_or_else(|| panic!("{} was never started again", cut.item));
    Duration::from_nanos(next.start - death.at)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_worker_gives_back_what_it_holds_within_a_second_and_nothing_counts_as_failure() {
    let (mut fleet, api) = fleet_of(alone(), &[("leaving", 4)]).await;
    let request = Scripted::working("term", (0..4).map(|_| json!({"sleep_ms": 3_000}))).request();
    api.start(&request).await.unwrap();
    api.until("term", "leased", PATIENCE, |status| status.phases[0].in_flight == 4).await;
    let first: Vec<u32> = eventually("all four to run", PATIENCE, async || {
        let history = fleet.history("term").unwrap();
        let pids: Vec<u32> = history.attempts().map(|attempt| attempt.pid).collect();
        (pids.len() == 4).then_some(pids)
    })
    .await;
    fleet.add_scripted_worker("staying", 4).unwrap();
    // It is connected before the other one leaves: what is measured is the release.
    fleet.worker("staying").line("connected", PATIENCE).await.unwrap();
    let at = now();
    fleet.worker("leaving").signal(Signal::TERM);
    assert_eq!(fleet.worker("leaving").exited(PATIENCE).await, Some(0));

    let status = api.ended("term").await;
    assert_eq!((status.state(), status.completed_tasks), (v1::PipelineState::Completed, 4));
    let history = fleet.history("term").unwrap();
    history.check(&api.settled("term").await).unwrap();
    for item in work_items(&api, "term").await {
        let attempts = history.of_item(&item.key);
        assert_eq!((attempts.len(), attempts[0].pid), (2, first[0]), "{attempts:?}");
        let delay = Duration::from_nanos(attempts[1].start - at);
        assert!(delay <= Duration::from_secs(1), "{} was started again after {delay:?}", item.key);
        assert_eq!((item.failures, item.lost_leases, item.preemptions), (0, 0, 1), "{item:?}");
    }
}

async fn work_items(api: &Api, id: &str) -> Vec<v1::Item> {
    api.items(id).await.into_iter().filter(|item| item.kind == "work").collect()
}
