//! What makes a process a worker: leases over the Work stream, heartbeats, handlers in slots, and an end that loses nothing.
//!
//! ```text
//! Worker::run ─▶ connection ◀═ Work stream ═▶ coordinator
//!                   │ grants, cancellations       ▲ results, failures, children
//!                   └─▶ slots ─▶ Handler::run ────┘
//! ```
//! Work of any kind: whoever has handlers of their own needs this crate, a client to start pipelines, and nothing of EDGAR,
//! Parquet or object stores. `tests/examples/word_count.rs` is all of it.

mod messages;
pub mod pause;
pub mod desk;
mod notice;
pub mod handler;
mod leases;
mod connection;
mod worker;

pub use connection::endpoint::{Coordinators, EndpointError, Tls};
pub use notice::{Notice, Notices};
pub use worker::{LAST_WORDS, RELEASE_WITHIN, Stops, WorkRuntime, Worker, WorkerConfig, WorkerError};
