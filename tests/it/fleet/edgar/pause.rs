//! The SEC says no, and the leader dies with that news: whoever leads next keeps quiet as long as was asked.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_tests::edgar::{Fault, When};
use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::{Fleet, Settings};

use super::super::api::Api;
use super::super::{PATIENCE, is_full};
use super::{LIMIT, Site, WORKERS, accession, declared, filing_requests, request, stored, with_takeovers};
use crate::program::edgraph;

/// The filing request that is refused.
const REFUSED: usize = 15;
/// Requests that were on their way already; the rest of a token's validity, and what a busy machine adds.
const IN_FLIGHT: Duration = Duration::from_millis(500);
/// The server's clock and the leaders' may differ by this, and their timers.
const SKEW: Duration = Duration::from_millis(50);
/// Where Redis keeps pauses.
const HOSTS_KEY: &str = "edgraph:{lead}:hosts";

/// Who is left to know of the refusal when the leader is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Witness {
    /// The worker that met it: the leader died before anything was kept.
    Worker,
    /// Redis alone: every worker died too.
    Redis,
}

/// How long the server asks for: longer than a takeover takes.
fn asked_for() -> Duration {
    Duration::from_secs(if is_full() { 25 } else { 8 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_just_before_a_takeover_is_told_to_the_new_leader_by_the_worker_that_met_it() {
    refuse_and_kill(Witness::Worker).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_kept_in_redis_and_outlives_the_leader_and_every_worker() {
    refuse_and_kill(Witness::Redis).await;
}

async fn refuse_and_kill(witness: Witness) {
    let site = Site::scaled();
    let fault = Fault::Status { code: 403, retry_after: Some(asked_for()) };
    site.server.inject("-xbrl.zip", When::Nth(REFUSED), fault);
    // The worker hears of it when the leader is dead, not before.
    site.server.hold_faults(witness == Witness::Worker);
    let mut fleet = Fleet::with_coordinator(with_takeovers()).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    site.add_workers(&mut fleet, &WORKERS);
    let api = Api::new(&fleet.endpoints());
    api.start(&request("refused")).await.unwrap();

    let refused = eventually("a refusal", site.patience(), async || {
        site.server.requests().into_iter().find(|request| request.fault.is_some())
    })
    .await;
    let refused_at = match witness {
        Witness::Worker => {
            fleet.kill_coordinator(0);
            let pauses = fleet.redis.hgetall(HOSTS_KEY).await.unwrap();
            assert!(pauses.is_empty(), "somebody knew before the worker did: {pauses:?}");
            site.server.hold_faults(false);
            Instant::now()
        }
        Witness::Redis => {
            eventually("the pause to be kept", PATIENCE, async || kept(&fleet).await).await;
            check_pause(&paused(&api).await);
            downloads_stored(&site, &fleet).await;
            fleet.kill_coordinator(0);
            for name in WORKERS {
                fleet.kill_worker(name);
                site.add_worker(&mut fleet, name);
            }
            refused.at
        }
    };
    println!("{witness:?}: {:?} after the refusal", refused_at.elapsed());
    assert!(refused_at.elapsed() < asked_for(), "the leader died after the pause");

    let newer = Api::new(&fleet.endpoints()[1..]);
    check_pause(&paused(&newer).await);
    let kept = eventually("the pause to be in Redis", PATIENCE, async || kept(&fleet).await).await;
    assert!(kept.contains("403") && kept.contains("-xbrl.zip"), "{kept}");
    assert!(refused_at.elapsed() < asked_for(), "the standby took longer than the pause");

    site.asked_after(refused_at + asked_for() - SKEW).await;
    let during = site.between(refused_at + IN_FLIGHT, refused_at + asked_for() - SKEW);
    assert!(during.is_empty(), "{} requests during the pause: {during:?}", during.len());
    site.completed(&api, "refused").await;
    site.check_rule();
    assert_eq!(site.server.faults_met(), 1);
    site.check_asked_once(&api, &[accession(&refused)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_who_knows_better_ends_the_pause_for_the_whole_fleet() {
    let site = Site::with(2, LIMIT);
    // Longer than this test waits for anything: without the operator nothing goes on.
    let fault = Fault::Status { code: 403, retry_after: Some(Duration::from_secs(800)) };
    site.server.inject("-xbrl.zip", When::Nth(3), fault);
    let mut fleet = Fleet::with_coordinator(declared(Settings::default())).await.unwrap();
    site.add_workers(&mut fleet, &WORKERS[..1]);
    let endpoints = fleet.endpoints();
    let api = Api::new(&endpoints);
    api.start(&request("refused")).await.unwrap();
    check_pause(&paused(&api).await);
    eventually("the pause to be kept", PATIENCE, async || kept(&fleet).await).await;

    let lifted = edgraph(["resume-requests", "mirror", "--coordinator", &endpoints[0]]).ok().stdout;
    assert!(lifted.starts_with("requests to mirror go on, 1") && lifted.contains("-xbrl.zip"), "{lifted}");
    let written = kept(&fleet).await.unwrap();
    assert!(written.contains(" 0 lifted by somebody at 127.0.0.1:"), "{written}");
    site.completed(&api, "refused").await;
    site.check_rule();
    assert_eq!(site.server.faults_met(), 1);
}

/// Waits until everything that was asked for and not refused is in the store: nothing is asked for again because a
/// worker was killed with it.
async fn downloads_stored(site: &Site, fleet: &Fleet) {
    eventually("all downloads to be stored", PATIENCE, async || {
        let requests = site.server.requests();
        let last = requests.last().expect("one was refused");
        let asked = filing_requests(&requests).into_iter().filter(|request| request.fault.is_none());
        let asked: BTreeSet<String> = asked.map(|request| accession(&request)).collect();
        (last.at.elapsed() > IN_FLIGHT && asked.is_subset(&stored(fleet))).then_some(())
    })
    .await;
}

/// What Redis keeps of a pause.
async fn kept(fleet: &Fleet) -> Option<String> {
    fleet.redis.hgetall(HOSTS_KEY).await.ok()?.remove("mirror")
}

/// Waits until the status shows a pause.
async fn paused(api: &Api) -> v1::RequestBudget {
    eventually("a pause in the status", PATIENCE, async || {
        let status = api.get("refused").await;
        status.requests.into_iter().find(|budget| budget.paused_until.is_some())
    })
    .await
}

fn check_pause(budget: &v1::RequestBudget) {
    assert_eq!(budget.family, "mirror", "{budget:?}");
    assert!(budget.pause_cause.contains("403") && budget.pause_cause.contains("-xbrl.zip"), "{budget:?}");
}
