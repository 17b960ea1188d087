//! The database: opening it, statements and answers, the folder it lies in, its tables.
//!
//! `kuzu` alone names the engine, Kuzu or LadybugDB; a build without either has a stand-in under the same name, whose
//! databases do not open. What the rows mean is [`crate::ingest`]'s and [`crate::query`]'s.

pub use edgraph_shared::cell;

pub mod cypher;
pub mod pitfall;
pub mod ddl;
mod space;
pub mod folder;

#[cfg(all(feature = "kuzu", feature = "ladybug"))]
compile_error!("a graph has one engine: leave out `kuzu` (--no-default-features) or `ladybug`");

#[cfg(any(feature = "kuzu", feature = "ladybug"))]
pub mod kuzu;
#[cfg(not(any(feature = "kuzu", feature = "ladybug")))]
#[path = "database/kuzu_absent.rs"]
pub mod kuzu;

use cell::Cells;

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Shared with other readers; writes are refused.
    Read,
    /// Created if absent; nobody else may have it open.
    Write {
        /// Bytes for pages, new ones and those read.
        memory: u64,
    },
}

/// What a query answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, at most as many as asked for.
    pub rows: Vec<Cells>,
    /// Whether there were more.
    pub truncated: bool,
}
