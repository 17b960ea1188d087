//! Chaos: for a quarter of an hour (with `EDGRAPH_FULL`) every process of a fleet of two coordinators, three workers, two
//! ingesters and Redis is killed or frozen at random, one after the other and together, while pipelines run.
//!
//! The seed is printed, and `EDGRAPH_SEED` repeats the order of the faults; what they meet is the machine's business.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use edgraph_client::v1;
use edgraph_tests::corpus::{Mirror, fixture_edgar};
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::redis::Fsync;

use super::api::Api;
use super::filings::{add_filing_worker, embedded, graph_checksum, parameters, request};
use super::{PATIENCE, is_full};
use crate::chance::Chance;

const COMPANIES: usize = 12;
const WORKERS: [&str; 3] = ["one", "two", "three"];
/// Each with a graph of its own: all rounds go to one of them.
const INGESTERS: [&str; 2] = ["left", "right"];
/// Between two faults.
const PAUSE_MS: (u64, u64) = (50, 1_500);
/// How long what was frozen or killed is away.
const AWAY_MS: (u64, u64) = (50, 4_000);

fn lasts() -> Duration {
    Duration::from_secs(if is_full() { 15 * 60 } else { 25 })
}

/// What a fault is done to.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Coordinator(usize),
    Worker(&'static str),
    Ingester(&'static str),
    Redis,
}

const VICTIMS: [Victim; 8] = [
    Victim::Coordinator(0),
    Victim::Coordinator(1),
    Victim::Worker(WORKERS[0]),
    Victim::Worker(WORKERS[1]),
    Victim::Worker(WORKERS[2]),
    Victim::Ingester(INGESTERS[0]),
    Victim::Ingester(INGESTERS[1]),
    Victim::Redis,
];

struct Chaos {
    fleet: Fleet,
    mirror: Mirror,
    chance: Chance,
    kills: usize,
    freezes: usize,
}

impl Chaos {
    fn graph(&self, ingester: &str) -> PathBuf {
        self.fleet.directory().join(ingester).join("graph")
    }

    fn start(&mut self, name: &str) {
        if WORKERS.contains(&name) {
            add_filing_worker(&mut self.fleet, &self.mirror, name);
        } else {
            let graph = self.graph(name);
            self.fleet.add_ingester(name, &graph, &[]).unwrap();
        }
    }

    /// Who ended by itself, since another process lived under its name for too long, is started again.
    fn start_again_who_ended(&mut self) {
        for name in WORKERS.into_iter().chain(INGESTERS) {
            if self.fleet.worker(name).status().is_some() {
                self.start(name);
            }
        }
    }

    /// Between two bounds, in ms.
    async fn pass(&mut self, (least, most): (u64, u64)) {
        let time = least + self.chance.below(most - least);
        tokio::time::sleep(Duration::from_millis(time)).await;
    }

    /// Takes some away for a while, and gives them back.
    async fn strike(&mut self) {
        let mut victims = VICTIMS.to_vec();
        let count = 1 + self.chance.below(3) as usize;
        let victims: Vec<(Victim, bool)> = (0..count)
            .map(|_| {
                (victims.swap_remove(self.chance.below(victims.len() as u64) as usize), self.chance.one_in(2))
            })
            .collect();
        self.start_again_who_ended();
        for (victim, dies) in &victims {
            *(if *dies { &mut self.kills } else { &mut self.freezes }) += 1;
            match (*victim, *dies) {
                (Victim::Coordinator(number), true) => self.fleet.kill_coordinator(number),
                (Victim::Coordinator(number), false) => {
                    self.fleet.coordinators[number].process().freeze().await
                }
                (Victim::Worker(name) | Victim::Ingester(name), true) => drop(self.fleet.kill_worker(name)),
                (Victim::Worker(name) | Victim::Ingester(name), false) => {
                    self.fleet.worker(name).freeze().await
                }
                (Victim::Redis, true) => drop(self.fleet.redis.kill()),
                (Victim::Redis, false) => self.fleet.redis.freeze().await,
            }
        }
        self.pass(AWAY_MS).await;
        for (victim, dies) in victims {
            match (victim, dies) {
                (Victim::Coordinator(number), true) => self.fleet.restart_coordinator(number).await.unwrap(),
                (Victim::Coordinator(number), false) => self.fleet.coordinators[number].process().thaw(),
                (Victim::Worker(name) | Victim::Ingester(name), true) => self.start(name),
                (Victim::Worker(name) | Victim::Ingester(name), false) => self.fleet.worker(name).thaw(),
                (Victim::Redis, true) => self.fleet.redis.restart().await.unwrap(),
                (Victim::Redis, false) => self.fleet.redis.thaw(),
            }
        }
    }
}

/// A pipeline that makes every filing anew, with budgets that no number of faults spends.
fn anew(id: &str) -> v1::StartPipelineRequest {
    let mut request = request(id);
    parameters(&mut request).refresh = v1::Refresh::All.into();
    let limits = &mut request.spec.as_mut().expect("it has one").limits;
    for kind in ["discover_companies", "discover_filings", "process_filing", "publish", "ingest"] {
        let settings = limits.entry(kind.to_owned()).or_default();
        (settings.max_failures, settings.max_lost_leases, settings.max_preemptions) = (1_000, 1_000, 1_000);
    }
    request
}

fn is_there(graph: &Path) -> bool {
    graph.join("graph").exists()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_and_frozen_all_pipelines_end_and_one_graph_is_the_undisturbed_one() {
    let chance = Chance::from_environment();
    let mirror = Mirror::copy_of(&fixture_edgar()).unwrap();
    mirror.scale_to(COMPANIES).unwrap();
    let expected = embedded(&mirror);
    let settings = Settings {
        lease_ttl: Duration::from_secs(3),
        lock_ttl: Duration::from_secs(1),
        fsync: Fsync::Always,
        ..Settings::default()
    };
    let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
    fleet.add_coordinator().await.unwrap();
    let api = Api::new(&fleet.endpoints());
    let mut chaos = Chaos { fleet, mirror, chance, kills: 0, freezes: 0 };
    WORKERS.into_iter().chain(INGESTERS).for_each(|name| chaos.start(name));

    let began = Instant::now();
    let mut pipelines: Vec<String> = Vec::new();
    while began.elapsed() < lasts() {
        // Several at a time, one more whenever nothing is left to do.
        let id = format!("chaos-{}", pipelines.len());
        let is_idle = match pipelines.last() {
            None => true,
            Some(last) => api.get(last).await.end_time.is_some(),
        };
        if is_idle || chaos.chance.one_in(10) {
            api.start(&anew(&id)).await.unwrap();
            pipelines.push(id);
        }
        chaos.strike().await;
        chaos.pass(PAUSE_MS).await;
    }
    chaos.start_again_who_ended();
    for id in &pipelines {
        let status = api.ended_within(id, PATIENCE * 3).await;
        assert_eq!(status.state(), v1::PipelineState::Completed, "{id}: {status:?}");
    }
    println!("{} pipelines, {} kills, {} freezes", pipelines.len(), chaos.kills, chaos.freezes);
    assert!(chaos.kills >= 3 && chaos.freezes >= 3, "too few faults for the time");
    let graphs: Vec<PathBuf> =
        INGESTERS.map(|name| chaos.graph(name)).into_iter().filter(|graph| is_there(graph)).collect();
    let [graph] = &graphs[..] else { panic!("rounds went to several graphs: {graphs:?}") };
    assert_eq!(graph_checksum(graph), expected.graph);
}
