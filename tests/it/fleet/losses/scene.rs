//! Two coordinators, of which one may be away, one Redis, and workers that also ask a host.

use std::time::Duration;

use edgraph_tests::eventually::eventually;
use edgraph_tests::fleet::{Fleet, Settings};
use edgraph_tests::redis::Fsync;

use super::super::PATIENCE;
use super::super::api::Api;
use crate::chance::Chance;

const LEASE_TTL: Duration = Duration::from_secs(3);
pub(super) const LOCK_TTL: Duration = Duration::from_secs(1);
const WORKERS: [&str; 2] = ["one", "two"];
/// Of each worker: what is started all the time needs less than both have.
const SLOTS: u32 = 8;

/// See the module's documentation.
pub(super) struct Scene {
    pub(super) fleet: Fleet,
    pub(super) api: Api,
    pub(super) chance: Chance,
}

/// One coordinator's time as leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leader {
    pub(super) number: usize,
    id: String,
}

impl Scene {
    /// Workers ask for the document at this address.
    pub(super) async fn new(chance: Chance, asked: &str) -> Self {
        let settings = Settings {
            lease_ttl: LEASE_TTL,
            lock_ttl: LOCK_TTL,
            // Or a kill loses what was acknowledged: then whatever the leader did, it would be allowed.
            fsync: Fsync::Always,
            ..Settings::default()
        };
        let mut fleet = Fleet::with_coordinator(settings).await.unwrap();
        fleet.add_coordinator().await.unwrap();
        for name in WORKERS {
            fleet.add_scripted_worker_with(name, SLOTS, &["--asks", asked]).unwrap();
        }
        let api = Api::new(&fleet.endpoints());
        Self { fleet, api, chance }
    }

    /// The one leader, once there is one and no other.
    pub(super) async fn leader(&mut self) -> Leader {
        eventually("one leader", PATIENCE, || std::future::ready(self.only_leader())).await
    }

    fn only_leader(&mut self) -> Option<Leader> {
        let coordinators = self.fleet.coordinators.iter_mut().enumerate();
        let leading = coordinators.filter_map(|(number, one)| Some(Leader { number, id: one.leads_as()? }));
        let [leader] = &leading.collect::<Vec<_>>()[..] else { return None };
        Some(leader.clone())
    }

    /// Waits until this coordinator leads, or until it does not.
    pub(super) async fn until_leading(&mut self, number: usize, leads: bool) {
        let what = format!("coordinator {number} to lead: {leads}");
        let coordinator = &mut self.fleet.coordinators[number];
        let is_so = || std::future::ready((coordinator.leads_as().is_some() == leads).then_some(()));
        eventually(&what, PATIENCE, is_so).await;
    }

    /// The coordinator that does not lead.
    pub(super) fn other(leader: &Leader) -> usize {
        1 - leader.number
    }

    pub(super) fn has_standby(&mut self, leader: &Leader) -> bool {
        self.fleet.coordinators[Self::other(leader)].is_running()
    }

    /// Whether there is a standby from now on, by chance: one that watches, or none at all.
    pub(super) async fn draw_standby(&mut self) -> bool {
        let wanted = self.chance.one_in(2);
        let leader = self.leader().await;
        let other = Self::other(&leader);
        match (wanted, self.has_standby(&leader)) {
            (true, false) => {
                self.fleet.restart_coordinator(other).await.unwrap();
                let standby = self.fleet.coordinators[other].process();
                standby.line("waits as standby", PATIENCE).await.unwrap();
            }
            (false, true) => self.fleet.kill_coordinator(other),
            _ => {}
        }
        wanted
    }

    /// Starts a coordinator that has ended, unless there is another one.
    pub(super) async fn start_unless_followed(&mut self, leader: &Leader) {
        if !self.has_standby(leader) {
            self.fleet.restart_coordinator(leader.number).await.unwrap();
        }
    }

    /// How often a leader found something missing and wrote it whole; of one pipeline, or of all.
    pub(super) fn rewrites(&mut self, leader: &Leader, pipeline: &str) -> usize {
        let process = self.fleet.coordinators[leader.number].process();
        process.count(&["the tracker has lost writes", pipeline])
    }

    /// Between two bounds, in ms.
    pub(super) async fn pass(&mut self, (least, most): (u64, u64)) {
        let time = least + self.chance.below(most - least);
        tokio::time::sleep(Duration::from_millis(time)).await;
    }
}
