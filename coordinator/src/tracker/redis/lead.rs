//! Taking, keeping and giving up the lead.

use std::sync::{MutexGuard, PoisonError};

use super::nonces::{self, Nonces};
use super::{Command, LEAD_KEYS, RedisTracker, command};
use crate::tracker::{Lead, Leader, Predecessor, Renewed, Term, TrackerError};

/// Attempts to raise the epoch over one that a pipeline's fence has and the epoch key has lost: the second succeeds
/// unless others lead meanwhile.
const RAISES: usize = 3;

impl RedisTracker {
    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lead_call(&self, what: &str, leader: &Leader) -> Command {
        let mut call = command("EVALSHA");
        call.arg(self.scripts.lead.get_hash()).arg(2).arg(&LEAD_KEYS[..2]).arg(what).arg(&leader.id);
        if what != "resign" {
            let ttl_ms = u64::try_from(leader.lock.ttl.as_millis()).unwrap_or(u64::MAX).max(1);
            call.arg(ttl_ms).arg(leader.address.as_deref().unwrap_or_default());
        }
        call
    }

    pub(super) async fn take_lead(&self, leader: &Leader) -> Result<Lead, TrackerError> {
        let mut seen = 0;
        let mut attempts = 1..=RAISES;
        let mut predecessor = None;
        loop {
            let (epoch, before) = self.take_lock(leader, seen).await?;
            // A second attempt would find this leader itself as its predecessor, so the first answer counts.
            let predecessor = *predecessor.get_or_insert(before);
            let term = Term { epoch, leader: leader.clone() };
            match self.load_all(&term).await {
                Ok(stored) => {
                    self.warn_of_settings().await;
                    let pauses = self.read_pauses().await?;
                    return Ok(Lead { term, stored, pauses, predecessor });
                }
                // A fence that is ahead of the epoch: the epoch key lost writes that the fence did not.
                Err(TrackerError::Fenced { epoch }) if attempts.next().is_some() => seen = epoch,
                Err(error) => return Err(error),
            }
        }
    }

    async fn take_lock(&self, leader: &Leader, seen: u64) -> Result<(u64, Predecessor), TrackerError> {
        let nonce = nonces::nonce();
        let mut call = self.lead_call("take", leader);
        call.arg(&nonce).arg(seen);
        let (replies, generation) = self.ask("lead", vec![call]).await?;
        let answer = self.answer(replies.into_iter().next().unwrap_or_default())?;
        match answer.word.as_str() {
            "LEADS" => {
                *self.nonces() = Nonces { written: nonce, next: nonces::nonce(), generation };
                let predecessor = match answer.values.get(1).map(String::as_str) {
                    Some("nobody") => Predecessor::Nobody,
                    Some("resigned") => Predecessor::Resigned,
                    _ => Predecessor::Unknown,
                };
                Ok((answer.epoch(), predecessor))
            }
            "LED" => {
                let leader = answer.values.into_iter().next().filter(|address| !address.is_empty());
                Err(TrackerError::Led { leader })
            }
            _ => Err(answer.unexpected()),
        }
    }

    pub(super) async fn renew_lock(&self, term: &Term) -> Result<Renewed, TrackerError> {
        let mut call = self.lead_call("renew", &term.leader);
        {
            let nonces = self.nonces();
            call.arg(&nonces.next).arg(term.epoch).arg(&nonces.written);
        }
        let (replies, generation) = self.ask("renew", vec![call]).await?;
        let answer = self.answer(replies.into_iter().next().unwrap_or_default())?;
        let mut nonces = self.nonces();
        let renewed = match answer.word.as_str() {
            "KEPT" if nonces.generation == generation => Renewed::Kept,
            "KEPT" | "RETAKEN" => Renewed::Retaken,
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
