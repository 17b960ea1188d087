//! The coordinator: leases work items to workers, keeps the state of pipelines, launches ingestion.
//!
//! [`pipeline`] decides (pure), [`engine`] moves bytes and owns the state, [`tracker`] keeps it, [`service`] speaks
//! gRPC; [`serve`] and [`embedded`] put them together.

#![warn(missing_docs)]

pub mod pipeline;
pub mod tracker;
pub mod engine;
pub mod service;
pub mod ingest;
pub mod query;
pub mod embedded;
pub mod serve;
pub mod cli;
