//! Ingestion: accepted filings into the graph.
//!
//! ```text
//! accepted list ▶ plan ▶ graph.next: remove · extend ▶ stage (store → scratch, verified) ▶ load ▶ reconcile ▶ rename
//! ```
//! The graph in use is never written ([`crate::database::folder`]); everything before the rename can be thrown away
//! and done again. Decisions are pure ([`plan`], [`merge`]). What is to be loaded is a round's accepted list, or what the
//! tables hold ([`from_tables`](mod@from_tables)). Not here: who runs it and when, which is the pipeline's business.

mod memory;
mod listed;
mod plan;
mod job;
mod splice;
mod compacted;
mod stage;
mod entity;
mod merge;
mod reach;
mod state;
mod identity;
mod shared;
mod diagnose;
mod copy;
mod load;
mod replace;
mod reconcile;
mod attempt;
mod run;
mod handler;
mod lists;
mod from_tables;
mod checksum;
mod look;

pub use checksum::{TableSum, checksum};
pub use from_tables::{Basis, FromTables, from_tables};
pub use handler::IngestHandler;
pub use identity::id_of;
pub use job::{Ingestion, LeaseCheck};
pub use look::{Differing, InGraph, Loaded, look};
pub use memory::Memory;
pub use plan::BatchLimits;
pub use run::run;

#[cfg(all(test, any(feature = "kuzu", feature = "ladybug")))]
mod tests;
