//! Tests of the core: a story per rule, tables of answers, and properties over random sequences.

mod answers;
mod gate;
mod retrying;
mod sweeping;
mod client_items;
mod recording;
mod properties;
mod core;
mod simulation;

use std::time::Duration;

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{FencingToken, LeaseId, WorkerId};
use edgraph_shared::model::{
    Backoff, Budgets, ChildrenAnswer, Completion, DeadPolicy, FinishSpec, ItemState, KindSettings, LeaseRef,
    PipelineSpec, PipelineState, RefusedResult, ReleaseReason, SettleAnswer, WorkItem,
};

use super::item::ItemIx;
use super::{Acted, Deed, Effect, Event, Granting, Millis, Pipeline, Selection, Taking};

const TTL: Duration = Duration::from_secs(15);
const MAX_RUN: Duration = Duration::from_secs(60);

/// A retry of everything that is dead.
fn retry() -> Event {
    Event::Sweep(Deed::Revive, Selection::default())
}

/// What is done to so many items.
fn acted(items: u64) -> Effect {
    Effect::Acted(Acted { items, ended: false })
}

/// `find` items discover `work` items, which are counted; `load` finishes.
fn spec(dead_policy: DeadPolicy) -> PipelineSpec {
    let settings = KindSettings {
        max_run: MAX_RUN,
        budgets: Budgets { failures: 3, lost_leases: 2, preemptions: 2 },
        backoff: Backoff { base: Duration::from_secs(1), max: Duration::from_secs(4) },
        max_unavailable: Duration::from_secs(100),
        ..KindSettings::default()
    };
    PipelineSpec {
        kind: "test".into(),
        roots: vec![item("find", "find/1")],
        finish: vec![FinishSpec { kind: "load".into(), payload: "{}".into() }],
        limits: ["find", "work", "load"].map(|kind| (kind.to_owned(), settings.clone())).into(),
        counted_kind: "work".into(),
        dead_policy,
        ..PipelineSpec::default()
    }
}

fn item(kind: &str, key: &str) -> WorkItem {
    WorkItem::new(kind, key.parse().unwrap(), "{}")
}

/// A pipeline with a clock, spoken to in short words.
struct Story {
    pipeline: Pipeline,
    now: Millis,
    next_lease: u64,
    effects: Vec<Effect>,
}

impl Story {
    fn new(dead_policy: DeadPolicy) -> Self {
        Self::with(spec(dead_policy))
    }

    fn with(spec: PipelineSpec) -> Self {
        let now = Millis(1_000_000);
        let pipeline = Pipeline::new("p".parse().unwrap(), "", spec, now).unwrap();
        Self { pipeline, now, next_lease: 1, effects: Vec::new() }
    }

    /// With `n` work items, discovered and ready.
    fn discovered(n: usize, dead_policy: DeadPolicy) -> Self {
        let mut story = Self::new(dead_policy);
        story.discover(n);
        story
    }

    fn discover(&mut self, n: usize) {
        let root = self.grant("find/1");
        let items = (1..=n).map(|n| item("work", &format!("work/{n}"))).collect();
        assert_eq!(self.add(&root, 0, items), ChildrenAnswer::Accepted);
        assert_eq!(self.complete_with(&root, n as u32), SettleAnswer::Accepted);
    }

    fn apply(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.pipeline.apply(event, self.now).expect("legal");
        self.effects.extend(effects.iter().cloned());
        // As after every step: what follows counts as a change of its own.
        self.pipeline.take_changes();
        effects
    }

    fn wait(&mut self, duration: Duration) {
        self.now = self.now.plus(duration);
        self.apply(Event::Tick { jitter: 0.5 });
    }

    fn ix(&self, key: &str) -> ItemIx {
        self.pipeline.find(&key.parse().unwrap()).expect("the item exists").0
    }

    fn grant(&mut self, key: &str) -> LeaseRef {
        let granting = Granting {
            item: self.ix(key),
            worker: worker(),
            incarnation: "i".parse().unwrap(),
            lease_id: LeaseId(self.next_lease),
            deadline: self.now.plus(TTL),
            graph: None,
        };
        self.next_lease += 1;
        let effects = self.apply(Event::Granted(granting));
        match effects.first() {
            Some(Effect::Granted(grant)) => grant.lease.clone(),
            other => panic!("no grant but {other:?}"),
        }
    }

    fn settle(&mut self, event: Event) -> SettleAnswer {
        let effects = self.apply(event);
        let mut answers = effects.iter().filter_map(|effect| match effect {
            Effect::Settled(answer) => Some(*answer),
            _ => None,
        });
        let answer = answers.next().expect("every closing message is answered");
        assert!(answers.next().is_none(), "one answer per message");
        answer
    }

    fn complete(&mut self, lease: &LeaseRef) -> SettleAnswer {
        self.complete_with(lease, 0)
    }

    fn complete_with(&mut self, lease: &LeaseRef, children: u32) -> SettleAnswer {
        let (lease, refused) = (lease.clone(), Vec::new());
        let completion = Completion { lease, result: "{}".into(), skipped: false, children, refused };
        self.settle(Event::Completed { completion, jitter: 0.5 })
    }

    /// Done, but for the results of these items.
    fn finish_refusing(&mut self, key: &str, refused: &[&str]) -> SettleAnswer {
        let lease = self.grant(key);
        let one = |key: &&str| RefusedResult { key: key.parse().unwrap(), reason: "gone".into() };
        let refused = refused.iter().map(one).collect();
        let completion = Completion { lease, result: "{}".into(), skipped: false, children: 0, refused };
        self.settle(Event::Completed { completion, jitter: 0.5 })
    }

    fn fail(&mut self, lease: &LeaseRef, failure: Failure) -> SettleAnswer {
        self.settle(Event::Failed { lease: lease.clone(), failure, jitter: 0.5 })
    }

    fn release(&mut self, lease: &LeaseRef, reason: ReleaseReason) -> SettleAnswer {
        self.settle(Event::Released { lease: lease.clone(), reason })
    }

    fn add(&mut self, lease: &LeaseRef, chunk: u32, items: Vec<WorkItem>) -> ChildrenAnswer {
        match self.apply(Event::ChildrenAdded { lease: lease.clone(), chunk, items }).pop() {
            Some(Effect::ChildrenAdded(answer)) => answer,
            other => panic!("no answer but {other:?}"),
        }
    }

    fn work(&mut self, key: &str) {
        let lease = self.grant(key);
        assert_eq!(self.complete(&lease), SettleAnswer::Accepted);
    }

    fn kill(&mut self, key: &str) {
        let lease = self.grant(key);
        assert_eq!(self.fail(&lease, Failure::permanent("broken")), SettleAnswer::Accepted);
    }

    fn state(&self) -> PipelineState {
        self.pipeline.head().state
    }

    fn item_state(&self, key: &str) -> ItemState {
        self.pipeline.find(&key.parse().unwrap()).expect("the item exists").1.state.name()
    }

    fn accept_list(&mut self) {
        let round = self.pipeline.head().round;
        self.apply(Event::AcceptedWritten { round, outcome: Ok(()) });
    }

    fn gates_fired(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::WriteAccepted { .. })).count()
    }
}

fn worker() -> WorkerId {
    "w".parse().unwrap()
}
