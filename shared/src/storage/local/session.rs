//! What the processes that write to one directory share below `.tmp`: a folder for each, and one lock.
//!
//! ```text
//! .tmp/lock                  held for a moment by whoever opens, closes or puts conditionally: their turn
//! .tmp/{pid}-{random}/lock   held by a process as long as it lives
//! .tmp/{pid}-{random}/17     a file being written
//! ```
//!
//! Locks end with the process however it ends, so a folder whose lock can be taken belongs to nobody.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

const TEMPORARY: &str = ".tmp";
const LOCK: &str = "lock";

/// How often a lock file may vanish while its lock is awaited. Each time another process closed as the last one.
const MAX_VANISHED_LOCKS: usize = 100;

/// One process's right to write: its folder for temporary files, gone when dropped.
#[derive(Debug)]
pub(super) struct Session {
    root: PathBuf,
    folder: PathBuf,
    next: AtomicU64,
    _lock: File,
}

impl Session {
    /// Makes a folder of its own, and removes those of processes that were killed.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let _turn = first_turn(root)?;
        remove_abandoned(root)?;
        let name = format!("{}-{}", std::process::id(), Uuid::new_v4().simple());
        let folder = root.join(TEMPORARY).join(name);
        fs::create_dir(&folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.lock()?;
        Ok(Self { root: root.to_owned(), folder, next: AtomicU64::new(0), _lock: lock })
    }

    /// A name for a temporary file that nobody else uses.
    pub(super) fn temporary(&self) -> PathBuf {
        self.folder.join(self.next.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// Waits for this process's turn, which lasts until the file is dropped.
    pub(super) fn turn(&self) -> io::Result<File> {
        turn(&self.root)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Best effort: the next process to open the directory removes what stays.
        let Ok(turn) = turn(&self.root) else { return };
        let _ = fs::remove_dir_all(&self.folder);
        let temporary = self.root.join(TEMPORARY);
        let others = fs::read_dir(&temporary).map_or(true, |mut entries| {
            entries.any(|entry| entry.map_or(true, |entry| entry.file_name() != LOCK))
        });
        if !others {
            let _ = fs::remove_file(temporary.join(LOCK));
            let _ = fs::remove_dir(&temporary);
        }
        drop(turn);
    }
}

/// A turn of a process that has no session yet: the last session may be taking everything away at this moment.
fn first_turn(root: &Path) -> io::Result<File> {
    let mut gone = io::ErrorKind::NotFound.into();
    for _ in 0..MAX_VANISHED_LOCKS {
        fs::create_dir_all(root.join(TEMPORARY))?;
        match turn(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => gone = error,
            turn => return turn,
        }
    }
    Err(gone)
}

/// Takes the lock, or says `NotFound` when it was removed meanwhile.
fn turn(root: &Path) -> io::Result<File> {
    let path = root.join(TEMPORARY).join(LOCK);
    let file = File::options().write(true).create(true).truncate(false).open(&path)?;
    file.lock()?;
    // Whoever waited for a lock file that was then removed holds the lock of nothing.
    let (held, named) = (file.metadata()?, fs::metadata(&path)?);
    if (held.dev(), held.ino()) == (named.dev(), named.ino()) {
        Ok(file)
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Removes what no living process holds. Only in a turn: nobody else is between making a folder and locking it.
fn remove_abandoned(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root.join(TEMPORARY))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            if !is_held(&entry.path().join(LOCK))? {
                fs::remove_dir_all(entry.path())?;
            }
        } else if entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_held(lock: &Path) -> io::Result<bool> {
    match File::open(lock) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
