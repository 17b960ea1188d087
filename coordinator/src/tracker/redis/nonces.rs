//! What this leader wrote into the lock, so that it sees when the lock is not as it left it.

use crate::tracker::commit::random;

/// What the lock says that this leader wrote. A renewal whose reply was lost is sent again with the same nonces, so
/// that any other nonce in the lock means that Redis went back in time.
#[derive(Default)]
pub(super) struct Nonces {
    pub(super) written: String,
    pub(super) next: String,
    /// The connection of the last renewal: another one may lead to a Redis that was restarted.
    pub(super) generation: u64,
}

/// A new random one, 16 hex digits.
pub(super) fn nonce() -> String {
    format!("{:016x}", random())
}
