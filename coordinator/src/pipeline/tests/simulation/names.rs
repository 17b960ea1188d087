//! Two processes under one name: who is taken in, and what nobody may lose by it.

use super::Mutation;
use edgraph_shared::model::LeaseRef;

use super::leader::TTL;
use super::world::World;
use crate::pipeline::core::Command;
use crate::pipeline::fleet::SessionId;

impl World {
    /// A worker has said Hello: if another process lives under its name, this one must not be welcomed on this stream.
    pub(super) fn note_hello_beside(&mut self, coordinator: usize, stream: usize) {
        let Some(rival) = self.rival(coordinator, stream) else {
            return self.note_succession(coordinator, self.streams[stream].worker);
        };
        self.history.unwelcome.insert(stream);
        if self.mutation == Mutation::NamesOnTrust {
            self.step(coordinator, Command::Disconnected(SessionId(rival as u64)), None);
        }
    }

    /// The stream of another process of the same name that was welcomed, and of which the coordinator heard in time.
    fn rival(&mut self, coordinator: usize, stream: usize) -> Option<usize> {
        let sessions = self.coordinators[coordinator].leading()?.sessions.clone();
        let worker = self.streams[stream].worker;
        sessions.into_iter().find(|other| {
            let rival = &self.streams[*other];
            let process = &self.workers[rival.worker];
            let lives = process.is_welcome_on(*other) && !rival.cut && self.now < rival.heard_at + TTL;
            rival.worker != worker && process.name() == self.workers[worker].name() && lives
        })
    }

    pub(super) fn check_welcome(&mut self, stream: usize) {
        if self.history.unwelcome.contains(&stream) {
            let name = self.workers[self.streams[stream].worker].name();
            self.violate(|| format!("a second process is welcome as {name} while the first one lives"));
        }
    }

    /// A process is taken in: what others of its name hold is the coordinator's to give away at once, since for all that
    /// it knows they are gone.
    fn note_succession(&mut self, coordinator: usize, worker: usize) {
        let name = self.workers[worker].name();
        let is_other = |other: usize| other != worker && self.workers[other].name() == name;
        if (0..self.workers.len()).any(is_other) {
            let leases = self.leases_of(coordinator, worker);
            self.history.may_end(&leases, self.now);
        }
    }

    /// Every lease that the leader knows of a worker's name.
    pub(super) fn leases_of(&mut self, coordinator: usize, worker: usize) -> Vec<LeaseRef> {
        let id = self.workers[worker].name();
        let Some(leading) = self.coordinators[coordinator].leading() else { return Vec::new() };
        let held = leading.core.fleet().worker(&id).into_iter().flat_map(|worker| worker.held());
        let leases = held.filter_map(|(pipeline, ix)| {
            let (_, item) = leading.core.pipelines()[pipeline].items().nth(ix.0 as usize)?;
            let lease_id = item.lease()?.lease_id;
            Some(LeaseRef { pipeline: pipeline.clone(), key: item.key.clone(), token: item.token, lease_id })
        });
        leases.collect()
    }
}
