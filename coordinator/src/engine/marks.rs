//! How far each pipeline is written: makes the parts of commits, each following the one before.

use std::collections::BTreeMap;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::PipelineStatus;

use crate::pipeline::item::{Item, ItemIx};
use crate::pipeline::{Head, Pipeline};
use crate::tracker::{Content, Mark, Part, Saved, Stored};

/// See the module's documentation. A pipeline is in here from its first part to its removal.
#[derive(Default)]
pub(super) struct Marks {
    marked: BTreeMap<PipelineId, Marked>,
}

#[derive(Clone, Copy, Default)]
struct Marked {
    mark: Mark,
    /// Items written.
    items: u32,
}

impl Marks {
    /// Where a new leader finds everything.
    pub(super) fn of(stored: &[Stored]) -> Self {
        let marked = |stored: &Stored| {
            (stored.head.id.clone(), Marked { mark: stored.mark, items: count(stored.items.len()) })
        };
        Self { marked: stored.iter().map(marked).collect() }
    }

    /// What changed of a pipeline, or all of a new one.
    pub(super) fn saved(
        &mut self,
        id: PipelineId,
        head: Head,
        items: BTreeMap<ItemIx, Item>,
        status: PipelineStatus,
    ) -> Part {
        let marked = self.marked.get(&id).copied();
        let Marked { mark: before, items: known } = marked.unwrap_or_default();
        let written = items.last_key_value().map_or(0, |(ix, _)| ix.0 + 1).max(known);
        let saved = Saved { head, status, items: items.into_iter().collect(), known };
        let mark = before.next();
        self.marked.insert(id.clone(), Marked { mark, items: written });
        let content = if marked.is_some() { Content::Saved(saved) } else { Content::Created(saved) };
        Part { pipeline: id, before, mark, content }
    }

    /// All of a pipeline, as it is in memory.
    pub(super) fn whole(&mut self, pipeline: &Pipeline) -> Part {
        let id = pipeline.head().id.clone();
        let before = self.marked.get(&id).copied().unwrap_or_default().mark;
        let items: Vec<(ItemIx, Item)> = pipeline.items().map(|(ix, item)| (ix, item.clone())).collect();
        let mark = before.next();
        self.marked.insert(id.clone(), Marked { mark, items: count(items.len()) });
        let saved = Saved { head: pipeline.head().clone(), status: pipeline.status(), items, known: 0 };
        Part { pipeline: id, before, mark, content: Content::Whole(saved) }
    }

    /// The end of a pipeline.
    pub(super) fn removed(&mut self, id: PipelineId) -> Part {
        let before = self.marked.remove(&id).unwrap_or_default().mark;
        Part { pipeline: id, before, mark: before.next(), content: Content::Removed }
    }

    /// The question whether all pipelines still stand where they were left, but for those that the answer to one of
    /// these parts tells of.
    pub(super) fn verify(&self, besides: &[Part]) -> Vec<Part> {
        let asked = |id: &PipelineId| besides.iter().any(|part| part.pipeline == *id);
        let rest = self.marked.iter().filter(|(id, _)| !asked(id));
        rest.map(|(id, marked)| Part {
            pipeline: id.clone(),
            before: marked.mark,
            mark: marked.mark,
            content: Content::Verify,
        })
        .collect()
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).expect("the number of items is limited")
}
