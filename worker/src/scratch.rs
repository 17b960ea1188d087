//! A directory for the temporary files of one process, removed with it.
//!
//! A process that is killed cannot clean up; the next one that starts does it. A lock file beside each directory tells
//! which process is alive, and no process can die without letting its lock go.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

const PREFIX: &str = "edgraph-scratch-";
const LOCK: &str = "lock";

/// The directory of this process; dropping it removes it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    /// Held until dropped.
    _lock: File,
}

impl Scratch {
    /// Makes a directory below `root`, creating that too, and removes those of processes that are gone.
    ///
    /// # Errors
    /// `root` cannot be written.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        remove_stale(root);
        // The lock is taken under a name that nobody looks at: under its own it would be taken for stale meanwhile.
        let file = NamedTempFile::with_prefix_in(".edgraph-", root)?;
        file.as_file().lock()?;
        let name = file.path().file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let path = root.join(name.replacen(".edgraph-", PREFIX, 1));
        let lock_path = path.with_extension(LOCK);
        let lock = file.persist(&lock_path).map_err(|error| error.error)?;
        fs::create_dir(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The lock file goes last: what could not be removed is left to the next process.
        let removed =
            fs::remove_dir_all(&self.path).and_then(|()| fs::remove_file(self.path.with_extension(LOCK)));
        if let Err(error) = removed {
            tracing::warn!(path = %self.path.display(), %error, "temporary files stay until the next start");
        }
    }
}

/// Removes the directories whose lock nobody holds. What cannot be removed is tried again at the next start.
fn remove_stale(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.starts_with(PREFIX) || path.extension().is_none_or(|extension| extension != LOCK) {
            continue;
        }
        let Ok(lock) = OpenOptions::new().write(true).open(&path) else { continue };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => continue,
        }
        let removed = match fs::remove_dir_all(path.with_extension("")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::remove_file(&path),
        };
        match removed {
            Ok(()) => tracing::info!(lock = %path.display(), "removed what an ended process had left"),
            Err(error) => tracing::warn!(lock = %path.display(), %error, "cannot remove temporary files"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(root).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_directory_goes_with_its_process_and_leaves_others_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("edgraph-notes.lock"), "of somebody else").unwrap();
        let (one, two) = (Scratch::open(root.path()).unwrap(), Scratch::open(root.path()).unwrap());
        assert!(one.path().is_dir() && two.path().is_dir() && one.path() != two.path());
        fs::write(one.path().join("file"), "temporary").unwrap();
        drop((one, two));
        assert_eq!(names(root.path()), ["edgraph-notes.lock"]);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_by_the_next() {
        let root = tempfile::tempdir().unwrap();
        let left = root.path().join("edgraph-scratch-left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("file"), "temporary").unwrap();
        fs::write(left.with_extension(LOCK), "").unwrap();
        // One that died between its lock and its directory.
        fs::write(root.path().join("edgraph-scratch-early.lock"), "").unwrap();
        let next = Scratch::open(root.path()).unwrap();
        assert_eq!(names(root.path()).len(), 2);
        drop(next);
        assert_eq!(names(root.path()), Vec::<String>::new());
    }
}
