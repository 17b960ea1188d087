//! Two processes under one name: who is taken in, and what nobody may lose by it.

use super::Mutation;
use super::leader::TTL;
use super::world::World;
use crate::pipeline::core::Command;
use crate::pipeline::fleet::SessionId;

impl World {
    /// A worker has said Hello: if another process lives under its name, this one must not be welcomed on this stream.
    pub(super) fn note_hello_beside(&mut self, coordinator: usize, stream: usize) {
        let Some(rival) = self.rival(coordinator, stream) else { return };
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

    /// A process was taken in: what others of its name still run is the coordinator's to give away, since for all that
    /// it knows they are gone.
    pub(super) fn note_succession(&mut self, worker: usize) {
        let name = self.workers[worker].name();
        let others: Vec<usize> = (0..self.workers.len())
            .filter(|other| *other != worker && self.workers[*other].name() == name)
            .collect();
        self.history.holders_lost(&others, self.now);
    }
}
