//! What the coordinator is told, and what a step gives back.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::{ItemKey, PipelineId, WorkerId};
use edgraph_shared::model::{
    CoordinatorMessage, Hello, HostFamily, HostPause, ItemSnapshot, PipelineSpec, PipelineState,
    PipelineStatus, ScalingSignal, WorkerMessage, WorkerStatus,
};

use super::{Changes, IllegalTransition, Millis, News, Pipeline, SessionId};
use crate::pipeline::token_buckets::KeptPause;
use crate::pipeline::{Acted, Back, ClientSays, Deed, Selection, SpecError};

/// One thing that happens to the coordinator.
#[derive(Debug)]
pub enum Command {
    /// A client starts a pipeline.
    Start {
        /// Made up when absent.
        id: Option<PipelineId>,
        /// Makes a start without an id repeatable; may be empty.
        request_id: String,
        /// What to run.
        spec: Box<PipelineSpec>,
    },
    /// A client cancels.
    Cancel(PipelineId),
    /// A client pauses.
    Pause(PipelineId),
    /// A client resumes.
    Resume(PipelineId),
    /// A client has something done to many items: retries dead ones, cancels open ones, lets waiting ones run now.
    Sweep {
        /// The pipeline.
        pipeline: PipelineId,
        /// What.
        deed: Deed,
        /// To which of them.
        only: Selection,
        /// Only say how many there are.
        is_dry: bool,
    },
    /// A client says something of items that are its own.
    ClientSays {
        /// The pipeline.
        pipeline: PipelineId,
        /// What.
        says: ClientSays,
        /// The same when it says it again; may be empty.
        request: String,
    },
    /// A client deletes a finished pipeline.
    Delete(PipelineId),
    /// A finished pipeline comes back from the store, unless there is one under its id.
    Restore(Box<Back>),
    /// A client asks for a status.
    Get(PipelineId),
    /// A client lists pipelines.
    List {
        /// The last id of the page before.
        after: Option<PipelineId>,
        /// At most so many.
        limit: usize,
    },
    /// A client lists items.
    ListItems {
        /// The pipeline.
        pipeline: PipelineId,
        /// Which ones.
        selection: Selection,
        /// Where the page begins, in order of creation.
        from: u32,
        /// At most so many.
        limit: usize,
    },
    /// A client asks for an item.
    GetItem {
        /// The pipeline.
        pipeline: PipelineId,
        /// The item.
        key: ItemKey,
    },
    /// An operator lists the workers that are connected or hold leases.
    ListWorkers {
        /// The last id of the page before.
        after: Option<WorkerId>,
        /// At most so many.
        limit: usize,
    },
    /// An operator drains a worker: nothing more for it until its process ends, and the process is told to end.
    /// Idempotent. Not kept by the tracker: after a takeover a worker that still runs has to be drained again.
    DrainWorker(WorkerId),
    /// An operator ends pauses of hosts before their time.
    LiftPauses {
        /// Of which hosts.
        families: Vec<HostFamily>,
        /// Who it is, for the log and the record.
        by: String,
    },
    /// An autoscaler asks how much work waits.
    ScalingSignal,
    /// A worker's stream begins.
    Connected {
        /// The stream.
        session: SessionId,
        /// Its first message.
        hello: Hello,
    },
    /// A worker says something.
    Message {
        /// The stream.
        session: SessionId,
        /// What it says.
        message: WorkerMessage,
    },
    /// A worker's stream ended.
    Disconnected(SessionId),
    /// Time passes.
    Tick,
    /// The tracker has answered: nobody else can lead before then.
    LeadProven {
        /// By the leader's clock.
        until: Millis,
        /// Another may have led meanwhile, and still lend request tokens before then.
        alone_from: Option<Millis>,
    },
    /// The tracker has kept a pause.
    PauseKept(KeptPause),
    /// An accepted list was written, or could not be.
    AcceptedWritten {
        /// The pipeline.
        pipeline: PipelineId,
        /// The round.
        round: u32,
        /// Why not.
        outcome: Result<(), String>,
    },
    /// The end of a pipeline lies in the store.
    Recorded {
        /// The pipeline.
        pipeline: PipelineId,
        /// As of which version.
        version: u64,
    },
    /// The tracker had lost writes of a pipeline, and has them again.
    LostWrites(PipelineId),
    /// Write the accepted lists and the ends that wait.
    WriteAgain,
    /// The coordinator is about to stop: end all streams, touch no lease.
    Stop {
        /// When workers are to come back.
        retry_after: Duration,
    },
}

impl Command {
    /// Whether it only reads, so that nothing can be granted that could not be granted before.
    pub(super) fn is_read(&self) -> bool {
        matches!(
            self,
            Self::Get(_)
                | Self::List { .. }
                | Self::ListItems { .. }
                | Self::GetItem { .. }
                | Self::ListWorkers { .. }
                | Self::ScalingSignal
        )
    }
}

/// Why nothing is done for a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// What is wrong with its record.
    pub reason: String,
    /// Nothing is: a newer build wrote it. Otherwise it may be started again, which writes it anew.
    pub is_newer: bool,
}

impl SetAside {
    /// For a record that no version wrote like this.
    pub fn damaged(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_newer: false }
    }
}

/// What follows from a step.
#[derive(Debug, Default)]
pub struct Step {
    /// For the client that asked.
    pub reply: Option<Result<Reply, CommandError>>,
    /// To be committed before anything below is let out.
    pub changes: Vec<PipelineChange>,
    /// For workers, in order, after the commit.
    pub messages: Vec<(SessionId, CoordinatorMessage)>,
    /// For workers, at once: heartbeats must be answered while the tracker is slow.
    pub urgent: Vec<(SessionId, CoordinatorMessage)>,
    /// Streams to end, after their messages.
    pub ended: Vec<SessionId>,
    /// Lists to write, after the commit.
    pub accepted: Vec<AcceptedList>,
    /// Ends to write to the store, after the commit.
    pub finished: Vec<End>,
    /// Pauses, and ends of pauses, to be kept by the tracker beside all commits. A reply of this step waits for them.
    pub pauses: Vec<KeptPause>,
    /// Pipelines that show something new without a change to commit: how far running items are.
    pub refreshed: Vec<PipelineId>,
    /// For the operators' log, after the commit.
    pub news: Vec<News>,
    /// Forgotten pipelines, to be dropped where nobody waits: a million items take a while.
    pub discarded: Vec<Pipeline>,
}

/// A change to be committed.
#[derive(Debug, Clone, PartialEq)]
pub enum PipelineChange {
    /// The pipeline is new or changed.
    Saved(Box<Changes>),
    /// The pipeline is forgotten.
    Removed(PipelineId),
}

/// The accepted list of one round. Its items are [`Pipeline::accepted`], as long as the round waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedList {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The round.
    pub round: u32,
    /// Where it goes in the store.
    pub path: String,
}

/// A version of a finished pipeline, as which it is to lie in the store: as long as [`Pipeline::awaits_record`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// Which version.
    pub version: u64,
}

impl End {
    /// That of this pipeline, where it is still to be written.
    pub(super) fn awaited(pipeline: &Pipeline) -> Option<Self> {
        let version = pipeline.awaits_record()?;
        Some(Self { pipeline: pipeline.head().id.clone(), version })
    }
}

/// The answer to a client.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The pipeline, after the command.
    Status(Box<PipelineStatus>),
    /// The pipeline that a start made, or found made before; and which of the two.
    Started(Box<PipelineStatus>, bool),
    /// The pipeline under the id of one that was to be brought back; and whether it is that one.
    Restored(Box<PipelineStatus>, bool),
    /// The pipeline, and what was done to its items, or would be.
    Acted(Box<PipelineStatus>, Acted),
    /// Pipelines, by id; and all that are set aside, with what is wrong.
    Pipelines(Vec<PipelineStatus>, BTreeMap<PipelineId, String>),
    /// Items, and where the next page begins.
    Items(Vec<ItemSnapshot>, Option<u32>),
    /// One item.
    Item(Box<ItemSnapshot>),
    /// Workers, by id.
    Workers(Vec<WorkerStatus>),
    /// One worker, after the command.
    Worker(Box<WorkerStatus>),
    /// How much work waits.
    Scaling(ScalingSignal),
    /// The pauses that ended, with what was left of them.
    Lifted(Vec<HostPause>),
}

/// A client's command that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such pipeline.
    #[error("there is no pipeline `{pipeline}`")]
    NotFound {
        /// As asked.
        pipeline: PipelineId,
    },
    /// Set aside.
    #[error(
        "pipeline `{pipeline}` is damaged: {reason}; start it again with the same id: what was done is found in the store"
    )]
    Damaged {
        /// As asked.
        pipeline: PipelineId,
        /// What is wrong.
        reason: String,
    },
    /// Set aside by a build that is too old for it.
    #[error("pipeline `{pipeline}` was written by a newer edgraph: {reason}; update this coordinator")]
    TooNew {
        /// As asked.
        pipeline: PipelineId,
        /// Which version it takes.
        reason: String,
    },
    /// No such item.
    #[error("pipeline `{pipeline}` has no item `{key}`")]
    ItemNotFound {
        /// The pipeline.
        pipeline: PipelineId,
        /// As asked.
        key: ItemKey,
    },
    /// No such worker is connected or holds leases.
    #[error("there is no worker `{worker}`")]
    WorkerNotFound {
        /// As asked.
        worker: WorkerId,
    },
    /// Started before, with another body.
    #[error(
        "pipeline `{pipeline}` exists with other contents: {difference}; choose another id or request id"
    )]
    Exists {
        /// The pipeline.
        pipeline: PipelineId,
        /// The first field that differs, with both values.
        difference: String,
    },
    /// The pipeline's state forbids it.
    #[error(transparent)]
    Illegal(IllegalTransition),
    /// A client's items are not taken in.
    #[error("pipeline `{pipeline}` does not take in the items: {reason}")]
    ItemsRefused {
        /// The pipeline.
        pipeline: PipelineId,
        /// The rule that they break.
        reason: String,
    },
    /// Much is being done to items of the pipeline.
    #[error(
        "pipeline `{pipeline}`: too much is being done to its items at the same time; try again in a moment"
    )]
    Sweeping {
        /// The pipeline.
        pipeline: PipelineId,
    },
    /// Only what has ended can be deleted.
    #[error("pipeline `{pipeline}` is {}; cancel it before it is deleted", .state.name())]
    Unfinished {
        /// The pipeline.
        pipeline: PipelineId,
        /// Where it stands.
        state: PipelineState,
    },
    /// What the store keeps of a pipeline does not go, so the pipeline stays, or it would come back one day.
    #[error("pipeline `{pipeline}` is not deleted, since its record stays in the store: {reason}; try again")]
    Unforgotten {
        /// The pipeline.
        pipeline: PipelineId,
        /// What the store said.
        reason: String,
    },
    /// There is nothing to restore from.
    #[error("this coordinator keeps no record of finished pipelines in a store")]
    NoRecords,
    /// What lies in the store cannot be listed.
    #[error("the records of finished pipelines cannot be listed: {reason}; try again")]
    Unlisted {
        /// What the store said.
        reason: String,
    },
    /// The spec cannot start a pipeline.
    #[error(transparent)]
    Spec(SpecError),
    /// Enough is enough.
    #[error("there are {limit} pipelines already; finished ones are forgotten after the retention time")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}
