//! What an engine is made of.

use std::sync::Arc;

use edgraph_shared::model::Home;
use edgraph_shared::storage::SharedStore;

use super::accepted::AcceptedSink;
use crate::pipeline::core::Timing;
use crate::pipeline::token_buckets::RequestRules;
use crate::tracker::Tracker;

/// See the module's documentation.
pub struct EngineConfig {
    /// Lease TTL and what goes with it.
    pub timing: Timing,
    /// Where pipelines are kept.
    pub tracker: Arc<dyn Tracker>,
    /// Where accepted lists are written.
    pub accepted: Arc<dyn AcceptedSink>,
    /// Where the ends of pipelines are written, for a tracker that may be lost; absent where nobody restores them.
    pub finished: Option<SharedStore>,
    /// How requests to the SEC are limited.
    pub requests: RequestRules,
    /// Where workers must belong too.
    pub home: Home,
}
