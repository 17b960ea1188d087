//! What was seen from outside: by clients, by handlers, on the wire. Nothing here asks the core what it believes.
//!
//! A leader that begins from a tracker that had lost acknowledged writes begins a new history: what was promised
//! before is gone, and what was on its way then proves nothing. Everything after it is held to the same promises.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::{ItemKey, PipelineId};
use edgraph_shared::model::{Grant, LeaseRef, PipelineSpec, WorkItem};

use super::leader::TTL;
use crate::pipeline::Head;
use crate::pipeline::item::Item;

pub(super) type Named = (PipelineId, ItemKey);

/// An item that runs.
pub(super) struct Running {
    pub(super) worker: usize,
    pub(super) lease: LeaseRef,
    is_load: bool,
}

/// A lease as it was granted.
pub(super) struct Granted {
    pub(super) at: u64,
    /// When it ends at the latest.
    until: u64,
    /// What speaks against it: another lease that could not have ended then.
    pub(super) too_early: Option<String>,
}

#[derive(Default)]
pub(super) struct History {
    pub(super) violation: Option<String>,
    /// What began before this proves nothing: writes of that time were lost.
    pub(super) lost_until: u64,
    /// Items that a client or a parent was told to exist.
    pub(super) promised: BTreeSet<Named>,
    /// The lease whose result was accepted.
    pub(super) accepted: BTreeMap<Named, LeaseRef>,
    /// Leases whose result was turned down.
    pub(super) turned_down: BTreeSet<LeaseRef>,
    /// Items whose results an end of a round has refused, with the highest token under which they had begun.
    pub(super) refused: BTreeMap<Named, u64>,
    /// Leases whose worker announced more children than it sent.
    pub(super) miscounted: BTreeSet<LeaseRef>,
    /// The highest token that a worker has shown the leader, by item.
    pub(super) shown: BTreeMap<Named, (u64, u64)>,
    /// Handlers at work, by the number of their run.
    pub(super) running: BTreeMap<u64, Running>,
    /// Every lease that began to run, by item and token.
    pub(super) tokens: BTreeMap<(Named, u64), LeaseRef>,
    /// Every lease that a leader granted, whether or not anybody heard of it.
    pub(super) granted: BTreeMap<LeaseRef, Granted>,
    /// When the leader last extended each lease.
    pub(super) extended: BTreeMap<LeaseRef, u64>,
    /// Streams on which nobody may be welcomed: another process lives under the name.
    pub(super) unwelcome: BTreeSet<usize>,
    /// When the request tokens of the last second were lent, by whomever.
    pub(super) lent: Vec<u64>,
    /// When the tracker gave the lead to each leader, whenever it was asked for it.
    pub(super) took: BTreeMap<u64, u64>,
    /// Accepted lists that were written, with their lengths.
    pub(super) lists: BTreeMap<(PipelineId, u32), u64>,
    /// Ends of pipelines that were written, with their items.
    pub(super) ends: BTreeMap<PipelineId, (Head, Vec<Item>)>,
}

pub(super) fn named(lease: &LeaseRef) -> Named {
    (lease.pipeline.clone(), lease.key.clone())
}

impl History {
    /// The tracker has lost writes for good: a new history begins.
    pub(super) fn begin_anew(&mut self, now: u64) {
        self.lost_until = now;
        self.promised.clear();
        self.accepted.clear();
        self.turned_down.clear();
        self.refused.clear();
        self.shown.clear();
        self.tokens.clear();
    }

    /// An end of a round says that it cannot use this result.
    pub(super) fn result_refused(&mut self, pipeline: &PipelineId, key: &ItemKey) {
        let item = (pipeline.clone(), key.clone());
        let begun = self.tokens.range((item.clone(), 0)..=(item.clone(), u64::MAX));
        let newest = begun.last().map_or(0, |((_, token), _)| *token);
        let refused = self.refused.entry(item).or_default();
        *refused = newest.max(*refused);
    }

    /// Whether this result may have been refused, and the item made again.
    pub(super) fn may_be_refused(&self, lease: &LeaseRef) -> bool {
        self.refused.get(&named(lease)).is_some_and(|newest| lease.token.0 <= *newest)
    }

    /// Whether the lease belongs to this history.
    pub(super) fn counts(&self, lease: &LeaseRef) -> bool {
        self.granted.get(lease).is_some_and(|granted| granted.at > self.lost_until)
    }

    pub(super) fn started(&mut self, pipeline: &PipelineId, spec: &PipelineSpec) {
        self.promised.extend(spec.roots.iter().map(|root| (pipeline.clone(), root.key.clone())));
    }

    pub(super) fn children_accepted(&mut self, parent: &LeaseRef, items: &[WorkItem]) {
        if self.counts(parent) {
            self.promised.extend(items.iter().map(|item| (parent.pipeline.clone(), item.key.clone())));
        }
    }

    pub(super) fn run_began(&mut self, run: u64, worker: usize, lease: &LeaseRef, kind: &str) {
        if self.counts(lease) {
            self.tokens.insert((named(lease), lease.token.0), lease.clone());
        }
        self.running.insert(run, Running { worker, lease: lease.clone(), is_load: kind == "load" });
    }

    pub(super) fn run_ended(&mut self, run: u64) {
        self.running.remove(&run);
    }

    pub(super) fn process_ended(&mut self, worker: usize) {
        self.running.retain(|_, running| running.worker != worker);
    }

    /// Another process has the name of those that hold these: they may end at once.
    pub(super) fn may_end(&mut self, leases: &[LeaseRef], now: u64) {
        for lease in leases {
            if let Some(granted) = self.granted.get_mut(lease) {
                granted.until = granted.until.min(now);
            }
        }
    }

    /// While an item runs under one lease, another one is right only if the first can have ended; and so it is for
    /// all loads, which share one graph.
    pub(super) fn note_grant(&mut self, grant: &Grant, now: u64) {
        let lease = &grant.lease;
        let is_load = grant.item.kind == "load";
        let contends = |other: &&Running| {
            // The one before it: those before that one were looked at when it was granted.
            let same = named(&other.lease) == named(lease);
            (same && other.lease.token.next() == lease.token) || (!same && is_load && other.is_load)
        };
        let too_early = self.running.values().filter(contends).find_map(|other| {
            let extended = self.extended.get(&other.lease).copied().unwrap_or(0);
            let granted = &self.granted[&other.lease];
            let may_end = (granted.at.max(extended) + TTL).min(granted.until);
            let early = now < may_end && self.counts(&other.lease);
            early.then(|| {
                format!("granted at {now} while w{} holds {:?} until {may_end}", other.worker, other.lease)
            })
        });
        let until = now + u64::try_from(grant.max_run.as_millis()).unwrap();
        self.granted.insert(lease.clone(), Granted { at: now, until, too_early });
    }
}
