//! What a publication costs in a store of all filings there are, where one more filing was accepted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use edgraph_graph::publish;
use edgraph_shared::manifest::{OutputFile, sha256_hex};
use edgraph_shared::schema;
use edgraph_shared::storage::{
    Error, Expect, LocalStore, ObjectKey, ObjectMeta, SharedStore, Store, Version,
};

use super::kit::{Filing, accepted, counts, filing, publication};

/// About as many as all companies file in half a year.
const FILINGS: u32 = 20_000;

/// A store in memory, in which every filing's manifest is there: it names a file of every table.
struct Market {
    objects: Mutex<BTreeMap<ObjectKey, Bytes>>,
    /// Says what is not there, and what version an object has.
    empty: LocalStore,
}

fn manifest(filing: Filing) -> Bytes {
    let file = |table: &'static schema::Table| OutputFile {
        table: table.name.into(),
        key: filing.key(table),
        rows: 100,
        bytes: 10_000,
        sha256: String::new(),
    };
    let manifest = filing.manifest(schema::all_tables().map(file).collect());
    serde_json::to_vec(&manifest).unwrap().into()
}

#[async_trait]
impl Store for Market {
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error> {
        self.objects.lock().unwrap().insert(key.clone(), bytes);
        Ok(())
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error> {
        let is_there = self.objects.lock().unwrap().contains_key(key);
        if is_there || expect != Expect::Absent {
            return Err(Error::Conflict { key: key.clone() });
        }
        self.put(key, bytes).await
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error> {
        self.empty.get_versioned(key).await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, Error> {
        if let Some(rest) = key.as_str().strip_prefix("manifests/0000000001-24-") {
            return Ok(manifest(filing(rest[..6].parse().unwrap())));
        }
        let found = self.objects.lock().unwrap().get(key).cloned();
        match found {
            Some(bytes) => Ok(bytes),
            None => self.empty.get(key).await,
        }
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error> {
        self.empty.head(key).await
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error> {
        let objects = self.objects.lock().unwrap();
        let meta = |(key, bytes): (&ObjectKey, &Bytes)| ObjectMeta {
            key: key.clone(),
            bytes: bytes.len() as u64,
            modified: None,
        };
        let prefix = format!("{prefix}/");
        Ok(objects.iter().filter(|(key, _)| key.as_str().starts_with(&prefix)).map(meta).collect())
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Error> {
        self.objects.lock().unwrap().remove(key);
        Ok(())
    }

    fn uri(&self, key: &ObjectKey) -> String {
        self.empty.uri(key)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, and some hundred megabytes: see tests/README.md"]
async fn one_more_filing_in_a_store_of_twenty_thousand() {
    let folder = tempfile::tempdir().unwrap();
    let empty = LocalStore::open(folder.path()).unwrap();
    let store: SharedStore = Arc::new(Market { objects: Mutex::default(), empty });
    let line = |number: u32| {
        let bytes = manifest(filing(number));
        accepted(&serde_json::from_slice(&bytes).unwrap(), sha256_hex(&bytes))
    };
    let mut lines: Vec<_> = (0..FILINGS).map(line).collect();
    // The last rounds find a checkpoint, the first a list of all files.
    for round in 0..12 {
        let start = Instant::now();
        let published = publish::run(&publication(&store, "nightly", round), &lines).await.unwrap();
        println!("round {round}: {:.1?}, {:?}", start.elapsed(), counts(&published));
        lines.push(line(FILINGS + round));
    }
}
