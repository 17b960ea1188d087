//! Taking the lead, in the order that lets no older leader's commit in, and losing it again.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::PipelineId;

use super::Mutation;
use super::check::TOKEN_WINDOW;
use super::faults::Fault;
use super::leader::{LOCK_MARGIN, LOCK_TTL, Leading, Role, TTL};
use super::tracker::{Answer, Entry, Mark, Op, Who};
use super::world::World;
use crate::pipeline::core::{Command, Core, Timing};
use crate::pipeline::item::Item;
use crate::pipeline::token_buckets::RequestRules;
use crate::pipeline::{Head, Millis};

/// A takeover on its way.
pub(super) struct Taking {
    who: Who,
    asked_at: u64,
    nonce: u64,
    /// Answers still missing in this stage.
    missing: usize,
    index: Vec<Entry>,
    loaded: Vec<(Mark, Head, Vec<Item>)>,
    loading: bool,
}

impl World {
    /// The lock is taken: what is listed is fenced, then loaded.
    pub(super) fn begin_to_take(&mut self, coordinator: usize, who: Who, nonce: u64, asked_at: u64) {
        self.coordinators[coordinator].seen_epoch = who.epoch;
        self.coordinators[coordinator].role = Role::Taking(Box::new(Taking {
            who,
            asked_at,
            nonce,
            missing: 0,
            index: Vec::new(),
            loaded: Vec::new(),
            loading: false,
        }));
        self.ask(coordinator, Op::Index);
    }

    pub(super) fn take_over(&mut self, coordinator: usize, answer: Answer, run: u64) {
        let Role::Taking(taking) = &mut self.coordinators[coordinator].role else { return };
        let who = taking.who;
        match answer {
            Answer::Index(index) => {
                taking.missing = index.len();
                taking.index = index.clone();
                for (pipeline, _) in index {
                    self.ask(coordinator, Op::Raise { who, pipeline });
                }
            }
            Answer::Done => taking.missing -= 1,
            Answer::Loaded(loaded) => {
                taking.missing -= 1;
                taking.loaded.extend(loaded.map(|loaded| *loaded));
            }
            _ => return,
        }
        let Role::Taking(taking) = &mut self.coordinators[coordinator].role else { return };
        if taking.missing > 0 {
            return;
        }
        if !std::mem::replace(&mut taking.loading, true) && !taking.index.is_empty() {
            taking.missing = taking.index.len();
            for (pipeline, _) in taking.index.clone() {
                self.ask(coordinator, Op::Load { pipeline });
            }
            return;
        }
        self.begin_to_lead(coordinator, run);
    }

    fn begin_to_lead(&mut self, coordinator: usize, run: u64) {
        let now = self.clock(coordinator);
        let role = std::mem::replace(&mut self.coordinators[coordinator].role, Role::Standby);
        let Role::Taking(taking) = role else { return };
        let Taking { who, asked_at, nonce, index, loaded, .. } = *taking;
        self.coordinators[coordinator].seen_epoch = 0;
        self.faults.count(Fault::Takeover);
        // What was shown to the leader before may not have been committed.
        self.history.shown.clear();
        self.note(|| format!("coordinator {coordinator} leads as {who:?}"));
        if std::mem::take(&mut self.loss_pending) {
            self.faults.count(Fault::LostWrites);
            self.begin_anew_beside(coordinator);
        }
        let marks: BTreeMap<PipelineId, Mark> =
            loaded.iter().map(|(mark, head, _)| (head.id.clone(), *mark)).collect();
        for entry in index.into_iter().filter(|(id, _)| !marks.contains_key(id)) {
            self.ask(coordinator, Op::Unregister { who, entry });
        }
        let stored = loaded.into_iter().map(|(_, head, items)| (head, items)).collect();
        let timing = Timing::with_ttl(Duration::from_millis(TTL));
        // The one before may lead still, for as long as its lock lives.
        let quiet_until = match self.mutation {
            Mutation::TokensAtOnce => now,
            _ => now.plus(Duration::from_millis(LOCK_TTL + TOKEN_WINDOW)),
        };
        let mut core = Core::restore(timing, stored, quiet_until, now);
        core.limit_requests(RequestRules::default(), Vec::new(), quiet_until, now);
        let took = self.history.took[&who.leader];
        let leading = Leading::new(core, who, nonce, run, marks, (asked_at, took));
        self.coordinators[coordinator].role = Role::Leading(Box::new(leading));
        self.renew_now(coordinator);
        if self.mutation == Mutation::TokensAtOnce {
            self.step(coordinator, Command::LeadProven { until: Millis(u64::MAX), alone_from: None }, None);
        }
        self.step(coordinator, Command::Tick, None);
        self.flush(coordinator);
    }

    /// A new history begins: at once, or when the other one leads no more.
    fn begin_anew_beside(&mut self, coordinator: usize) {
        let other = matches!(self.coordinators[coordinator ^ 1].role, Role::Leading(_));
        self.history.begin_anew(if other { u64::MAX } else { self.now });
    }

    /// The lock is renewed.
    pub(super) fn renewed(
        &mut self,
        coordinator: usize,
        nonce: u64,
        asked_at: u64,
        answer: &Answer,
        run: u64,
    ) {
        let (pending, now) = (self.loss_pending, self.clock(coordinator));
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        leading.nonce = nonce;
        leading.valid_until = asked_at + LOCK_TTL - LOCK_MARGIN;
        let valid_until = leading.valid_until;
        // A new connection, or a lock that is not as it was left: the tracker may have lost writes.
        let retaken = matches!(answer, Answer::Retaken);
        let began_at = leading.began_at;
        let may_have_lost = retaken || leading.run != run;
        leading.run = run;
        if may_have_lost {
            leading.verify = Some(run);
            if pending {
                self.note(|| "the leader verifies what the tracker kept".to_owned());
            }
        }
        if retaken && self.history.took.values().any(|took| *took > began_at) {
            // Another has led since, and the tracker forgot it: what that one said proves nothing.
            self.begin_anew_beside(coordinator);
        }
        let until = self.clock_at(coordinator, valid_until);
        let lends_at_once = self.mutation == Mutation::TokensAtOnce;
        let quiet = now.plus(Duration::from_millis(LOCK_TTL + TOKEN_WINDOW));
        let alone_from = (retaken && !lends_at_once).then_some(quiet);
        self.step(coordinator, Command::LeadProven { until, alone_from }, None);
        self.flush(coordinator);
    }

    /// Another leader has taken over: what was not released is never heard of.
    pub(super) fn step_down(&mut self, coordinator: usize) {
        self.faults.count(Fault::SteppedDown);
        self.check_nobody_comes_back(coordinator);
        self.note(|| format!("coordinator {coordinator} steps down"));
        self.believe_no_more(coordinator);
        let process = &mut self.coordinators[coordinator];
        process.rpcs.clear();
        if let Role::Leading(leading) = std::mem::replace(&mut process.role, Role::Standby) {
            leading.sessions.into_iter().for_each(|stream| self.cut(stream));
        }
    }

    /// After lost writes two may lead for a while. What the one said that goes now proves nothing.
    pub(super) fn believe_no_more(&mut self, coordinator: usize) {
        let led = matches!(self.coordinators[coordinator].role, Role::Leading(_));
        if led && self.tracker.has_lost && self.leader() != Some(coordinator) {
            self.history.begin_anew(self.now);
        }
    }
}
