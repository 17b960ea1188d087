//! What operators and autoscalers ask: the workers, and how many of them are needed.

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
