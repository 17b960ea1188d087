//! One table's part of a publication: its next version, written against whoever else writes to it.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::retry::full_jitter;
use edgraph_shared::schema::Table;
use edgraph_shared::storage::SharedStore;
use futures::future::BoxFuture;

use super::current::{Dispute, Pointers};
use super::filings::{Entry, Manifests};
use super::log::{Log, now_ms};
use super::plan::{self, Holdings, Next, Stamp, Wanted};
use super::rewrite::Rewriter;
use super::snapshot::Snapshot;
use crate::error::Error;

/// Versions that others may write between our reading a table and our writing to it, one after the other.
const MAX_LOST_RACES: usize = 20;
/// The first pause after one; see [`full_jitter`].
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What all tables of a publication share.
pub(super) struct Round<'a> {
    pub store: &'a SharedStore,
    pub pipeline: &'a str,
    pub number: u32,
    pub entries: Vec<Entry>,
    pub manifests: Manifests<'a>,
    pub pointers: Pointers<'a>,
    /// Asked before every version: why nothing may be written any more.
    pub permit: &'a (dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync),
}

/// What became of a filing in a table, in the order of what it counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Became {
    Added,
    Replaced,
}

/// What became of a table.
pub(super) struct Done {
    /// Its last version.
    pub version: u64,
    /// Whether that one is of this publication.
    pub is_new: bool,
    pub files_added: u64,
    pub files_removed: u64,
    pub became: BTreeMap<AccessionNumber, Became>,
}

/// Brings a table to what was accepted.
///
/// # Errors
/// The store's, and [`Error::Invalid`] for a table that is not as this program makes them.
pub(super) async fn publish(round: &Round<'_>, table: &'static Table) -> Result<Done, Error> {
    let log = Log::new(round.store, table);
    let mut snapshot = log.read().await?;
    let mut pauses = full_jitter(PAUSE, LONGEST_PAUSE).take(MAX_LOST_RACES);
    let mut done =
        Done { version: 0, is_new: false, files_added: 0, files_removed: 0, became: BTreeMap::new() };
    let mut rewriter = Rewriter::new(round.store, table);
    while let Some((next, became)) = planned(round, table, &snapshot, &mut rewriter).await? {
        (round.permit)().await.map_err(|reason| Error::LeaseLost { reason })?;
        if log.commit(&mut snapshot, next.lines).await? {
            done =
                Done { is_new: true, files_added: next.added, files_removed: next.removed, became, ..done };
            break;
        }
        let Some(pause) = pauses.next() else { return Err(log.lost(&snapshot)) };
        tokio::time::sleep(pause).await;
        log.advance(&mut snapshot).await?;
    }
    log.checkpoint(&mut snapshot, now_ms()).await?;
    // Whatever nothing is said of has a version.
    done.version = snapshot.version().unwrap_or_default();
    Ok(done)
}

/// The next version that a table needs, and what becomes of filings by it.
async fn planned(
    round: &Round<'_>,
    table: &'static Table,
    snapshot: &Snapshot,
    rewriter: &mut Rewriter<'_>,
) -> Result<Option<(Next, BTreeMap<AccessionNumber, Became>)>, Error> {
    let holdings = Holdings::of(table, snapshot)?;
    let differs = |entry: &&Entry| {
        let has_rows = entry.tables.as_ref().map(|tables| tables.contains_key(table.name));
        let is_as = |has_rows| holdings.is_as(&entry.accession, &entry.stem, has_rows);
        let is_overruled = entry.is_fresh && holdings.is_in_part(&entry.accession, &entry.stem);
        is_overruled || !has_rows.is_some_and(is_as)
    };
    let differing: Vec<&Entry> = round.entries.iter().filter(differs).collect();
    let filings = round.manifests.of(&differing).await?;
    let mut wanted: Vec<Wanted> = filings.iter().map(|filing| filing.wanted(table)).collect();
    let disputes = wanted.iter().flat_map(|filing| {
        let (accession, input_key) = (filing.accession, &filing.input_key);
        let dispute =
            move |held: &str| Dispute { accession, input_key: input_key.clone(), held: held.to_owned() };
        holdings.superseded(filing).map(dispute)
    });
    round.pointers.settle(disputes.collect()).await?;
    let outdated = round.pointers.outdated().await;
    wanted.retain(|filing| !outdated.contains(&filing.accession));
    for filing in &mut wanted {
        filing.is_fresh = filing.is_fresh
            && holdings.is_in_part(&filing.accession, &filing.stem)
            && rewriter.is_there(filing).await?;
    }
    for lost in wanted.extract_if(.., |filing| holdings.is_lost(filing)) {
        let folder = table.folder();
        let reason =
            format!("{folder} has its rows no more, and its file is gone; the next run makes it again");
        round.manifests.refuse(lost.accession, reason).await;
    }
    let mut became = BTreeMap::new();
    for filing in &wanted {
        if holdings.superseded(filing).next().is_some() {
            became.insert(filing.accession, Became::Replaced);
        } else if !holdings.is_as(&filing.accession, &filing.stem, filing.file.is_some()) {
            became.insert(filing.accession, Became::Added);
        }
    }
    let stamp = Stamp { pipeline: round.pipeline, round: round.number, now_ms: now_ms() };
    let rewritten = rewriter.all(holdings.rewrites(&wanted)).await?;
    let next = plan::next(table, snapshot, &holdings, &wanted, &rewritten, &stamp);
    if let (Some(reason), Some(next)) = (holdings.unfit(), &next) {
        let (table, removed) = (table.name, next.removed);
        tracing::warn!(
            table,
            reason,
            removed,
            "table begun anew: files with its old columns are no part of it"
        );
    }
    Ok(next.map(|next| (next, became)))
}
