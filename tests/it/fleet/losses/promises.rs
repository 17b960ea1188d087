//! What was promised to whoever started a pipeline, and whether it was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Instant;

use edgraph_client::v1;
use edgraph_tests::eventually::eventually_true;
use edgraph_tests::fleet::Fleet;
use edgraph_tests::history::{Event, History, Moment, Reader};
use tonic::Code;

use super::super::PATIENCE;
use super::super::api::Api;
use super::scene::Scene;
use super::starts::{Start, Starts};

/// Items of a pipeline that is to be under way when a key of it is lost, and for a while after.
const VICTIM_ITEMS: u32 = 40;

/// What is remembered after a loss.
pub(super) enum Memory {
    /// All: nothing was lost, or the leader that knew it leads on.
    Whole,
    /// What there was before `since`, and what the new leader acknowledged: the one that knew the rest was away for so
    /// long that another one leads. It has named what only its memory held.
    Since {
        /// When the memory is from that Redis has.
        since: Instant,
        /// The new leader's number.
        led_by: usize,
        /// What the old one said.
        named: String,
    },
}

impl Memory {
    /// Whether it was acknowledged by one whose memory counts for nothing any more.
    fn is_older_than(&self, start: &Start) -> bool {
        match self {
            Self::Whole => false,
            Self::Since { since, led_by, .. } => start.at < *since || start.by != *led_by,
        }
    }

    /// Whether it may be gone; then it was named.
    fn may_lack(&self, start: &Start) -> bool {
        match self {
            Self::Whole => false,
            Self::Since { since, named, .. } => {
                self.is_older_than(start) && start.at >= *since && named.contains(&start.id)
            }
        }
    }
}

/// How much of a pipeline's history one leader's memory, or an unbroken chain of them, has seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// All: nothing of it may happen twice.
    All,
    /// What it was at an earlier time, and all since: what was forgotten is done again.
    Older,
    /// Nothing: it was lost or damaged, and started again.
    Anew,
}

struct Kept {
    start: Start,
    seen: Seen,
}

/// See the module's documentation.
pub(super) struct Promises {
    starts: Starts,
    reader: Reader,
    events: BTreeMap<String, Vec<Event>>,
    /// Acknowledged and not yet seen to end.
    open: BTreeMap<String, Kept>,
    /// Those of the loss before, which have ended: the next one must not cost them either.
    ended: BTreeMap<String, Kept>,
    /// Forgotten: nothing of them starts any more.
    forgotten: BTreeSet<String>,
    victims: usize,
    /// Lost with the memory of a leader that was replaced.
    lost: usize,
    damaged: usize,
}

impl fmt::Display for Promises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { forgotten, ended, victims, lost, damaged, .. } = self;
        let kept = forgotten.len() + ended.len();
        write!(
            f,
            "{kept} pipelines kept, {lost} lost and named, {damaged} damaged, named and mended, {victims} victims"
        )
    }
}

impl Promises {
    pub(super) fn of(fleet: &Fleet) -> Self {
        Self {
            starts: Starts::begin(&fleet.endpoints()),
            reader: fleet.history_reader(),
            events: BTreeMap::new(),
            open: BTreeMap::new(),
            ended: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            victims: 0,
            lost: 0,
            damaged: 0,
        }
    }

    /// Waits until there are some that are open.
    pub(super) async fn are_made(&mut self) {
        eventually_true("a start", PATIENCE, || {
            self.note_starts();
            !self.open.is_empty()
        })
        .await;
    }

    fn note_starts(&mut self) {
        for start in self.starts.news() {
            self.open.insert(start.id.clone(), Kept { start, seen: Seen::All });
        }
    }

    /// A pipeline that has begun, and goes on for a while.
    pub(super) async fn victim(&mut self, api: &Api) -> String {
        let id = format!("victim-{:06}", self.victims);
        self.victims += 1;
        let start = Start::acknowledged(api, id.clone(), VICTIM_ITEMS).await;
        self.open.insert(id.clone(), Kept { start, seen: Seen::All });
        api.until(&id, "under way", PATIENCE, |status| status.completed_tasks > 0).await;
        id
    }

    /// One that has ended, where there is one.
    pub(super) fn ended_victim(&self) -> Option<String> {
        self.ended.keys().next().cloned()
    }

    /// Starts a pipeline that is damaged as it was started before.
    pub(super) async fn mend(&mut self, api: &Api, id: &str) {
        let kept = self.ended.remove(id).or_else(|| self.open.remove(id));
        let items = kept.expect("it was started before").start.items;
        let start = Start::acknowledged(api, id.to_owned(), items).await;
        self.open.insert(id.to_owned(), Kept { start, seen: Seen::Anew });
        self.damaged += 1;
    }

    /// Checks all that hold after a loss, once everything has ended that was acknowledged by now.
    pub(super) async fn check(&mut self, scene: &mut Scene, memory: &Memory) {
        self.note_starts();
        for (id, kept) in &mut self.open {
            if let Err(status) = scene.api.find(id).await {
                let Start { by, items, .. } = kept.start;
                assert!(
                    status.code() == Code::NotFound && memory.may_lack(&kept.start),
                    "{id} is lost, which coordinator {by} has acknowledged: {status}"
                );
                kept.start = Start::acknowledged(&scene.api, id.clone(), items).await;
                kept.seen = Seen::Anew;
                self.lost += 1;
            } else if memory.is_older_than(&kept.start) && kept.seen == Seen::All {
                kept.seen = Seen::Older;
            }
        }
        for id in self.open.keys() {
            scene.api.ended(id).await;
        }
        self.read_events();
        for kept in self.open.values().chain(self.ended.values()) {
            self.judge(&scene.api, kept).await;
        }
        for (id, kept) in std::mem::replace(&mut self.ended, std::mem::take(&mut self.open)) {
            scene.api.delete(&id).await;
            self.events.remove(&id);
            if kept.seen == Seen::All {
                self.forgotten.insert(id);
            }
        }
    }

    fn read_events(&mut self) {
        for event in self.reader.news().unwrap() {
            let is_over = self.forgotten.contains(&event.pipeline);
            assert!(event.event != Moment::Start || !is_over, "after the end: {event:?}");
            self.events.entry(event.pipeline.clone()).or_default().push(event);
        }
    }

    /// It has ended with all of its items, no fault is counted against any, and what its workers wrote down agrees.
    async fn judge(&self, api: &Api, Kept { start: Start { id, items, .. }, seen }: &Kept) {
        let status = api.get(id).await;
        assert_eq!(
            (status.state(), status.completed_tasks, status.failed_tasks),
            (v1::PipelineState::Completed, u64::from(*items), 0),
            "{id}: {status:?}"
        );
        if *seen == Seen::Anew {
            return;
        }
        for item in api.items(id).await {
            let lost_leases = if *seen == Seen::All { item.lost_leases } else { 0 };
            assert_eq!((item.failures, item.preemptions, lost_leases), (0, 0, 0), "{id}: {item:?}");
        }
        let mut events = self.events.get(id).cloned().unwrap_or_default();
        events.sort_by_key(|event| event.at);
        let history = History::told_by(events, &[]);
        let settled = api.settled(id).await;
        let checked = history.and_then(|history| match seen {
            Seen::All => history.check(&settled),
            Seen::Older | Seen::Anew => history.check_results(&settled),
        });
        checked.unwrap_or_else(|error| panic!("{id}: {error}"));
    }
}
