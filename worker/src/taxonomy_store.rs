//! Standard schemas and linkbases by URL: found once, parsed once per process, shared between filings.
//!
//! ```text
//! URL ──▶ --taxonomies, in order ──▶ object store ──▶ official host (https, allow-list; then into the object store)
//!     ──▶ bytes ──▶ edgraph_xbrl::taxonomy::parse ──▶ Arc<Document>, in a cache bounded by size
//! ```
//!
//! Each URL has a slot with a lock of its own, so eight items that need the same schema make one download and one
//! parse; among the processes of a fleet, [`claims`] see to it. Whether a missing schema matters is decided by the
//! caller.

mod config;
mod address;
mod claims;
mod parsed;
mod outages;
mod sources;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use edgraph_shared::blocking;
use edgraph_shared::failure::Failure;
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::storage::SharedStore;
use edgraph_xbrl::taxonomy::{self, Document};
use tokio::time::Instant;
use url::Url;

use crate::download::Error;
use crate::edgar::{ConfigError, Edgar};

pub use address::Missing;
pub use config::TaxonomyConfig;

use address::Address;
use parsed::Parsed;
use sources::{Sources, Trouble};

/// Parsed documents kept, by the size of their bytes: the schemas of ten years of us-gaap with all they import.
const MAX_PARSED_BYTES: u64 = 64 << 20;
/// For how long "nobody has it" is believed: a long-lived worker must see a schema that was published since.
const MISSING_STAYS: Duration = Duration::from_secs(10 * 60);
/// After this time without a sign of life a download is another worker's to do: a few lost renewals, and little against
/// the minutes that an item has.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same where no other process uses the store: then a claim is what an earlier run left when it was interrupted.
const ALONE: Duration = Duration::from_secs(1);
/// URLs remembered; a hostile filing may name any number.
const MAX_SLOTS: usize = 20_000;

/// What became of a URL.
#[derive(Clone, Debug)]
pub enum Lookup<T> {
    /// Here it is.
    Found {
        /// The hash of its bytes, hexadecimal.
        sha256: Arc<str>,
        /// The bytes, or what was parsed from them.
        content: T,
    },
    /// It is there but is no taxonomy document.
    Malformed {
        /// The hash of its bytes, hexadecimal.
        sha256: Arc<str>,
        /// What is wrong.
        cause: String,
    },
    /// It cannot be had, now or later.
    Missing(Missing),
    /// Its host did not answer as it should; later it may.
    Unavailable(Error),
}

/// Standard taxonomy documents. Clones are cheap and share everything.
#[derive(Clone)]
pub struct TaxonomyStore {
    inner: Arc<Inner>,
}

struct Inner {
    sources: Sources,
    slots: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>,
    parsed: Mutex<Parsed>,
}

/// What is known of one URL.
#[derive(Default)]
struct Slot {
    known: Known,
    since: Option<Instant>,
}

#[derive(Clone, Default)]
enum Known {
    #[default]
    Nothing,
    Found(Arc<str>),
    /// Not here; official hosts were not asked.
    NotHere,
    Missing(Missing),
    Unavailable(Error),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// `--taxonomies` and the object store.
    Here,
    /// Official hosts too.
    Hosts,
}

impl TaxonomyStore {
    /// A store of taxonomies. Hosts of the SEC share EDGAR's turnstile and User-Agent.
    ///
    /// # Errors
    /// [`ConfigError`] if a source is no directory or address.
    pub fn new(config: &TaxonomyConfig, store: SharedStore, edgar: &Edgar) -> Result<Self, ConfigError> {
        let patience = if config.is_alone { ALONE } else { PATIENCE };
        Ok(Self::over(Sources::new(config, store, edgar, patience)?))
    }

    /// The same with one address in place of all official hosts, `{at}/{host}/{path}`, and a patience of the caller's
    /// with downloads of other workers that stand still: for tests, which have no certificates of those hosts.
    ///
    /// # Errors
    /// As [`TaxonomyStore::new`].
    pub fn with_official_at(
        config: &TaxonomyConfig,
        store: SharedStore,
        edgar: &Edgar,
        at: &Url,
        patience: Duration,
    ) -> Result<Self, ConfigError> {
        Ok(Self::over(Sources::new(config, store, edgar, patience)?.official_at(at, edgar)?))
    }

    fn over(sources: Sources) -> Self {
        let parsed = Mutex::new(Parsed::new(MAX_PARSED_BYTES));
        Self { inner: Arc::new(Inner { sources, slots: Mutex::default(), parsed }) }
    }

    /// The bytes of a document.
    ///
    /// # Errors
    /// When the object store fails; hosts that fail are [`Lookup::Unavailable`].
    pub async fn bytes(&self, url: &str) -> Result<Lookup<Bytes>, Failure> {
        let Some(address) = Address::parse(url) else { return Ok(Lookup::Missing(Missing::HostNotAllowed)) };
        let (asked, cell) = (Instant::now(), self.slot(&address));
        let mut slot = cell.lock().await;
        Ok(match self.settle(&address, &mut slot, asked, Reach::Hosts).await? {
            Settled::Found { sha256, bytes } => {
                let (sha256, bytes) = self.with_bytes(&address, &mut slot, sha256, bytes).await?;
                Lookup::Found { sha256, content: bytes }
            }
            Settled::NotHere => unreachable!("official hosts were asked"),
            Settled::Missing(reason) => Lookup::Missing(reason),
            Settled::Unavailable(error) => Lookup::Unavailable(error),
        })
    }

    /// A document, parsed. The same document is parsed once per process as long as the cache holds it.
    ///
    /// # Errors
    /// When the object store fails; hosts that fail are [`Lookup::Unavailable`].
    pub async fn document(&self, url: &str) -> Result<Lookup<Arc<Document>>, Failure> {
        let Some(address) = Address::parse(url) else { return Ok(Lookup::Missing(Missing::HostNotAllowed)) };
        let (asked, cell) = (Instant::now(), self.slot(&address));
        let mut slot = cell.lock().await;
        let (sha256, bytes) = match self.settle(&address, &mut slot, asked, Reach::Hosts).await? {
            Settled::Found { sha256, bytes } => (sha256, bytes),
            Settled::NotHere => unreachable!("official hosts were asked"),
            Settled::Missing(reason) => return Ok(Lookup::Missing(reason)),
            Settled::Unavailable(error) => return Ok(Lookup::Unavailable(error)),
        };
        if let Some(document) = self.parsed().get(url, &sha256) {
            return Ok(Lookup::Found { sha256, content: document });
        }
        let (sha256, bytes) = self.with_bytes(&address, &mut slot, sha256, bytes).await?;
        let work = || taxonomy::parse(url, &bytes).map_err(|error| error.to_string());
        let outcome = blocking::in_place(work).unwrap_or_else(|panic| Err(panic.to_string()));
        match outcome {
            Ok((document, diagnostics)) => {
                if let Some(first) = diagnostics.first() {
                    tracing::debug!(url, count = diagnostics.len(), first = ?first, "a taxonomy document has errors");
                }
                let document = Arc::new(document);
                self.parsed().put(url, &sha256, document.clone(), bytes.len() as u64);
                Ok(Lookup::Found { sha256, content: document })
            }
            Err(cause) => Ok(Lookup::Malformed { sha256, cause }),
        }
    }

    /// The hash of a document as this process would read it, without asking an official host. Remembered, so a run over
    /// thousands of filings reads each document once.
    ///
    /// # Errors
    /// When the object store or a `--taxonomies` address fails.
    pub async fn lookup_only(&self, url: &str) -> Result<Option<Arc<str>>, Failure> {
        let Some(address) = Address::parse(url) else { return Ok(None) };
        let (asked, cell) = (Instant::now(), self.slot(&address));
        let mut slot = cell.lock().await;
        match self.settle(&address, &mut slot, asked, Reach::Here).await? {
            Settled::Found { sha256, .. } => Ok(Some(sha256)),
            Settled::NotHere | Settled::Missing(_) => Ok(None),
            Settled::Unavailable(error) => Err(error.failure()),
        }
    }

    fn parsed(&self) -> std::sync::MutexGuard<'_, Parsed> {
        self.inner.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, address: &Address) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.inner.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_SLOTS {
            // Those in use stay, or their URL could be downloaded twice.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(address.key()).or_default().clone()
    }

    /// Finds out what a URL is, or remembers it. Whoever waited for another's answer takes that answer.
    async fn settle(
        &self,
        address: &Address,
        slot: &mut Slot,
        asked: Instant,
        reach: Reach,
    ) -> Result<Settled, Failure> {
        let waited_for = slot.since.is_some_and(|since| since >= asked);
        let recent = slot.since.is_some_and(|since| since.elapsed() < MISSING_STAYS);
        match &slot.known {
            Known::Found(sha256) => return Ok(Settled::Found { sha256: sha256.clone(), bytes: None }),
            Known::Missing(reason) if recent => return Ok(Settled::Missing(*reason)),
            Known::NotHere if recent && reach == Reach::Here => return Ok(Settled::NotHere),
            Known::Unavailable(error) if waited_for => return Ok(Settled::Unavailable(error.clone())),
            _ => {}
        }
        let sources = &self.inner.sources;
        let mut found = sources.here(address).await;
        if let (Ok(None), Reach::Hosts) = (&found, reach) {
            found = sources.official(address).await.map(Some);
        }
        let (known, settled) = match found {
            Ok(Some(bytes)) => {
                let sha256: Arc<str> = sha256_hex(&bytes).into();
                (Known::Found(sha256.clone()), Settled::Found { sha256, bytes: Some(bytes) })
            }
            Ok(None) => (Known::NotHere, Settled::NotHere),
            Err(Trouble::Missing(reason)) => (Known::Missing(reason), Settled::Missing(reason)),
            Err(Trouble::Host(error)) => (Known::Unavailable(error.clone()), Settled::Unavailable(error)),
            Err(Trouble::Store(failure)) => return Err(failure),
        };
        *slot = Slot { known, since: Some(Instant::now()) };
        Ok(settled)
    }

    /// The bytes of a document that is known to be here; read again when they were not just found.
    async fn with_bytes(
        &self,
        address: &Address,
        slot: &mut Slot,
        sha256: Arc<str>,
        bytes: Option<Bytes>,
    ) -> Result<(Arc<str>, Bytes), Failure> {
        if let Some(bytes) = bytes {
            return Ok((sha256, bytes));
        }
        *slot = Slot::default();
        match self.settle(address, slot, Instant::now(), Reach::Hosts).await? {
            Settled::Found { sha256, bytes: Some(bytes) } => Ok((sha256, bytes)),
            Settled::Unavailable(error) => Err(error.failure()),
            _ => Err(Failure::transient(format!("{address}: was here a moment ago and is gone"))),
        }
    }
}

enum Settled {
    Found {
        sha256: Arc<str>,
        /// There when they were just read.
        bytes: Option<Bytes>,
    },
    NotHere,
    Missing(Missing),
    Unavailable(Error),
}
