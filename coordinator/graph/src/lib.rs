//! The graph: accepted filings into tables and into Kuzu, and questions to it.
//!
//! ```text
//! accepted list ─▶ publish ─▶ tables of the store: Spark, DuckDB, Polars, …
//!             └──▶ ingest ─▶ database ◀─ query ◀─ Cypher
//!                                     ◀─ facts ◀─ statement, series
//!                                     ◀─ find
//! ```
//! [`database`] is the only room that knows Kuzu, [`ingest`] the only one that writes it, [`query`] and [`facts`] read,
//! [`statement`] and [`series`] make of facts what people ask for, [`find`] says what there is to ask for, and [`asking`] answers each
//! question in a process of its own. [`publish`]
//! needs none of them, [`gc`] removes what no table names any more, and [`verify`] compares all of it. In protocol both
//! ends of a round are work items like any other: [`ingester`] is a worker with their handlers. Not here: which filings
//! are accepted and when they are loaded, which is the coordinator's; what is in their files, which is the worker's.

#![warn(missing_docs)]

mod error;
mod accepted;
mod manifests;
mod rejected;
mod withdraw;
pub mod publish;
pub mod gc;
pub mod verify;
pub mod database;
pub mod ingest;
pub mod ingester;
pub mod query;
pub mod facts;
pub mod statement;
pub mod series;
pub mod find;
pub mod asking;

pub use error::Error;
