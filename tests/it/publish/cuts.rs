//! Publications that are cut off at any write, before it or right after it, and repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use edgraph_shared::schema;
use edgraph_shared::storage::{Error, Expect, ObjectKey, ObjectMeta, SharedStore, Store, Version};

use super::kit::{Filing, accept, counts, filing, publish, try_publish};
use super::reader::check;
use crate::store::Place;

/// Where the process ends that uses a [`Dying`] store.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    /// A write does not happen.
    Before(usize),
    /// A write happens, and nobody hears of it.
    After(usize),
}

/// A store that a process uses up to a write; from then on it is dead, and nothing it does has any effect.
struct Dying {
    store: SharedStore,
    cut: Cut,
    writes: AtomicUsize,
}

impl Dying {
    fn new(store: &SharedStore, cut: Cut) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), cut, writes: AtomicUsize::new(0) })
    }

    fn is_dead(&self) -> bool {
        let (Cut::Before(at) | Cut::After(at)) = self.cut;
        self.writes.load(Ordering::SeqCst) > at
    }

    async fn write(&self, writing: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst);
        match self.cut {
            Cut::Before(at) if number >= at => Err(dead()),
            Cut::After(at) if number > at => Err(dead()),
            Cut::After(at) if number == at => writing.await.and(Err(dead())),
            _ => writing.await,
        }
    }
}

fn dead() -> Error {
    let source = "the process is dead".into();
    Error::Unavailable { store: String::new(), action: "use", key: String::new(), source }
}

#[async_trait]
impl Store for Dying {
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error> {
        self.write(self.store.put(key, bytes)).await
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error> {
        self.write(self.store.put_if(key, bytes, expect)).await
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error> {
        if self.is_dead() { Err(dead()) } else { self.store.get_versioned(key).await }
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error> {
        if self.is_dead() { Err(dead()) } else { self.store.head(key).await }
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error> {
        if self.is_dead() { Err(dead()) } else { self.store.list(prefix).await }
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Error> {
        self.store.delete(key).await
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.store.uri(key)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_publication_cut_off_at_any_write_is_completed_by_its_repeat() {
    let mut cuts = 0;
    for at in 0..schema::TABLES {
        for cut in [Cut::Before(at), Cut::After(at)] {
            let place = Place::directory();
            let store = place.open().await;
            let lines = [accept(&store, filing(1)).await, accept(&store, filing(2)).await];
            let dying: SharedStore = Dying::new(&store, cut);
            cuts += usize::from(try_publish(&dying, 1, &lines).await.is_err());
            publish(&store, 1, &lines).await;
            check(&store, &[filing(1), filing(2)]).await;
        }
    }
    assert_eq!(cuts, 2 * schema::TABLES, "every table is a write");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn round_after_round_cut_off_at_any_write_is_completed_by_its_repeat() {
    // Over the first rounds the tables come to their checkpoints, so that cuts fall on those writes, too.
    let place = Place::directory();
    let store = place.open().await;
    let mut there: Vec<Filing> = (0..3).map(filing).collect();
    let mut first = Vec::new();
    for filing in &there {
        first.push(accept(&store, *filing).await);
    }
    publish(&store, 1, &first).await;
    let (mut cuts, mut done) = (0, 0);
    for at in 0..14 {
        for cut in [Cut::Before(at), Cut::After(at)] {
            let new = at % there.len();
            there[new] = there[new].again();
            let mut lines = Vec::new();
            for filing in &there {
                lines.push(accept(&store, *filing).await);
            }
            let round = u32::try_from(2 + 2 * at).unwrap();
            let dying = Dying::new(&store, cut);
            let cut_off = try_publish(&(dying.clone() as SharedStore), round, &lines).await;
            match cut_off {
                Ok(published) => {
                    assert_eq!(counts(&published), (0, 1, 2, 0), "{cut:?}");
                    assert!(!dying.is_dead(), "{cut:?}");
                    done += 1;
                }
                Err(_) => cuts += 1,
            }
            let repeated = publish(&store, round, &lines).await;
            assert!(repeated.added == 0 && repeated.replaced <= 1, "{cut:?}: {repeated:?}");
            check(&store, &there).await;
            let again = publish(&store, round, &lines).await;
            assert_eq!((counts(&again), again.tables), ((0, 0, 3, 0), 0), "{cut:?}");
        }
    }
    assert!(cuts > 10 && done > 0, "{cuts} publications were cut off, {done} were not");
}
