//! The pipeline core: every decision about pipelines, items and leases, and nothing else.
//!
//! ```text
//! command ─▶ core::Core ─▶ Pipeline::apply(event, now) ─▶ effects
//!                │             ├ lease_end a worker closes a lease, with what verdict; a lease ends by itself
//!                │             ├ children  a worker adds items
//!                │             ├ gate      the last open item settles; rounds; cancel, hold, retry
//!                │             ├ recording the end, for the store; and back from there
//!                ├ Fleet       ├ ledger    items with all indexes and counts
//!                └ TokenBuckets    └ status    what is shown, with the throughput
//! ```
//! Pure: std and the shared model only. Not async, no clock, no randomness, no logging; time and random numbers
//! come in with the events. The engine around it commits what changed before anybody hears of it.

pub mod core;
pub mod fleet;
pub mod token_buckets;
pub mod event;
pub mod item;
mod causes;
mod selection;
mod ix_set;
pub mod ledger;
mod head;
mod granting;
mod verdict;
mod lease_end;
mod children;
mod gate;
mod retrying;
mod sweeping;
mod client_items;
mod recording;
mod throughput;
mod status;
mod waiting;
mod listing;
mod difference;
mod time;
mod limits;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use edgraph_shared::ids::{FencingToken, ItemKey, PipelineId};
use edgraph_shared::model::{
    AcceptedItem, ItemState, KindSettings, LeaseProgress, LeaseRef, MAX_KINDS, PipelineSpec, PipelineState,
    Progress, RequestBudget,
};

pub use event::{Acted, ClientSays, Effect, Event, Granting, IllegalTransition, ItemEnd};
pub use head::{Changes, Deed, Head, Sweep};
pub use ledger::Taking;
pub use limits::{
    MAX_BYTES, MAX_CHANGED_PER_STEP, MAX_GRANTS_PER_STEP, MAX_ITEMS, MAX_LOST_GRANTS, MAX_PARENTS,
    SHOWN_FAILURES, SHOWN_RUNNING,
};
pub use recording::{Back, NotAnEnd, raised_floor};
pub use selection::Selection;
pub use time::Millis;

use item::{Item, ItemIx, KindIx, Lease, Standing, State};
use ledger::{Doers, Kind, Ledger, NAMING};
use throughput::Throughput;

/// Why a spec cannot start a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Nothing to begin with.
    #[error("the pipeline has no root item; give spec.roots, or spec.client_items where clients name them")]
    NoRoots,
    /// Nothing to count.
    #[error("the pipeline names no counted kind")]
    NoCountedKind,
    /// More kinds than a status lists.
    #[error("the spec names {kinds} kinds of items, at most {MAX_KINDS} are allowed")]
    TooManyKinds {
        /// As named.
        kinds: usize,
    },
    /// A root that may not be.
    #[error("root item `{key}`: {reason}")]
    Root {
        /// The root.
        key: ItemKey,
        /// The rule it breaks.
        reason: String,
    },
}

/// One pipeline with all its items.
#[derive(Debug)]
pub struct Pipeline {
    head: Head,
    ledger: Ledger,
    changed: bool,
    /// How far leased items are; in memory only.
    running: BTreeMap<ItemIx, Progress>,
    /// Until when work may go on under a lease that has expired, while nobody else has the item; in memory only.
    late: BTreeMap<ItemIx, Millis>,
    /// The fleet's request budgets, to be shown; in memory only.
    requests: Vec<RequestBudget>,
    /// Why no worker takes items that wait, kind by kind, to be shown; in memory only.
    untaken: BTreeMap<String, String>,
    throughput: Throughput,
    /// The time of the last event, for what is shown.
    now: Millis,
}

impl Pipeline {
    /// A new pipeline with its root items ready.
    pub fn new(id: PipelineId, request_id: &str, spec: PipelineSpec, now: Millis) -> Result<Self, SpecError> {
        if spec.roots.is_empty() && spec.client_items.is_none() {
            return Err(SpecError::NoRoots);
        }
        if spec.counted_kind.is_empty() {
            return Err(SpecError::NoCountedKind);
        }
        let kinds = kinds_named(&spec);
        if kinds > MAX_KINDS {
            return Err(SpecError::TooManyKinds { kinds });
        }
        let roots = spec.roots.clone();
        let head = Head {
            id,
            request_id: request_id.into(),
            spec: Arc::new(spec),
            state: PipelineState::Running,
            reason: String::new(),
            paused: false,
            round: 1,
            finish_item: None,
            sweeps: Vec::new(),
            ended_by: Arc::default(),
            items: 0,
            kinds: Arc::default(),
            unavailable: BTreeMap::new(),
            graph: None,
            progress: 0,
            version: 0,
            created: now,
            round_began: now,
            updated: now,
            ended: None,
            recorded: 0,
            restored: None,
            token_floor: FencingToken::default(),
        };
        let mut pipeline = Self::assemble(head, Ledger::default(), now);
        if let Some(first) = roots.first() {
            let key = first.key.clone();
            pipeline.check_bytes(&roots).map_err(|reason| SpecError::Root { key, reason })?;
        }
        for root in roots {
            let key = root.key.clone();
            pipeline.check_item(&root, None).map_err(|reason| SpecError::Root { key, reason })?;
            pipeline.add_item(root, None);
        }
        pipeline.begin_naming();
        pipeline.note_changes(now);
        Ok(pipeline)
    }

    /// A pipeline as the tracker kept it. Leases get one fresh deadline; hints from another leader's clock are
    /// clamped, so that a wrong clock delays an item by one backoff at most.
    pub fn restore(head: Head, mut items: Vec<Item>, now: Millis, lease_deadline: Millis) -> Self {
        let mut ledger = Ledger::default();
        for name in head.kinds.iter() {
            ledger.add_kind(name.clone(), settings_of(&head.spec, name), doers_of(&head.spec, name));
        }
        for item in &mut items {
            let latest = now.plus(ledger.kind(item.kind).settings.backoff.max);
            match &mut item.state {
                State::Ready { not_before } if *not_before != Millis::NEVER => {
                    *not_before = latest.min(*not_before)
                }
                State::Leased(lease) => {
                    lease.deadline = lease_deadline;
                    // As long ago as it was at the last write, by the clock that both were written by: this leader's may be
                    // another.
                    lease.granted = now.minus(head.updated.since(lease.granted));
                }
                _ => {}
            }
        }
        ledger.adopt(items);
        Self::assemble(head, ledger, now)
    }

    fn assemble(head: Head, ledger: Ledger, now: Millis) -> Self {
        let counted = ledger.kind_ix(&head.spec.counted_kind);
        let settled = counted.map_or(0, |kind| ledger.kind(kind).counts().settled());
        Self {
            head,
            ledger,
            changed: false,
            running: BTreeMap::new(),
            late: BTreeMap::new(),
            requests: Vec::new(),
            untaken: BTreeMap::new(),
            throughput: Throughput::new(settled),
            now,
        }
    }

    /// Moves the pipeline on. Every legal move is a line here; everything else is an error.
    pub fn apply(&mut self, event: Event, now: Millis) -> Result<Vec<Effect>, IllegalTransition> {
        use PipelineState::{
            Cancelled, Cancelling, Completed, CompletedWithFailures, Failed, Finishing, Held, Running,
        };
        self.now = now;
        let mut effects = Vec::new();
        match (self.head.state, event) {
            (Running | Finishing, Event::Granted(granting)) => self.grant(granting, now, &mut effects)?,
            // What workers say about leases is never illegal: the answer tells them how their lease stands.
            (_, Event::Renewed { item, deadline }) => self.ledger.extend(item, deadline),
            (_, Event::Progressed(report)) => self.note_progress(report),
            (_, Event::Completed { completion, jitter }) => {
                self.complete(completion, now, jitter, &mut effects)
            }
            (_, Event::Failed { lease, failure, jitter }) => {
                self.fail(&lease, &failure, now, jitter, &mut effects)
            }
            (_, Event::Released { lease, reason }) => self.release(&lease, reason, &mut effects),
            (_, Event::ChildrenAdded { lease, chunk, items }) => {
                let answer = self.add_children(&lease, chunk, items, &mut effects);
                effects.push(Effect::ChildrenAdded(answer));
            }
            (_, Event::Unclaimed(item)) => self.unclaim(item, &mut effects),
            (_, Event::HolderLost(item)) => self.expire(item, now, &mut effects),
            (_, Event::TokenProven(lease)) => self.raise_token(&lease, &mut effects),
            (_, Event::Tick { jitter }) => self.tick(now, jitter, &mut effects),

            (Running | Held | Finishing, Event::Cancel) => self.cancel("cancelled by a client", &mut effects),
            (Cancelling | Cancelled, Event::Cancel) => {}
            (Running | Held | Finishing, Event::Pause) => self.set_paused(true),
            (Running | Finishing, Event::Resume) => self.set_paused(false),
            (Held, Event::Resume) => self.go_on_without_dead(&mut effects),
            (Running | Held, Event::Sweep(Deed::Revive, only)) => {
                self.retry_in_round(only.dead(), &mut effects)
            }
            (Completed | CompletedWithFailures | Failed, Event::Sweep(Deed::Revive, only)) => {
                self.retry_finished(only.dead(), now, &mut effects)
            }
            (Running, Event::Sweep(Deed::Cancel, only)) => self.sweep_now(Deed::Cancel, only, &mut effects),
            (Running | Finishing, Event::Sweep(Deed::Advance, only)) => {
                self.sweep_now(Deed::Advance, only, &mut effects)
            }
            // Idempotent in every state: what it comes too late for is told.
            (_, Event::ClientSays { says, request }) => self.by_client(says, &request, &mut effects),
            (Finishing, Event::AcceptedWritten { round, outcome }) if round == self.head.round => {
                self.accepted_written(outcome);
            }
            // The pipeline was cancelled meanwhile, or the report came twice: the list is not waited for any more.
            (_, Event::AcceptedWritten { .. }) => {}
            (_, Event::Recorded { version }) => self.note_recorded(version),
            // No change of what is shown: it was updated when it was.
            (_, Event::RecordDoubted) => {
                self.doubt_record();
                return Ok(effects);
            }
            (state, event) => return Err(IllegalTransition { state, event: event.name() }),
        }
        self.check_gate(&mut effects);
        self.note_changes(now);
        Ok(effects)
    }

    /// What to write after the events since the last call; `None` when nothing changed.
    pub fn take_changes(&mut self) -> Option<Changes> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let changed = self.ledger.take_changed();
        let items = changed.into_iter().map(|ix| (ix, self.ledger.item(ix).clone())).collect();
        Some(Changes { head: self.head.clone(), items })
    }

    fn note_changes(&mut self, now: Millis) {
        if !self.ledger.has_changes() && !self.changed {
            return;
        }
        self.changed = true;
        self.head.version += 1;
        // That the state lies in the store is no change of it.
        if self.head.recorded != self.head.version {
            self.head.updated = now;
        }
        self.head.items = u32::try_from(self.ledger.item_count()).expect("the number of items is limited");
        self.head.progress = self.progress();
        let counted = self.counts_of(&self.head.spec.counted_kind);
        self.throughput.note(counted.settled(), counted.leased, now);
        if self.head.state.is_finished() {
            self.head.ended.get_or_insert(now);
        } else {
            self.head.ended = None;
        }
    }

    /// All but the items.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// All items in order of creation.
    pub fn items(&self) -> impl Iterator<Item = (ItemIx, &Item)> {
        self.ledger.items()
    }

    /// When time alone changes something next, if ever.
    pub fn next_alarm(&self) -> Option<Millis> {
        if self.cancels_more() || self.sweeps_more() {
            return Some(Millis::ZERO);
        }
        self.ledger.next_alarm().into_iter().chain(self.deadline()).min()
    }

    /// The item with this key.
    pub fn find(&self, key: &ItemKey) -> Option<(ItemIx, &Item)> {
        let ix = self.ledger.find(key)?;
        Some((ix, self.ledger.item(ix)))
    }

    /// Remembers how far the work under a lease is, if the lease is current.
    fn note_progress(&mut self, report: LeaseProgress) {
        if let Some((ix, item)) = self.find(&report.lease.key)
            && item.standing(&report.lease) == Standing::Current
        {
            self.running.insert(ix, report.progress);
        }
    }

    /// Takes in how the fleet's request budgets stand. Whether that is news.
    pub fn show_requests(&mut self, budgets: &[RequestBudget]) -> bool {
        let is_news = self.requests != budgets;
        if is_news {
            self.requests = budgets.to_vec();
        }
        is_news
    }

    /// The kind of an item.
    pub fn kind_of(&self, ix: ItemIx) -> &Kind {
        self.ledger.kind(self.ledger.item(ix).kind)
    }

    /// Items that are with a worker, with their leases.
    pub fn leased(&self) -> impl Iterator<Item = (ItemIx, &Lease)> {
        let leased = self.ledger.in_state(ItemState::Leased);
        leased.filter_map(|ix| Some((ix, self.lease(ix)?)))
    }

    /// The name of an item's kind.
    pub fn kind_name(&self, ix: ItemIx) -> &str {
        &self.kind_of(ix).name
    }

    /// The kinds of items with their counts.
    pub fn kinds(&self) -> &[Kind] {
        self.ledger.kinds()
    }

    /// The current lease of an item.
    pub fn lease(&self, ix: ItemIx) -> Option<&Lease> {
        self.ledger.item(ix).lease()
    }

    /// How a lease that a worker names stands.
    pub fn standing(&self, lease: &LeaseRef) -> Option<Standing> {
        self.find(&lease.key).map(|(_, item)| item.standing(lease))
    }

    /// A page of the accepted list, and where the next one begins: every succeeded item of the counted kind, in order
    /// of creation. None of it changes while the list is waited for.
    pub fn accepted(&self, first: ItemIx, limit: usize) -> (Vec<AcceptedItem>, Option<ItemIx>) {
        let counted = Some(self.head.spec.counted_kind.as_str());
        let (page, next) = self.page(Some(ItemState::Succeeded), counted, first, limit);
        let accepted = page.into_iter().filter_map(|ix| {
            let item = self.ledger.item(ix);
            let State::Succeeded { result, .. } = &item.state else { return None };
            let (key, result) = (item.key.clone(), result.clone());
            Some(AcceptedItem { key, result, parents: self.parent_keys(item) })
        });
        (accepted.collect(), next)
    }

    /// The round whose accepted list is still to be written.
    pub fn awaits_accepted(&self) -> Option<u32> {
        let finish = self.head.finish_item.filter(|_| self.head.state == PipelineState::Finishing)?;
        let waits = matches!(self.ledger.item(finish).state, State::Ready { not_before: Millis::NEVER });
        waits.then_some(self.head.round)
    }

    fn parent_keys(&self, item: &Item) -> Vec<ItemKey> {
        item.parents.iter().map(|parent| self.ledger.item(*parent).key.clone()).collect()
    }
}

/// The number of kinds that a spec names anywhere.
fn kinds_named(spec: &PipelineSpec) -> usize {
    let finish = spec.finish.iter().map(|finish| finish.kind.as_str());
    let counters = spec.counters.iter().map(|counter| counter.kind.as_str());
    let roots = spec.roots.iter().map(|root| root.kind.as_str());
    let limits = spec.limits.keys().map(String::as_str);
    let named = finish.chain(counters).chain(roots).chain(limits).chain([spec.counted_kind.as_str()]);
    named.collect::<BTreeSet<&str>>().len()
}

fn settings_of(spec: &PipelineSpec, kind: &str) -> KindSettings {
    spec.limits.get(kind).cloned().unwrap_or_default()
}

fn doers_of(spec: &PipelineSpec, kind: &str) -> Doers {
    let is_clients = spec.client_items.is_some() && (kind == spec.counted_kind || kind == NAMING);
    if is_clients { Doers::Clients } else { Doers::Workers }
}

impl Pipeline {
    fn kind_or_new(&mut self, name: &str) -> KindIx {
        if let Some(ix) = self.ledger.kind_ix(name) {
            return ix;
        }
        Arc::make_mut(&mut self.head.kinds).push(name.to_owned());
        let spec = &self.head.spec;
        self.ledger.add_kind(name.to_owned(), settings_of(spec, name), doers_of(spec, name))
    }
}

#[cfg(test)]
impl Pipeline {
    /// Holds every index against the items.
    pub fn check(&self) {
        self.ledger.check();
    }
}
