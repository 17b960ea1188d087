//! Which of two versions of a filing is to stand in the tables: the one that the filing's pointer names.
//!
//! Two pipelines may have accepted one filing in different versions, and each table is written on its own. If the last
//! publisher won in each, tables could end with different generations. So what is in a table gives way only to what
//! the pointer names, which is asked after the other version was seen. And since a table may have had nothing to see,
//! of a filing that has no rows there in the newer version, pointers are asked once more when all is written: where one
//! has moved on, what it names now is published. Whoever comes later does the same, so that the newest version is left
//! in all tables.

use std::collections::HashSet;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::manifest::pointed_at;
use edgraph_shared::storage::{SharedStore, layout};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;

use crate::error::Error;

/// Pointers read at a time: enough to hide a store's latency.
const CONCURRENT_READS: usize = 16;

/// An accepted version that would replace another one.
pub(super) struct Dispute {
    pub accession: AccessionNumber,
    /// What the accepted version was made from.
    pub input_key: String,
    /// The version in the table.
    pub held: String,
}

/// What the pointers of a round's filings say.
pub(super) struct Pointers<'a> {
    store: &'a SharedStore,
    settled: Mutex<Settled>,
}

#[derive(Default)]
struct Settled {
    /// Versions that were in a table already when the pointer was asked.
    seen: HashSet<(AccessionNumber, String)>,
    outdated: HashSet<AccessionNumber>,
}

impl<'a> Pointers<'a> {
    pub(super) fn new(store: &'a SharedStore) -> Self {
        Self { store, settled: Mutex::default() }
    }

    /// Whether a filing was processed anew after it was accepted, as far as is known.
    pub(super) async fn outdated(&self) -> HashSet<AccessionNumber> {
        self.settled.lock().await.outdated.clone()
    }

    /// Settles disputes: those that are lost are outdated from then on, in every table.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn settle(&self, disputes: Vec<Dispute>) -> Result<(), Error> {
        let mut settled = self.settled.lock().await;
        let is_new = |dispute: &Dispute| !settled.seen.contains(&(dispute.accession, dispute.held.clone()));
        let open: Vec<_> = disputes.into_iter().filter(is_new).map(|dispute| self.ask(dispute)).collect();
        let answers: Vec<_> = stream::iter(open).buffer_unordered(CONCURRENT_READS).try_collect().await?;
        for (Dispute { accession, held, .. }, stands) in answers {
            settled.seen.insert((accession, held));
            if !stands {
                settled.outdated.insert(accession);
            }
        }
        Ok(())
    }

    /// What the pointers of filings name now, where that is something else than was published.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn moved<'e>(
        &self,
        published: impl Iterator<Item = (&'e AccessionNumber, &'e str)>,
    ) -> Result<Vec<(AccessionNumber, String)>, Error> {
        let asking = published.map(|(accession, input_key)| async move {
            let current = self.pointer(accession).await?.filter(|current| current != input_key);
            Ok::<_, Error>(current.map(|current| (*accession, current)))
        });
        let asking = stream::iter(asking.collect::<Vec<_>>()).buffer_unordered(CONCURRENT_READS);
        asking.try_filter_map(|moved| std::future::ready(Ok(moved))).try_collect().await
    }

    /// Whether the accepted version is the one to stand. Without a pointer nothing says otherwise.
    async fn ask(&self, dispute: Dispute) -> Result<(Dispute, bool), Error> {
        let current = self.pointer(&dispute.accession).await?;
        let stands = current.is_none_or(|current| current == dispute.input_key);
        Ok((dispute, stands))
    }

    /// The input key that a filing's pointer names.
    async fn pointer(&self, accession: &AccessionNumber) -> Result<Option<String>, Error> {
        let current = self.store.find(&layout::current_manifest(accession)).await?;
        Ok(current.and_then(|pointer| pointed_at(&pointer).map(str::to_owned)))
    }
}
