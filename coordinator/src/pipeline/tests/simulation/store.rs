//! The store, and what a leader writes to it: accepted lists, and ends of pipelines as `engine/ends.rs` has it.

use edgraph_shared::ids::PipelineId;

use super::faults::Fault;
use super::leader::Leading;
use super::world::{Event, World};
use crate::pipeline::Head;
use crate::pipeline::core::{AcceptedList, Command, End};
use crate::pipeline::item::{Item, ItemIx};

/// How long what could not be written waits.
const REWRITE_AFTER: u64 = 300;

/// What lies in the store, or would, had the write worked.
#[derive(Debug, Clone)]
pub(super) enum Written {
    List(PipelineId, u32),
    End(End),
}

impl World {
    pub(super) fn write_accepted(&mut self, coordinator: usize, list: AcceptedList) {
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        // What the round does not wait for any more is not gathered.
        let pipeline = leading.core.pipelines().get(&list.pipeline);
        let waits = pipeline.filter(|pipeline| pipeline.awaits_accepted() == Some(list.round));
        let Some(pipeline) = waits else { return };
        let items = pipeline.accepted(ItemIx(0), usize::MAX).0.len() as u64;
        if leading.writing.insert((list.pipeline.clone(), list.round)) {
            let works = !self.strikes_now(Fault::AcceptedFails, 50);
            if works {
                self.history.lists.insert((list.pipeline.clone(), list.round), items);
            }
            self.tell_later(coordinator, Written::List(list.pipeline, list.round), works);
        }
    }

    pub(super) fn write_end(&mut self, coordinator: usize, end: End) {
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        let pipeline = leading.core.pipelines().get(&end.pipeline);
        let waits = pipeline.filter(|pipeline| pipeline.awaits_record() == Some(end.version));
        let Some(pipeline) = waits else { return };
        let written = (pipeline.head().clone(), pipeline.items().map(|(_, item)| item.clone()).collect());
        let works = !self.strikes_now(Fault::EndFails, 50);
        if works {
            self.history.ends.insert(end.pipeline.clone(), written);
        }
        self.tell_later(coordinator, Written::End(end), works);
    }

    fn tell_later(&mut self, coordinator: usize, what: Written, works: bool) {
        let (life, delay) = (self.coordinators[coordinator].life, self.chance.between(5, 60));
        self.after(delay, Event::Written { coordinator, life, what, works });
    }

    pub(super) fn written(&mut self, coordinator: usize, what: Written, works: bool) {
        let now = self.now;
        let Some(leading) = self.coordinators[coordinator].leading() else { return };
        if !works {
            leading.rewrite_at = Some(now + REWRITE_AFTER);
        }
        match what {
            Written::List(pipeline, round) => {
                leading.writing.remove(&(pipeline.clone(), round));
                let outcome = if works { Ok(()) } else { Err("the store is down".to_owned()) };
                self.step(coordinator, Command::AcceptedWritten { pipeline, round, outcome }, None);
            }
            Written::End(End { pipeline, version }) if works => {
                self.step(coordinator, Command::Recorded { pipeline, version }, None);
            }
            Written::End(_) => {}
        }
        self.flush(coordinator);
    }

    /// Every pipeline that has ended lies in the store as it is, but for saying so. Where the tracker has lost writes that
    /// nobody had any more, the store may know of a later end than the leader.
    pub(super) fn compare_with_store(&self, leading: &Leading) -> Result<(), String> {
        for (id, pipeline) in leading.core.pipelines() {
            if !pipeline.head().state.is_finished() {
                continue;
            }
            let (head, items) =
                self.history.ends.get(id).ok_or(format!("the end of `{id}` is not recorded"))?;
            if self.history.lost_until > 0 && head.version > pipeline.head().version {
                continue;
            }
            let said = Head { version: head.version + 1, recorded: head.version + 1, ..head.clone() };
            if said != *pipeline.head() {
                return Err(format!("recorded is {said:?}, the leader has {:?}", pipeline.head()));
            }
            let is_same = |(recorded, (_, item)): (&Item, (ItemIx, &Item))| recorded == item;
            if items.len() != pipeline.items().count() || !items.iter().zip(pipeline.items()).all(is_same) {
                return Err(format!("other items of `{id}` are recorded than the leader has"));
            }
        }
        Ok(())
    }
}
