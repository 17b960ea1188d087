//! Ends of pipelines: which of them are still to be written to the store, and those that come back from there.

use super::{CommandError, Core, End, Gathered, News, PipelineChange, Reply, graphs};
use crate::pipeline::{Back, Millis, Pipeline};

impl Core {
    /// Takes in a pipeline from the store. One that is there stays as it is, whatever it is.
    pub(super) fn bring_back(
        &mut self,
        back: Back,
        now: Millis,
        gathered: &mut Gathered,
    ) -> Result<Reply, CommandError> {
        let id = back.head().id.clone();
        if let Some(known) = self.pipelines.get(&id) {
            return Ok(Reply::Restored(Box::new(known.status()), false));
        }
        self.check_room()?;
        if self.aside.contains_key(&id) {
            return Err(super::not_there(&self.aside, &id));
        }
        let (pipeline, changes) = back.arrive(now);
        let status = Box::new(pipeline.status());
        gathered.step.news.push(News::Restored { pipeline: id.clone(), state: status.state });
        gathered.step.changes.push(PipelineChange::Saved(Box::new(changes)));
        self.pipelines.insert(id.clone(), pipeline);
        // As the next leader will find it.
        self.home.graph = graphs::newest(self.pipelines.values().map(Pipeline::head));
        self.note(&id);
        Ok(Reply::Restored(status, true))
    }
}

/// The end of a pipeline that is to be written to the store, if it is.
pub(super) fn awaited(pipeline: &Pipeline) -> Option<End> {
    let version = pipeline.awaits_record()?;
    Some(End { pipeline: pipeline.head().id.clone(), version })
}
