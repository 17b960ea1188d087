//! The edgraph worker: pulls leases, reads EDGAR, turns filings into Parquet.

pub mod config;
pub mod app;
pub mod spot;
pub mod scratch;
pub mod kinds;
pub mod download;
pub mod edgar;
pub mod filing;
pub mod rows;
pub mod output;
pub mod store_failure;
mod snapshot;
pub mod taxonomy_store;
pub mod report;
pub mod universe;
#[cfg(test)]
mod tests;

use tikv_jemallocator::Jemalloc;

pub use edgraph_runtime as runtime;
pub use edgraph_runtime::handler;

/// A filing is a hundred thousand small pieces, and several are taken apart at a time: the allocator for it, in every
/// program that does (`filings_throughput` is a tenth faster with it on two cores).
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;
