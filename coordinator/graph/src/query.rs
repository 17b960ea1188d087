//! Queries: Cypher over a graph in use, read-only, and results for people and programs.
//!
//! ```text
//! question ▶ checked as text ▶ database opened read-only ▶ Table ▶ table, JSON or CSV
//! ```
//! Not here: writing, which only ingestion does; the graph's meaning, which is the schema's; and what becomes of a statement
//! that never ends, which is [`crate::asking`]'s.

mod example;
pub mod examples;
mod narrow;
mod parameter;
mod question;
mod run;
mod json;
mod render;

pub use parameter::{from as parameter_from, names_parameter, parse as parse_parameter};
pub use question::{Question, Table};
pub(crate) use render::frame;
pub use render::{Format, render};
pub use run::{check, run};

#[cfg(test)]
mod tests;
