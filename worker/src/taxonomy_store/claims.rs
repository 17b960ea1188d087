//! One download per document for the whole fleet: a claim in the object store, taken by conditional put.
//!
//! ```text
//! nothing ──put if absent──▶ taken ──▶ kept(sha256)                  the document is in the store
//!                              ▲ └───▶ not_found, failed, released   those who waited take the answer,
//!                              └──put if unchanged── the next asks anew
//! ```
//!
//! Who holds a claim renews it while the download lasts. Who waits counts from its own first sight of a claim that does
//! not change, so that no two machines' clocks are ever compared, and takes it over when it stays unchanged for too
//! long. Two downloads of one document do no harm: claims spare requests, hashes keep the bytes right.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use edgraph_shared::ids::Incarnation;
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::retry::vary;
use edgraph_shared::storage::{Error as StoreError, Expect, ObjectKey, SharedStore, Version};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::download::Error;

/// Renewals in the time after which a claim is taken over: three may be lost.
const RENEWALS: u32 = 4;
/// Looks at a claim in the same time: most documents are downloaded within a few.
const LOOKS: u32 = 120;
/// Looks that must have found a claim unchanged before it is taken over: a process that stood still itself has seen too
/// little, however much time has passed.
const MIN_LOOKS: u32 = 20;
/// Times a claim is compared and set when its download is over; after that it is left to be taken over.
const SETTLE_ATTEMPTS: usize = 4;

/// What the fleet knows of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum Claim {
    /// Being downloaded. The beat makes every renewal another version.
    Taken { by: Incarnation, beat: u64 },
    /// In the store, with this hash.
    Kept { sha256: String },
    /// Its host has no such document.
    NotFound,
    /// Its host did not answer as it should.
    Failed { error: Error },
    /// Given back without an answer.
    Released,
}

/// What is to be done about a document.
pub(super) enum Turn {
    /// Download it, then [`Claims::settle`].
    Mine,
    /// Nothing: another worker kept it.
    Kept(Bytes),
    /// Nothing: another worker asked meanwhile, and its host has no such document.
    NotFound,
    /// Nothing: another worker asked meanwhile in vain.
    Failed(Error),
}

/// Another's claim as a worker sees it that waits.
struct Watched {
    version: Version,
    /// When it was first seen like this, and how often since.
    since: Instant,
    looks: u32,
}

/// The claims of one process.
pub(super) struct Claims {
    store: SharedStore,
    me: Incarnation,
    patience: Duration,
}

impl Claims {
    /// A claim that does not change for `patience` is taken over.
    pub(super) fn new(store: SharedStore, patience: Duration) -> Self {
        Self { store, me: Incarnation::random(), patience }
    }

    /// A document in the store. What does not have the hash that was noted when it was kept is not there: it was torn
    /// or tampered with.
    pub(super) async fn find(
        &self,
        object: &ObjectKey,
        claim: &ObjectKey,
    ) -> Result<Option<Bytes>, StoreError> {
        let Some(bytes) = self.store.find(object).await? else { return Ok(None) };
        match self.read(claim).await? {
            Some((Some(Claim::Kept { sha256 }), _)) if sha256 != sha256_hex(&bytes) => {
                tracing::warn!(%object, "a schema in the store is not what was kept there, and is not used");
                Ok(None)
            }
            _ => Ok(Some(bytes)),
        }
    }

    /// Claims a document, or waits for whoever did.
    pub(super) async fn take(&self, object: &ObjectKey, claim: &ObjectKey) -> Result<Turn, StoreError> {
        let mut watched: Option<Watched> = None;
        // Whether somebody else had it since this worker asked: then whatever is said of it next was said since, too.
        let mut waited = false;
        loop {
            let expect = match self.read(claim).await? {
                None => Expect::Absent,
                // An attempt of this process that was cancelled, or a put whose answer was lost.
                Some((Some(Claim::Taken { by, .. }), _)) if by == self.me => return Ok(Turn::Mine),
                Some((Some(Claim::Taken { by, .. }), version)) => {
                    waited = true;
                    let same = watched.take().filter(|watched| watched.version == version);
                    let mut now = same.unwrap_or(Watched { version, since: Instant::now(), looks: 0 });
                    now.looks += 1;
                    if now.looks < MIN_LOOKS || now.since.elapsed() < self.patience {
                        watched = Some(now);
                        sleep(vary(self.patience / LOOKS)).await;
                        continue;
                    }
                    let version = now.version;
                    tracing::warn!(%object, %by, "a download stands still and is taken over");
                    Expect::Version(version)
                }
                Some((Some(Claim::NotFound), _)) if waited => return Ok(Turn::NotFound),
                Some((Some(Claim::Failed { error }), _)) if waited => return Ok(Turn::Failed(error)),
                Some((Some(Claim::Kept { .. }), version)) => match self.find(object, claim).await? {
                    Some(bytes) => return Ok(Turn::Kept(bytes)),
                    None => Expect::Version(version),
                },
                Some((_, version)) => Expect::Version(version),
            };
            let mine = Claim::Taken { by: self.me.clone(), beat: 0 };
            match self.store.put_if(claim, encode(&mine), expect).await {
                Ok(()) => return Ok(Turn::Mine),
                // Somebody was faster; the next look says who.
                Err(StoreError::Conflict { .. }) => {
                    waited = true;
                    sleep(vary(self.patience / LOOKS)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Does the work that a claim was taken for, and renews the claim meanwhile.
    pub(super) async fn holding<T>(&self, claim: &ObjectKey, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.renew(claim) => match never {},
        }
    }

    async fn renew(&self, claim: &ObjectKey) -> Infallible {
        loop {
            sleep(self.patience / RENEWALS).await;
            let outcome = match self.read(claim).await {
                Ok(Some((Some(Claim::Taken { by, beat }), version))) if by == self.me => {
                    let renewed = Claim::Taken { by, beat: beat + 1 };
                    self.store.put_if(claim, encode(&renewed), Expect::Version(version)).await
                }
                outcome => outcome.map(drop),
            };
            if let Err(error) = outcome {
                tracing::debug!(%claim, %error, "a claim was not renewed");
            }
        }
    }

    /// Says what became of a document. A claim that somebody took over is theirs.
    pub(super) async fn settle(&self, claim: &ObjectKey, end: &Claim) {
        for _ in 0..SETTLE_ATTEMPTS {
            let version = match self.read(claim).await {
                Ok(Some((Some(Claim::Taken { by, .. }), version))) if by == self.me => version,
                Ok(_) => return,
                Err(error) => return unsettled(claim, &error),
            };
            match self.store.put_if(claim, encode(end), Expect::Version(version)).await {
                Ok(()) => return,
                // A renewal that was still on its way.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return unsettled(claim, &error),
            }
        }
    }

    /// A claim and its version; no claim where it cannot be read.
    async fn read(&self, claim: &ObjectKey) -> Result<Option<(Option<Claim>, Version)>, StoreError> {
        match self.store.get_versioned(claim).await {
            Ok((bytes, version)) => Ok(Some((serde_json::from_slice(&bytes).ok(), version))),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn encode(claim: &Claim) -> Bytes {
    serde_json::to_vec(claim).expect("strings and numbers always serialise").into()
}

/// The document is kept all the same; whoever needs it next waits for nobody, since it is looked for first.
fn unsettled(claim: &ObjectKey, error: &StoreError) {
    tracing::warn!(%claim, %error, "the end of a download was not noted");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;
    use edgraph_shared::storage::{LocalStore, ObjectMeta, Store, layout};

    use super::*;

    /// A store in which a rival takes and ends a claim between a worker's look and its put.
    struct Hasty {
        store: LocalStore,
        rival: Mutex<Option<Claim>>,
    }

    #[async_trait]
    impl Store for Hasty {
        async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), StoreError> {
            self.store.put(key, bytes).await
        }

        async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), StoreError> {
            let rival = self.rival.lock().unwrap().take();
            if let Some(end) = rival {
                self.store.put(key, encode(&end)).await?;
            }
            self.store.put_if(key, bytes, expect).await
        }

        async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), StoreError> {
            self.store.get_versioned(key).await
        }

        async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
            self.store.head(key).await
        }

        async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, StoreError> {
            self.store.list(prefix).await
        }

        async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
            self.store.delete(key).await
        }

        fn uri(&self, key: &ObjectKey) -> String {
            self.store.uri(key)
        }
    }

    #[tokio::test]
    async fn who_was_too_late_by_a_moment_shares_the_answer_and_who_comes_later_asks_anew() {
        let error = Error::Broken { url: "http://host/a.xsd".into(), cause: "answered 500".into() };
        let (object, claim) =
            (layout::taxonomy("host", "a.xsd").unwrap(), layout::taxonomy_claim("host", "a.xsd").unwrap());
        for end in [Claim::NotFound, Claim::Failed { error }] {
            let folder = tempfile::tempdir().unwrap();
            let store = LocalStore::open(folder.path()).unwrap();
            let store = Arc::new(Hasty { store, rival: Mutex::new(Some(end.clone())) });
            let claims = Claims::new(store, Duration::from_millis(100));
            match (claims.take(&object, &claim).await.unwrap(), &end) {
                (Turn::NotFound, Claim::NotFound) => {}
                (Turn::Failed(shared), Claim::Failed { error }) => assert_eq!(shared, *error),
                _ => panic!("asked anew after {end:?}"),
            }
            assert!(matches!(claims.take(&object, &claim).await.unwrap(), Turn::Mine), "{end:?}");
        }
    }
}
