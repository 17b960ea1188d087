//! Reading everything, once, at the beginning of a term. Every fence is raised before anything behind it is read, so
//! that what was read cannot change any more.

use edgraph_shared::ids::PipelineId;
use futures::stream::{self, StreamExt};

use super::commit::Written;
use super::keeper::Keeper;
use super::{Answer, PIPELINED, RedisTracker, command};
use crate::pipeline::MAX_ITEMS;
use crate::pipeline::core::SetAside;
use crate::tracker::codec;
use crate::tracker::{CommitId, Damaged, Mark, Stored, Term, TrackerError};

/// Pipelines read at one time: their requests share the connection.
const READ_TOGETHER: usize = 16;

/// What a raised fence says.
struct Raised {
    mark: Mark,
    /// A sealed journal waits: the truth, not yet written.
    is_sealed: bool,
}

impl Raised {
    fn from(answer: Answer) -> Result<Self, TrackerError> {
        match (answer.word.as_str(), answer.values.as_slice()) {
            ("RAISED", [sequence, commit, sealed]) => {
                let number = || Some((sequence.parse().ok()?, u64::from_str_radix(commit, 16).unwrap_or(0)));
                let (sequence, commit) = number().unwrap_or_default();
                Ok(Self { mark: Mark { sequence, commit: CommitId(commit) }, is_sealed: sealed == "1" })
            }
            _ => Err(answer.unexpected()),
        }
    }
}

impl RedisTracker {
    pub(super) async fn load_all(&self, term: &Term) -> Result<(Vec<Stored>, Vec<Damaged>), TrackerError> {
        let keeper = Keeper::new(self, term);
        let ids = self.index_or_fences(&keeper).await?;
        let raises = ids.iter().map(|id| self.about(&self.scripts.raise, term, id)).collect();
        let answers = self.run("fence", raises).await?;
        let raised = answers.into_iter().map(Raised::from).collect::<Result<Vec<_>, _>>()?;

        let mut unwritten = Vec::new();
        let mut there = Vec::new();
        for (id, raised) in ids.into_iter().zip(raised) {
            if raised.mark.sequence == 0 { unwritten.push(id) } else { there.push((id, raised)) }
        }
        // Registered, and its leader died before the first commit; or the fence is lost, and the rest is not.
        let (broken, gone) = self.partition_by_records(unwritten).await?;
        self.unregister(term, &gone).await?;
        let lost_fence = |pipeline| Damaged { pipeline, why: SetAside::damaged("its fence is lost") };
        let mut damaged: Vec<Damaged> = broken.into_iter().map(lost_fence).collect();
        let mut stored = Vec::new();
        let mut loads = stream::iter(there)
            .map(|(id, raised)| self.load_one(term, id, raised, &keeper))
            .buffered(READ_TOGETHER);
        while let Some(loaded) = loads.next().await {
            match loaded {
                Ok(one) => stored.push(one),
                Err(TrackerError::Unreadable(one)) => damaged.push(one),
                Err(error) => return Err(error),
            }
        }
        self.list_again(term, &stored).await?;
        Ok((stored, damaged))
    }

    /// Those of which anything is left, and those of which nothing is.
    async fn partition_by_records(
        &self,
        ids: Vec<PipelineId>,
    ) -> Result<(Vec<PipelineId>, Vec<PipelineId>), TrackerError> {
        let (mut some, mut none) = (Vec::new(), Vec::new());
        for ids in ids.chunks(PIPELINED) {
            let ask = |id: &PipelineId| {
                let mut call = command("EXISTS");
                call.arg(&["spec", "head", "items", "states"].map(|name| self.keys.pipeline(id, name)));
                call
            };
            let (replies, _) = self.ask("records", ids.iter().map(ask).collect()).await?;
            for (id, reply) in ids.iter().zip(replies) {
                let left: u64 = self.read(reply)?;
                if left > 0 { some.push(id.clone()) } else { none.push(id.clone()) }
            }
        }
        Ok((some, none))
    }

    /// See [`Tracker::behind`](crate::tracker::Tracker::behind).
    pub(super) async fn not_as_far(
        &self,
        marks: &[(PipelineId, Mark)],
    ) -> Result<Vec<PipelineId>, TrackerError> {
        let mut behind = Vec::new();
        for marks in marks.chunks(PIPELINED) {
            let ask = |(id, _): &(PipelineId, Mark)| {
                let mut call = command("HGET");
                call.arg(self.keys.pipeline(id, "fence")).arg("sequence");
                call
            };
            let (replies, _) = self.ask("behind", marks.iter().map(ask).collect()).await?;
            for ((id, mark), reply) in marks.iter().zip(replies) {
                let sequence: Option<String> = self.read(reply)?;
                let sequence: u64 = sequence.and_then(|text| text.parse().ok()).unwrap_or(0);
                if sequence < mark.sequence {
                    behind.push(id.clone());
                }
            }
        }
        Ok(behind)
    }

    async fn load_one(
        &self,
        term: &Term,
        id: PipelineId,
        raised: Raised,
        keeper: &Keeper<'_>,
    ) -> Result<Stored, TrackerError> {
        let aside = |why| TrackerError::Unreadable(Damaged { pipeline: id.clone(), why });
        let unreadable = |reason: String| aside(SetAside::damaged(reason));
        let misread = |is_newer: bool, reason: String| aside(SetAside { reason, is_newer });
        if raised.is_sealed && self.apply_journal(term, &id, raised.mark.commit).await? == Written::Diverged {
            return Err(unreadable("a part of its journal is lost".to_owned()));
        }
        let heads = ["spec", "head"].map(|name| {
            let mut call = command("GET");
            call.arg(self.keys.pipeline(&id, name));
            call
        });
        let (replies, _) = self.ask("load", heads.into()).await?;
        let mut texts = Vec::new();
        for reply in replies {
            texts.push(self.read::<Option<Vec<u8>>>(reply)?.unwrap_or_default());
        }
        // Before the items: those of a newer version may not read at all.
        for (what, text) in ["the spec", "the head"].into_iter().zip(&texts) {
            codec::check_reader(what, text).map_err(|error| misread(error.is_newer(), error.to_string()))?;
        }
        let most = codec::items_in(&texts[1]).map_or(MAX_ITEMS, |items| MAX_ITEMS.min(items as usize));
        let items = self.load_items(&id, most, keeper).await?;
        let count = u32::try_from(items.len()).map_err(|_| unreadable("too many items".to_owned()))?;
        let head = codec::head_from(id.clone(), &texts[0], &texts[1], count)
            .map_err(|error| misread(error.is_newer(), error.to_string()))?;
        Ok(Stored { mark: raised.mark, head, items })
    }
}
