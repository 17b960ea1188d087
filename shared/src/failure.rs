//! Why an attempt at a work item failed, classified by what is to happen next.
//!
//! Handlers make failures, the pipeline core decides by their class, the wire carries them. Nothing decides
//! by the message, which is for people.

use std::error::Error;
use std::time::Duration;

/// Longest message kept, in bytes: dead letters stay in memory and in the status.
pub const MAX_MESSAGE_LEN: usize = 2 * 1024;

/// Longest name of a dependency kept, in bytes: it stands beside the message.
pub const MAX_DEPENDENCY_LEN: usize = 256;

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
    /// A failure of this class; a message longer than [`MAX_MESSAGE_LEN`] is cut, and a dependency's name longer than
    /// [`MAX_DEPENDENCY_LEN`].
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        let class = match class {
            FailureClass::Unavailable { dependency } => {
                FailureClass::Unavailable { dependency: cut(dependency, MAX_DEPENDENCY_LEN) }
            }
            other => other,
        };
        Self { class, message: cut(message.into(), MAX_MESSAGE_LEN) }
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

/// A text of at most so many bytes; what is longer ends at the last character that fits.
pub fn cut(mut text: String, bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// Most characters of a line that quotes what others wrote.
pub const MAX_LINE_CHARS: usize = 300;

/// A message as one line of bounded length: a panic or an error of a library may quote a whole document.
pub fn one_line(message: &str) -> String {
    shortened(message, MAX_LINE_CHARS)
}

/// A part of a line, of at most so many characters.
pub fn shortened(text: &str, chars: usize) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let mut line: String = text.chars().take(chars).map(|c| if breaks(c) { ' ' } else { c }).collect();
    if text.chars().nth(chars).is_some() {
        line.pop();
        line.push('…');
    }
    line
}

/// An error and its causes on one line: what libraries for the network say is often their outermost layer only.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some layers repeat what the one below them says.
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes_and_nothing_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("{text}")]
        struct Layer {
            text: &'static str,
            source: Option<Box<Layer>>,
        }
        let layer = |text, source: Option<Layer>| Layer { text, source: source.map(Box::new) };
        let inner = layer("refused", None);
        let middle = layer("cannot connect: refused", Some(inner));
        assert_eq!(chain(&layer("no answer", Some(middle))), "no answer: cannot connect: refused");
    }

    #[test]
    fn a_line_is_one_and_short() {
        assert_eq!(one_line("two\r\nlines\u{2028}and a bell\u{7}"), "two  lines and a bell ");
        let whole = "é".repeat(MAX_LINE_CHARS);
        assert_eq!(one_line(&whole), whole);
        let cut = one_line(&format!("{whole}x"));
        assert_eq!((cut.chars().count(), cut.ends_with("é…")), (MAX_LINE_CHARS, true));
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let failure = Failure::permanent("é".repeat(MAX_MESSAGE_LEN));
        assert_eq!(failure.message.len(), MAX_MESSAGE_LEN);
        let failure = Failure::permanent(format!("x{}", "é".repeat(MAX_MESSAGE_LEN)));
        assert_eq!(failure.message.len(), MAX_MESSAGE_LEN - 1);
        let failure = Failure::unavailable("x".repeat(8 * 1024 * 1024), "no answer");
        let FailureClass::Unavailable { dependency } = failure.class else { panic!("{:?}", failure.class) };
        assert_eq!(dependency.len(), MAX_DEPENDENCY_LEN);
    }
}
