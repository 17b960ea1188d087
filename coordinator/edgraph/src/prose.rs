//! Marked-up values as plain text: what a browser shows of a note, for a terminal.
//!
//! ```text
//! markup ─ tree ─▶ elements ─ page ─▶ lines
//!                     │  style, marker  ▲
//!                     └─ table ─────────┘  cells in, aligned lines out
//! ```
//!
//! Text runs as `innerText` has it: blocks on lines of their own, white space collapsed, what is hidden left out. Prose
//! is never wrapped; one paragraph is one line. Nothing fails: what is malformed is read as browsers read it.

mod tree;
mod style;
mod marker;
mod flow;
mod table;
mod page;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// The text of a value. One that has no markup is its own text.
pub fn plain(value: &str) -> Cow<'_, str> {
    if tree::is_markup(value) { page::text(&tree::parse(value)).into() } else { value.into() }
}
