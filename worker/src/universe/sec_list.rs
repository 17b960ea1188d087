//! The SEC's list of companies, asked for no more often than needed: kept in the store with a note of its age, and
//! shared by all who need it in this process.

use std::sync::Arc;
use std::time::Duration;

use edgraph_shared::storage::{SharedStore, layout};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::at_hand;
use super::error::{ResolveError, Unknown};
use crate::edgar::tickers::{self, List};
use crate::edgar::{Edgar, Fetched};
use crate::snapshot::Snapshot;

/// Fetched so short a time ago by this process, the list is not asked for again, whatever age is allowed: an embedded
/// run needs it before it starts and in its first item.
const JUST_NOW: Duration = Duration::from_secs(60);

/// When the list was fetched, and what it was.
type Recent = (Instant, Arc<List>);

/// The list. Clones share what was fetched.
#[derive(Clone)]
pub struct SecList {
    edgar: Edgar,
    store: SharedStore,
    /// Held while the list is fetched: whoever comes meanwhile waits for that one.
    fetched: Arc<Mutex<Option<Recent>>>,
}

impl SecList {
    /// The list of this EDGAR, kept in this store.
    pub fn new(edgar: Edgar, store: SharedStore) -> Self {
        Self { edgar, store, fetched: Arc::default() }
    }

    /// The list: the one in the store if it is younger than `max_age_s` seconds, else EDGAR's, which is kept once it is
    /// known to be readable.
    pub(super) async fn list(&self, max_age_s: u64) -> Result<Arc<List>, ResolveError> {
        let mut fetched = self.fetched.lock().await;
        if let Some((at, list)) = &*fetched
            && at.elapsed() < JUST_NOW
        {
            return Ok(list.clone());
        }
        let snapshot = Snapshot { document: layout::company_tickers(), note: layout::company_tickers_note() };
        let kept = snapshot.young(&self.store, max_age_s).await?;
        if let Some(list) = kept.and_then(|bytes| tickers::parse(&bytes).ok()) {
            return Ok(list.into());
        }
        let Fetched { bytes, url } = self.edgar.company_tickers().await?;
        let list = tickers::parse(&bytes).map_err(|source| ResolveError::List { url, source })?;
        snapshot.keep(&self.store, bytes).await?;
        let list = Arc::new(list);
        *fetched = Some((Instant::now(), list.clone()));
        Ok(list)
    }

    /// Says of unknown names which companies are called so in the submissions that are at hand.
    pub(super) async fn identify(&self, unknown: &mut [Unknown]) {
        at_hand::identify(unknown, self.edgar.submissions_folder(), &self.store).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;

    use edgraph_shared::storage::LocalStore;

    use super::*;
    use crate::download::Rate;
    use crate::edgar::EdgarConfig;
    use crate::tests::scripted::{Scripted, ok};

    /// A process that knows nothing yet.
    fn process(server: &Scripted, store: &SharedStore) -> SecList {
        let edgar = Edgar::new(EdgarConfig { rate: Rate::Off, ..EdgarConfig::at(&server.url) }).unwrap();
        SecList::new(edgar, store.clone())
    }

    async fn tickers(list: &SecList, max_age_s: u64) -> Vec<String> {
        let list = list.list(max_age_s).await.unwrap();
        list.listings.iter().map(|listing| listing.ticker.clone()).collect()
    }

    #[tokio::test]
    async fn the_list_is_fetched_once_by_a_process_and_kept_for_others_while_it_is_young() {
        let body = Arc::new(StdMutex::new(r#"{"0": {"cik_str": 1, "ticker": "OLD"}}"#));
        let answer = body.clone();
        let server = Scripted::start(move |_, _| ok(*answer.lock().unwrap())).await;
        let folder = tempfile::tempdir().unwrap();
        let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());

        let first = process(&server, &store);
        // At the same time, by a clone, and again although nothing kept may be used.
        let (other, once) = (first.clone(), first.clone());
        let (one, two) = tokio::join!(tickers(&once, 0), tickers(&other, 0));
        for found in [one, two, tickers(&first, 0).await] {
            assert_eq!(found, ["OLD"]);
        }
        assert_eq!(server.requests().len(), 1);

        *body.lock().unwrap() = r#"{"0": {"cik_str": 1, "ticker": "NEW"}}"#;
        assert_eq!(tickers(&process(&server, &store), 3_600).await, ["OLD"], "it is kept in the store");
        assert_eq!(server.requests().len(), 1);
        assert_eq!(tickers(&process(&server, &store), 0).await, ["NEW"], "what is kept may not be used");
        assert_eq!(server.requests().len(), 2);

        // A torn file is not the one that the note is about, and is replaced.
        store.put(&layout::company_tickers(), "{".into()).await.unwrap();
        assert_eq!(tickers(&process(&server, &store), 3_600).await, ["NEW"]);
        assert_eq!(tickers(&process(&server, &store), 3_600).await, ["NEW"]);
        assert_eq!(server.requests().len(), 3);
    }

    #[tokio::test]
    async fn what_is_no_list_is_not_kept() {
        let server = Scripted::start(|_, _| ok(r#"{"0": {"ticker": "A"}}"#)).await;
        let folder = tempfile::tempdir().unwrap();
        let store: SharedStore = Arc::new(LocalStore::open(folder.path()).unwrap());
        let list = process(&server, &store);
        for asked in 1..=2 {
            let error = list.list(3_600).await.unwrap_err().to_string();
            assert!(error.contains("company_tickers.json: not a list of company tickers"), "{error}");
            assert_eq!(server.requests().len(), asked);
        }
        assert_eq!(store.find(&layout::company_tickers()).await.unwrap(), None);
    }
}
