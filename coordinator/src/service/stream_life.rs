//! How long a stream may go on: while this coordinator leads, its client is let in, and nothing stops.

use edgraph_shared::ids::WorkerId;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};

use super::access::Access;
use super::refusal::{not_leader, stopping};
use crate::engine::Seat;

/// What a stream depends on besides its own business.
pub(super) struct StreamLife {
    seat: Seat,
    access: Access,
    shutdown: CancellationToken,
}

impl StreamLife {
    /// Of the stream that a request opens.
    pub(super) fn of<T>(request: &Request<T>, seat: &Seat, shutdown: &CancellationToken) -> Self {
        Self { seat: seat.clone(), access: Access::of(request), shutdown: shutdown.clone() }
    }

    /// Lets a worker of this name have the stream, for as long as its token is good for the name.
    pub(super) fn admit_worker(&mut self, worker: &WorkerId) -> Result<(), Status> {
        self.access.bind(worker)
    }

    /// Whether this coordinator leads and its tracker does not answer.
    pub(super) fn tracker_is_away(&self) -> bool {
        self.seat.engine().is_ok_and(|engine| !engine.tracker_answers())
    }

    /// Waits until the stream has to end, and says why.
    pub(super) async fn ended(&mut self) -> Status {
        let Self { seat, access, shutdown } = self;
        let unseated = async {
            loop {
                if let Err(error) = seat.engine() {
                    return not_leader(error);
                }
                if !seat.changed().await {
                    // It leads for the rest of its life.
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            biased;
            () = shutdown.cancelled() => stopping(),
            status = unseated => status,
            status = access.revoked() => status,
        }
    }

    /// Why the engine let go of a stream: it has stopped, or it meant this stream.
    pub(super) fn reason(&self, otherwise: impl FnOnce() -> Status) -> Status {
        match self.seat.engine() {
            Err(error) => not_leader(error),
            Ok(_) if self.shutdown.is_cancelled() => stopping(),
            Ok(_) => otherwise(),
        }
    }
}
