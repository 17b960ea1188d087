//! A company's submissions with a memory: the first file as a snapshot of known age, older pages as long as they are
//! what the first file announces.

use chrono::{DateTime, Utc};
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::storage::{SharedStore, layout};
use serde::{Deserialize, Serialize};

use crate::edgar::submissions::{self, Filing, OlderPage, Submissions};
use crate::edgar::{Edgar, Fetched};
use crate::store_failure::store_failure;

/// The note beside a snapshot. It names the bytes it is about, so a note left beside others says nothing of them.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// RFC 3339.
    fetched_at: String,
    sha256: String,
}

/// Submissions from EDGAR and the store.
pub(super) struct Snapshots<'a> {
    pub(super) edgar: &'a Edgar,
    pub(super) store: &'a SharedStore,
}

impl Snapshots<'_> {
    /// A company's first file: the snapshot if it is younger than `max_age_s` seconds, else EDGAR's, which becomes
    /// the snapshot once it is known to be readable.
    pub(super) async fn company(&self, cik: Cik, max_age_s: u64) -> Result<Submissions, Failure> {
        if let Some(kept) = self.young(cik, max_age_s).await? {
            return Ok(kept);
        }
        let Fetched { bytes, url } = self.edgar.submissions(cik).await?;
        let submissions = submissions::parse(&bytes).map_err(|error| unreadable(&url, &error))?;
        if submissions.company.cik != cik {
            return Err(Failure::permanent(format!("{url}: is about CIK {}", submissions.company.cik)));
        }
        let note = Note { fetched_at: Utc::now().to_rfc3339(), sha256: sha256_hex(&bytes) };
        let note = serde_json::to_vec(&note).expect("strings always serialise");
        self.store.put(&layout::submissions(cik), bytes).await.map_err(store_failure)?;
        self.store.put(&layout::submissions_note(cik), note.into()).await.map_err(store_failure)?;
        Ok(submissions)
    }

    async fn young(&self, cik: Cik, max_age_s: u64) -> Result<Option<Submissions>, Failure> {
        if max_age_s == 0 {
            return Ok(None);
        }
        let note = self.store.find(&layout::submissions_note(cik)).await.map_err(store_failure)?;
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
        let kept = self.store.find(&layout::submissions(cik)).await.map_err(store_failure)?;
        let kept = kept.filter(|bytes| sha256_hex(bytes) == note.sha256);
        Ok(kept.and_then(|bytes| submissions::parse(&bytes).ok()).filter(|kept| kept.company.cik == cik))
    }

    /// The filings of an older page: as kept if they are those announced, else EDGAR's.
    pub(super) async fn older(&self, page: &OlderPage) -> Result<Vec<Filing>, Failure> {
        let key = layout::older_submissions(&page.name).map_err(store_failure)?;
        let kept = self.store.find(&key).await.map_err(store_failure)?;
        let kept = kept.and_then(|bytes| submissions::parse_page(&bytes).ok());
        if let Some(filings) = kept.filter(|filings| page.announces(filings)) {
            return Ok(filings);
        }
        let Fetched { bytes, url } = self.edgar.submissions_page(&page.name).await?;
        let filings = submissions::parse_page(&bytes).map_err(|error| unreadable(&url, &error))?;
        self.store.put(&key, bytes).await.map_err(store_failure)?;
        Ok(filings)
    }
}

fn unreadable(url: &str, error: &submissions::Error) -> Failure {
    Failure::permanent(format!("{url}: {error}"))
}
