//! The flags that say which items of a pipeline are meant.

use clap::{Args, ValueEnum};
use edgraph_client::v1;

#[derive(Debug, Args)]
pub(super) struct FilterArgs {
    /// Items in this state only.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Items that this worker holds only.
    #[arg(long, value_name = "ID")]
    worker: Option<String>,
    /// Items only that wait after an attempt that did not end well.
    #[arg(long)]
    retrying: bool,
    #[command(flatten)]
    cause: CauseArgs,
}

#[derive(Debug, Args)]
pub(super) struct CauseArgs {
    /// Items of this kind only, such as process_filing.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Items only whose reason has these words; `…` among them stands for whatever is there.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    /// Waiting, backoff included.
    Ready,
    /// With a worker.
    Leased,
    /// Done.
    Succeeded,
    /// Failed for good, until retried.
    Dead,
    /// Cancelled.
    Cancelled,
}

impl From<State> for v1::ItemState {
    fn from(state: State) -> Self {
        match state {
            State::Ready => Self::Ready,
            State::Leased => Self::Leased,
            State::Succeeded => Self::Succeeded,
            State::Dead => Self::Dead,
            State::Cancelled => Self::Cancelled,
        }
    }
}

impl FilterArgs {
    /// As the API takes it.
    pub(super) fn filter(self) -> v1::ItemFilter {
        let state = self.state.map_or(v1::ItemState::Unspecified, v1::ItemState::from);
        v1::ItemFilter {
            state: state.into(),
            worker_id: self.worker.unwrap_or_default(),
            retrying: self.retrying,
            ..self.cause.filter()
        }
    }
}

impl CauseArgs {
    /// As the API takes it.
    pub(super) fn filter(self) -> v1::ItemFilter {
        v1::ItemFilter {
            kind: self.kind.unwrap_or_default(),
            reason_contains: self.reason.unwrap_or_default(),
            ..v1::ItemFilter::default()
        }
    }
}
