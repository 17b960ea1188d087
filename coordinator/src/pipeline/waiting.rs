//! Why work waits, in words: the first question of whoever looks at a pipeline that does not move.

use edgraph_shared::model::PipelineState;

use super::ledger::Kind;
use super::{Millis, Pipeline};

impl Pipeline {
    /// Takes in why no worker takes a kind at the moment, if none does, and what the time is. Whether the reasons are
    /// news.
    pub fn show_takers(&mut self, now: Millis, why_not: impl Fn(&Kind) -> Option<String>) -> bool {
        self.now = now;
        let waiting = self.kinds().iter().filter(|kind| kind.counts().ready > 0);
        let untaken: Vec<String> = waiting.filter_map(why_not).collect();
        let is_news = self.untaken != untaken;
        self.untaken = untaken;
        is_news
    }

    /// Empty where nothing keeps the work from going on.
    pub(super) fn waiting_for(&self) -> String {
        let head = self.head();
        if head.state.is_finished() {
            return String::new();
        }
        let mut reasons = Vec::new();
        match head.state {
            PipelineState::Held => {
                reasons.push(
                    "dead items need a decision: retry them, resume without them, or cancel".to_owned(),
                );
            }
            PipelineState::Cancelling if self.cancels_more() => {
                reasons.push("its waiting items are being cancelled".to_owned());
            }
            PipelineState::Cancelling => reasons.push("its workers have not stopped yet".to_owned()),
            _ if self.revives_more() => reasons.push("its dead items are being put back".to_owned()),
            _ if head.paused => reasons.push("it is paused: resume it".to_owned()),
            _ => {}
        }
        if self.awaits_accepted().is_some() {
            reasons.push(head.reason.clone());
        }
        let paused = self.requests.iter().filter_map(|budget| Some((budget.family, budget.paused.as_ref()?)));
        reasons.extend(
            paused.map(|(family, (_, cause))| format!("no requests to {family} for a while: {cause}")),
        );
        let away = head.unavailable.iter().filter(|(kind, _)| self.counts_of(kind).ready > 0);
        reasons.extend(away.map(|(kind, text)| format!("`{kind}` items wait for {text}")));
        if !matches!(head.state, PipelineState::Held | PipelineState::Cancelling) && !head.paused {
            reasons.extend(self.untaken.iter().cloned());
        }
        reasons.join("; ")
    }
}
