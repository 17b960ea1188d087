//! The index: the one key that says which pipelines there are. A Redis that evicts may lose it and keep the pipelines;
//! then it is written again from their fences, and until then nothing is taken for gone.

use std::collections::BTreeSet;

use edgraph_shared::ids::PipelineId;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::keeper::Keeper;
use super::{RedisTracker, command};
use crate::pipeline::Head;
use crate::tracker::{Content, Part, Stored, Term, TrackerError, codec, display};

/// Keys that one call of a search looks at.
const SEARCHED_TOGETHER: usize = 10_000;

impl RedisTracker {
    pub(super) async fn index(&self) -> Result<Vec<PipelineId>, TrackerError> {
        let mut call = command("HKEYS");
        call.arg(self.keys.lead("pipelines"));
        let (replies, _) = self.ask("index", vec![call]).await?;
        let names: Vec<String> = self.read(replies.into_iter().next().unwrap_or_default())?;
        // What is not a pipeline's id was not written by us.
        let mut ids: Vec<PipelineId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        ids.sort();
        Ok(ids)
    }

    /// The pipelines of the index, or where there is none those that have a fence. The search looks at every key of the
    /// Redis, others' too; it is made when nothing is listed, which is when nobody waits.
    pub(super) async fn index_or_fences(&self, keeper: &Keeper<'_>) -> Result<Vec<PipelineId>, TrackerError> {
        let listed = self.index().await?;
        if !listed.is_empty() {
            return Ok(listed);
        }
        let mut found = BTreeSet::new();
        let mut cursor = "0".to_owned();
        loop {
            keeper.keep().await?;
            let mut call = command("SCAN");
            call.arg(&cursor).arg("MATCH").arg(self.keys.every_fence()).arg("COUNT").arg(SEARCHED_TOGETHER);
            let (replies, _) = match self.ask("index", vec![call]).await {
                Ok(answered) => answered,
                // A user of before this search was made may not search: where nothing is lost, nothing is missed.
                Err(TrackerError::Unavailable(trouble)) if trouble.fix.is_some() => {
                    tracing::warn!(reason = %trouble, "no search for pipelines that the index may have lost");
                    return Ok(Vec::new());
                }
                Err(error) => return Err(error),
            };
            let (next, keys): (String, Vec<String>) =
                self.read(replies.into_iter().next().unwrap_or_default())?;
            found.extend(keys.iter().filter_map(|key| self.keys.pipeline_of_fence(key)));
            cursor = next;
            if cursor == "0" {
                break;
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Lists again what was found without being listed.
    pub(super) async fn list_again(&self, term: &Term, stored: &[Stored]) -> Result<(), TrackerError> {
        let listed: BTreeSet<PipelineId> = self.index().await?.into_iter().collect();
        let missing = stored.iter().filter(|one| !listed.contains(&one.head.id));
        let missing: Vec<_> = missing.map(|one| (&one.head.id, entry(&one.head))).collect();
        if !missing.is_empty() {
            tracing::error!(
                pipelines = missing.len(),
                "the tracker had lost its index of pipelines; those that it still has are listed again"
            );
        }
        self.enter(term, "register", missing).await
    }

    /// Pipelines to be verified that the index has lost.
    pub(super) async fn not_listed(&self, parts: &[Part]) -> Result<Vec<PipelineId>, TrackerError> {
        let verified = parts.iter().filter(|part| matches!(part.content, Content::Verify));
        let mut missing: Vec<PipelineId> = verified.map(|part| part.pipeline.clone()).collect();
        if !missing.is_empty() {
            let listed: BTreeSet<PipelineId> = self.index().await?.into_iter().collect();
            missing.retain(|id| !listed.contains(id));
        }
        Ok(missing)
    }

    /// Takes pipelines out of the index.
    pub(super) async fn unregister(&self, term: &Term, gone: &[PipelineId]) -> Result<(), TrackerError> {
        self.enter(term, "unregister", gone.iter().map(|id| (id, String::new())).collect()).await
    }

    pub(super) async fn enter(
        &self,
        term: &Term,
        point: &'static str,
        entries: Vec<(&PipelineId, String)>,
    ) -> Result<(), TrackerError> {
        let (index, epoch) = (self.keys.lead("pipelines"), self.keys.lead("epoch"));
        let call = |(id, entry): (&PipelineId, String)| {
            let mut call = command("EVALSHA");
            call.arg(self.scripts.register.get_hash()).arg(2).arg(&index).arg(&epoch);
            call.arg(term.epoch).arg(&term.leader.id).arg(id.as_str()).arg(entry);
            call
        };
        let answers = self.run(point, entries.into_iter().map(call).collect()).await?;
        match answers.into_iter().find(|answer| answer.word != "REGISTERED") {
            Some(answer) => Err(answer.unexpected()),
            None => Ok(()),
        }
    }
}

/// What the index says of a pipeline.
pub(super) fn entry(head: &Head) -> String {
    let body = hex::encode(Sha256::digest(codec::encode_spec(head)));
    let created = display::iso(head.created.0);
    json!({ "created_at": created, "request_id": &*head.request_id, "body": body }).to_string()
}
