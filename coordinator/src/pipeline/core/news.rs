//! What operators want to read of a step: one piece of news for each thing that happened, with its ids.
//!
//! The core says it, since it alone sees the state before and after; who shows it, and how, is the shell's. Told with
//! the commit that makes it true, like everything else.

use edgraph_shared::ids::{FencingToken, GraphId, Incarnation, ItemKey, PipelineId, WorkerId};
use edgraph_shared::model::{Hello, PipelineState};

use super::SessionId;
use crate::pipeline::Pipeline;
use crate::pipeline::fleet::Fleet;
use crate::pipeline::item::{Closing, ItemIx, State};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A client started a pipeline.
    Started {
        /// The pipeline.
        pipeline: PipelineId,
        /// Its kind.
        kind: String,
        /// Its root items.
        roots: usize,
    },
    /// A pipeline moved on to another state.
    Moved {
        /// The pipeline.
        pipeline: PipelineId,
        /// Where it stands now.
        state: PipelineState,
        /// Why, where there is something to say.
        reason: String,
        /// Of the counted kind.
        succeeded: u64,
        /// Of all kinds.
        dead: u64,
    },
    /// A pipeline is forgotten: a client deleted it, or it ended long ago.
    Forgotten {
        /// The pipeline.
        pipeline: PipelineId,
    },
    /// A pipeline that the tracker had lost is back as it ended.
    Restored {
        /// The pipeline.
        pipeline: PipelineId,
        /// How it ended.
        state: PipelineState,
    },
    /// A worker was not heard of in time, or took too long.
    LeaseLost {
        /// The pipeline.
        pipeline: PipelineId,
        /// The item.
        item: ItemKey,
        /// Who held it.
        worker: WorkerId,
        /// Of the lease.
        token: FencingToken,
    },
    /// An item is a dead letter from now on.
    Died {
        /// The pipeline.
        pipeline: PipelineId,
        /// The item.
        item: ItemKey,
        /// Why.
        reason: String,
    },
    /// A worker that had no stream has one.
    Joined {
        /// The worker.
        worker: WorkerId,
        /// Its process.
        incarnation: Incarnation,
        /// As it said.
        version: String,
        /// Leases it says to hold.
        held: usize,
    },
    /// A worker is not taken in.
    Refused {
        /// As it calls itself.
        worker: WorkerId,
        /// Its process.
        incarnation: Incarnation,
        /// As it was told.
        reason: String,
    },
    /// A worker holds another graph than the one that all rounds go to.
    OtherGraph {
        /// The worker.
        worker: WorkerId,
        /// What it holds.
        graph: GraphId,
        /// Where rounds go.
        expected: GraphId,
    },
    /// A worker has no stream any more; what it holds lives until its deadline.
    Left {
        /// The worker.
        worker: WorkerId,
        /// Leases it leaves behind.
        held: usize,
    },
}

impl News {
    pub(super) fn joined(hello: &Hello) -> Self {
        Self::Joined {
            worker: hello.worker.clone(),
            incarnation: hello.incarnation.clone(),
            version: hello.version.clone(),
            held: hello.held.len(),
        }
    }

    pub(super) fn refused(hello: &Hello, reason: &str) -> Self {
        let (worker, incarnation) = (hello.worker.clone(), hello.incarnation.clone());
        Self::Refused { worker, incarnation, reason: reason.to_owned() }
    }
}

/// A pipeline that has just moved.
pub(super) fn moved(pipeline: &Pipeline) -> News {
    let head = pipeline.head();
    News::Moved {
        pipeline: head.id.clone(),
        state: head.state,
        reason: head.reason.clone(),
        succeeded: pipeline.counts_of(&head.spec.counted_kind).succeeded,
        dead: pipeline.kinds().iter().map(|kind| kind.counts().dead).sum(),
    }
}

/// What the end of a lease is worth to tell: nothing where it was the worker that ended it and the item lives.
pub(super) fn of_closed(pipeline: &Pipeline, ix: ItemIx, worker: &WorkerId, how: Closing) -> Vec<News> {
    let (id, item) = (&pipeline.head().id, pipeline.ledger.item(ix));
    let mut news = Vec::new();
    if how == Closing::Expired {
        let (item, token) = (item.key.clone(), item.token);
        news.push(News::LeaseLost { pipeline: id.clone(), item, worker: worker.clone(), token });
    }
    if let State::Dead { reason, .. } = &item.state {
        news.push(News::Died { pipeline: id.clone(), item: item.key.clone(), reason: reason.to_string() });
    }
    news
}

/// The end of a stream: nothing where another one of the same worker has replaced it.
pub(super) fn left(fleet: &Fleet, session: SessionId) -> Option<News> {
    let (id, worker) = fleet.behind(session)?;
    Some(News::Left { worker: id.clone(), held: worker.held().len() })
}
