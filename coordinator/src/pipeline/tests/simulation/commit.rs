//! Group commit: what is decided while a commit is on its way goes into the next one, and nobody hears of a step
//! before the commit that contains it. One of the mutations tears a commit in two here.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::{CoordinatorMessage, PipelineState};

use super::Mutation;
use super::faults::{CrashPoint, Fault};
use super::tracker::{Answer, Content, Mark, Op, Part};
use super::world::{Event, World};
use crate::pipeline::core::{AcceptedList, Command, CommandError, End, PipelineChange, Reply};
use crate::pipeline::item::{Item, ItemIx, State};
use crate::pipeline::{Changes, Head, Millis};

/// What happens once a commit is done.
pub(super) enum Release {
    Reply(usize, u64, Result<Reply, CommandError>),
    Message(usize, CoordinatorMessage),
    End(usize),
    WriteAccepted(AcceptedList),
    WriteEnd(End),
}

/// Changes that are not on their way yet, and what waits for them.
#[derive(Default)]
pub(super) struct Batch {
    changes: BTreeMap<PipelineId, (Head, BTreeMap<ItemIx, Item>)>,
    pub(super) releases: Vec<Release>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.releases.is_empty()
    }

    pub(super) fn add(&mut self, change: PipelineChange) {
        let PipelineChange::Saved(changes) = change else { return };
        let Changes { head, items } = *changes;
        let place = self.changes.entry(head.id.clone()).or_insert_with(|| (head.clone(), BTreeMap::new()));
        place.0 = head;
        place.1.extend(items);
    }
}

/// A commit on its way.
pub(super) struct Flight {
    waiting: BTreeSet<u64>,
    /// To be sent once what is waited for is done.
    then: Vec<Vec<Op>>,
    releases: Vec<Release>,
    /// The run of the tracker that is verified, and since when.
    verifies: Option<(u64, u64)>,
}

impl World {
    /// Starts the next commit, or lets out what waits for none.
    pub(super) fn flush(&mut self, coordinator: usize) {
        let now = self.now;
        let held_back = self.mutation != Mutation::StaleReads;
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        if leading.flight.is_some() {
            return;
        }
        if leading.batch.changes.is_empty() && leading.verify.is_none() {
            // Whoever may have been replaced without knowing it has nothing to say.
            if leading.valid_until > now || !held_back {
                let (who, releases) = (leading.who, std::mem::take(&mut leading.batch.releases));
                let answers = releases.iter().any(|release| matches!(release, Release::Reply(..)));
                if answers && who.leader != self.tracker.leader() && !self.tracker.has_lost {
                    self.violate(|| format!("{who:?} answered a client after another had taken the lead"));
                }
                self.release(coordinator, releases);
            } else if !leading.batch.releases.is_empty() {
                self.faults.count(Fault::ReadHeldBack);
            }
            return;
        }
        let who = leading.who;
        let Batch { changes, releases } = std::mem::take(&mut leading.batch);
        let verifies = leading.verify.take().map(|run| (run, now));
        let (mut registers, mut parts) = (Vec::new(), Vec::new());
        if verifies.is_some() {
            for (pipeline, mark) in &leading.marks {
                let created = leading.core.pipelines()[pipeline].head().created.0;
                registers.push(Op::Register { who, entry: (pipeline.clone(), created) });
                if !changes.contains_key(pipeline) {
                    parts.push(part(pipeline.clone(), *mark, *mark, Content::Verify, None, Vec::new()));
                }
            }
        }
        for (pipeline, (head, items)) in changes {
            let known = leading.marks.get(&pipeline).copied();
            let before = known.unwrap_or_default();
            let mark = Mark { sequence: before.sequence + 1, commit: self.chance.next() };
            let content = if known.is_some() { Content::Saved } else { Content::Created };
            if known.is_none() {
                registers.push(Op::Register { who, entry: (pipeline.clone(), head.created.0) });
            }
            leading.marks.insert(pipeline.clone(), mark);
            parts.push(part(pipeline, before, mark, content, Some(head), items.into_iter().collect()));
        }
        let mut stages = vec![registers];
        if self.mutation == Mutation::SplitGate && parts.iter().any(fires_gate) {
            stages.extend(split_at_gate(parts).map(|parts| writes(who, parts)));
        } else {
            stages.push(writes(who, parts));
        }
        stages.reverse();
        leading.flight = Some(Flight { waiting: BTreeSet::new(), then: stages, releases, verifies });
        if !self.dies_at(coordinator, CrashPoint::BeforeCommit) {
            self.next_stage(coordinator);
        }
    }

    /// Sends what comes next of the commit on its way, or ends it.
    fn next_stage(&mut self, coordinator: usize) {
        loop {
            let Some(leading) = self.coordinators[coordinator].leading() else { return };
            let Some(flight) = leading.flight.as_mut().filter(|flight| flight.waiting.is_empty()) else {
                return;
            };
            let Some(stage) = flight.then.pop() else { break };
            for op in stage {
                let rpc = self.ask(coordinator, op);
                let Some(leading) = self.coordinators[coordinator].leading() else { return };
                leading.flight.as_mut().expect("looked at above").waiting.insert(rpc);
            }
        }
        if self.dies_at(coordinator, CrashPoint::BeforeRelease) {
            return;
        }
        let run = self.tracker.run;
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        let Some(Flight { releases, verifies, .. }) = leading.flight.take() else { return };
        if verifies.is_some_and(|(of_run, since)| of_run == run && since > self.lost_at) {
            self.loss_pending = false;
        }
        self.release(coordinator, releases);
        self.flush(coordinator);
    }

    pub(super) fn part_done(&mut self, coordinator: usize, rpc: u64) {
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        let Some(flight) = &mut leading.flight else { return };
        if flight.waiting.remove(&rpc) {
            self.next_stage(coordinator);
        }
    }

    /// The tracker has lost writes of a pipeline: it is written whole, from memory.
    pub(super) fn rewrite(&mut self, coordinator: usize, rpc: u64, pipeline: &PipelineId) {
        if !self.tracker.has_lost {
            self.violate(|| format!("`{pipeline}` diverged, and the tracker never lost a write"));
        }
        self.faults.count(Fault::Rewritten);
        let commit = self.chance.next();
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        let Some(memory) = leading.core.pipelines().get(pipeline) else { return };
        let items = memory.items().map(|(ix, item)| (ix, item.clone())).collect();
        let (head, who) = (memory.head().clone(), leading.who);
        let entry = (pipeline.clone(), head.created.0);
        let before = leading.marks[pipeline];
        let mark = Mark { sequence: before.sequence + 1, commit };
        leading.marks.insert(pipeline.clone(), mark);
        let whole = part(pipeline.clone(), before, mark, Content::Whole, Some(head), items);
        let register = self.ask(coordinator, Op::Register { who, entry });
        let write = self.ask(coordinator, Op::Write { who, part: Box::new(whole) });
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        if let Some(flight) = &mut leading.flight {
            flight.waiting.extend([register, write]);
            flight.waiting.remove(&rpc);
        }
        self.step(coordinator, Command::LostWrites(pipeline.clone()), None);
    }

    /// A request arrives at the tracker.
    pub(super) fn at_tracker(&mut self, coordinator: usize, life: u64, rpc: u64, op: &Op) {
        let parted = self.tracker_partition.0 == coordinator && self.tracker_partition.1 > self.now;
        if self.tracker.away_until > self.now || parted {
            return;
        }
        let answer = self.tracker.answer(op, self.now, super::leader::LOCK_TTL);
        if let (Op::Take { leader, .. }, Answer::Leads(_)) = (op, &answer) {
            self.history.took.insert(*leader, self.now);
        }
        if let Op::Write { part, .. } = op
            && self.coordinators[coordinator].life == life
            && self.leader() == Some(coordinator)
        {
            let gate = part.head.is_some() && (fires_gate(part) || is_torn_gate(part));
            let dies = (gate && self.dies_at(coordinator, CrashPoint::AtGate))
                || self.dies_at(coordinator, CrashPoint::AfterEffect);
            if dies {
                return;
            }
        }
        if self.strikes_now(Fault::LostReply, 4) {
            return;
        }
        let (delay, run) = (self.delay(), self.tracker.run);
        self.after(delay, Event::Answered { coordinator, life, rpc, answer, run });
    }
}

fn part(
    pipeline: PipelineId,
    before: Mark,
    mark: Mark,
    content: Content,
    head: Option<Head>,
    items: Vec<(ItemIx, Item)>,
) -> Part {
    Part { pipeline, before, mark, content, head, items }
}

fn writes(who: super::tracker::Who, parts: Vec<Part>) -> Vec<Op> {
    parts.into_iter().map(|part| Op::Write { who, part: Box::new(part) }).collect()
}

/// Whether the commit creates the round's finish item.
fn fires_gate(part: &Part) -> bool {
    let finish = part.head.as_ref().and_then(|head| head.finish_item);
    part.items.iter().any(|(ix, item)| {
        Some(*ix) == finish && matches!(item.state, State::Ready { not_before: Millis::NEVER })
    })
}

/// Whether the gate fires in it, and its finish item was left to the next commit.
fn is_torn_gate(part: &Part) -> bool {
    let torn = |head: &Head| head.state == PipelineState::Finishing && head.finish_item.is_none();
    part.head.as_ref().is_some_and(torn)
}

/// The mutation: the gate fires in one commit, and its finish item is created in the next one.
fn split_at_gate(parts: Vec<Part>) -> [Vec<Part>; 2] {
    let torn = parts.iter().cloned().map(|mut part| {
        let gate = fires_gate(&part);
        if let Some(head) = part.head.as_mut().filter(|_| gate) {
            let finish = head.finish_item.take();
            part.items.retain(|(ix, _)| Some(*ix) != finish);
            part.mark.commit ^= 1;
        }
        part
    });
    let torn: Vec<Part> = torn.collect();
    let rest = parts.into_iter().filter(fires_gate).map(|part| Part {
        before: Mark { commit: part.mark.commit ^ 1, ..part.mark },
        content: Content::Saved,
        ..part
    });
    let rest: Vec<Part> = rest.collect();
    [torn, rest]
}
