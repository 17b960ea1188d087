//! Finished pipelines that come back from the store after the tracker was lost.

use super::{CommandError, Core, Gathered, News, PipelineChange, Reply, not_there};
use crate::pipeline::{Back, Head, Millis, Pipeline};

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
            return Err(not_there(&self.aside, &id));
        }
        let (pipeline, changes) = back.arrive(now);
        let status = Box::new(pipeline.status());
        gathered.step.news.push(News::Restored { pipeline: id.clone(), state: status.state });
        gathered.step.changes.push(PipelineChange::Saved(Box::new(changes)));
        self.pipelines.insert(id.clone(), pipeline);
        // As the next leader will find it.
        self.home.graph = Head::newest_graph(self.pipelines.values().map(Pipeline::head));
        self.note(&id);
        Ok(Reply::Restored(status, true))
    }
}
