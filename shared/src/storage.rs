//! Where everything durable lies: an object store, either S3 or a local directory.
//!
//! The contract is the smallest that a fleet needs: an object appears whole or not at all, a conditional put is
//! atomic, and names are validated once. What an object means is not this module's business (see [`layout`]).

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

pub mod layout;
mod address;
mod local;
mod s3;

pub use address::{Address, S3Config};
pub use local::LocalStore;
pub use s3::{AccessKeys, S3Store};

/// Objects written at a time by [`Store::put_all`]: enough to hide the latency of a store, few enough for many callers.
const PARALLEL_PUTS: usize = 8;
/// The longest key, S3's limit.
const MAX_KEY_BYTES: usize = 1_024;

/// An object's name: `/`-separated segments, none empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key as text, without a leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ObjectKey {
    type Err = Error;

    /// Checks a key; a name from outside (a zip entry, a URL path) can never leave the store.
    fn from_str(text: &str) -> Result<Self, Error> {
        let segment_is_safe = |segment: &str| {
            !matches!(segment, "" | "." | "..") && !segment.contains(|c: char| c == '\\' || c.is_control())
        };
        if text.len() > MAX_KEY_BYTES || !text.split('/').all(segment_is_safe) {
            return Err(Error::BadKey { key: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }
}

/// What a listing or a head says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The object's name.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The version of an object that a conditional put compares: opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    pub(crate) fn of_content(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }
}

/// What a conditional put requires of the object it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No object of that name.
    Absent,
    /// Exactly the version that was read.
    Version(Version),
}

/// Why a store could not do as told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such object.
    #[error("no object {key} in {store}")]
    NotFound {
        /// The store, as [`Store::uri`] names it.
        store: String,
        /// The key asked for.
        key: ObjectKey,
    },
    /// A conditional put found another version; read again and decide anew.
    #[error("object {key} has changed meanwhile")]
    Conflict {
        /// The key.
        key: ObjectKey,
    },
    /// A key that no store accepts.
    #[error(
        "not a valid object key: {key:?} (needs non-empty segments without \"..\", backslashes or control characters)"
    )]
    BadKey {
        /// What was given.
        key: String,
    },
    /// The store answers but does not let us: access denied, or credentials that are missing, wrong or expired. No
    /// fault of what is being stored, and nothing that trying again at once would change.
    #[error("{store}: not allowed to {}: {reason}", doing(action, key))]
    Denied {
        /// The store, as [`Store::uri`] names it.
        store: String,
        /// What was being done, such as `write`.
        action: &'static str,
        /// The key or prefix; empty for the store as a whole.
        key: String,
        /// What the store said and what to do.
        reason: String,
    },
    /// The address does not lead to a store: it cannot be read, or there is no such bucket there.
    #[error("{store}: {reason}")]
    Misconfigured {
        /// The address, or the store as [`Store::uri`] names it.
        store: String,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// The store did not answer or could not write; trying again may help.
    #[error("{store}: {}: {source}", doing(action, key))]
    Unavailable {
        /// The store, as [`Store::uri`] names it.
        store: String,
        /// What was being done, such as `write`.
        action: &'static str,
        /// The key or prefix; empty for the store as a whole.
        key: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What was being done; a store as a whole has no key.
fn doing(action: &str, key: &str) -> String {
    if key.is_empty() { action.to_owned() } else { format!("{action} {key}") }
}

/// An object store.
///
/// Every method may be called again after a failure or a crash: a put that was cut off left nothing visible. A key is
/// never also a folder of another key (`a` beside `a/b`): a directory could not hold both.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes an object whole, replacing what was there. Readers see the old or the new bytes, never a mixture.
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error>;

    /// Writes an object only if `expect` holds, atomically with the check.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it does not hold; nothing was written then.
    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error>;

    /// Reads an object and its version; [`Error::NotFound`] if there is none.
    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error>;

    /// Size of an object, `None` if there is none.
    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error>;

    /// All objects whose key starts with `prefix` and a slash, sorted by key.
    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error>;

    /// Removes an object; removing what is not there succeeds.
    async fn delete(&self, key: &ObjectKey) -> Result<(), Error>;

    /// Lets go of what this process holds in the store, at the end of an orderly run; nothing is written afterwards.
    fn close(&self) {}

    /// The address of an object for people and other programs: `s3://bucket/prefix/key` or a path.
    fn uri(&self, key: &ObjectKey) -> String;

    /// Reads an object; [`Error::NotFound`] if there is none.
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, Error> {
        Ok(self.get_versioned(key).await?.0)
    }

    /// Writes objects, each as [`put`](Self::put) does, in no order. When one cannot be written some of the others are.
    async fn put_all(&self, objects: Vec<(ObjectKey, Bytes)>) -> Result<(), Error> {
        let put = |(key, bytes): (ObjectKey, Bytes)| async move { self.put(&key, bytes).await };
        stream::iter(objects.into_iter().map(put)).buffer_unordered(PARALLEL_PUTS).try_collect().await
    }

    /// Gives an object that is a file of this machine a second name, which must not be written to: what replaces the
    /// object later leaves it as it is. `false` where that cannot be done; then the object is to be read.
    fn link(&self, _key: &ObjectKey, _path: &Path) -> bool {
        false
    }

    /// Reads an object, `None` if there is none.
    async fn find(&self, key: &ObjectKey) -> Result<Option<Bytes>, Error> {
        match self.get(key).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A store as components hold it.
pub type SharedStore = Arc<dyn Store>;

/// Opens the store at an address (see [`Address`]) and proves that it can be reached.
///
/// # Errors
/// [`Error::Misconfigured`] for an address that is none or a bucket that does not exist, [`Error::Denied`] without
/// credentials or access, [`Error::Unavailable`] if the store does not answer.
pub async fn open(address: &str) -> Result<SharedStore, Error> {
    Ok(match address.parse()? {
        Address::Directory(root) => Arc::new(LocalStore::open(root)?),
        Address::S3(config) => Arc::new(S3Store::open(&config).await?),
    })
}
