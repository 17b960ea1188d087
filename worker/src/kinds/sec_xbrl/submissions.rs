//! A company's submissions with a memory: the first file as a snapshot of known age, older pages as long as they are
//! what the first file announces.

use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::storage::{SharedStore, layout};

use crate::download;
use crate::edgar::submissions::{self, OlderPage, Page, Submissions};
use crate::edgar::{Edgar, Fetched};
use crate::snapshot::Snapshot;
use crate::store_failure::store_failure;

/// Submissions from EDGAR and the store.
pub(super) struct Snapshots<'a> {
    pub(super) edgar: &'a Edgar,
    pub(super) store: &'a SharedStore,
}

impl Snapshots<'_> {
    /// A company's first file: the snapshot if it is younger than `max_age_s` seconds, else EDGAR's, which becomes
    /// the snapshot once it is known to be readable.
    pub(super) async fn company(&self, cik: Cik, max_age_s: u64) -> Result<Submissions, Failure> {
        let snapshot = Snapshot { document: layout::submissions(cik), note: layout::submissions_note(cik) };
        let kept = snapshot.young(self.store, max_age_s).await.map_err(store_failure)?;
        let kept = kept.and_then(|bytes| submissions::parse(&bytes).ok());
        if let Some(kept) = kept.filter(|kept| kept.company.cik == cik) {
            return Ok(kept);
        }
        let Fetched { bytes, url } = self.edgar.submissions(cik).await?;
        let submissions = submissions::parse(&bytes).map_err(|error| unreadable(&url, &error))?;
        if submissions.company.cik != cik {
            return Err(Failure::permanent(format!("{url}: is about CIK {}", submissions.company.cik)));
        }
        snapshot.keep(self.store, bytes).await.map_err(store_failure)?;
        Ok(submissions)
    }

    /// The filings of an older page: as kept if they are those announced, else EDGAR's. A page that EDGAR does not have,
    /// or that is none, is lost and named.
    pub(super) async fn older(&self, page: &OlderPage) -> Result<Page, Failure> {
        let name = page.name.as_str();
        let key = layout::older_submissions(name).map_err(store_failure)?;
        let kept = self.store.find(&key).await.map_err(store_failure)?;
        let kept = kept.and_then(|bytes| submissions::parse_page(name, &bytes).ok());
        if let Some(kept) = kept.filter(|kept| page.announces(kept)) {
            return Ok(kept);
        }
        let Fetched { bytes, .. } = match self.edgar.submissions_page(name).await {
            Err(download::Error::NotFound { .. }) => return Ok(lost(name, "not found")),
            outcome => outcome?,
        };
        match submissions::parse_page(name, &bytes) {
            Ok(read) => {
                self.store.put(&key, bytes).await.map_err(store_failure)?;
                Ok(read)
            }
            Err(error) => Ok(lost(name, &error.to_string())),
        }
    }
}

/// The tickers that the SEC has of a company, as its snapshot in the store says; none where there is no snapshot that
/// can be read: a filing may be of a company that nobody asked for.
pub(super) async fn tickers(store: &SharedStore, cik: Cik) -> Result<Vec<String>, Failure> {
    let kept = store.find(&layout::submissions(cik)).await.map_err(store_failure)?;
    let tickers = kept.and_then(|bytes| submissions::tickers(&bytes).ok());
    Ok(tickers.unwrap_or_default())
}

fn lost(name: &str, cause: &str) -> Page {
    let mut page = Page::default();
    page.damage.add(|| format!("{name}: {cause}; the older filings that it lists are left out"));
    page
}

fn unreadable(url: &str, error: &submissions::Error) -> Failure {
    Failure::permanent(format!("{url}: {error}"))
}
