//! Every pipeline's status as of its last commit: whoever asks for one hears it at once, however much waits for the
//! tracker.

use std::collections::HashMap;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::PipelineStatus;

use crate::pipeline::core::Core;
use crate::tracker::{Content, Part};

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Shown {
    committed: HashMap<PipelineId, PipelineStatus>,
    /// What the commit that is under way makes of it.
    sent: Vec<(PipelineId, Option<PipelineStatus>)>,
}

impl Shown {
    /// Of a new leader: the tracker has everything.
    pub(super) fn of(core: &Core) -> Self {
        let status =
            |(id, pipeline): (&PipelineId, &crate::pipeline::Pipeline)| (id.clone(), pipeline.status());
        Self { committed: core.pipelines().iter().map(status).collect(), sent: Vec::new() }
    }

    /// These parts are on their way.
    pub(super) fn send(&mut self, parts: &[Part]) {
        self.sent.extend(parts.iter().filter_map(|part| {
            let status = match &part.content {
                Content::Created(saved) | Content::Saved(saved) | Content::Whole(saved) => {
                    Some(saved.status.clone())
                }
                Content::Removed => None,
                Content::Verify => return None,
            };
            Some((part.pipeline.clone(), status))
        }));
    }

    /// They have arrived.
    pub(super) fn acknowledge(&mut self) {
        for (id, status) in self.sent.drain(..) {
            match status {
                Some(status) => drop(self.committed.insert(id, status)),
                None => drop(self.committed.remove(&id)),
            }
        }
    }

    /// What may be told of a pipeline now. What no commit ever holds, such as how far running items are, is as of now.
    pub(super) fn status(&self, id: &PipelineId, core: &Core) -> Option<PipelineStatus> {
        let (committed, now) = (self.committed.get(id)?, core.pipelines().get(id)?.status());
        if (committed.created_ms, committed.version) == (now.created_ms, now.version) {
            return Some(now);
        }
        Some(PipelineStatus {
            running: now.running,
            requests: now.requests,
            tasks_per_second: now.tasks_per_second,
            eta: now.eta,
            ..committed.clone()
        })
    }
}
