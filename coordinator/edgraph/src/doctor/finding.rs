//! What is said of a part that was looked at.

use serde::Serialize;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it has to be.
    Well,
    /// It works, and may cost something one day.
    Warning,
    /// It does not work.
    Wrong,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The part.
    pub part: &'static str,
    /// How it is.
    pub health: Health,
    /// What was seen, and where something is wrong what to do.
    pub says: String,
}

impl Finding {
    pub(super) fn well(part: &'static str, says: impl ToString) -> Self {
        Self { part, health: Health::Well, says: says.to_string() }
    }

    pub(super) fn warning(part: &'static str, says: impl ToString) -> Self {
        Self { part, health: Health::Warning, says: says.to_string() }
    }

    pub(super) fn wrong(part: &'static str, says: impl ToString) -> Self {
        Self { part, health: Health::Wrong, says: says.to_string() }
    }
}
