//! What a worker is made of.

use std::num::NonZeroU32;
use std::time::Duration;

use edgraph_shared::ids::WorkerId;
use edgraph_shared::model::Home;

use crate::connection::endpoint::Coordinators;
use crate::desk::Desk;

/// What a worker is made of.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Where the coordinators are.
    pub coordinators: Coordinators,
    /// This worker's name; one living process per name.
    pub worker: WorkerId,
    /// Items run at one time.
    pub slots: NonZeroU32,
    /// How long running items may go on after the shutdown; then they are released.
    pub drain: Duration,
    /// How long a cancelled handler has to return by itself. A worker that is stopping waits for half a second at
    /// most before it gives the item back.
    pub cancel_grace: Duration,
    /// Where it belongs: a coordinator of another store or namespace refuses it.
    pub home: Home,
    /// Where handlers wait for their turn with hosts that the whole fleet shares.
    pub desk: Desk,
}
