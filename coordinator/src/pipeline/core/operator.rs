//! What operators and autoscalers ask: the workers, and how many of them are needed.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::WorkerId;
use edgraph_shared::model::{CoordinatorMessage, PipelineState, ScalingSignal};

use super::{CommandError, Core, Gathered, Reply, send};

/// What a worker is told when an operator drains it.
pub(super) const STOP_REASON: &str = "drained by an operator";

impl Core {
    /// Drains a worker's process. Idempotent.
    pub(super) fn drain_worker(
        &mut self,
        id: WorkerId,
        gathered: &mut Gathered,
    ) -> Result<Reply, CommandError> {
        self.fleet.stop(&id);
        let Some(status) = self.fleet.status(&id) else {
            return Err(CommandError::WorkerNotFound { worker: id });
        };
        send(&self.fleet, &id, CoordinatorMessage::StopWorker { reason: STOP_REASON.into() }, gathered);
        Ok(Reply::Worker(Box::new(status)))
    }

    /// The work that waits and those who do it, over all pipelines that run and are not paused.
    pub(super) fn scaling_signal(&self) -> ScalingSignal {
        let mut signal = ScalingSignal::default();
        let runs = |state| matches!(state, PipelineState::Running | PipelineState::Finishing);
        let running =
            self.pipelines.values().filter(|pipeline| runs(pipeline.head().state) && !pipeline.head().paused);
        for kind in running.flat_map(|pipeline| pipeline.kinds()) {
            let counts = kind.counts();
            signal.ready_items += counts.ready;
            signal.leased_items += counts.leased;
            signal.backlog += self.run_times.of_many(&kind.name, counts.ready + counts.leased);
        }
        for (_, worker) in self.fleet.workers().filter(|(_, worker)| worker.is_active()) {
            let leases = u32::try_from(worker.held().len()).unwrap_or(u32::MAX);
            signal.active_workers += 1;
            signal.slots = signal.slots.saturating_add(worker.credits.saturating_add(leases));
        }
        signal
    }
}

/// Mean run times, from grant to completion, by item kind. Recent items weigh more, so that it follows the work.
#[derive(Debug, Default)]
pub(super) struct RunTimes {
    seconds: BTreeMap<String, f64>,
}

impl RunTimes {
    /// The weight of the newest run: about the last ten count.
    const NEWEST: f64 = 0.1;
    /// Kinds remembered: far more than there are handlers.
    const MAX_KINDS: usize = 1_000;
    /// For kinds of which nothing has ended yet.
    const UNKNOWN: Duration = Duration::from_secs(1);

    /// An item of the kind has completed.
    pub(super) fn note(&mut self, kind: &str, ran: Duration) {
        let ran = ran.as_secs_f64();
        if let Some(mean) = self.seconds.get_mut(kind) {
            *mean += (ran - *mean) * Self::NEWEST;
        } else if self.seconds.len() < Self::MAX_KINDS {
            self.seconds.insert(kind.to_owned(), ran);
        }
    }

    /// What so many items of the kind take one after the other.
    fn of_many(&self, kind: &str, items: u64) -> Duration {
        let one = self.seconds.get(kind).copied().unwrap_or(Self::UNKNOWN.as_secs_f64());
        Duration::try_from_secs_f64(one * items as f64).unwrap_or(Duration::MAX)
    }
}
