//! The coordinator: leases work items to workers and keeps the state of pipelines.
//!
//! ```text
//! clients, workers ─▶ service (gRPC) ─▶ engine (owns the state, moves bytes) ─▶ tracker (Redis, or memory)
//! scripts, pages ─▶ http (JSON) ─┘         └─▶ pipeline (decides, pure)
//! ```
//! [`kinds`] says what a pipeline of a known kind is made of. Not here: doing any item, the graph's ingestion
//! included (`edgraph-worker`, `edgraph-graph`), and the programs (`edgraph`).

#![warn(missing_docs)]

pub mod pipeline;
pub mod tracker;
pub mod engine;
pub mod kinds;
pub mod service;
pub mod http;
