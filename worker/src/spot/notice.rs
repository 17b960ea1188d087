//! What the cloud says of this machine.

use tokio::time::Instant;

/// What the cloud says of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It is likely to be interrupted, nobody knows when.
    Rebalance,
    /// It is taken away.
    Interruption {
        /// Then.
        at: Instant,
    },
}
