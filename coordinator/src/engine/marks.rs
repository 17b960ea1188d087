//! How far each pipeline is written: makes the parts of commits, each following the one before.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::PipelineStatus;

use crate::pipeline::item::{Item, ItemIx};
use crate::pipeline::{Head, Pipeline};
use crate::tracker::{Content, Mark, Part, Saved, Stored};

/// See the module's documentation. A pipeline is in here from its first part to its removal.
#[derive(Default)]
pub(super) struct Marks {
    marked: BTreeMap<PipelineId, Marked>,
    /// What a part was made of since the last answer: at most one commit is under way.
    sent: Vec<PipelineId>,
}

#[derive(Clone, Copy, Default)]
struct Marked {
    mark: Mark,
    /// So far the tracker said that it is written.
    acknowledged: Mark,
    /// Items written.
    items: u32,
}

impl Marks {
    /// Where a new leader finds everything.
    pub(super) fn of(stored: &[Stored]) -> Self {
        let marked = |stored: &Stored| {
            let (mark, items) = (stored.mark, count(stored.items.len()));
            (stored.head.id.clone(), Marked { mark, acknowledged: mark, items })
        };
        Self { marked: stored.iter().map(marked).collect(), sent: Vec::new() }
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
        let Marked { mark: before, items: known, .. } = marked.unwrap_or_default();
        let written = items.last_key_value().map_or(0, |(ix, _)| ix.0 + 1).max(known);
        let saved = Saved { head, status, items: items.into_iter().collect(), known };
        let mark = self.send(&id, before, written);
        let content = if marked.is_some() { Content::Saved(saved) } else { Content::Created(saved) };
        Part { pipeline: id, before, mark, content }
    }

    /// All of a pipeline, as it is in memory.
    pub(super) fn whole(&mut self, pipeline: &Pipeline) -> Part {
        let id = pipeline.head().id.clone();
        let before = self.marked.get(&id).copied().unwrap_or_default().mark;
        let items: Vec<(ItemIx, Item)> = pipeline.items().map(|(ix, item)| (ix, item.clone())).collect();
        let mark = self.send(&id, before, count(items.len()));
        let saved = Saved { head: pipeline.head().clone(), status: pipeline.status(), items, known: 0 };
        Part { pipeline: id, before, mark, content: Content::Whole(saved) }
    }

    /// The end of a pipeline.
    pub(super) fn removed(&mut self, id: PipelineId) -> Part {
        let before = self.marked.remove(&id).unwrap_or_default().mark;
        Part { pipeline: id, before, mark: before.next(), content: Content::Removed }
    }

    fn send(&mut self, id: &PipelineId, before: Mark, items: u32) -> Mark {
        let mark = before.next();
        let marked = self.marked.entry(id.clone()).or_default();
        (marked.mark, marked.items) = (mark, items);
        self.sent.push(id.clone());
        mark
    }

    /// The commit that is under way is answered: every part of it is written.
    pub(super) fn acknowledge(&mut self) {
        for id in self.sent.drain(..) {
            if let Some(marked) = self.marked.get_mut(&id) {
                marked.acknowledged = marked.mark;
            }
        }
    }

    /// How far everything is written by the tracker's own word.
    pub(super) fn acknowledged(&self) -> Vec<(PipelineId, Mark)> {
        self.marked.iter().map(|(id, marked)| (id.clone(), marked.acknowledged)).collect()
    }

    /// The question whether all pipelines stand where these parts leave them, but for those that one of them writes
    /// anew. What changes a pipeline finds its keys, and says nothing of the index that leads to them.
    pub(super) fn verify(&self, after: &[Part]) -> Vec<Part> {
        let is_anew = |part: &&Part| !matches!(part.content, Content::Saved(_));
        let anew: BTreeSet<&PipelineId> = after.iter().filter(is_anew).map(|part| &part.pipeline).collect();
        let rest = self.marked.iter().filter(|(id, _)| !anew.contains(id));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::tests::samples::Sample;

    fn saved(marks: &mut Marks, part: Part) -> Part {
        let (Content::Created(saved) | Content::Saved(saved)) = part.content else { panic!("it is saved") };
        marks.saved(part.pipeline, saved.head, saved.items.into_iter().collect(), saved.status)
    }

    #[test]
    fn whoever_is_not_written_anew_is_asked_about_as_the_commit_leaves_it() {
        let (mut marks, mut quiet, mut changing) =
            (Marks::default(), Sample::new("a", 2), Sample::new("b", 2));
        let created = [saved(&mut marks, quiet.created()), saved(&mut marks, changing.created())];
        assert!(marks.verify(&created).is_empty());
        let change = [saved(&mut marks, changing.changed(1))];
        let asked: Vec<_> =
            marks.verify(&change).into_iter().map(|part| (part.pipeline, part.mark)).collect();
        let expected =
            [(created[0].pipeline.clone(), created[0].mark), (change[0].pipeline.clone(), change[0].mark)];
        assert_eq!(asked, expected);
        let removed = [marks.removed(change[0].pipeline.clone())];
        assert_eq!(marks.verify(&removed).len(), 1);
    }
}
