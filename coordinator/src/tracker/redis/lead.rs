//! Looking at the lead, taking, keeping and giving it up.

use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use edgraph_shared::ids::StoreId;

use super::nonces::{self, Nonces};
use super::{Answer, CONNECT_TIMEOUT, Command, RedisTracker, command};
use crate::tracker::{
    ClockReading, Lead, Leader, LockSight, Look, Predecessor, Renewed, Term, TrackerError, patience,
};

/// Attempts to raise the epoch over one that a pipeline's fence has and the epoch key has lost: the second succeeds
/// unless others lead meanwhile.
const RAISES: usize = 3;

impl RedisTracker {
    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lead_call(&self, what: &str, leader: &Leader) -> Command {
        let mut call = command("EVALSHA");
        let keys = ["lock", "epoch", "store"].map(|name| self.keys.lead(name));
        call.arg(self.scripts.lead.get_hash()).arg(keys.len()).arg(&keys).arg(what).arg(&leader.id);
        call.arg(leader.store.as_ref().map_or("", StoreId::as_str));
        if matches!(what, "take" | "renew") {
            call.arg(millis(leader.lock.ttl).max(1)).arg(leader.address.as_deref().unwrap_or_default());
        }
        call
    }

    /// Asks about the lead, and no longer than a leader that lives may be silent: with a connection of its own next
    /// time, should this one lead nowhere.
    async fn ask_of_lead(
        &self,
        point: &'static str,
        call: Command,
        leader: &Leader,
    ) -> Result<(Answer, u64), TrackerError> {
        let longest = patience(leader.lock.ttl).max(CONNECT_TIMEOUT);
        let Ok(asked) = tokio::time::timeout(longest, self.ask(point, vec![call])).await else {
            self.link.lock().await.connection = None;
            return Err(self.unavailable(format!("no answer for {} ms", longest.as_millis())));
        };
        let (replies, generation) = asked?;
        Ok((self.answer(replies.into_iter().next().unwrap_or_default())?, generation))
    }

    pub(super) async fn look_at_lock(&self, leader: &Leader) -> Result<Look, TrackerError> {
        let (answer, _) = self.ask_of_lead("look", self.lead_call("look", leader), leader).await?;
        if answer.word == "ANOTHERS" {
            return Err(anothers(answer));
        }
        let number = |place: usize| answer.values.get(place).and_then(|text| text.parse::<i64>().ok());
        let (Some(epoch), Some(at)) = (number(0), number(1)) else { return Err(answer.unexpected()) };
        let lock = match answer.word.as_str() {
            "own" => LockSight::Own,
            "held" => {
                // A lock without an end was not written by us, and is not ours to take.
                let left = number(2).and_then(|left| u64::try_from(left).ok()).unwrap_or(u64::MAX / 2);
                LockSight::Held { left: Duration::from_millis(left) }
            }
            "resigned" => LockSight::Resigned,
            _ => LockSight::Free,
        };
        let address = answer.values.into_iter().nth(3).filter(|address| !address.is_empty());
        Ok(Look { epoch: epoch.unsigned_abs(), at: at.unsigned_abs(), lock, leader: address })
    }

    pub(super) async fn take_lead(&self, leader: &Leader, upon: &Look) -> Result<Lead, TrackerError> {
        let mut seen = 0;
        let mut attempts = 1..=RAISES;
        let mut predecessor = None;
        let mut look = upon.clone();
        loop {
            let (epoch, before, clock) = self.take_lock(leader, seen, &look).await?;
            // A second attempt would find this leader itself as its predecessor, so the first answer counts.
            let predecessor = *predecessor.get_or_insert(before);
            let term = Term { epoch, leader: leader.clone() };
            match self.load_all(&term).await {
                Ok((stored, damaged)) => {
                    self.warn_of_settings().await;
                    let pauses = self.read_pauses().await?;
                    return Ok(Lead { term, stored, damaged, pauses, predecessor, clock });
                }
                // A fence that is ahead of the epoch: the epoch key lost writes that the fence did not.
                Err(TrackerError::Fenced { epoch }) if attempts.next().is_some() => {
                    seen = epoch;
                    look = self.look_at_lock(leader).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn take_lock(
        &self,
        leader: &Leader,
        seen: u64,
        look: &Look,
    ) -> Result<(u64, Predecessor, ClockReading), TrackerError> {
        let nonce = nonces::nonce();
        let mut call = self.lead_call("take", leader);
        call.arg(&nonce).arg(seen).arg(look.epoch).arg(look.at);
        call.arg(millis(patience(leader.lock.ttl)));
        let (answer, generation) = self.ask_of_lead("lead", call, leader).await?;
        match answer.word.as_str() {
            "LEADS" => {
                *self.nonces() = Nonces { written: nonce, next: nonces::nonce(), generation };
                let predecessor = match answer.values.get(1).map(String::as_str) {
                    Some("nobody") => Predecessor::Nobody,
                    Some("resigned") => Predecessor::Resigned,
                    _ => Predecessor::Unknown,
                };
                let at = answer.values.get(2).and_then(|text| text.parse().ok());
                let clock = at.map_or_else(ClockReading::own, |at| ClockReading { at, read: Instant::now() });
                Ok((answer.epoch(), predecessor, clock))
            }
            "LED" => {
                let leader = answer.values.into_iter().next().filter(|address| !address.is_empty());
                Err(TrackerError::Led { leader })
            }
            "ANOTHERS" => Err(anothers(answer)),
            "STALE" => Err(TrackerError::Changed),
            _ => Err(answer.unexpected()),
        }
    }

    pub(super) async fn renew_lock(&self, term: &Term) -> Result<Renewed, TrackerError> {
        let mut call = self.lead_call("renew", &term.leader);
        {
            let nonces = self.nonces();
            call.arg(&nonces.next).arg(term.epoch).arg(&nonces.written);
        }
        let (answer, generation) = self.ask_of_lead("renew", call, &term.leader).await?;
        let mut nonces = self.nonces();
        let renewed = match answer.word.as_str() {
            "KEPT" if nonces.generation == generation => Renewed::Kept,
            "KEPT" => Renewed::Reconnected,
            "RETAKEN" => Renewed::Retaken,
            _ => return Err(answer.unexpected()),
        };
        let written = std::mem::replace(&mut nonces.next, nonces::nonce());
        (nonces.written, nonces.generation) = (written, generation);
        Ok(renewed)
    }

    pub(super) async fn give_up(&self, term: &Term) -> Result<(), TrackerError> {
        let call = self.lead_call("resign", &term.leader);
        self.run("resign", vec![call]).await.map(drop)
    }

    /// Settings under which Redis loses what it has acknowledged.
    pub async fn check(&self) -> Result<Vec<String>, TrackerError> {
        let settings = ["maxmemory-policy", "maxmemory", "appendonly"];
        let ask = |name: &str| {
            let mut call = command("CONFIG");
            call.arg("GET").arg(name);
            call
        };
        let (replies, _) = self.ask("check", settings.map(ask).into()).await?;
        let mut values = Vec::new();
        for reply in replies {
            let pair: Vec<String> = self.read(reply)?;
            values.push(pair.into_iter().nth(1).unwrap_or_default());
        }
        let mut warnings = Vec::new();
        if let [policy, memory, append] = values.as_slice() {
            if memory != "0" && policy != "noeviction" {
                warnings.push(format!(
                    "redis evicts keys when its memory is full (maxmemory-policy {policy}), pipelines among \
                     them; set maxmemory-policy noeviction"
                ));
            }
            if append != "yes" {
                warnings.push(
                    "redis keeps no append-only file, so its restart forgets the newest commits; set appendonly \
                     yes"
                        .to_owned(),
                );
            }
        }
        Ok(warnings)
    }

    async fn warn_of_settings(&self) {
        match self.check().await {
            Ok(warnings) => warnings.iter().for_each(|warning| tracing::warn!("{warning}")),
            // A hosted Redis may refuse to tell.
            Err(error) => tracing::info!(%error, "the settings of redis cannot be checked"),
        }
    }
}

/// The records are those of a fleet with another store.
fn anothers(answer: Answer) -> TrackerError {
    TrackerError::AnotherStore { store: answer.values.into_iter().next().unwrap_or_default() }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
