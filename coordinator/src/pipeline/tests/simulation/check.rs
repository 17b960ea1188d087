//! The checker: what was seen from outside, held against the promises, as it happens and in the end.

use std::collections::BTreeSet;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, LeaseRef, PipelineState, SettleAnswer};

use super::faults::Fault;
use super::history::named;
use super::leader::{LOCK_TTL, Leading, Role};
use super::work::REFUSED;
use super::world::World;
use crate::pipeline::item::{Item, State};

/// No second has more requests than this, whoever lends the tokens.
const MOST_REQUESTS: usize = 10;
/// That second, in ms.
pub(super) const TOKEN_WINDOW: u64 = 1_000;

impl World {
    /// A standby has taken the lead: nobody lives who knew more.
    pub(super) fn check_nobody_is_replaced(&mut self, coordinator: usize) {
        let other = &self.coordinators[coordinator ^ 1];
        let Role::Leading(leading) = &other.role else { return };
        let reached_since = other.cut_off_until.max(leading.began_at);
        if !other.frozen && self.now >= reached_since + LOCK_TTL {
            self.violate(|| {
                format!("coordinator {coordinator} leads, though the other has reached the tracker since {reached_since}")
            });
        }
    }

    /// A leader gives way: never to one that led before it, which knows nothing of what it has done.
    pub(super) fn check_nobody_comes_back(&mut self, coordinator: usize) {
        // A clock that went back gives lower epochs, and the tracker was wiped: then nobody can tell.
        let (mine, other) = (&self.coordinators[coordinator].role, &self.coordinators[coordinator ^ 1].role);
        let (Role::Leading(mine), Role::Leading(other)) = (mine, other) else { return };
        let (mine, began, leads) = (mine.began_at, other.began_at, other.who.leader == self.tracker.leader());
        if leads && began < mine && !self.tracker.clock_went_back {
            self.violate(|| {
                format!(
                    "coordinator {coordinator}, leader since {mine}, gave way to the leader since {began}"
                )
            });
        }
    }

    /// Tokens for requests are lent.
    pub(super) fn note_lent(&mut self, count: u32) {
        let now = self.now;
        let lent = &mut self.history.lent;
        lent.retain(|at| *at + TOKEN_WINDOW > now);
        lent.extend((0..count).map(|_| now));
        let in_a_second = lent.len();
        if in_a_second > MOST_REQUESTS {
            self.violate(|| format!("{in_a_second} request tokens in one second"));
        }
    }

    /// A handler begins.
    pub(super) fn run_begins(
        &mut self,
        worker: usize,
        run: u64,
        lease: &LeaseRef,
        kind: &str,
        payload: &str,
    ) {
        self.note(|| format!("w{worker} begins {} {}", lease.pipeline, lease.key));
        if let Some(violation) = self.against_the_start(lease) {
            self.violate(|| violation);
        }
        self.history.run_began(run, worker, lease, kind);
        if kind == "own" {
            self.violate(|| format!("{lease:?} was granted, and the item is its clients'"));
        }
        if kind == "load" {
            self.check_gate(lease, payload);
        }
    }

    /// What speaks against a run under this lease.
    fn against_the_start(&self, lease: &LeaseRef) -> Option<String> {
        let (item, history) = (named(lease), &self.history);
        if !history.counts(lease) {
            return None;
        }
        let granted = &history.granted[lease];
        if let Some(why) = &granted.too_early {
            return Some(format!("{lease:?} was {why}"));
        }
        if let Some(twin) = history.tokens.get(&(item.clone(), lease.token.0)).filter(|twin| *twin != lease) {
            return Some(format!("a token was given twice: {twin:?} and {lease:?}"));
        }
        if let Some((token, at)) = history.shown.get(&item).filter(|(_, at)| *at < granted.at)
            && lease.token.0 <= *token
        {
            return Some(format!("{lease:?} was granted after the token {token} was shown at {at}"));
        }
        // A grant may come late, to a worker that was frozen: then its own lease has ended long ago.
        let accepted = history.accepted.get(&item).filter(|accepted| accepted.token < lease.token)?;
        if history.may_be_refused(accepted) {
            return None;
        }
        Some(format!("{lease:?} begins after the result of {accepted:?} was accepted"))
    }

    /// A finish item begins: everything else is settled, and its list is written.
    fn check_gate(&mut self, lease: &LeaseRef, payload: &str) {
        if !self.history.counts(lease) || self.loss_pending {
            return;
        }
        let Some((head, items)) = self.tracker.kept(&lease.pipeline) else {
            return self.violate(|| format!("{lease:?} runs, and its pipeline is not kept"));
        };
        let finish = |place: usize| head.finish_item.is_some_and(|ix| ix.0 as usize == place);
        let open = items.iter().enumerate().find(|(place, item)| !finish(*place) && item.state.is_open());
        let open = open.map(|(_, item)| item.key.clone());
        let round: u32 = lease.key.as_str().rsplit('/').next().unwrap().parse().unwrap();
        let listed = self.history.lists.get(&(lease.pipeline.clone(), round)).copied();
        if let Some(open) = open {
            self.violate(|| format!("{lease:?} begins while {open} is open"));
        }
        let count = format!(r#""count":{}}}"#, listed.unwrap_or(u64::MAX));
        if !payload.ends_with(&count) {
            let payload = payload.to_owned();
            self.violate(|| format!("{lease:?} begins with {payload}, and {listed:?} items are listed"));
        }
    }

    /// A worker was told what became of a result.
    pub(super) fn result_answered(&mut self, lease: &LeaseRef, answer: SettleAnswer) {
        if !self.history.counts(lease) {
            return;
        }
        if !matches!(answer, SettleAnswer::Accepted | SettleAnswer::AcceptedLate) {
            self.history.turned_down.insert(lease.clone());
            return;
        }
        if self.history.miscounted.contains(lease) {
            self.violate(|| format!("{lease:?} announced more children than it sent, and was accepted"));
        }
        let before = self.history.accepted.insert(named(lease), lease.clone());
        if let Some(before) = before.filter(|before| before != lease) {
            let (older, newer) = if before.token < lease.token { (&before, lease) } else { (lease, &before) };
            if self.history.may_be_refused(older) {
                let newer = newer.clone();
                self.history.accepted.insert(named(&newer), newer);
                return;
            }
            self.violate(|| format!("two results were accepted: of {before:?} and of {lease:?}"));
        }
    }

    /// A leader lets out an answer: no result counts while a newer lease, or one of the same token, is at work.
    pub(super) fn check_released(&mut self, coordinator: usize, message: &CoordinatorMessage) {
        let CoordinatorMessage::Settled(settlements) = message else { return };
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        let counts = |lease: &LeaseRef| {
            let item =
                leading.core.pipelines().get(&lease.pipeline).and_then(|pipeline| pipeline.find(&lease.key));
            let result = lease.lease_id.to_string();
            item.is_some_and(
                |(_, item)| matches!(&item.state, State::Succeeded { result: r, .. } if **r == *result),
            )
        };
        let accepted: Vec<LeaseRef> = settlements
            .iter()
            .filter(|one| matches!(one.answer, SettleAnswer::Accepted | SettleAnswer::AcceptedLate))
            .map(|one| one.lease.clone())
            .filter(counts)
            .collect();
        for lease in accepted {
            let newer = self.history.running.values().map(|running| running.lease.clone()).find(|other| {
                *other != lease
                    && named(other) == named(&lease)
                    && other.token >= lease.token
                    && self.history.counts(other)
            });
            if let Some(newer) = newer {
                self.violate(|| format!("the result of {lease:?} was accepted while {newer:?} is at work"));
            }
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        let mut known = self.clients.iter().flat_map(|client| &client.known);
        if self.in_trouble() || self.loss_pending || !known.all(|known| known.ended) {
            return false;
        }
        let Some(leader) = self.leader() else { return false };
        let Role::Leading(leading) = &self.coordinators[leader].role else { return false };
        let quiet = leading.flight.is_none() && leading.batch.is_empty() && leading.verify.is_none();
        // One that was lost, started again under another id and came back waits for a decision that nobody takes.
        let is_known = |id: &PipelineId| {
            let mut known = self.clients.iter().flat_map(|client| &client.known);
            known.any(|known| known.id.as_ref() == Some(id))
        };
        quiet
            && leading.core.pipelines().iter().all(|(id, pipeline)| {
                let state = pipeline.head().state;
                let is_recorded = state.is_finished() && pipeline.awaits_record().is_none();
                is_recorded || (state == PipelineState::Held && !is_known(id))
            })
    }

    pub(super) fn why_not_ended(&self) -> String {
        let known = self.clients.iter().flat_map(|client| &client.known);
        let waiting = known.filter(|known| !known.ended).map(|known| {
            let kept = known.id.as_ref().and_then(|id| self.tracker.kept(id));
            let kept = kept.map(|(head, items)| {
                let open =
                    items.iter().filter(|item| item.state.is_open()).map(|item| (&item.key, &item.state));
                (head.state, head.paused, &head.reason, open.collect::<Vec<_>>())
            });
            format!("{:?} {kept:?}", known.id)
        });
        let leading = self.leader().map(|leader| &self.coordinators[leader].role);
        let unfinished = leading.map(|role| match role {
            Role::Leading(leading) => {
                let pipelines = leading.core.pipelines().values();
                let unfinished = pipelines.filter(|pipeline| !pipeline.head().state.is_finished());
                let heads = unfinished.map(|pipeline| {
                    let head = pipeline.head();
                    (&head.id, head.state, head.paused, &head.reason)
                });
                let busy = (leading.flight.is_some(), !leading.batch.is_empty(), leading.verify.is_some());
                format!("{:?}, busy with {busy:?}", heads.collect::<Vec<_>>())
            }
            _ => "nothing".to_owned(),
        });
        let waiting: Vec<_> = waiting.collect();
        format!("not ended: {waiting:?}, leader {:?} with {unfinished:?}", self.leader())
    }

    /// At the end nothing that was promised is missing, and memory and tracker agree.
    pub(super) fn final_checks(&mut self) -> Result<(), String> {
        let leader = self.leader().ok_or("nobody leads")?;
        let Role::Leading(leading) = &self.coordinators[leader].role else {
            return Err("nobody leads".into());
        };
        self.compare_with_memory(leading)?;
        self.compare_with_store(leading)?;
        self.compare_with_history(leading)?;
        let mut items = leading.core.pipelines().values().flat_map(|pipeline| pipeline.items());
        if items.any(|(_, item)| item.parents.len() > 1) {
            self.faults.count(Fault::SharedChild);
        }
        Ok(())
    }

    fn compare_with_memory(&self, leading: &Leading) -> Result<(), String> {
        for (id, pipeline) in leading.core.pipelines() {
            let (head, items) = self.tracker.kept(id).ok_or(format!("`{id}` is not kept"))?;
            if head != pipeline.head() {
                return Err(format!("the tracker keeps {head:?}, the leader has {:?}", pipeline.head()));
            }
            if items.len() != pipeline.items().count() {
                return Err(format!(
                    "`{id}` has {} items kept, {} in memory",
                    items.len(),
                    pipeline.items().count()
                ));
            }
            for (kept, (_, item)) in items.iter().zip(pipeline.items()) {
                if kept != item {
                    return Err(format!("the tracker keeps {kept:?}, the leader has {item:?}"));
                }
                if kept.state.is_open() {
                    return Err(format!("{} is open at the end of `{id}`", kept.key));
                }
            }
        }
        Ok(())
    }

    fn compare_with_history(&self, leading: &Leading) -> Result<(), String> {
        let pipelines = leading.core.pipelines();
        for (pipeline, key) in &self.history.promised {
            if pipelines.get(pipeline).and_then(|pipeline| pipeline.find(key)).is_none() {
                return Err(format!("{pipeline} {key} was promised and is lost"));
            }
        }
        for ((pipeline, key), lease) in &self.history.accepted {
            let (_, item) = pipelines[pipeline].find(key).ok_or(format!("{key} is lost"))?;
            let expected = lease.lease_id.to_string();
            match &item.state {
                State::Succeeded { result, .. } if **result == *expected => {}
                _ if self.history.may_be_refused(lease) => {}
                other => {
                    return Err(format!("the result of {lease:?} was accepted, and the end is {other:?}"));
                }
            }
        }
        self.compare_own_items(leading)?;
        let results: BTreeSet<&str> = pipelines
            .values()
            .flat_map(|pipeline| pipeline.items())
            .filter_map(|(_, item)| match &item.state {
                State::Succeeded { result, .. } => Some(&**result),
                _ => None,
            })
            .collect();
        let counts = |lease: &&LeaseRef| results.contains(&*lease.lease_id.to_string());
        if let Some(lease) = self.history.turned_down.iter().find(counts) {
            return Err(format!("the result of {lease:?} was turned down, and counts"));
        }
        for (id, pipeline) in pipelines {
            let (head, status) = (pipeline.head(), pipeline.status());
            let ended = matches!(head.state, PipelineState::Completed | PipelineState::CompletedWithFailures);
            let listed = self.history.lists.get(&(id.clone(), head.round));
            let succeeded = status.tasks.succeeded;
            let is_refused =
                |item: &Item| matches!(&item.state, State::Dead { reason, .. } if **reason == *REFUSED);
            let refused = pipeline.items().filter(|(_, item)| is_refused(item)).count() as u64;
            let left = listed.map(|listed| listed - refused);
            if ended && head.finish_item.is_some() && left.is_some_and(|left| left != succeeded) {
                return Err(format!(
                    "{succeeded} items of `{id}` succeeded, {listed:?} were listed for the finish and {refused} refused"
                ));
            }
        }
        Ok(())
    }
}
