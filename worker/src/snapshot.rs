//! Documents of EDGAR that change: kept in the store with a note of when they were fetched, and used again while they
//! are young.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::storage::{Error, ObjectKey, SharedStore};
use serde::{Deserialize, Serialize};

/// The places of a document and of the note about it.
pub(crate) struct Snapshot {
    pub(crate) document: ObjectKey,
    pub(crate) note: ObjectKey,
}

/// The note beside a snapshot. It names the bytes it is about, so a note left beside others says nothing of them.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// RFC 3339.
    fetched_at: String,
    sha256: String,
}

impl Snapshot {
    /// The document, if it was fetched less than `max_age_s` seconds ago.
    pub(crate) async fn young(&self, store: &SharedStore, max_age_s: u64) -> Result<Option<Bytes>, Error> {
        if max_age_s == 0 {
            return Ok(None);
        }
        let note = store.find(&self.note).await?;
        let Some(note) = note.and_then(|note| serde_json::from_slice::<Note>(&note).ok()) else {
            return Ok(None);
        };
        let fetched_at = DateTime::parse_from_rfc3339(&note.fetched_at).ok();
        let age = fetched_at.map(|fetched_at| Utc::now().signed_duration_since(fetched_at).num_seconds());
        // A note from the future was written by a clock that is wrong, and says nothing.
        let age = age.and_then(|age| u64::try_from(age).ok());
        if age.is_none_or(|age| age >= max_age_s) {
            return Ok(None);
        }
        let kept = store.find(&self.document).await?;
        Ok(kept.filter(|bytes| sha256_hex(bytes) == note.sha256))
    }

    /// Keeps a document that was fetched just now.
    pub(crate) async fn keep(&self, store: &SharedStore, bytes: Bytes) -> Result<(), Error> {
        let note = Note { fetched_at: Utc::now().to_rfc3339(), sha256: sha256_hex(&bytes) };
        let note = serde_json::to_vec(&note).expect("strings always serialise");
        store.put(&self.document, bytes).await?;
        store.put(&self.note, note.into()).await
    }
}
