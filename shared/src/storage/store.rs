//! What a store is: the contract that every backend keeps and that the rest of the system builds on.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::error::Error;
use super::key::ObjectKey;
use super::object::{Expect, ObjectMeta, Version};

/// Objects written at a time by [`Store::put_all`]: enough to hide the latency of a store, few enough for many callers.
const PARALLEL_PUTS: usize = 8;

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

    /// Size and time of an object, `None` if there is none.
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
