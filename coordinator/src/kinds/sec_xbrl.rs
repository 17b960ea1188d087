//! SEC filings into a graph: which items a `sec_xbrl` pipeline begins and ends with, how long they may take, what is
//! counted, and where the files of its filings are.

use std::collections::BTreeMap;
use std::time::Duration;

use edgraph_shared::ids::{AccessionNumber, ItemKey};
use edgraph_shared::kinds::sec_xbrl::kind::{
    DISCOVER_COMPANIES, DISCOVER_FILINGS, INGEST, PROCESS_FILING, PUBLISH,
};
use edgraph_shared::kinds::sec_xbrl::{DiscoverCompanies, FileLocation, FilingProcessed, Graph, NAME};
use edgraph_shared::model::{
    DisplayCounter, FinishSpec, GRAPH_WRITER, KindSettings, PipelineSpec, ResultRule, WorkItem,
};

/// Reading a list of companies or of one company's filings is a handful of requests.
const DISCOVERY_MAX_RUN: Duration = Duration::from_secs(10 * 60);
/// The largest filings take minutes on a slow host.
const FILING_MAX_RUN: Duration = Duration::from_secs(15 * 60);
/// A version of every table, and the manifests of what is new in it: minutes for a hundred thousand filings.
const PUBLISH_MAX_RUN: Duration = Duration::from_secs(2 * 3_600);
/// Loading a graph of the whole EDGAR takes hours.
const INGEST_MAX_RUN: Duration = Duration::from_secs(6 * 3_600);

/// The kinds of its items.
pub const ITEM_KINDS: [&str; 5] = [DISCOVER_COMPANIES, DISCOVER_FILINGS, PROCESS_FILING, PUBLISH, INGEST];

/// What holds in pipelines of every kind, since any of them may bring items that this kind's workers take: a graph has
/// one writer. Until graphs are named, they all count as one.
pub fn everywhere() -> BTreeMap<String, KindSettings> {
    let one_writer = KindSettings { exclusive: Some(GRAPH_WRITER.to_owned()), ..KindSettings::default() };
    [(INGEST.to_owned(), one_writer)].into()
}

/// The spec with these parameters (JSON text).
pub fn preset(params: &str) -> PipelineSpec {
    let root: ItemKey = format!("{DISCOVER_COMPANIES}/all").parse().expect("a valid key");
    let max_run = |max_run| KindSettings { max_run, ..KindSettings::default() };
    let mut limits = everywhere();
    limits.entry(INGEST.to_owned()).or_default().max_run = INGEST_MAX_RUN;
    limits.extend([
        (DISCOVER_COMPANIES.to_owned(), max_run(DISCOVERY_MAX_RUN)),
        (DISCOVER_FILINGS.to_owned(), max_run(DISCOVERY_MAX_RUN)),
        (PUBLISH.to_owned(), max_run(PUBLISH_MAX_RUN)),
        (PROCESS_FILING.to_owned(), KindSettings { result: ResultRule::Filing, ..max_run(FILING_MAX_RUN) }),
    ]);
    PipelineSpec {
        kind: NAME.to_owned(),
        params: params.to_owned(),
        roots: vec![WorkItem::new(DISCOVER_COMPANIES, root, params)],
        finish: finish(params),
        limits,
        counted_kind: PROCESS_FILING.to_owned(),
        counters: vec![
            DisplayCounter { name: "entities".to_owned(), kind: DISCOVER_FILINGS.to_owned() },
            DisplayCounter { name: "filings".to_owned(), kind: PROCESS_FILING.to_owned() },
        ],
        ..PipelineSpec::default()
    }
}

/// How a round ends. What does not read is refused at Start, and what a newer version writes ends as ever.
fn finish(params: &str) -> Vec<FinishSpec> {
    let graph = serde_json::from_str::<DiscoverCompanies>(params).map_or(Graph::Load, |asked| asked.graph);
    let kinds: &[&str] = match graph {
        Graph::Load => &[PUBLISH, INGEST],
        Graph::None => &[PUBLISH],
    };
    let step = |kind: &&str| FinishSpec { kind: (*kind).to_owned(), payload: params.to_owned() };
    kinds.iter().map(step).collect()
}

/// The files that a succeeded item made; none for items other than filings, and for other results.
pub fn locations(kind: &str, key: &ItemKey, result: &str) -> Vec<FileLocation> {
    match kind {
        PROCESS_FILING => filing_locations(key, result).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn filing_locations(key: &ItemKey, result: &str) -> Option<Vec<FileLocation>> {
    let accession: AccessionNumber =
        key.as_str().strip_prefix(PROCESS_FILING)?.strip_prefix('/')?.parse().ok()?;
    let filing: FilingProcessed = serde_json::from_str(result).ok()?;
    // Addresses are built from these two, and a result is a worker's word.
    let is_date = filing.filing_date.len() == 10
        && filing.filing_date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_key = filing.input_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_date && is_key).then(|| filing.locations(&accession))
}

#[cfg(test)]
mod tests {
    use edgraph_shared::kinds::sec_xbrl::TableFile;

    use super::*;

    fn filing(date: &str) -> String {
        let accession = "0000000001-24-000001";
        serde_json::json!({
            "skipped": false, "input_key": "0123456789abcdef",
            "manifest_uri": format!("s3://bucket/prefix/manifests/{accession}/0123456789abcdef.json"),
            "manifest_sha256": "", "degraded": false, "occurrences": 1, "facts": 1, "rows": 1, "bytes": 1,
            "filing_date": date, "tables": {"Fact": [7, 900]},
        })
        .to_string()
    }

    #[test]
    fn a_filing_s_files_have_addresses_and_nothing_else_has() {
        let key = |text: &str| text.parse::<ItemKey>().unwrap();
        let filed = "process_filing/0000000001-24-000001";
        let (table, uri, file) = locations(PROCESS_FILING, &key(filed), &filing("2024-02-03")).remove(0);
        assert_eq!((table.as_str(), file), ("Fact", TableFile { rows: 7, bytes: 900 }));
        let expected =
            "s3://bucket/prefix/graph/nodes/Fact/year=2024/month=2/0000000001-24-000001-0123456789ab.parquet";
        assert_eq!(uri, expected);
        for (kind, name, result) in [
            (INGEST, filed, filing("2024-02-03")),
            (PROCESS_FILING, "process_filing/other", filing("2024-02-03")),
            (PROCESS_FILING, filed, filing("")),
            (PROCESS_FILING, filed, filing("../../../.")),
            (PROCESS_FILING, filed, String::new()),
            (PROCESS_FILING, filed, "{}".to_owned()),
        ] {
            assert_eq!(locations(kind, &key(name), &result), Vec::new(), "{kind} {name} {result}");
        }
    }
}
