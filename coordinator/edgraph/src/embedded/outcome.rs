//! What a run came to, read from the results of its items.

use std::collections::BTreeMap;
use std::mem;
use std::time::Duration;

use edgraph_shared::ids::{ItemKey, PipelineId};
use edgraph_shared::kinds::sec_xbrl::{
    CompaniesFound, FilingProcessed, FilingsFound, Ingested, Published, kind,
};
use edgraph_shared::model::{ItemSnapshot, ItemState, PipelineState, PipelineStatus};
use serde::Serialize;
use serde::de::DeserializeOwned;

use edgraph_coordinator::engine::{EngineError, EngineHandle, Selection};

/// Items read at a time.
const PAGE: usize = 1_000;

/// The summary of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RunResult {
    /// How the pipeline ended, such as `completed`.
    pub state: String,
    /// Why, where there is something to say.
    pub reason: String,
    /// The companies looked at. Its odd rows are those of all of EDGAR's lists.
    #[serde(flatten)]
    pub found: CompaniesFound,
    /// Filings processed.
    pub processed: u64,
    /// Filings whose output was current.
    pub skipped: u64,
    /// Of both: filings processed without some schemas.
    pub degraded: u64,
    /// Items that failed, each with the reason.
    pub failed: Vec<FailedItem>,
    /// Filings with XBRL that were left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Fact occurrences in the filings processed.
    pub occurrences: u64,
    /// Fact rows of the filings processed.
    pub facts: u64,
    /// Rows of the filings processed, over all tables of the graph.
    pub rows: u64,
    /// Bytes of the filings processed.
    pub bytes: u64,
    /// Reports in the filings' documents that were not loaded, each after its filing's accession number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_reports: Vec<String>,
    /// What became of the tables; `None` when nothing was published.
    pub published: Option<Published>,
    /// Files of older versions that were removed afterwards.
    pub removed: u64,
    /// What the ingestion did; `None` when none ran.
    pub ingested: Option<Ingested>,
    /// Seconds from start to end.
    pub seconds: f64,
}

/// An item that failed.
#[derive(Clone, Debug, Serialize)]
pub struct FailedItem {
    /// The item's key.
    pub item: String,
    /// Why.
    pub reason: String,
}

impl RunResult {
    /// Whether everything that was asked for is in the graph.
    pub fn is_success(&self) -> bool {
        let nothing_rejected = self.ingested.as_ref().is_none_or(|ingested| ingested.rejected.is_empty());
        self.failed.is_empty() && nothing_rejected && self.state == PipelineState::Completed.name()
    }
}

/// Adds up the results of a pipeline that has ended.
pub(super) async fn outcome(
    engine: &EngineHandle,
    status: &PipelineStatus,
    took: Duration,
) -> Result<RunResult, EngineError> {
    let mut outcome = RunResult {
        state: status.state.name().to_owned(),
        reason: status.state_reason.clone(),
        seconds: took.as_secs_f64(),
        ..RunResult::default()
    };
    each(engine, &status.id, ItemState::Dead, |item| {
        outcome.failed.push(FailedItem { item: item.key.to_string(), reason: item.reason.clone() });
    })
    .await?;
    each(engine, &status.id, ItemState::Succeeded, |item| {
        let Some(result) = item.result.as_deref() else { return };
        match item.kind.as_str() {
            kind::DISCOVER_COMPANIES => {
                if let Some(mut found) = read::<CompaniesFound>(result) {
                    found.damage.extend(mem::take(&mut outcome.found.damage));
                    outcome.found = found;
                }
            }
            kind::DISCOVER_FILINGS => {
                let FilingsFound { left_out, damage, .. } = read(result).unwrap_or_default();
                for (reason, count) in left_out {
                    *outcome.left_out.entry(reason).or_default() += count;
                }
                outcome.found.damage.extend(damage);
            }
            kind::PROCESS_FILING => {
                if let Some(filing) = read::<FilingProcessed>(result) {
                    outcome.add(&item.key, filing);
                }
            }
            kind::PUBLISH => outcome.published = read(result),
            kind::INGEST => outcome.ingested = read(result),
            _ => {}
        }
    })
    .await?;
    Ok(outcome)
}

impl RunResult {
    fn add(&mut self, key: &ItemKey, filing: FilingProcessed) {
        let accession = key.as_str().rsplit('/').next().unwrap_or_default();
        self.other_reports.extend(filing.other_reports.iter().map(|report| format!("{accession}: {report}")));
        self.found.damage.extend(filing.damage);
        self.degraded += u64::from(filing.degraded);
        if filing.skipped {
            self.skipped += 1;
            return;
        }
        self.processed += 1;
        self.occurrences += filing.occurrences;
        self.facts += filing.facts;
        self.rows += filing.rows;
        self.bytes += filing.bytes;
    }
}

/// A result as its handler wrote it; one that does not read is left out of the sums and said in the log.
fn read<T: DeserializeOwned>(result: &str) -> Option<T> {
    serde_json::from_str(result)
        .inspect_err(|error| tracing::warn!(%error, result, "a result does not read"))
        .ok()
}

async fn each(
    engine: &EngineHandle,
    pipeline: &PipelineId,
    state: ItemState,
    mut see: impl FnMut(&ItemSnapshot),
) -> Result<(), EngineError> {
    let mut from = 0;
    loop {
        let filter = Selection { state: Some(state), ..Selection::default() };
        let (items, next) = engine.list_items(pipeline, filter, from, PAGE).await?;
        items.iter().for_each(&mut see);
        match next {
            Some(next) => from = next,
            None => return Ok(()),
        }
    }
}
