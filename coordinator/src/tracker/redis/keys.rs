//! The names of the keys. A namespace is a prefix of its own, so that several fleets share a Redis and see nothing of
//! each other; each may have a user that reaches no other's keys.

use edgraph_shared::ids::{Namespace, PipelineId};

/// The prefix of the default namespace.
const PREFIX: &str = "edgraph";
/// The keys of one pipeline, in the order in which the scripts expect them.
const PIPELINE_KEYS: [&str; 8] = ["fence", "journal", "spec", "head", "status", "items", "states", "events"];

/// The keys of one namespace.
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn of(namespace: Option<&Namespace>) -> Self {
        // Another character than the one behind the prefix: no namespace begins with what is another's.
        let named = |namespace| format!("{PREFIX}-{namespace}");
        Self { prefix: namespace.map_or_else(|| PREFIX.to_owned(), named) }
    }

    /// A key of leadership; the braces are literal and name the slot.
    pub(super) fn lead(&self, name: &str) -> String {
        format!("{}:{{lead}}:{name}", self.prefix)
    }

    /// A key of one pipeline.
    pub(super) fn pipeline(&self, id: &PipelineId, name: &str) -> String {
        format!("{}:{{{id}}}:{name}", self.prefix)
    }

    /// The pattern of the keys of all fences.
    pub(super) fn every_fence(&self) -> String {
        format!("{}:{{*}}:fence", self.prefix)
    }

    /// The pipeline whose fence this key is.
    pub(super) fn pipeline_of_fence(&self, key: &str) -> Option<PipelineId> {
        let rest = key.strip_prefix(&self.prefix)?.strip_prefix(":{")?;
        rest.strip_suffix("}:fence")?.parse().ok()
    }

    /// All keys of one pipeline.
    pub(super) fn all_of(&self, id: &PipelineId) -> [String; PIPELINE_KEYS.len()] {
        PIPELINE_KEYS.map(|name| self.pipeline(id, name))
    }
}
