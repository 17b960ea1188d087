//! Workers killed at random, again and again: the graph is what it would have been, and what was downloaded once is
//! not downloaded again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_tests::fleet::{Fleet, Settings};

use super::super::api::Api;
use super::super::filings::{embedded, graph_checksum};
use super::super::short_ttl;
use super::{FILINGS, LIMIT, Site, WORKERS, accession, declared, filing_requests, request, stored};
use crate::program::repetitions;

/// Filings per kill: some are settled and some are new each time.
const FILINGS_PER_KILL: usize = 5;
/// Faster than the SEC allows: a mirror of the test's own has no rule, and the kills are what takes time here.
const FAST: [&str; 2] = ["--edgar-rate", "40"];
/// The same victims in every run.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_killed_at_random_change_nothing_in_the_graph_and_ask_for_nothing_that_is_stored() {
    let kills = repetitions(100);
    let site = Site::unlimited((kills * FILINGS_PER_KILL).div_ceil(FILINGS));
    killed_at_random(&site, kills, &FAST).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_killed_at_random_do_not_make_the_fleet_ask_faster_than_is_allowed() {
    // A tenth of the kills, but enough to meet workers at work.
    let kills = (repetitions(100) / 10).max(3);
    // Twice as many filings: at the allowed rate all slots hold one that waits for its turn.
    let site = Site::with((kills * 2 * FILINGS_PER_KILL).div_ceil(FILINGS), LIMIT);
    killed_at_random(&site, kills, &[]).await;
    site.check_rule();
}

async fn killed_at_random(site: &Site, kills: usize, rate: &[&str]) {
    let mut settings = declared(Settings { lease_ttl: short_ttl(), ..Settings::default() });
    settings.coordinator_args.extend(rate.iter().map(ToString::to_string));
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    let graph = site.add_workers(&mut fleet, &WORKERS);
    let api = Api::new(&fleet.endpoints());
    api.start(&patient("kills")).await.unwrap();

    let mut chance = SEED;
    let mut known: Vec<(Instant, BTreeSet<String>)> = Vec::new();
    for kill in 0..kills {
        // Not before anything is known, and spread over the run.
        let done = (site.filings() * kill / (kills + 1)) as u64;
        let reached = |status: &v1::Pipeline| status.completed_tasks >= done && status.expected_tasks > 0;
        let status = api.until("kills", &format!("{done} filings far"), site.patience(), reached).await;
        assert!(status.end_time.is_none(), "the pipeline ended before kill {kill}");
        // At any moment of what a worker does.
        tokio::time::sleep(Duration::from_millis(random(&mut chance) % 100)).await;
        let victim = WORKERS[random(&mut chance) as usize % WORKERS.len()];
        fleet.kill_worker(victim);
        // In this order: what is stored now is asked for by nobody later.
        let stored = stored(&fleet);
        known.push((Instant::now(), stored));
        site.add_worker(&mut fleet, victim);
    }

    site.completed(&api, "kills").await;
    assert_eq!(graph_checksum(&graph), embedded(&site.mirror).graph);
    let lost: u32 = api.items("kills").await.iter().map(|item| item.lost_leases).sum();
    println!("{kills} kills, {lost} leases lost, {} requests", site.server.requests().len());
    assert!(lost > 0, "no worker held anything when it was killed");
    let requests = filing_requests(&site.server.requests());
    for (at, stored) in &known {
        let again = requests.iter().find(|request| request.at > *at && stored.contains(&accession(request)));
        assert!(again.is_none(), "stored already and asked for again: {again:?}");
    }
    assert!(known.iter().any(|(_, stored)| !stored.is_empty()), "nothing was stored before any kill");
}

/// A pipeline whose items may be lost as often as workers are killed.
fn patient(id: &str) -> v1::StartPipelineRequest {
    let mut request = request(id);
    let limits = &mut request.spec.as_mut().expect("as made").limits;
    for kind in ["discover_companies", "discover_filings", "process_filing"] {
        limits.entry(kind.to_owned()).or_default().max_lost_leases = 1_000;
    }
    request
}

/// xorshift64: what is tested needs no better chance, and the same one every time.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
