//! Ingestion: accepted filings into the graph.
//!
//! ```text
//! accepted list ▶ plan ▶ stage (store → scratch, verified) ▶ graph.next: remove · extend · load ▶ reconcile ▶ rename
//! ```
//! The graph in use is never written ([`folder`]); everything before the rename can be thrown away and done again.
//! Decisions are pure ([`plan`], [`merge`]); only `kuzu` names the database. Not here: who runs it and when, which is
//! the pipeline's business.

pub mod cell;
pub mod database;
pub mod cypher;
mod error;
pub mod folder;
pub mod ddl;
mod plan;
mod stage;
mod entity;
mod merge;
mod state;
mod shared;
mod diagnose;
mod load;
mod replace;
mod reconcile;
mod run;
mod handler;
pub mod ingester;
mod checksum;

#[cfg(feature = "kuzu")]
pub mod kuzu;
#[cfg(not(feature = "kuzu"))]
#[path = "kuzu_absent.rs"]
pub mod kuzu;

pub use checksum::{TableSum, checksum};
pub use error::Error;
pub use handler::IngestHandler;
pub use plan::BatchLimits;
pub use run::{Ingestion, LeaseCheck, run};

#[cfg(all(test, feature = "kuzu"))]
mod tests;
