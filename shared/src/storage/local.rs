//! The local directory as a store.
//!
//! An object is a file. A put writes a temporary file under `.tmp` and renames it, so a kill leaves the old object or
//! the new one; what it may leave under `.tmp` is removed at the next [`LocalStore::open`]. Nothing is synced to the
//! disk: manifests carry checksums, and a file that a power cut tore is found by them and made again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::task;

use super::{Error, Expect, ObjectKey, ObjectMeta, Store, Version};

const TEMPORARY: &str = ".tmp";

/// A directory as an object store, for one process at a time.
#[derive(Clone, Debug)]
pub struct LocalStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    next_temporary: AtomicU64,
    /// Conditional puts take turns: compare and rename must not interleave.
    conditional: std::sync::Mutex<()>,
}

impl LocalStore {
    /// Opens a directory, creating it, and removes temporary files of a process that was killed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the directory cannot be created or written.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        let root = root.into();
        let temporary = root.join(TEMPORARY);
        let prepare = || -> io::Result<()> {
            if temporary.exists() {
                std::fs::remove_dir_all(&temporary)?;
            }
            std::fs::create_dir_all(&temporary)
        };
        prepare().map_err(|source| Error::Unavailable {
            store: root.display().to_string(),
            action: "open",
            key: String::new(),
            source: Box::new(source),
        })?;
        Ok(Self::reader(root))
    }

    /// A store to read from while another process may be writing: touches nothing.
    pub fn reader(root: impl Into<PathBuf>) -> Self {
        let (next_temporary, conditional) = (AtomicU64::new(0), std::sync::Mutex::new(()));
        Self { inner: Arc::new(Inner { root: root.into(), next_temporary, conditional }) }
    }

    /// The file of an object.
    pub fn path(&self, key: &ObjectKey) -> PathBuf {
        self.inner.root.join(key.as_str())
    }

    /// Removes the folder for temporary files, at the end of an orderly run.
    pub fn close(&self) {
        // Best effort: the next open removes what stays.
        let _ = std::fs::remove_dir_all(self.inner.root.join(TEMPORARY));
    }

    async fn blocking<T: Send + 'static>(
        &self,
        action: &'static str,
        key: &ObjectKey,
        work: impl FnOnce(&Inner, &Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let (inner, path) = (self.inner.clone(), self.path(key));
        let outcome = task::spawn_blocking(move || work(&inner, &path)).await;
        let outcome = outcome.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        outcome.map_err(|source| self.error(action, key, source))
    }

    fn error(&self, action: &'static str, key: &ObjectKey, source: io::Error) -> Error {
        let store = self.inner.root.display().to_string();
        match source.kind() {
            io::ErrorKind::NotFound if action == "read" => Error::NotFound { store, key: key.clone() },
            io::ErrorKind::AlreadyExists => Error::Conflict { key: key.clone() },
            _ => Error::Unavailable { store, action, key: key.to_string(), source: Box::new(source) },
        }
    }
}

impl Inner {
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let number = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let temporary = self.root.join(TEMPORARY).join(number.to_string());
        std::fs::write(&temporary, bytes)?;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::rename(&temporary, path)
    }
}

#[async_trait]
impl Store for LocalStore {
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error> {
        self.blocking("write", key, move |inner, path| inner.replace(path, &bytes)).await
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error> {
        self.blocking("write", key, move |inner, path| {
            let _turn = inner.conditional.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let found = match std::fs::read(path) {
                Ok(bytes) => Expect::Version(Version::of_content(&bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Expect::Absent,
                Err(error) => return Err(error),
            };
            if found != expect {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            inner.replace(path, &bytes)
        })
        .await
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error> {
        let bytes = self.blocking("read", key, |_, path| std::fs::read(path)).await?;
        let version = Version::of_content(&bytes);
        Ok((bytes.into(), version))
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, Error> {
        Ok(self.blocking("read", key, |_, path| std::fs::read(path)).await?.into())
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error> {
        let name = key.clone();
        self.blocking("look up", key, |_, path| match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => Ok(Some(ObjectMeta { key: name, bytes: meta.len() })),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error> {
        let root = prefix.clone();
        self.blocking("list", prefix, move |_, path| {
            let mut found = Vec::new();
            let mut pending = vec![(path.to_path_buf(), root.as_str().to_owned())];
            while let Some((folder, name)) = pending.pop() {
                let entries = match std::fs::read_dir(&folder) {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                for entry in entries {
                    let entry = entry?;
                    let name = format!("{name}/{}", entry.file_name().to_string_lossy());
                    let meta = entry.metadata()?;
                    if meta.is_dir() {
                        pending.push((entry.path(), name));
                    } else if let Ok(key) = name.parse() {
                        found.push(ObjectMeta { key, bytes: meta.len() });
                    }
                }
            }
            found.sort_by(|a: &ObjectMeta, b| a.key.cmp(&b.key));
            Ok(found)
        })
        .await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Error> {
        self.blocking("delete", key, |_, path| match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.path(key).display().to_string()
    }
}
