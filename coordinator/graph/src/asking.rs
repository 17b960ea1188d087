//! Asking in a process of its own: whatever a question does there, the one that asks ends in time and says why.
//!
//! ```text
//! Asker ─ task ─▶ a process, this program once more ─▶ query, statement, series, find
//!       ◀ parts ─  ended at the deadline, on cancellation, at its bound of memory
//! ```
//! A statement may run for ever, take all memory, or crash the database; nothing in the database can be relied upon to
//! end it. So nobody who serves others, and no command, opens the graph in its own process to answer a question.

mod task;
mod frame;
mod answer;
mod asker;

pub use answer::{Ended, answer};
pub use asker::Asker;
pub use task::{Task, Which};
