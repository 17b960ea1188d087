//! The graph's folder: `graph` in use, `graph.next` while loading, `lock`.
//!
//! A database in use is never written: a kill during a commit of loaded rows would ruin it. So a load works on a
//! copy, and [`GraphFolder::publish`] renames it over. Not here: what is in a database.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use edgraph_shared::kinds::sec_xbrl::GraphCopy;

use super::cypher::check_path;
use super::space;
use crate::error::Error;

const DATABASE: &str = "graph";
const NEXT: &str = "graph.next";
const LOCK: &str = "lock";

/// What the database keeps beside its file while open: log, pages before a checkpoint, rows spilled from memory.
const COMPANIONS: [&str; 3] = [".wal", ".shadow", ".tmp"];

/// The longest lock file that is read: a process id and room.
const MAX_HOLDER_BYTES: u64 = 64;

/// A graph's folder, held by this process for loading.
#[derive(Debug)]
pub struct GraphFolder {
    root: PathBuf,
    /// Held until dropped.
    _lock: File,
}

impl GraphFolder {
    /// Takes the folder, creating it, and removes what a load that was killed has left.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process holds it; [`Error::Invalid`] if the database cannot be given its path;
    /// [`Error::Space`] if this process may not use the memory addresses that a database takes.
    pub fn open(root: &Path) -> Result<Self, Error> {
        check_path(root)?;
        space::check()?;
        fs::create_dir_all(root).map_err(Error::io("create", root))?;
        let path = root.join(LOCK);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked { folder: root.to_owned(), holder: holder(&mut lock) });
            }
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", path)(source)),
        }
        lock.set_len(0).and_then(|()| lock.rewind()).map_err(Error::io("write", &path))?;
        write!(lock, "process {}", std::process::id()).map_err(Error::io("write", &path))?;
        let folder = Self { root: root.to_owned(), _lock: lock };
        folder.discard()?;
        Ok(folder)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database in use, if there is one.
    pub fn current(&self) -> Option<PathBuf> {
        let path = self.root.join(DATABASE);
        path.is_file().then_some(path)
    }

    /// The database being made.
    pub fn next(&self) -> PathBuf {
        self.root.join(NEXT)
    }

    /// Copies the database in use to [`GraphFolder::next`], sharing blocks where the file system can; answers what that
    /// has cost.
    pub fn copy(&self) -> Result<GraphCopy, Error> {
        let (current, next) = (self.root.join(DATABASE), self.next());
        let started = Instant::now();
        let written = reflink_copy::reflink_or_copy(&current, &next).map_err(Error::io("copy", &current))?;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let bytes = fs::metadata(&next).map_err(Error::io("look at", &next))?.len();
        Ok(GraphCopy { bytes, milliseconds, shares_blocks: written.is_none() })
    }

    /// Removes everything but the database in use: the next one, and companions, which it never has when closed.
    pub fn discard(&self) -> Result<(), Error> {
        let beside = |name: &'static str| COMPANIONS.iter().map(move |suffix| format!("{name}{suffix}"));
        for name in std::iter::once(NEXT.to_owned()).chain(beside(NEXT)).chain(beside(DATABASE)) {
            let path = self.root.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the next database, closed and whole, the one in use: the only moment of truth.
    ///
    /// # Errors
    /// [`Error::Stray`] if it was not closed: its log would be lost.
    pub fn publish(&self) -> Result<(), Error> {
        let next = self.next();
        let log = self.root.join(format!("{NEXT}{}", COMPANIONS[0]));
        if log.exists() {
            return Err(Error::Stray { path: log });
        }
        let sync = |path: &Path| File::open(path)?.sync_all();
        sync(&next).map_err(Error::io("sync", &next))?;
        fs::rename(&next, self.root.join(DATABASE)).map_err(Error::io("rename", next))?;
        sync(&self.root).map_err(Error::io("sync", &self.root))
    }
}

fn holder(lock: &mut File) -> String {
    let mut text = String::new();
    match lock.take(MAX_HOLDER_BYTES).read_to_string(&mut text) {
        Ok(_) if !text.is_empty() => text,
        _ => "another process".to_owned(),
    }
}

/// The database in use in a folder, for readers, who take no lock.
///
/// # Errors
/// [`Error::NoGraph`], or [`Error::Stray`] if a log lies beside it, which the database would not survive.
pub fn database_in(root: &Path) -> Result<PathBuf, Error> {
    let path = root.join(DATABASE);
    if !path.is_file() {
        return Err(Error::NoGraph { folder: root.to_owned() });
    }
    let log = root.join(format!("{DATABASE}{}", COMPANIONS[0]));
    if log.exists() { Err(Error::Stray { path: log }) } else { Ok(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_its_holder_is_named() {
        let root = tempfile::tempdir().unwrap();
        let held = GraphFolder::open(root.path()).unwrap();
        let refused = GraphFolder::open(root.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(held);
        GraphFolder::open(root.path()).unwrap();
    }

    #[test]
    fn leftovers_go_and_everything_else_stays() {
        let root = tempfile::tempdir().unwrap();
        let left = ["graph.next", "graph.next.wal", "graph.next.shadow", "graph.next.tmp", "graph.wal"];
        for name in left.iter().chain(&["graph", "graph.bak", "notes.txt"]) {
            fs::write(root.path().join(name), name).unwrap();
        }
        assert!(matches!(database_in(root.path()), Err(Error::Stray { .. })));
        let folder = GraphFolder::open(root.path()).unwrap();
        let mut names: Vec<_> = fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["graph", "graph.bak", "lock", "notes.txt"]);
        assert_eq!(database_in(folder.root()).unwrap(), root.path().join("graph"));
    }

    #[test]
    fn publishing_replaces_and_an_open_log_prevents_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = GraphFolder::open(root.path()).unwrap();
        assert!(matches!(database_in(root.path()), Err(Error::NoGraph { .. })));
        fs::write(folder.next(), "one").unwrap();
        folder.publish().unwrap();
        assert_eq!(folder.copy().unwrap().bytes, 3);
        fs::write(root.path().join("graph.next.wal"), "").unwrap();
        assert!(matches!(folder.publish(), Err(Error::Stray { .. })));
        assert_eq!(fs::read_to_string(folder.current().unwrap()).unwrap(), "one");
    }
}
