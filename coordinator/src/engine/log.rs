//! The log that an operator follows: one line for each piece of news, with its ids; at info, or louder where somebody
//! has to change something.
//!
//! ```text
//! started ─▶ moved … ended ─▶ forgotten      a pipeline        joined ─▶ left     a worker, or refused
//!            lease lost · item dead          its items         lead won ─▶ lost   this coordinator
//! ```
//! Grants, heartbeats and settlements are no news: a fleet makes thousands of them in a second.

use edgraph_shared::model::PipelineState;

use crate::pipeline::core::News;

pub(super) fn tell(news: News) {
    match news {
        News::Started { pipeline, kind, roots } => tracing::info!(%pipeline, kind, roots, "pipeline started"),
        News::Moved { pipeline, state, reason, succeeded, dead } => match state {
            PipelineState::Running => tracing::info!(%pipeline, "pipeline goes on"),
            PipelineState::Finishing => {
                tracing::info!(%pipeline, succeeded, dead, "pipeline has its work settled");
            }
            PipelineState::Held => tracing::info!(%pipeline, reason, "pipeline waits for a decision"),
            PipelineState::Cancelling => tracing::info!(%pipeline, reason, "pipeline is being cancelled"),
            PipelineState::Completed
            | PipelineState::CompletedWithFailures
            | PipelineState::Failed
            | PipelineState::Cancelled => {
                tracing::info!(%pipeline, state = state.name(), reason, succeeded, dead, "pipeline ended");
            }
        },
        News::Restored { pipeline, state } => {
            tracing::info!(%pipeline, state = state.name(), "pipeline brought back from the store");
        }
        News::Forgotten { pipeline } => tracing::info!(%pipeline, "pipeline forgotten"),
        News::LeaseLost { pipeline, item, worker, token } => {
            tracing::info!(%pipeline, %item, %worker, token = token.0, "lease lost");
        }
        News::Died { pipeline, item, reason } => tracing::info!(%pipeline, %item, reason, "item dead"),
        News::Joined { worker, incarnation, version, held } => {
            tracing::info!(%worker, %incarnation, version, held, "worker joined");
        }
        News::Refused { worker, incarnation, reason } => {
            tracing::warn!(%worker, %incarnation, reason, "worker refused");
        }
        News::OtherGraph { worker, graph, expected } => tracing::error!(
            %worker, %graph, %expected,
            "an ingester has another graph than the one that all rounds go to, and is given none of them: give it that \
             one's folder"
        ),
        News::Left { worker, held } => tracing::info!(%worker, held, "worker left"),
    }
}
