//! The fleet and its request tokens: what is lent, who hears of pauses, what is shown.

use edgraph_shared::model::{CoordinatorMessage, HostFamily, HostPause, Throttled};

use super::graphs::why_untaken;
use super::{Core, Gathered, Reply, SessionId};
use crate::pipeline::Millis;
use crate::pipeline::ledger::Kind;
use crate::pipeline::token_buckets::{KeptPause, RequestRules, TokenBuckets};

impl Core {
    /// Limits requests by these rules. A leader before this one may have lent tokens until `not_before`; its pauses
    /// go on.
    pub fn limit_requests(
        &mut self,
        rules: RequestRules,
        kept: Vec<KeptPause>,
        not_before: Millis,
        now: Millis,
    ) {
        self.requests = TokenBuckets::new(rules);
        self.requests.take_over(kept, not_before, now);
    }

    /// Lends what is due. At once, and not with a commit: a token that waits is a token lost.
    pub(super) fn lend(&mut self, now: Millis, gathered: &mut Gathered) {
        for (session, tokens) in self.requests.lend(now) {
            gathered.step.urgent.push((session, CoordinatorMessage::RequestTokens(tokens)));
        }
    }

    /// A host asked to slow down. Everybody hears of it once it is kept, so that no takeover forgets it.
    pub(super) fn throttled(
        &mut self,
        session: SessionId,
        said: &Throttled,
        now: Millis,
        gathered: &mut Gathered,
    ) {
        match self.requests.throttled(said, now) {
            Some(kept) => {
                gathered.step.pauses.push(kept);
                self.show_budgets(now, gathered);
            }
            None => self.tell_pauses(session, now, gathered),
        }
    }

    /// An operator ends pauses. The answer waits, as everybody does, until that is kept.
    pub(super) fn lift_pauses(
        &mut self,
        families: Vec<HostFamily>,
        by: &str,
        now: Millis,
        gathered: &mut Gathered,
    ) -> Reply {
        let lifted = families.into_iter().filter_map(|family| self.requests.lift(family, by, now));
        let (kept, ended): (Vec<KeptPause>, Vec<HostPause>) = lifted.unzip();
        gathered.step.pauses.extend(kept);
        Reply::Lifted(ended)
    }

    pub(super) fn pause_kept(&mut self, kept: &KeptPause, now: Millis, gathered: &mut Gathered) {
        let Some(pause) = self.requests.kept(kept, now) else { return };
        if kept.is_lifted() {
            self.show_budgets(now, gathered);
        }
        for session in self.fleet.sessions() {
            gathered.step.urgent.push((session, CoordinatorMessage::HostPaused(pause.clone())));
        }
    }

    /// Tells one worker of the pauses that are kept.
    pub(super) fn tell_pauses(&self, session: SessionId, now: Millis, gathered: &mut Gathered) {
        for pause in HostFamily::ALL.into_iter().filter_map(|family| self.requests.pause(family, now)) {
            gathered.step.messages.push((session, CoordinatorMessage::HostPaused(pause)));
        }
    }

    /// Shows how the budgets stand in every pipeline that runs.
    pub(super) fn show_budgets(&mut self, now: Millis, gathered: &mut Gathered) {
        self.budgets_shown = now;
        let budgets = self.requests.budgets(now);
        for (id, pipeline) in &mut self.pipelines {
            if !pipeline.head().state.is_finished() && pipeline.show_requests(&budgets) {
                gathered.step.refreshed.push(id.clone());
            }
        }
    }

    /// Shows in every pipeline that runs which of its kinds no worker takes.
    pub(super) fn show_takers(&mut self, now: Millis, gathered: &mut Gathered) {
        let (graph, fleet) = (self.home.graph.as_ref(), &self.fleet);
        let taken = fleet.kinds_taken();
        for (id, pipeline) in &mut self.pipelines {
            let why_not = |kind: &Kind| why_untaken(graph, fleet, &taken, kind);
            if !pipeline.head().state.is_finished() && pipeline.show_takers(now, why_not) {
                gathered.step.refreshed.push(id.clone());
            }
        }
    }
}
