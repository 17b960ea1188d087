//! The store of a dry run: it reads, and swallows writes, counting them.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use edgraph_shared::storage::{self, Expect, LocalStore, ObjectKey, ObjectMeta, Store};

/// See the module's documentation.
pub(super) struct Untouched {
    store: LocalStore,
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Untouched {
    pub(super) fn new(store: LocalStore) -> Self {
        Self { store, objects: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// Objects not written, and their bytes.
    pub(super) fn swallowed(&self) -> (u64, u64) {
        (self.objects.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

#[async_trait]
impl Store for Untouched {
    async fn put(&self, _: &ObjectKey, bytes: Bytes) -> Result<(), storage::Error> {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, _: Expect) -> Result<(), storage::Error> {
        self.put(key, bytes).await
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, storage::Version), storage::Error> {
        self.store.get_versioned(key).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, storage::Error> {
        self.store.head(key).await
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, storage::Error> {
        self.store.list(prefix).await
    }

    async fn delete(&self, _: &ObjectKey) -> Result<(), storage::Error> {
        Ok(())
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.store.uri(key)
    }
}
