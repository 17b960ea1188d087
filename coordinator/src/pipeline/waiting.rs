//! Why work waits, in words: the first question of whoever looks at a pipeline that does not move.

use edgraph_shared::model::PipelineState;

use super::head::Deed;
use super::item::{ItemIx, State};
use super::ledger::{Doers, Kind, NAMING};
use super::{Millis, Pipeline};

impl Pipeline {
    /// Takes in why no worker takes a kind at the moment, if none does, and what the time is. Whether the reasons are
    /// news.
    pub fn show_takers(&mut self, now: Millis, why_not: impl Fn(&Kind) -> Option<String>) -> bool {
        self.now = now;
        let by_workers = |kind: &&Kind| kind.doers == Doers::Workers && kind.counts().ready > 0;
        let waiting = self.kinds().iter().filter(by_workers);
        let untaken = waiting.filter_map(|kind| Some((kind.name.clone(), why_not(kind)?))).collect();
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
            _ if self.sweeps_more() => reasons.push(self.sweeping().to_owned()),
            _ if head.paused => reasons.push("it is paused: resume it".to_owned()),
            _ => {}
        }
        if self.awaits_accepted().is_some() {
            reasons.push(head.reason.clone());
        }
        if head.state == PipelineState::Running && head.spec.client_items.is_some() {
            reasons.extend(self.waits_for_clients());
        }
        let paused = self.requests.iter().filter_map(|budget| Some((budget.family, budget.paused.as_ref()?)));
        reasons.extend(
            paused.map(|(family, (_, cause))| format!("no requests to {family} for a while: {cause}")),
        );
        let away = head.unavailable.iter().filter(|(kind, _)| self.counts_of(kind).ready > 0);
        reasons.extend(away.map(|(kind, text)| format!("`{kind}` items wait for {text}")));
        if !matches!(head.state, PipelineState::Held | PipelineState::Cancelling) && !head.paused {
            reasons.extend(self.untaken.values().cloned());
        }
        reasons.join("; ")
    }

    /// What clients are expected to do.
    fn waits_for_clients(&self) -> Option<String> {
        let open = self.counts_of(&self.head.spec.counted_kind).ready;
        match (open, self.awaits_names()) {
            (0, false) => None,
            (0, true) => Some("its clients have not named all items".to_owned()),
            (_, false) => Some(format!("its clients have not settled {open} items")),
            (_, true) => Some(format!("its clients have not settled {open} items, nor named all")),
        }
    }

    fn sweeping(&self) -> &'static str {
        match self.head.sweeps.first().map(|sweep| sweep.deed) {
            Some(Deed::Cancel) => "items of it are being cancelled",
            Some(Deed::Advance) => "its waiting items are being put forward",
            Some(Deed::Revive) | None => "its dead items are being put back",
        }
    }

    /// Why an item that is ready is not granted; empty where a worker only has to ask.
    pub(super) fn why_waits(&self, ix: ItemIx) -> String {
        let item = self.ledger.item(ix);
        let State::Ready { not_before } = item.state else { return String::new() };
        let kind = self.kind_of(ix);
        if kind.doers == Doers::Clients {
            let what =
                if kind.name == NAMING { "name items, or say that it was the last" } else { "settle it" };
            return format!("it is its clients': one of them has to {what}");
        }
        if self.head.state == PipelineState::Cancelling {
            return "it is being cancelled".to_owned();
        }
        if not_before == Millis::NEVER {
            return self.head.reason.clone();
        }
        if self.head.paused {
            return "its pipeline is paused: resume it".to_owned();
        }
        if not_before > self.now {
            return match item.unavailable_since.and(self.head.unavailable.get(&kind.name)) {
                Some(dependency) => format!("for {dependency}"),
                None => "an attempt did not end well, and the next one is not yet due".to_owned(),
            };
        }
        if let Some(untaken) = self.untaken.get(&kind.name) {
            return untaken.clone();
        }
        if item.is_suspect() {
            return "its processes ended more than once: it waits for a worker that has nothing else"
                .to_owned();
        }
        match kind.settings.max_in_flight {
            Some(limit) if kind.counts().leased >= u64::from(limit) => {
                format!("{limit} `{}` items run, and no more may at a time", kind.name)
            }
            _ => String::new(),
        }
    }
}
