//! Pauses of hosts, in one hash a person can read: the family, and until when, how often before, why.

use edgraph_shared::model::HostFamily;

use super::{RedisTracker, command};
use crate::pipeline::Millis;
use crate::pipeline::token_buckets::KeptPause;
use crate::tracker::{Term, TrackerError};

impl RedisTracker {
    /// In the slot of the lead: only a leader writes it.
    fn hosts_key(&self) -> String {
        self.keys.lead("hosts")
    }

    /// Overwrites the family's pause, if this leader still leads.
    pub(super) async fn write_pause(&self, term: &Term, pause: &KeptPause) -> Result<(), TrackerError> {
        let mut call = command("EVALSHA");
        call.arg(self.scripts.register.get_hash()).arg(2).arg(self.hosts_key()).arg(self.keys.lead("epoch"));
        call.arg(term.epoch).arg(&term.leader.id).arg(pause.family.name()).arg(written(pause));
        let refused =
            self.run("pause", vec![call]).await?.into_iter().find(|answer| answer.word != "REGISTERED");
        refused.map_or(Ok(()), |answer| Err(answer.unexpected()))
    }

    pub(super) async fn read_pauses(&self) -> Result<Vec<KeptPause>, TrackerError> {
        let ask = |family: HostFamily| {
            let mut call = command("HGET");
            call.arg(self.hosts_key()).arg(family.name());
            call
        };
        let (replies, _) = self.ask("pauses", HostFamily::ALL.map(ask).into()).await?;
        let mut pauses = Vec::new();
        for (family, reply) in HostFamily::ALL.into_iter().zip(replies) {
            let text: Option<String> = self.read(reply)?;
            // An entry that cannot be read is left out: workers that a host refuses report the pause again.
            pauses.extend(text.and_then(|text| read(family, &text)));
        }
        Ok(pauses)
    }
}

fn written(pause: &KeptPause) -> String {
    format!("{} {} {}", pause.until.0, pause.strikes, pause.cause)
}

fn read(family: HostFamily, text: &str) -> Option<KeptPause> {
    let mut words = text.splitn(3, ' ');
    let (until, strikes) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(KeptPause {
        family,
        until: Millis(until),
        strikes,
        cause: words.next().unwrap_or_default().to_owned(),
    })
}
