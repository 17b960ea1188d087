//! Bringing finished pipelines back from the store after the tracker was lost: one after the other, so that memory holds
//! one that is on its way, and a client hears of some of them at a time.

use std::time::{Duration, Instant};

use edgraph_shared::ids::PipelineId;

use super::finished::FinishedStore;
use super::handle::{EngineError, EngineHandle};
use crate::pipeline::core::{Command, CommandError, Reply};

/// Pipelines that one answer tells of.
const PAGE_LEN: usize = 100;
/// After this no further one is begun: clients wait 10 s for an answer.
const PAGE_TIME: Duration = Duration::from_secs(2);

/// What became of some of the pipelines in the store.
#[derive(Debug)]
pub struct Restored {
    /// Each, by id.
    pub pipelines: Vec<(PipelineId, Outcome)>,
    /// Where to go on after; absent after the last.
    pub next: Option<PipelineId>,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is back as it ended.
    Restored,
    /// There is a pipeline under its id, which stays as it is.
    Known,
    /// It does not come back; with the reason and what to do.
    Refused(String),
}

impl EngineHandle {
    /// Brings back finished pipelines that nobody knows any more, in order of their ids, beginning after one of them.
    /// What was begun goes on though nobody waits for it.
    pub async fn restore_finished(&self, after: Option<PipelineId>) -> Result<Restored, EngineError> {
        let engine = self.clone();
        let restoring = tokio::spawn(async move { engine.restore_page(after).await });
        restoring.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    async fn restore_page(&self, after: Option<PipelineId>) -> Result<Restored, EngineError> {
        let store = self.finished().ok_or(CommandError::NoRecords)?;
        let _turn = store.turn().await;
        let began = Instant::now();
        let ids = store.all().await.map_err(|error| CommandError::Unlisted { reason: error.to_string() })?;
        let ids = ids.into_iter().filter(|id| after.as_ref().is_none_or(|after| id > after));
        let mut pipelines: Vec<(PipelineId, Outcome)> = Vec::new();
        for id in ids {
            if pipelines.len() >= PAGE_LEN || (!pipelines.is_empty() && began.elapsed() >= PAGE_TIME) {
                let next = pipelines.last().map(|(id, _)| id.clone());
                return Ok(Restored { pipelines, next });
            }
            let outcome = self.restore(&store, &id).await?;
            pipelines.push((id, outcome));
        }
        Ok(Restored { pipelines, next: None })
    }

    async fn restore(&self, store: &FinishedStore, id: &PipelineId) -> Result<Outcome, EngineError> {
        match self.call(Command::Get(id.clone())).await {
            Ok(_) => return Ok(Outcome::Known),
            Err(EngineError::Command(CommandError::NotFound { .. })) => {}
            Err(EngineError::Command(reason)) => return Ok(Outcome::Refused(reason.to_string())),
            Err(error) => return Err(error),
        }
        let back = match store.back(id).await {
            Ok(back) => back,
            Err(reason) => return Ok(Outcome::Refused(reason)),
        };
        match self.call(Command::Restore(Box::new(back))).await {
            Ok(Reply::Restored(_, true)) => Ok(Outcome::Restored),
            Ok(Reply::Restored(_, false)) => Ok(Outcome::Known),
            Ok(other) => unreachable!("a restoration is not answered with {other:?}"),
            Err(EngineError::Command(reason)) => Ok(Outcome::Refused(reason.to_string())),
            Err(error) => Err(error),
        }
    }
}
