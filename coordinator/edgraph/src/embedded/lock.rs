//! The lock of an output folder: one run at a time, and nobody else who removes files of its store.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const NAME: &str = ".lock";

/// Why an output folder could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process works there.
    #[error("{} is in use by another edgraph run; wait for it, or give another --out", .0.display())]
    InUse(PathBuf),
    /// The output folder cannot be written.
    #[error("cannot write {}: {source}; give a writable folder with --out", path.display())]
    Output {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Takes an output folder for this process, and makes it. The lock ends with the process, however it ends.
pub(super) fn take(out: &Path) -> Result<File, LockError> {
    std::fs::create_dir_all(out).map_err(|source| LockError::Output { path: out.to_owned(), source })?;
    lock(out)
}

/// Takes the output folder that a store lies in; `None` for a store that no run made.
///
/// # Errors
/// [`LockError::InUse`] while a run goes on there.
pub fn take_store(store: &Path) -> Result<Option<File>, LockError> {
    let out = match store.parent() {
        Some(out) if !out.as_os_str().is_empty() => out.to_owned(),
        _ => PathBuf::from("."),
    };
    out.join(NAME).exists().then(|| lock(&out)).transpose()
}

fn lock(out: &Path) -> Result<File, LockError> {
    let path = out.join(NAME);
    let failed = |source| LockError::Output { path: path.clone(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LockError::InUse(out.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
