//! Months of tables into few large files: which items a `compact` pipeline begins with and how long they may take.

use std::time::Duration;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::kinds::compact::NAME;
use edgraph_shared::kinds::compact::kind::{COMPACT_MONTH, FIND_MONTHS};
use edgraph_shared::model::{DisplayCounter, KindSettings, PipelineSpec, WorkItem};

use super::sec_xbrl::everywhere;

/// Every table's log is read once.
const FIND_MAX_RUN: Duration = Duration::from_secs(30 * 60);
/// A month of a table is at most some gigabytes, each read and written once.
const MONTH_MAX_RUN: Duration = Duration::from_secs(2 * 3_600);

/// The kinds of its items.
pub const ITEM_KINDS: [&str; 2] = [FIND_MONTHS, COMPACT_MONTH];

/// The spec with these parameters (JSON text).
pub fn preset(params: &str) -> PipelineSpec {
    let root: ItemKey = format!("{FIND_MONTHS}/all").parse().expect("a valid key");
    let max_run = |max_run| KindSettings { max_run, ..KindSettings::default() };
    let mut limits = everywhere();
    limits.extend([
        (FIND_MONTHS.to_owned(), max_run(FIND_MAX_RUN)),
        (COMPACT_MONTH.to_owned(), max_run(MONTH_MAX_RUN)),
    ]);
    PipelineSpec {
        kind: NAME.to_owned(),
        params: params.to_owned(),
        roots: vec![WorkItem::new(FIND_MONTHS, root, params)],
        limits,
        counted_kind: COMPACT_MONTH.to_owned(),
        counters: vec![DisplayCounter { name: "months".to_owned(), kind: COMPACT_MONTH.to_owned() }],
        ..PipelineSpec::default()
    }
}
