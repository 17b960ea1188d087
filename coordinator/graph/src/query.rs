//! Queries: Cypher over a graph in use, read-only, and results for people and programs.
//!
//! ```text
//! question ▶ checked as text ▶ a process of its own ▶ database opened read-only ▶ Table ▶ table, JSON or CSV
//! ```
//! Not here: writing, which only ingestion does; and the graph's meaning, which is the schema's.

pub mod examples;
mod parameter;
mod question;
mod run;
mod frame;
mod answer;
mod ask;
mod json;
mod render;

pub use answer::{Ended, answer};
pub use ask::ask;
pub use parameter::parse as parse_parameter;
pub use question::{Limits, Question, Table};
pub use render::{Format, render};
pub use run::run;

#[cfg(test)]
mod tests;
