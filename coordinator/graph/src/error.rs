//! Why a graph could not be loaded or read, and what that means for the work item.

use std::io;
use std::path::PathBuf;

use edgraph_shared::failure::Failure;
use edgraph_shared::storage;

/// Why the graph could not be opened, loaded, read or published. The graph in use is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program holds no database.
    #[error("this program was built without the kuzu feature: build it with default features to use graphs")]
    NotBuilt,
    /// Another process loads this graph.
    #[error(
        "graph folder {folder} is in use by {holder}: wait for it to end, stop it, or name another folder"
    )]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// Who, as far as the lock file says.
        holder: String,
    },
    /// There is nothing to read.
    #[error("no graph in {folder}: load one first, or name the folder that holds the file `graph`")]
    NoGraph {
        /// The folder.
        folder: PathBuf,
    },
    /// A write-ahead log that no graph of ours leaves lies beside it, and the database would not survive it.
    #[error("{path} lies beside the graph and does not belong to it: remove it, or load the graph again")]
    Stray {
        /// The file.
        path: PathBuf,
    },
    /// The process may use too few memory addresses.
    #[error(
        "this process may use {limit} bytes of memory addresses, and a graph reserves {needed} of them (it does not use \
         them): lift the limit (ulimit -v unlimited, LimitAS=infinity)"
    )]
    Space {
        /// As allowed.
        limit: u64,
        /// As needed.
        needed: u64,
    },
    /// The disk.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was being done, such as `rename`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The graph's tables are not this program's.
    #[error(
        "graph {folder} has schema version {found}, this program has {expected}: \
         build it anew with edgraph ingest --rebuild, load into a new folder, or use the program that made it"
    )]
    SchemaVersion {
        /// The folder.
        folder: PathBuf,
        /// The graph's.
        found: String,
        /// The program's.
        expected: String,
    },
    /// The database refused a statement for what is in the rows: a key twice, or an endpoint that is not there.
    #[error("{message}")]
    Rows {
        /// What it said.
        message: String,
    },
    /// The database refused a statement.
    #[error("{message}")]
    Database {
        /// What it said.
        message: String,
    },
    /// A read-only graph was asked to change.
    #[error("the graph is opened read-only: {message}")]
    ReadOnly {
        /// What asked.
        message: String,
    },
    /// The object store.
    #[error(transparent)]
    Store(#[from] storage::Error),
    /// An object is missing, or not what its manifest or the accepted list says.
    #[error("{key} is not what was accepted: {problem}; the next run makes its filing again")]
    Damaged {
        /// The object.
        key: String,
        /// How it differs.
        problem: String,
    },
    /// A list, manifest or snapshot that cannot be read.
    #[error("{what}: {problem}")]
    Invalid {
        /// Which.
        what: String,
        /// Why.
        problem: String,
    },
    /// What was loaded is not what should have been.
    #[error("the graph does not reconcile: {table} has {found} rows {scope}, expected {expected}")]
    Unreconciled {
        /// The table.
        table: String,
        /// Of what.
        scope: String,
        /// Rows there should be.
        expected: u64,
        /// Rows there are.
        found: u64,
    },
    /// Told to stop before a question was answered.
    #[error("interrupted before it was answered")]
    Interrupted,
    /// Told to stop, between two batches.
    #[error("cancelled before the graph was published")]
    Cancelled,
    /// The lease was lost before the rename.
    #[error("not published: {reason}")]
    LeaseLost {
        /// Why it counts as lost.
        reason: String,
    },
}

/// A name that is no key is refused as the store would refuse it.
impl From<storage::InvalidKey> for Error {
    fn from(error: storage::InvalidKey) -> Self {
        Self::Store(error.into())
    }
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn invalid(what: impl Into<String>, problem: impl ToString) -> Self {
        Self::Invalid { what: what.into(), problem: problem.to_string() }
    }

    /// Whether waiting helps: somebody else holds the folder, or its disk is full.
    pub fn may_pass(&self) -> bool {
        self.awaits().is_some()
    }

    /// What it is that has to come right first, where that is no fault of what is loaded.
    fn awaits(&self) -> Option<&'static str> {
        match self {
            Error::Locked { .. } => Some("graph folder"),
            Error::Io { source, .. } if is_full(source) => Some("graph disk"),
            // The database passes on what the system said, in its own words.
            Error::Database { message } if message.contains("No space left on device") => Some("graph disk"),
            _ => None,
        }
    }

    /// What it means for the `ingest` item.
    pub fn failure(&self) -> Failure {
        let message = self.to_string();
        if let Some(dependency) = self.awaits() {
            return Failure::unavailable(dependency, message);
        }
        match self {
            Error::Interrupted | Error::Cancelled | Error::LeaseLost { .. } => Failure::preempted(message),
            Error::Locked { .. }
            | Error::Io { .. }
            | Error::Database { .. }
            | Error::Store(storage::Error::Conflict { .. }) => Failure::transient(message),
            Error::Store(
                storage::Error::Unavailable { .. }
                | storage::Error::Denied { .. }
                | storage::Error::Misconfigured { .. },
            ) => Failure::unavailable("object store", message),
            Error::NotBuilt
            | Error::Space { .. }
            | Error::NoGraph { .. }
            | Error::Stray { .. }
            | Error::SchemaVersion { .. }
            | Error::Rows { .. }
            | Error::ReadOnly { .. }
            | Error::Store(_)
            | Error::Damaged { .. }
            | Error::Invalid { .. }
            | Error::Unreconciled { .. } => Failure::permanent(message),
        }
    }
}

/// Whether the disk has no room, or no more for this user.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use edgraph_shared::failure::FailureClass;

    use super::*;

    #[test]
    fn a_held_folder_and_a_full_disk_are_waited_for_like_the_store() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        for (error, expected) in [
            (Error::Locked { folder: "g".into(), holder: "process 7".into() }, Some("graph folder")),
            (Error::io("copy", "g/graph")(full()), Some("graph disk")),
            (Error::Database { message: "IO exception: No space left on device".into() }, Some("graph disk")),
            (Error::io("copy", "g/graph")(io::ErrorKind::PermissionDenied.into()), None),
            (Error::Database { message: "Runtime exception".into() }, None),
        ] {
            let waits = match error.failure().class {
                FailureClass::Unavailable { dependency } => Some(dependency),
                _ => None,
            };
            assert_eq!((waits.as_deref(), error.may_pass()), (expected, expected.is_some()), "{error}");
        }
    }
}
