//! Why an attempt at a work item failed, classified by what is to happen next.
//!
//! Handlers make failures, the pipeline core decides by their class, the wire carries them. Nothing decides
//! by the message, which is for people.

use std::time::Duration;

/// Longest message kept, in bytes: dead letters stay in memory and in the status.
pub const MAX_MESSAGE_LEN: usize = 2 * 1024;

/// What a failure means for the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureClass {
    /// Retried with backoff; counts against the failure budget.
    Transient,
    /// Retried after `retry_after` at the earliest; counts against the failure budget.
    Throttled {
        /// From now.
        retry_after: Duration,
    },
    /// A dependency is down: not counted; the item keeps its place in the queue.
    Unavailable {
        /// The dependency, for example a host name.
        dependency: String,
    },
    /// Dead at once.
    Permanent,
    /// The worker had to give the item back; counts against the preemption budget.
    Preempted,
}

/// A classified failure of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Decides what happens to the item.
    pub class: FailureClass,
    /// One line for a person.
    pub message: String,
}

impl Failure {
    /// A failure of this class; a message longer than [`MAX_MESSAGE_LEN`] is cut.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > MAX_MESSAGE_LEN {
            let end = (0..=MAX_MESSAGE_LEN).rev().find(|end| message.is_char_boundary(*end)).unwrap_or(0);
            message.truncate(end);
        }
        Self { class, message }
    }

    /// Worth another attempt.
    pub fn transient(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Transient, message)
    }

    /// The other side asked to wait.
    pub fn throttled(retry_after: Duration, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Throttled { retry_after }, message)
    }

    /// A dependency is down; no fault of this item.
    pub fn unavailable(dependency: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Unavailable { dependency: dependency.into() }, message)
    }

    /// No further attempt can help.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Permanent, message)
    }

    /// The work was interrupted from outside.
    pub fn preempted(message: impl Into<String>) -> Self {
        Self::new(FailureClass::Preempted, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let failure = Failure::permanent("é".repeat(MAX_MESSAGE_LEN));
        assert_eq!(failure.message.len(), MAX_MESSAGE_LEN);
        let failure = Failure::permanent(format!("x{}", "é".repeat(MAX_MESSAGE_LEN)));
        assert_eq!(failure.message.len(), MAX_MESSAGE_LEN - 1);
    }
}
