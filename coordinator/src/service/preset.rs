//! What the known pipeline kinds mean: one table. What their items do is the workers' business.

use std::time::Duration;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::model::{DisplayCounter, FinishSpec, KindSettings, PipelineSpec, WorkItem};
use edgraph_shared::work::kind::{DISCOVER_COMPANIES, DISCOVER_FILINGS, INGEST, PROCESS_FILING};

/// SEC filings into a graph.
pub const SEC_XBRL: &str = "sec_xbrl";

/// Reading a list of companies or of one company's filings is a handful of requests.
const DISCOVERY_MAX_RUN: Duration = Duration::from_secs(10 * 60);
/// The largest filings take minutes on a slow host.
const FILING_MAX_RUN: Duration = Duration::from_secs(15 * 60);
/// Loading a graph of the whole EDGAR takes hours.
const INGEST_MAX_RUN: Duration = Duration::from_secs(6 * 3_600);

/// The spec of a known kind with these parameters (JSON text); `None` for other kinds.
pub fn preset(kind: &str, params: &str) -> Option<PipelineSpec> {
    (kind == SEC_XBRL).then(|| sec_xbrl(params))
}

fn sec_xbrl(params: &str) -> PipelineSpec {
    let root: ItemKey = format!("{DISCOVER_COMPANIES}/all").parse().expect("a valid key");
    let max_run = |max_run| KindSettings { max_run, ..KindSettings::default() };
    // A graph has one writer. Until graphs are named, they all count as one.
    let ingest = KindSettings { exclusive: Some(INGEST.to_owned()), ..max_run(INGEST_MAX_RUN) };
    PipelineSpec {
        kind: SEC_XBRL.to_owned(),
        params: params.to_owned(),
        roots: vec![WorkItem::new(DISCOVER_COMPANIES, root, params)],
        finish: Some(FinishSpec { kind: INGEST.to_owned(), payload: params.to_owned() }),
        limits: [
            (DISCOVER_COMPANIES.to_owned(), max_run(DISCOVERY_MAX_RUN)),
            (DISCOVER_FILINGS.to_owned(), max_run(DISCOVERY_MAX_RUN)),
            (PROCESS_FILING.to_owned(), max_run(FILING_MAX_RUN)),
            (INGEST.to_owned(), ingest),
        ]
        .into(),
        counted_kind: PROCESS_FILING.to_owned(),
        counters: vec![
            DisplayCounter { name: "entities".to_owned(), kind: DISCOVER_FILINGS.to_owned() },
            DisplayCounter { name: "filings".to_owned(), kind: PROCESS_FILING.to_owned() },
        ],
        ..PipelineSpec::default()
    }
}
