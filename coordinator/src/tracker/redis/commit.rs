//! Writing a commit: small parts together, one script call each; big ones through the pipeline's journal.
//!
//! ```text
//! register ─▶ commit (all small parts)            stage … stage ─▶ seal ─▶ apply … apply      (one big part)
//! ```
//! A part counts from the moment its script, or the seal of its journal, has run. What is staged before counts for
//! nothing; what is sealed is applied by whoever leads next, should this leader be gone.

use std::collections::BTreeSet;

use edgraph_shared::ids::PipelineId;

use super::index::entry;
use super::writes::{Chunk, Chunks};
use super::{Answer, Command, RedisTracker};
use crate::tracker::{CommitId, Content, Part, Saved, Term, TrackerError};

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Done,
    Diverged,
}

/// What became of staging.
enum Staged {
    /// So many chunks are in the journal.
    All(usize),
    /// The journal is sealed already: the commit is a repeat.
    Sealed,
    /// All is written already.
    Done,
    /// The journal holds an older commit that is sealed and not applied.
    Unapplied(CommitId),
}

impl RedisTracker {
    pub(super) async fn write(&self, term: &Term, parts: &[Part]) -> Result<(), TrackerError> {
        let new = parts.iter().filter_map(|part| match &part.content {
            Content::Created(saved) | Content::Whole(saved) => Some((&part.pipeline, entry(&saved.head))),
            _ => None,
        });
        self.enter(term, "register", new.collect()).await?;

        let mut diverged: BTreeSet<PipelineId> = self.not_listed(parts).await?.into_iter().collect();
        // What is asked is how things stand when all is written.
        let (questions, changes): (Vec<&Part>, Vec<&Part>) =
            parts.iter().partition(|part| matches!(part.content, Content::Verify));
        for parts in [changes, questions] {
            diverged.extend(self.write_parts(term, parts).await?);
        }

        let removed = parts.iter().filter(|part| matches!(part.content, Content::Removed));
        let removed: Vec<PipelineId> = removed.map(|part| part.pipeline.clone()).collect();
        self.unregister(term, &removed).await?;
        let pipelines = Vec::from_iter(diverged);
        if pipelines.is_empty() { Ok(()) } else { Err(TrackerError::Diverged { pipelines }) }
    }

    /// Writes parts that do not depend on each other, and answers which pipelines diverge.
    async fn write_parts(&self, term: &Term, parts: Vec<&Part>) -> Result<Vec<PipelineId>, TrackerError> {
        let (mut small, mut calls, mut big) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match self.small_call(term, part) {
                Some(call) => {
                    small.push(part);
                    calls.push(call);
                }
                None => big.push(part),
            }
        }
        let mut diverged = Vec::new();
        let answers = self.run("commit", calls).await?;
        for (part, answer) in small.into_iter().zip(answers) {
            if self.written(term, part, answer).await? == Written::Diverged {
                diverged.push(part.pipeline.clone());
            }
        }
        for part in big {
            if self.write_big(term, part).await? == Written::Diverged {
                diverged.push(part.pipeline.clone());
            }
        }
        Ok(diverged)
    }

    /// The one call that writes this part, unless it is too big for one.
    fn small_call(&self, term: &Term, part: &Part) -> Option<Command> {
        let (content, saved) = named(&part.content);
        let chunk = match saved {
            None => Chunk::new(),
            Some(saved) => {
                let mut chunks = Chunks::new(part, saved, self.limits);
                let first = chunks.next().unwrap_or_default();
                if !chunks.is_done() {
                    return None;
                }
                first
            }
        };
        let mut call = self.commit_call(term, part, content, 0);
        call.arg(chunk);
        Some(call)
    }

    fn commit_call(&self, term: &Term, part: &Part, content: &str, chunks: usize) -> Command {
        let mut call = self.about(&self.scripts.commit, term, &part.pipeline);
        call.arg(content).arg(part.mark.sequence).arg(part.mark.commit.to_string());
        call.arg(part.before.commit.to_string()).arg(chunks);
        call
    }

    async fn written(&self, term: &Term, part: &Part, answer: Answer) -> Result<Written, TrackerError> {
        match answer.word.as_str() {
            "APPLIED" | "REPEAT" => Ok(Written::Done),
            "DIVERGED" => Ok(Written::Diverged),
            "SEALED" => self.apply_journal(term, &part.pipeline, part.mark.commit).await,
            "RESTAGE" => Err(self.unavailable("a journal was lost before it was sealed")),
            _ => Err(answer.unexpected()),
        }
    }

    async fn write_big(&self, term: &Term, part: &Part) -> Result<Written, TrackerError> {
        let (content, Some(saved)) = named(&part.content) else { return Ok(Written::Done) };
        let chunks = match self.stage(term, part, saved).await? {
            Staged::Unapplied(older) => {
                // Whether the old journal was applied or turned out to be lost, it does not block this one any more.
                let _: Written = self.apply_journal(term, &part.pipeline, older).await?;
                match self.stage(term, part, saved).await? {
                    Staged::All(chunks) => chunks,
                    _ => return Err(self.unavailable("a journal changed under its writer")),
                }
            }
            Staged::All(chunks) => chunks,
            Staged::Sealed => return self.apply_journal(term, &part.pipeline, part.mark.commit).await,
            Staged::Done => return Ok(Written::Done),
        };
        let seal = self.commit_call(term, part, content, chunks);
        match self.run("seal", vec![seal]).await?.pop() {
            Some(answer) => self.written(term, part, answer).await,
            None => Err(self.unavailable("no answer to a seal")),
        }
    }

    async fn stage(&self, term: &Term, part: &Part, saved: &Saved) -> Result<Staged, TrackerError> {
        let mut chunks = Chunks::new(part, saved, self.limits).enumerate();
        let mut staged = 0;
        loop {
            let together = chunks.by_ref().take(self.limits.chunks_at_once).map(|(place, chunk)| {
                let mut call = self.about(&self.scripts.stage, term, &part.pipeline);
                call.arg(part.mark.commit.to_string()).arg(place).arg(chunk);
                call
            });
            let together: Vec<Command> = together.collect();
            if together.is_empty() {
                return Ok(Staged::All(staged));
            }
            for answer in self.run("stage", together).await? {
                match answer.word.as_str() {
                    "STAGED" => staged += 1,
                    "SEALED" => return Ok(Staged::Sealed),
                    "REPEAT" => return Ok(Staged::Done),
                    "UNAPPLIED" => {
                        let older = answer.values.first().and_then(|id| u64::from_str_radix(id, 16).ok());
                        return Ok(Staged::Unapplied(CommitId(older.unwrap_or_default())));
                    }
                    "RESTAGE" => return Err(self.unavailable("a journal was lost before it was sealed")),
                    _ => return Err(answer.unexpected()),
                }
            }
        }
    }

    /// Writes what a sealed journal holds, to its end. Diverged when Redis has lost the journal, or the seal.
    pub(super) async fn apply_journal(
        &self,
        term: &Term,
        id: &PipelineId,
        commit: CommitId,
    ) -> Result<Written, TrackerError> {
        let mut left = 1;
        while left > 0 {
            let call = || {
                let mut call = self.about(&self.scripts.apply, term, id);
                call.arg(commit.to_string());
                call
            };
            let together = (0..left.min(self.limits.chunks_at_once)).map(|_| call()).collect();
            for answer in self.run("apply", together).await? {
                match (answer.word.as_str(), answer.values.first()) {
                    ("APPLIED", Some(rest)) => left = rest.parse().unwrap_or(0),
                    ("DIVERGED", _) => return Ok(Written::Diverged),
                    _ => return Err(answer.unexpected()),
                }
            }
        }
        Ok(Written::Done)
    }
}

fn named(content: &Content) -> (&'static str, Option<&Saved>) {
    match content {
        Content::Created(saved) => ("created", Some(saved)),
        Content::Saved(saved) => ("saved", Some(saved)),
        Content::Whole(saved) => ("whole", Some(saved)),
        Content::Removed => ("removed", None),
        Content::Verify => ("verify", None),
    }
}
