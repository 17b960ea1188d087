//! The local directory as a store.
//!
//! An object is a file. A put writes a temporary file under `.tmp` and renames it, so a kill leaves the old object or
//! the new one. Several processes of one machine may use one directory ([`session`] keeps them apart). Nothing is
//! synced to the disk: manifests carry checksums, and a file that a power cut tore is found by them and made again.

mod session;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use self::session::Session;
use super::{Error, Expect, ObjectKey, ObjectMeta, Store, Version};
use crate::blocking;

/// A directory as an object store.
#[derive(Clone, Debug)]
pub struct LocalStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    /// The right to write; none for a reader, and none after [`LocalStore::close`].
    session: Mutex<Option<Arc<Session>>>,
}

impl LocalStore {
    /// Opens a directory, creating it, and removes temporary files of processes that were killed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the directory cannot be created or written.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        let session = Session::open(&root).map_err(|source| Error::Unavailable {
            store: root.display().to_string(),
            action: "open",
            key: String::new(),
            source: Box::new(source),
        })?;
        Ok(Self { inner: Arc::new(Inner { root, session: Mutex::new(Some(Arc::new(session))) }) })
    }

    /// A store to read from while other processes may be writing: touches nothing.
    pub fn reader(root: impl Into<PathBuf>) -> Self {
        Self { inner: Arc::new(Inner { root: root.into(), session: Mutex::default() }) }
    }

    /// The file of an object.
    pub fn path(&self, key: &ObjectKey) -> PathBuf {
        self.inner.root.join(key.as_str())
    }

    /// Removes the folder for temporary files, at the end of an orderly run. What is being written is written first;
    /// later puts fail.
    pub fn close(&self) {
        let session = self.inner.session.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(session);
    }

    fn work<T>(
        &self,
        action: &'static str,
        key: &ObjectKey,
        work: impl FnOnce(&Inner, &Path) -> io::Result<T>,
    ) -> Result<T, Error> {
        let outcome = blocking::in_place(|| work(&self.inner, &self.path(key)));
        let outcome = outcome.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        outcome.map_err(|source| self.error(action, key, source))
    }

    fn error(&self, action: &'static str, key: &ObjectKey, source: io::Error) -> Error {
        let store = self.inner.root.display().to_string();
        match source.kind() {
            _ if action == "read" && is_absent(&source) => Error::NotFound { store, key: key.clone() },
            io::ErrorKind::AlreadyExists => Error::Conflict { key: key.clone() },
            _ => Error::Unavailable { store, action, key: key.to_string(), source: Box::new(source) },
        }
    }
}

/// Whether there is no object of a name: no file, a folder of that name, or a file where the name has a folder.
fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | IsADirectory | NotADirectory)
}

fn of_file(key: ObjectKey, meta: &std::fs::Metadata) -> ObjectMeta {
    ObjectMeta { key, bytes: meta.len(), modified: meta.modified().ok() }
}

impl Inner {
    fn session(&self) -> io::Result<Arc<Session>> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        session.ok_or_else(|| {
            io::Error::new(io::ErrorKind::PermissionDenied, "opened for reading only, or closed already")
        })
    }

    fn replace(&self, session: &Session, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let temporary = session.temporary();
        std::fs::write(&temporary, bytes)?;
        match std::fs::rename(&temporary, path) {
            // The first object of its folder.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(parent) = path.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::rename(&temporary, path)
            }
            renamed => renamed,
        }
    }
}

#[async_trait]
impl Store for LocalStore {
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error> {
        self.work("write", key, |inner, path| inner.replace(&*inner.session()?, path, &bytes))
    }

    /// One after the other: a directory lets only one in at a time, and those who wait for it spin.
    async fn put_all(&self, objects: Vec<(ObjectKey, Bytes)>) -> Result<(), Error> {
        let put = |(key, bytes): (ObjectKey, Bytes)| {
            self.work("write", &key, |inner, path| inner.replace(&*inner.session()?, path, &bytes))
        };
        objects.into_iter().try_for_each(put)
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error> {
        self.work("write", key, |inner, path| {
            let session = inner.session()?;
            // Compare and rename must not interleave, not with another process's either.
            let _turn = session.turn()?;
            let found = match std::fs::read(path) {
                Ok(bytes) => Expect::Version(Version::of_content(&bytes)),
                Err(error) if is_absent(&error) => Expect::Absent,
                Err(error) => return Err(error),
            };
            if found != expect {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            inner.replace(&session, path, &bytes)
        })
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error> {
        let bytes = self.work("read", key, |_, path| std::fs::read(path))?;
        let version = Version::of_content(&bytes);
        Ok((bytes.into(), version))
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, Error> {
        Ok(self.work("read", key, |_, path| std::fs::read(path))?.into())
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error> {
        let name = key.clone();
        self.work("look up", key, |_, path| match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => Ok(Some(of_file(name, &meta))),
            Ok(_) => Ok(None),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        })
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error> {
        let root = prefix.clone();
        self.work("list", prefix, |_, path| {
            let mut found = Vec::new();
            let mut pending = vec![(path.to_path_buf(), root.as_str().to_owned())];
            while let Some((folder, name)) = pending.pop() {
                let entries = match std::fs::read_dir(&folder) {
                    Ok(entries) => entries,
                    Err(error) if is_absent(&error) => continue,
                    Err(error) => return Err(error),
                };
                for entry in entries {
                    let entry = entry?;
                    let name = format!("{name}/{}", entry.file_name().to_string_lossy());
                    let meta = match entry.metadata() {
                        Ok(meta) => meta,
                        // Removed meanwhile.
                        Err(error) if is_absent(&error) => continue,
                        Err(error) => return Err(error),
                    };
                    if meta.is_dir() {
                        pending.push((entry.path(), name));
                    } else if let Ok(key) = name.parse() {
                        found.push(of_file(key, &meta));
                    }
                }
            }
            found.sort_by(|a: &ObjectMeta, b| a.key.cmp(&b.key));
            Ok(found)
        })
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Error> {
        self.work("delete", key, |_, path| match std::fs::remove_file(path) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        })
    }

    fn link(&self, key: &ObjectKey, path: &Path) -> bool {
        std::fs::hard_link(self.path(key), path).is_ok()
    }

    fn close(&self) {
        Self::close(self);
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.path(key).display().to_string()
    }
}
