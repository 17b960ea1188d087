//! Removing what nothing reads any more: which item a `gc` pipeline is made of, and how long it may take.

use std::time::Duration;

use edgraph_shared::ids::ItemKey;
use edgraph_shared::kinds::gc::{COLLECT, NAME};
use edgraph_shared::model::{KindSettings, PipelineSpec, WorkItem};

use super::sec_xbrl::everywhere;

/// All tables are listed, and files removed one by one: hours for millions of them.
const MAX_RUN: Duration = Duration::from_secs(6 * 3_600);

/// The kinds of its items.
pub const ITEM_KINDS: [&str; 1] = [COLLECT];

/// The spec with these parameters (JSON text).
pub fn preset(params: &str) -> PipelineSpec {
    let params = if params.is_empty() { "{}" } else { params };
    let root: ItemKey = format!("{COLLECT}/all").parse().expect("a valid key");
    let mut limits = everywhere();
    limits.insert(COLLECT.to_owned(), KindSettings { max_run: MAX_RUN, ..KindSettings::default() });
    PipelineSpec {
        kind: NAME.to_owned(),
        params: params.to_owned(),
        roots: vec![WorkItem::new(COLLECT, root, params)],
        limits,
        counted_kind: COLLECT.to_owned(),
        ..PipelineSpec::default()
    }
}
