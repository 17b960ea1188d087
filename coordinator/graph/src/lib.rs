//! The graph: accepted filings into Kuzu, and questions to it.
//!
//! ```text
//! accepted list ─▶ ingest ─▶ database ◀─ query ◀─ Cypher
//! ```
//! [`database`] is the only room that knows Kuzu, [`ingest`] the only one that writes, [`query`] reads. In protocol an
//! ingestion is a work item like any other: [`ingester`] is a worker with one handler, that of `ingest` items. Not
//! here: which filings are accepted and when they are loaded, which is the coordinator's; what is in their files,
//! which is the worker's.

#![warn(missing_docs)]

mod error;
mod accepted;
mod rejected;
pub mod database;
pub mod ingest;
pub mod ingester;
pub mod query;

pub use error::Error;
