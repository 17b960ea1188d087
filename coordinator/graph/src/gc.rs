//! Garbage: files of tables that nobody reads any more.
//!
//! ```text
//! list every table's folder ▶ what its versions name stays ▶ what current manifests name stays ▶ remove the rest
//!                                                            but for what parts have ▶ note it
//! ```
//! A file stays as long as the last version of its table names it, or one that was the last within the grace time, so that
//! a reader who opened a table reads on. Files that no version names stay for the grace time, since they may be of an
//! attempt whose filing is not accepted yet, and longer if the filing's current manifest names them. What remains is of
//! older versions, or of attempts that came to nothing. Files whose names are not this program's are left alone.
//!
//! What compaction has made part of a larger file is named by its filing's current manifest, and goes nevertheless: a note
//! beside the manifest says so first, and whoever looks for the file finds the note.
//!
//! **A crash** leaves files for the next time. **A worker that makes a file again** while it is being removed writes it
//! anew first and accepts it afterwards; should it lose the race, its filing is found incomplete by the next run's skip
//! check, and made again.

mod candidates;
mod collect;
mod handler;

pub use collect::{Garbage, Grace, collect, find};
pub use handler::GcHandler;
