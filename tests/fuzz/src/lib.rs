//! What must hold of every input, whatever it is. The fuzz targets try it on inputs of their own making, the ordinary
//! tests on the seeds and on everything the fuzzers ever found: `worker/xbrl/tests/replay.rs` and `tests/it/replay.rs`
//! take in these files by their path.

pub mod kept;
pub mod documents;
#[cfg(feature = "lists")]
pub mod lists;
