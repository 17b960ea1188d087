//! Pipelines to commit, with items in every state.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::{FencingToken, LeaseId, PipelineId};
use edgraph_shared::model::{
    DeadPolicy, DisplayCounter, FinishSpec, KindSettings, PipelineSpec, PipelineState, ResultRule,
    SettleAnswer, WorkItem,
};

use crate::pipeline::item::{ClosedLease, Closing, DeathCause, Item, ItemIx, Lease, State};
use crate::pipeline::{Millis, Pipeline};
use crate::tracker::{Content, Leader, LockTiming, Mark, Part, Saved, Stored};

/// A leader who stays one for the length of a test.
pub(crate) fn leader() -> Leader {
    Leader::new(Some("host:1".to_owned()), LockTiming::with_ttl(Duration::from_secs(60)))
}

/// A pipeline as a writer knows it: what the tracker should have.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) id: PipelineId,
    pub(crate) mark: Mark,
    pub(crate) items: Vec<Item>,
    pipeline: std::sync::Arc<Pipeline>,
    reason: String,
    written: u32,
}

impl Sample {
    /// A pipeline with so many ready items.
    pub(crate) fn new(id: &str, items: usize) -> Self {
        let root = |n| WorkItem {
            priority: (n % 3) as i32 - 1,
            ..WorkItem::new(
                "work",
                format!("work/{n}").parse().unwrap(),
                format!("{{\"n\": {n},\n\"é\":\"\\u0000\"}}"),
            )
        };
        let spec = PipelineSpec {
            kind: "sample".into(),
            params: "{\"with\":\"words\"}".into(),
            roots: (0..items.max(1)).map(root).collect(),
            finish: vec![FinishSpec { kind: "finish".into(), payload: String::new() }],
            limits: BTreeMap::from([(
                "work".to_owned(),
                KindSettings {
                    max_run: Duration::from_nanos(1_500_000_001),
                    max_in_flight: Some(7),
                    exclusive: Some("graph".into()),
                    result: ResultRule::Filing,
                    ..KindSettings::default()
                },
            )]),
            counted_kind: "work".into(),
            counters: vec![DisplayCounter { name: "things".into(), kind: "work".into() }],
            dead_policy: DeadPolicy::FinishWithout { max_dead: 3, max_dead_fraction: 0.1 + 0.2 },
            deadline: Some(Duration::from_millis(12_345)),
            client_items: None,
        };
        let id: PipelineId = id.parse().unwrap();
        let pipeline = Pipeline::new(id.clone(), "request", spec, Millis(1_700_000_000_123)).unwrap();
        let items = pipeline.items().map(|(_, item)| item.clone()).collect();
        let pipeline = std::sync::Arc::new(pipeline);
        Self { id, mark: Mark::default(), items, pipeline, reason: String::new(), written: 0 }
    }

    fn all(&self) -> Vec<(ItemIx, Item)> {
        (0..).map(ItemIx).zip(self.items.iter().cloned()).collect()
    }

    fn saved(&self, items: Vec<(ItemIx, Item)>, known: u32) -> Saved {
        let mut head = self.pipeline.head().clone();
        head.reason = self.reason.clone();
        head.items = u32::try_from(self.items.len()).unwrap();
        head.state = if self.reason.is_empty() { PipelineState::Running } else { PipelineState::Held };
        head.unavailable.insert("work".into(), self.reason.clone());
        head.graph = (!self.reason.is_empty()).then(|| "g-1".parse().unwrap());
        let mut status = self.pipeline.status();
        status.state = head.state;
        Saved { head, status, items, known }
    }

    fn part(&mut self, content: Content) -> Part {
        let before = self.mark;
        self.mark = before.next();
        self.written = u32::try_from(self.items.len()).unwrap();
        Part { pipeline: self.id.clone(), before, mark: self.mark, content }
    }

    pub(crate) fn created(&mut self) -> Part {
        let saved = self.saved(self.all(), 0);
        self.part(Content::Created(saved))
    }

    pub(crate) fn whole(&mut self) -> Part {
        let saved = self.saved(self.all(), 0);
        self.part(Content::Whole(saved))
    }

    /// Changes every item's state and the head; adds one item when `grow`.
    pub(crate) fn changed(&mut self, n: usize) -> Part {
        self.reason = format!("change {n}");
        for (place, item) in self.items.iter_mut().enumerate() {
            let kind = item.kind;
            *item = Item {
                key: item.key.clone(),
                payload: item.payload.clone(),
                priority: item.priority,
                kind,
                ..history(n + place)
            };
        }
        let saved = self.saved(self.all(), self.written);
        self.part(Content::Saved(saved))
    }

    /// Adds items, and changes nothing else but the head.
    pub(crate) fn grown(&mut self, items: usize) -> Part {
        let from = self.items.len();
        for n in from..from + items {
            let item = WorkItem::new("work", format!("work/{n}").parse().unwrap(), "{}");
            self.items.push(Item::new(item, crate::pipeline::item::KindIx(0), vec![ItemIx(0)]));
        }
        self.reason = format!("grown to {}", from + items);
        let new = self.all().split_off(from);
        let saved = self.saved(new, self.written);
        self.part(Content::Saved(saved))
    }

    pub(crate) fn removed(&mut self) -> Part {
        let part = self.part(Content::Removed);
        (self.mark, self.written) = (Mark::default(), 0);
        part
    }

    pub(crate) fn verify(&self) -> Part {
        Part { pipeline: self.id.clone(), before: self.mark, mark: self.mark, content: Content::Verify }
    }

    /// Whether the tracker has exactly this.
    pub(crate) fn is(&self, stored: &Stored) -> bool {
        let kept = |item: &Item| {
            let mut item = item.clone();
            if let State::Leased(lease) = &mut item.state {
                lease.deadline = Millis::ZERO;
            }
            item
        };
        let expected = self.saved(Vec::new(), 0).head;
        stored.mark == self.mark
            && stored.head == expected
            && stored.items == self.items.iter().map(kept).collect::<Vec<_>>()
    }

    #[track_caller]
    pub(crate) fn assert_is(&self, stored: &Stored) {
        assert_eq!(stored.mark, self.mark, "{}", self.id);
        assert_eq!(stored.head, self.saved(Vec::new(), 0).head);
        assert_eq!(stored.items.len(), self.items.len(), "{}", self.id);
        assert!(self.is(stored), "{}: items differ", self.id);
    }
}

/// Every state.
pub(crate) fn states() -> Vec<State> {
    let lease = Lease {
        worker: "worker \"1\"".parse().unwrap(),
        incarnation: "i".parse().unwrap(),
        lease_id: LeaseId(u64::MAX),
        granted: Millis(17),
        deadline: Millis(18),
        chunks: 2,
        children: 1_001,
    };
    vec![
        State::Ready { not_before: Millis::ZERO },
        State::Ready { not_before: Millis(1_700_000_000_000) },
        State::Ready { not_before: Millis::NEVER },
        State::Leased(Box::new(lease)),
        State::Succeeded { result: "{\"rows\": 1, \"ü\": \"\\\"\"}".into(), skipped: false },
        State::Succeeded { result: "".into(), skipped: true },
        State::Dead { reason: "no\nluck".into(), cause: DeathCause::Failure },
        State::Dead { reason: "".into(), cause: DeathCause::LostLeases },
        State::Cancelled,
    ]
}

/// Every end of a lease with every answer, and none.
pub(crate) fn closings() -> Vec<Option<ClosedLease>> {
    let hows = [Closing::Completed, Closing::Failed, Closing::Released, Closing::Expired, Closing::Revoked];
    let answers = [
        SettleAnswer::Accepted,
        SettleAnswer::AcceptedLate,
        SettleAnswer::TooLate,
        SettleAnswer::Superseded,
        SettleAnswer::Cancelled,
        SettleAnswer::Unknown,
    ];
    let mut closings = vec![None];
    for how in hows {
        for answer in answers {
            let (token, lease_id) = (FencingToken(3), LeaseId(0));
            closings.push(Some(ClosedLease { token, lease_id, how, answer, children: 7 }));
        }
    }
    closings
}

/// The n-th of many different items.
pub(crate) fn history(n: usize) -> Item {
    let (states, closings) = (states(), closings());
    let number = u32::try_from(n).unwrap();
    Item {
        parents: (0..number % 4).map(ItemIx).collect(),
        state: states[n % states.len()].clone(),
        token: FencingToken(n as u64),
        closed: closings[n % closings.len()],
        failures: number % 5,
        lost_leases: number % 3,
        preemptions: number % 2,
        unavailable_since: n.is_multiple_of(2).then_some(Millis(n as u64)),
        last_failure: n.is_multiple_of(3).then(|| format!("failure {n}").into()),
        ..Item::new(
            WorkItem::new("work", format!("work/{n}").parse().unwrap(), "{}"),
            crate::pipeline::item::KindIx(0),
            Vec::new(),
        )
    }
}
